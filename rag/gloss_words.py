"""What ``rag.gloss`` knows beside the lexicon: words that say nothing by themselves, phrases, parts of speech.

Keys are folded; ``PLAIN`` also holds numbers. What words of content mean is in the lexicon (``train/glosses.tsv``).
"""

PLAIN = """
في=in|الي=to|من=from|علي=on|عن=about|مع=with|بين=between|بعد=after|قبل=before|خلال اثناء=during|منذ=since|حتي=until|عدا=except|ازاء تجاه=towards
التي الذي الذين اللتين اللذين اللاتي=which|ان انه انها انهم انهما بان بانه بانها=that|كان كانت كانوا=was|يكون تكون يكن تكن=is|قد لقد=has|لم لن لا=not|ليس ليست=is not
هذا هذه هذان هذين=this|ذلك تلك=that|هولاء=these|هو هي=is|هم=they|هما=both|نحن=we|انا=I|كما=as|حيث=where|عندما حين حينما لما=when|او ام=or|ثم=then
لكن لكنه لكنها بل=but|اذا لو=if|لان لانه لانها=because|كي لكي=in order to|كل جميع كافه=all|بعض=some|اي ايه=any|غير=not|عند لدي=at|نحو=about|عبر=through|ضد ضده=against
حول=around|تحت=under|فوق=above|دون بدون=without|تم يتم تمت جري جرت=was|ستتم سيتم=will be|سيكون ستكون=will be|ايضا=also|فقط=only|جدا=very|مثل مثلما=like|مثلا=for example
ذات ذو ذي=with|نفس نفسه نفسها=same|اما=as for|الا=except|هنا=here|له لها لهم لهما=of it|به بها بهم=by it|فيه فيها فيهم=in it|منه منها منهم=of them
عليه عليها عليهم=on it|اليه اليها=to it|عنه عنها عنهم=about it|معه معها معهم=with it|قال قالت قالوا=said|يقول تقول=says|وفق وفقا بحسب حسب حسبما=according to
ما=what|لماذا=why|كيف=how|متي=when|اين=where|كم=how many|هل=did|ماذا=what|مما عما=of what|ممن=of whom|فيما=while|اذ=as|يوجد توجد=there is|حدث يحدث=happened
كلا كلتا=both|سوف=will|سوي=only|كذلك هكذا=so|لذلك لذا=therefore|و=and|ب=in|ل=for|ف=so|ك=as|ال=the|واحد واحده=one|بموجب=under|بوصفه بوصفها بوصفهما بوصفهم=as|اثنين اثنان اثنتين اثنتان اثنا=two
ثلاث ثلاثه=three|اربع اربعه=four|خمس خمسه=five|ست سته=six|سبع سبعه=seven|ثماني ثمانيه ثمان=eight|تسع تسعه=nine|عشر عشره=ten|عشرين عشرون=twenty|ثلاثين ثلاثون=thirty
اربعين اربعون=forty|خمسين خمسون=fifty|ستين ستون=sixty|سبعين سبعون=seventy|ثمانين ثمانون=eighty|تسعين تسعون=ninety|الف الاف=thousand|مليون ملايين=million|مليار مليارات=billion
مءه مايه ميه مءات ميات=hundred|عام سنه=year|يوم=day|اليوم=today|اللهم الله=God|هناك=there|لاسيما=especially|سواء=whether|كاف كافي=enough|بينما=while|انما=rather|خلالها خلاله=during it|كنت=was|تظل يظل=remains|هنالك=there|منهما=of both|بينهما بينهم بينها=between them|بعضها بعضهم=some|لمده=for a period of|التابع التابعه التابعين=belonging|الكاين الكاينه=located|بي=B|لفتره=for a period|لاول=for the first|ماعدا=except|مليونا=million|الفا=thousand|مازال مازالت مازالوا=still
"""

PHRASES = """
من قبل=by|من خلال=through|عن طريق=by means of|من اجل=for|علي الرغم من=despite|علي الرغم من ان=although|بالرغم من=despite|رغم ان=although|الرغم من ذلك=that|مع ذلك=nevertheless|ومع ذلك=nevertheless|رغم ذلك=nevertheless|بعد ذلك=after that
قبل ذلك=before that|في ذلك الوقت=at that time|في ذلك=in that|بالاضافه الي=in addition to|اضافه الي=in addition to|بالاضافه الي ذلك=in addition|الي جانب=beside|جنبا الي جنب=side by side|علي سبيل المثال=for example|علي سبيل=by way of
في حين=while|في حين ان=while|حين ان=while|الا ان=however|الا انه=however|الا انها=however|غير ان=however|غير انه=however|كما ان=also|كما انه=also|حيث ان=since|اذ ان=since|بما في ذلك=including|بما فيها=including|بما فيه=including|بما ان=since
علي لسان=through|متحدث باسمه=its spokesman|المتحدث باسم=the spokesman of|المتحدثه باسم=the spokeswoman of|المتحدثه باسمها=its spokeswoman|الحرب الدايره=the ongoing war|المعارك الدايره=the ongoing battles|الفصل بين=the separation of|شهر اب=August|في اب=in August|اب الماضي=last August|بان كي مون=Ban Ki-moon|الرييس السوري=the Syrian president|علي عاتقها=upon itself|علي عاتقه=upon itself|لفت الي=pointed to|لفت الي ان=pointed out that|لفت ان=pointed out that|لعب دور=playing the role of|تم التوصل اليه=was reached|تم التوصل اليها=was reached|الذي تم التوصل اليه=which was reached|من المقرر ان يبدا=is scheduled to begin|منتصف ليل=midnight|الي ان=that|اشار الي ان=pointed out that|واشار الي ان=and pointed out that|في سوريه=in Syria|الي سوريه=to Syria|من سوريه=from Syria|ان سوريه=that Syria|مع سوريه=with Syria|علي سوريه=on Syria|سوريه و=Syria and|علي الاقل=at least|علي الاكثر=at most|علي الاقل من=at least|من بين=among|من بينها=among them|من بينهم=among them|ما بين=between|ما يقرب من=about|ما يقارب=about|ما لا يقل عن=at least|لا يقل عن=at least|ما يزيد عن=more than|اكثر من=more than|اعلي من=higher than|اعظم من=greater than|اوسع من=wider than|اصغر من=smaller than|اقصر من=shorter than|اقوي من=stronger than|ارخص من=cheaper than|ادني من=lower than|اطول من=longer than|اقدم من=older than|اقدم علي=undertook|اقدمت علي=undertook|اهم من=more important than|افضل من=better than|اسوا من=worse than|اسرع من=faster than|اقرب من=nearer than|ابعد من=farther than|اكثر اهميه=more important
اقل من=less than|اكبر من=bigger than|العديد من=many|عدد من=a number of|عددا من=a number of|الكثير من=many|كثير من=many|قليل من=few|المزيد من=more|كل من=each of|كلا من=both|كل شيء=everything|كل عام=every year|واحد من=one of|واحده من=one of
واحدا من=one of|جزء من=part of|جزءا من=part of|كجزء من=as part of|نوع من=a kind of|سلسله من=a series of|مجموعه من=a group of|في عام=in|وفي عام=and in|في سنه=in|وفي سنه=and in|في وقت لاحق=later|فيما بعد=later|في ما بعد=later
في وقت سابق=earlier|حتي الان=so far|الي حد الان=so far|الي الان=so far|في الوقت نفسه=at the same time|في نفس الوقت=at the same time|في الوقت الحالي=at present|في الوقت الحاضر=at present|في الوقت الراهن=at present|علي الفور=immediately
في البدايه=at first|في النهايه=in the end|في نهايه المطاف=in the end|في الواقع=in fact|في الاصل=originally|في الغالب=mostly|في العاده=usually|عاده ما=usually|غالبا ما=often|وغالبا ما=often|كثيرا ما=often|نادرا ما=rarely|سرعان ما=soon
من جديد=again|مره اخري=again|مره واحده=once|لاول مره=for the first time|للمره الاولي=for the first time|لم يعد=is no longer|لم تعد=is no longer|لا يزال=still|لا تزال=still|ما زال=still|ما زالت=still|لا يوجد=there is no|لا توجد=there is no
لا يمكن=cannot|لا بد=must|لم يكن=was not|لم تكن=was not|لن يكون=will not be|يمكن ان=can|يجب ان=must|يجب علي=must|من الممكن ان=may|قد يكون=may be|قد تكون=may be|يبدو ان=it seems that|يعتقد ان=it is thought that|يذكر ان=it is recalled that
يشار الي ان=it is noted that|من المنتظر ان=is expected to|من المتوقع ان=is expected to|من المقرر ان=is scheduled to|من شانه ان=would|من شانها ان=would|ينبغي ان=should|علي مستوي=at the level of|علي المستوي=at the level
علي صعيد=at the level of|علي نطاق واسع=widely|علي وجه الخصوص=in particular|بشكل خاص=in particular|بشكل عام=in general|بشكل كبير=greatly|بشكل اساسي=mainly|الي حد كبير=largely|الي حد ما=somewhat|الي حد=to the extent|علي حد سواء=alike
علي حد قوله=he said|علي حد تعبيره=in his words|علي التوالي=respectively|علي اساس=on the basis of|علي شكل=in the form of|في شكل=in the form of|علي يد=at the hands of|علي متن=on board|علي الاطلاق=at all|علي قيد الحياه=alive|علي غرار=like
علي هامش=on the sidelines of|علي خلفيه=because of|علي اثر=after|اثر ذلك=after that|علي اثرها=after which|علي عين المكان=on the spot|علي الساعه=at|علي عكس=unlike|علي العكس من=unlike|العكس من=contrast to|علي مدي=over|علي مدار=over|علي مر=over
علي طول=along|علي بعد=at a distance of|علي وشك=about to|علي راس=at the head of|علي ذمه=in the custody of|وفق ما=according to what|حسب ما=according to what|بحسب ما=according to what|وفقا لما=according to what|ما ادي الي=which led to
مما ادي الي=which led to|مما يودي الي=which leads to|ادي الي=led to|ادت الي=led to|يودي الي=leads to|تودي الي=leads to|اسفر عن=resulted in|اسفرت عن=resulted in|تسبب في=caused|تسببت في=caused|مما تسبب في=which caused|الامر الذي=which
وهو ما=which|ما يسمي=so-called|ما يعرف=what is known|ما يعادل=equivalent to|ما كان=what was|ما هو=what is|ما هي=what is|من هو=who is|من هم=who are|من هي=who is|من الذي=who|من التي=who|في اطار=within the framework of|في اعقاب=after
في ظل=under|في ضوء=in the light of|في صدد=about|في مجال=in the field of|في حال=in case|في حاله=in case of|في سبيل=for the sake of|في سياق=in the context of|في غضون=within|في حدود=about|في انتظار=awaiting|في مواجهه=facing|في صفوف=among
في اقصي=in the far|في جميع انحاء=throughout|جميع انحاء العالم=all over the world|حول العالم=around the world|في مختلف انحاء=throughout|في المقابل=in return|في المقام الاول=primarily|في المجموع=in total|من حيث=in terms of|من جهه=on one side
من جهه اخري=on the other hand|من ناحيه=on one side|من ناحيه اخري=on the other hand|من جانب=by|من جانب اخر=on the other hand|من جانبه=for his part|من جهته=for his part|من طرف=by|من دون=without|من غير=without|من قبيل=such as|من ثم=then
ومن ثم=then|من ذلك=of that|من اهم=among the most important|من ابرز=among the most prominent|من اشهر=among the most famous|من اكبر=among the largest|من اكثر=among the most|من العمر=of age|البالغ من العمر=aged|البالغه من العمر=aged
يبلغ من العمر=aged|من مواليد=born in|من اصل=out of|من اجمالي=out of a total of|من مجموع=out of a total of|من شاكله=like|ان يكون=be|ان تكون=be|ان يتم=be|ان كان=if|اذا كان=if|اذا كانت=if|ما اذا=whether|ما اذا كان=whether|اذا ما=if|كما لو=as if
كما هو=as|كما هو الحال=as is the case|كما كان=as was|كما تم=also was|كما يمكن=also can|كما في=as in|بعد ان=after|قبل ان=before|منذ ان=since|بدون ان=without|دون ان=without|لدرجه ان=so that|نظرا الي=given
نظرا لان=because|بسبب ان=because|بدلا من=instead of|عوضا عن=instead of|فضلا عن=as well as|علاوه علي=in addition to|علاوه علي ذلك=in addition|ناهيك عن=let alone|بناء علي=based on|استنادا الي=based on|اعتمادا علي=relying on
انطلاقا من=starting from|بدايه من=starting from|بدءا من=starting from|ابتداء من=starting from|اعتبارا من=starting from|وصولا الي=up to|بالقرب من=near|بالنسبه الي=for|بالنسبه ل=for|فيما يتعلق=as regards|ما يتعلق=as regards
بغض النظر عن=regardless of|النظر عن=of|كان هناك=there was|كانت هناك=there were|ان هناك=that there is|ليس هناك=there is no|كان قد=had|كانت قد=had|قد تم=was|لقد تم=was|انه تم=that was|التي تم=which was|الذي تم=which was
تم انشاء=was established|تم العثور علي=was found|تم القبض علي=was arrested|القبض علي=arrest of|القاء القبض علي=arrest of|الحصول علي=obtaining|للحصول علي=to obtain|حصل علي=got|حصلت علي=got|تحصل علي=got|يحصل علي=gets|العثور علي=finding
عثر علي=found|السيطره علي=control of|الحفاظ علي=preserving|القضاء علي=elimination of|التعرف علي=recognizing|الوصول الي=reaching|التوصل الي=reaching|البحث عن=search for|الكشف عن=revealing|الاعلان عن=announcing|الدفاع عن=defending
الحد من=reducing|النظر في=considering|التحكم في=control of|يحتوي علي=contains|تحتوي علي=contains|يعتمد علي=depends on|تعتمد علي=depends on|يتكون من=consists of|تتكون من=consists of|تتالف من=consists of|يتالف من=consists of
عباره عن=consists of|يعود الي=goes back to|تعود الي=belongs to|ينتمي الي=belongs to|تنتمي الي=belongs to|يشير الي=indicates|تشير الي=indicates|اشار الي=pointed out|واشار الي=pointed out|مشيرا الي=pointing out|يهدف الي=aims at
تهدف الي=aims at|يصل الي=reaches|تصل الي=reaches|وصل الي=reached|وصلت الي=reached|بلغ عدد=the number reached|يبلغ عدد=the number is|تمكن من=managed to|تمكنت من=managed to|يتمكن من=manages to|يعاني من=suffers from|تعاني من=suffers from
يعانون من=suffer from|اطلق عليه=called|اطلق عليها=called|يطلق عليه=is called|يطلق عليها=is called|يطلق علي=is the name of|يعرف باسم=is known as|تعرف باسم=is known as|المعروف باسم=known as|المعروفه باسم=known as|تحت اسم=under the name
القرن التاسع عشر=the nineteenth century|القرن الثامن عشر=the eighteenth century|القرن السابع عشر=the seventeenth century|القرن السادس عشر=the sixteenth century|القرن الخامس عشر=the fifteenth century
القرن الرابع عشر=the fourteenth century|القرن الثالث عشر=the thirteenth century|القرن الثاني عشر=the twelfth century|القرن الحادي عشر=the eleventh century|القرن العشرين=the twentieth century|القرن الحادي والعشرين=the twenty-first century
التاسع عشر=the nineteenth|الثامن عشر=the eighteenth|السابع عشر=the seventeenth|السادس عشر=the sixteenth|الخامس عشر=the fifteenth|الرابع عشر=the fourteenth|الثالث عشر=the thirteenth|الثاني عشر=the twelfth|الحادي عشر=the eleventh
قبل الميلاد=BC|الولايات المتحده=the United States|الولايات المتحده الامريكيه=the United States|الولايات المتحده الاميركيه=the United States|المملكه المتحده=the United Kingdom|المملكه العربيه السعوديه=Saudi Arabia
الامم المتحده=the United Nations|الاتحاد الاوروبي=the European Union|الاتحاد السوفيتي=the Soviet Union|الاتحاد السوفييتي=the Soviet Union|الاتحاد السوفياتي=the Soviet Union|الشرق الاوسط=the Middle East|العصور الوسطي=the Middle Ages
كره القدم=football|كره السله=basketball|كره اليد=handball|كره الطايره=volleyball|كاس العالم=World Cup|الحرب العالميه الثانيه=World War II|الحرب العالميه الاولي=World War I|الحرب الاهليه=the civil war|وقف اطلاق النار=ceasefire
اطلاق النار=shooting|رييس الوزراء=the prime minister|رييس الحكومه=the prime minister|مجلس النواب=the House of Representatives|مجلس الشيوخ=the Senate|مجلس الامن=the Security Council|وزير الخارجيه=the foreign minister
وزاره الخارجيه=the foreign ministry|وزير الدفاع=the defense minister|وزاره الدفاع=the defense ministry|وزير الداخليه=the interior minister|وزاره الداخليه=the interior ministry|الدوله العثمانيه=the Ottoman Empire
الامبراطوريه العثمانيه=the Ottoman Empire|الامبراطوريه الرومانيه=the Roman Empire|الامبراطوريه البيزنطيه=the Byzantine Empire|عدد السكان=population|عدد سكان=population of|عدد سكانها=its population|التواصل الاجتماعي=social media
وسايل الاعلام=the media|وسايل التواصل=social media|ما وراء=beyond|راس المال=capital|بعضها البعض=each other|بعضهم البعض=each other|حقوق الانسان=human rights|في المايه=percent|في الميه=percent
في المءه=percent|كم مربع=square km|كيلومتر مربع=square kilometers|متر مربع=square meters
"""

# What describes a noun and does not end as most adjectives do; and nouns that end so.
ADJECTIVES = """
new old large big small great long short high low first second third fourth fifth sixth seventh eighth ninth tenth last next other different same main
open closed strong weak rich poor young modern ancient good bad early late whole full half single double united joint armed natural foreign
current former present recent black white red green blue yellow left right north south east west northern southern eastern western central upper lower middle deep
wide narrow hot cold warm dry wet heavy light hard soft fast slow dense thin thick clear dark bright violent permanent independent important efficient sufficient
consistent resistant distant dominant constant significant relevant pregnant male urban scientific complex direct indirect secret sacred holy wild known unknown limited
organized specialized advanced developed developing related linked involved concerned mentioned wounded dead alive born injured smuggled suspected minor major senior junior
extra remaining prominent Arab Greek French Dutch Kurdish Welsh Swiss Czech Iraqi Yemeni Saudi Qatari Kuwaiti Emirati Omani Kazakh Uzbek Tajik Turkmen Afghan UN US EU Israeli Pakistani Hashemite
"""

NOUNS = """
hospital capital arrival survival approval proposal journal festival animal metal mineral signal goal total trial official general criminal individual material potential rival
withdrawal removal renewal manual medal principal arsenal cardinal admiral carnival canal appeal deal music logic topic traffic magic clinic republic fabric mechanic
plastic arithmetic critic representative relative executive initiative perspective motive archive detective drive alternative library secretary military commentary documentary
anniversary salary diary boundary summary cemetery virus status campus focus chorus census consensus bonus physician politician musician historian guardian
technician librarian comedian pedestrian dish fish wish table cable vegetable variable people Christian Muslim
"""
