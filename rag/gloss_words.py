"""Common words of news in English where the lexicon has none, or another meaning first; written for ``rag.gloss``.

Keys are folded, without the article. ``PLAIN`` holds words that say nothing by themselves, and numbers.
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
كلا كلتا=both|سوف=will|سوي=only|كذلك هكذا=so|لذلك لذا=therefore|و=and|ب=in|ل=for|ف=so|ك=as|ال=the|واحد واحده=one|اثنين اثنان اثنتين اثنتان اثنا=two
ثلاث ثلاثه=three|اربع اربعه=four|خمس خمسه=five|ست سته=six|سبع سبعه=seven|ثماني ثمانيه ثمان=eight|تسع تسعه=nine|عشر عشره=ten|عشرين عشرون=twenty|ثلاثين ثلاثون=thirty
اربعين اربعون=forty|خمسين خمسون=fifty|ستين ستون=sixty|سبعين سبعون=seventy|ثمانين ثمانون=eighty|تسعين تسعون=ninety|الف الاف=thousand|مليون ملايين=million|مليار مليارات=billion
مءه مايه ميه مءات ميات=hundred|عام سنه=year|يوم=day|اليوم=today|اللهم الله=God|هناك=there|لاسيما=especially|سواء=whether|كاف كافي=enough|بينما=while|انما=rather|خلالها خلاله=during it|كنت=was|تظل يظل=remains|هنالك=there|منهما=of both|بينهما بينهم بينها=between them|بعضها بعضهم=some|لمده=for a period of|لفتره=for a period|لاول=for the first|ماعدا=except|مليونا=million|الفا=thousand|مازال مازالت مازالوا=still
"""

WORDS = """
ابرز=most prominent|ابن بن=son|اتهم اتهمت=accused|اثر=after|اثنا=two|اجل=sake|اجراءات=measures|احالت=referred|احد=one|احدي=one|اخر اخري اخرين=other|اخيره اخير=last|اداره=administration|ادلي=gave
ادي ادت=led|ارتباط=connection|ازمه=crisis|استقبل=received|استانف استانفت=resumed|اسفر اسفرت=resulted|اشار اشارت=pointed out|اشغال=works|اصدر اصدرت=issued|اصيب اصيبت=was injured|اضاف اضافت=added
اضافه=addition|اطار=framework|اعتبر اعتبرت=considered|اعتدي=attacked|اعلن اعلنت=announced|اعوان=officers|افاد افادت=reported|افاق=prospects|اقدم اقدمت=did|اقر اقرت=approved|اقل=less|اكبر=biggest|اكثر=more|اكد اكدت=confirmed
اكده=confirmed|القي=threw|امام=before|امر=matter|امس=yesterday|امن=security|امني امنيه=security|امين=secretary|انتهي انتهت=ended|انطلق انطلقت=started|انعقد انعقدت=was held|اوايل=beginning|اورد اوردت=reported|اوضح اوضحت=explained
اولي اول=first|اياب=return|ايقاف=arrest|بحث=discussed|بدا بدات=began|بدايه=beginning|بدوره=in turn|برز=emerged|بشان بخصوص بصدد=about|بشكل=in a way|بصفه=as|بطوله=championship|بقيه=rest|بقي بقيت=remained|بلاغ=statement
بلغ بلغت=reached|بلد بلاد=country|بلديه=municipality|بيان=statement|بين بينت=showed|تابع تابعت=continued|تابعه=belonging|تاتي ياتي=comes|تحدث تحدثت=spoke|تحصل تحصلت=got|تراوح تتراوح=ranges|ترجي=Esperance|تسبب تسببت=caused
تصريح=statement|تضم يضم=includes|تطرق تطرقت=touched on|تعبيره=expression|تعد يعد=is considered|تعرض تعرضت=was subjected|تعلق تتعلق يتعلق=concerns|تعهد تعهدت=pledged|تقدم=progress|تكوين=training|تمثل تتمثل يتمثل=consists|تمكن تمكنت تمكنوا=managed
تنظيم=organization|تواصل يتواصل تتواصل=continues|توجه توجهت=went|توصل توصلت=reached|توفي توفيت=died|جاء جاءت=came|جانب=side|جديد جديده=new|جدير=worth noting|جهه=side|جهات=parties|جهوي جهويه=regional|جوله=round|حاله=case|حد=limit
حدد حددت=set|حصل حصلت=got|حضر حضرت=attended|حق=right|حكم=ruling|حكومه=government|حل=solution|حمل حملت=carried|حوالي=about|خارجيه=foreign|خاص=special|خاصه=especially|خصوص=about|خط=line|خلف خلفت=left|دعا دعت=called
دار دارت=took place|دور=role|دوره=session|دوري=league|دولي دوليه=international|ديوان=office|ذكر ذكرت=mentioned|راي رات=saw|رد=reply|رغم=despite|رفض رفضت=refused|رفع=lifting|زار زارت=visited|سابق سابقه=former|سبق=before
سجل سجلت=recorded|سعي=seeks|سكان=residents|سياق=context|سياسي سياسيه=political|شارك شاركت=took part|شان=matter|شدد شددت=stressed|شمل شملت يشمل تشمل=includes|شهد شهدت=witnessed|شيء=thing|صادر صادره=issued|صدر صدرت=was issued
صرح صرحت=stated|صعب=difficult|صيد=fishing|ضمن=within|طالب طالبت=demanded|طريق=road|طلب طلبت=asked|عاما=years|عالم=world|عاده=usually|عامه عموميه=public|عبر=expressed|عثر=found|عده عديد=several|عدم=lack|عرف=known|عقب=after|عقد=held
علم=learned|علي=Ali|عمل=work|عمليه=operation|عمر=age|عمله=currency|عنه=about it|عين=appointed|فتح=opening|فتره=period|فريق=team|فقد=lost|قابل=met|قاد=led|قادم قادمه مقبل مقبله=next|قام قامت=did|قبض=arrest
قدر قدرت=estimated|قدم قدمت=presented|قرب=near|قرر قررت=decided|قيام=carrying out|قيمه=value|كبري=great|كره=football|كتب كتبت=wrote|كشف كشفت=revealed|كلف=cost|كلفه تكلفه=cost|لازمه=necessary|لقاء=meeting|لقي=met|ماده=material
مالي ماليه=financial|ماضي ماضيه=last|متحده=united|متعلق متعلقه=about|متوسط=average|مجال=field|مجددا=again|محضر=report|محل=place|مختص مختصه=specialized|مذكور مذكوره=mentioned|مراه=woman|مره=time|مرحله=stage|مساء=evening|مساهمه=contribution
مستوي=level|مسوول=official|مشترك مشتركه=joint|مشيرا مشيره=pointing out|مضيفا مضيفه=adding|معتمديه=district|معتبرا معتبره=considering|معروف=known|مقابل=in exchange|مقابله=match|مقتل=killing|مقر=headquarters|مكان=place|مكلف مكلفه=in charge|ملف=file
ممثل ممثلين ممثلو=representative|ممكن=possible|منتظر=expected|منزل=house|منع منعت=banned|موخرا=recently|موضحا موضحه مبينا=explaining|موعد=date|موفي=end|موقع=site|موقف=position|موكدا موكده=confirming|ميناء=port|نار=fire|نايب=deputy|نتيجه=result
نجح نجحت=succeeded|نحو=about|نظر=consideration|نظرا=because|نظم نظمت=organized|نفذ نفذت=carried out|نفي نفت=denied|نقابه=union|نقل نقلت=reported|نهايي نهاييه=final|هامش=sidelines|هييه=authority|هم=concern|واصل واصلت يواصل=continued|واقع واقعه=located
وجد=found|وجه=face|وحده=unit|وحدات=units|ورد وردت=came|وسط=amid|وصف وصفت=described|وصل وصلت=arrived|وضع=situation|وعد وعدت=promised|وفاه=death|وقت=time|وقع وقعت=happened|ولايه=province|وليد=Walid|يبلغ تبلغ=reaches|يتضمن تتضمن=includes|يجب=must
يجري تجري=takes place|يذكر يشار=it is mentioned|يشتبه=suspected|يعتزم تعتزم=intends|يمكن=can|ينتظر=is expected|ينص=states|يهدف تهدف=aims|سعيد=Said|حسن=Hassan|محمد=Muhammad|احمد=Ahmed|صدد=matter|غلق=closure|اسناد=support|تحوير=change
خلسه=secretly|باكالوريا بكالوريا=baccalaureate|صداره=lead|مسالك=routes|اشتباه=suspicion|اسراع=speeding up|التحاق=joining|مفترق=crossroads|مظنون=suspect|مهرب مهربه مهربين=smuggled|مصوغ=jewellery|محروقات=fuel|تصعيد=escalation|حوزته=possession|مترشح مترشحين=candidate
تطبيع=normalization|انتشال=recovery|مرتكب مرتكبي=perpetrator|وقايع=facts|مفخخه=booby-trapped|ترسيخ=consolidation|تسريب=leak|يحتضن تحتضن=hosts|اقصاء=elimination|مونديال=World Cup|تهميش=marginalization|مساس=harm|اقتراض=borrowing|مكاسب=gains|اختناق=suffocation
قاصر=minor|مقلد مقلده=counterfeit|تلقيح=vaccination|حاصل حاصله=obtained|اصابع=fingers|حراك=movement|فقيد=late|انقليزي انقليزيه=English|تدشين=inauguration|مسبوق مسبوقه=unprecedented|باتت=became|مشبوه مشبوهه=suspicious|استياء=resentment|مصرع=death|تراجعت=declined
مراكب زوارق=boats|وعود=promises|شروع=start|ايواء=shelter|استشفاء=hospitalization|وافدين=arrivals|التهاب=inflammation|التهابات=infections|مستحقات=dues|مستلزمات=supplies|انعاش=resuscitation|ضيافه=hospitality|تقصير=negligence|وظايف=jobs|ضوابط=rules|اوساط=circles
ناسف ناسفه=explosive|عبوه عبوات=device|كسوف=eclipse|ثوار=rebels|ملامح=features|تشييع=funeral|قمصان=shirts|اورام=tumours|عملاء=agents|اقباط=Copts|عريق=ancient|فحوصات=examinations|مناهج=curricula|تهنيه=congratulation|مداولات=deliberations|حشود=crowds
مزعوم=alleged|استفسار=inquiry|سحبت=withdrew|صادقت صادق=approved|كواليس=backstage|شرعت=began|نددت ندد=condemned|شهيد=martyr|شهداء=martyrs|جرحي=wounded|قتلي=dead|ضحايا=victims|لاجيين=refugees|نازحين=displaced|مدنيين=civilians|فصايل=factions|فصيل=faction
ميليشيا ميليشيات=militia|معارضه=opposition|نظام=regime|هدنه=truce|قصف=shelling|غاره=raid|غارات=raids|حصار=siege|معركه=battle|معارك=battles|مقاتل=fighter|مقاتلي مقاتلين=fighters|مسلح مسلحه مسلحين=armed|جبهه=front|ريف=countryside|بلده=town|قريه=village
مفاوضات=negotiations|محادثات=talks|مباحثات=talks|ضامن ضامنه ضامنين=guarantor|موقعه موقعين=signatory|توقيع=signing|وثيقه=document|وثايق=documents|بند بنود=clause|مراقبه=monitoring|انتهاك=violation|خرق=breach|تسويه=settlement|نزاع=conflict|ازمات=crises
مبعوث=envoy|مندوب=delegate|ناطق متحدث متحدثه=spokesman|مستشار=adviser|نايبه=deputy|رييس رييسه=president|رياسي رياسيه=presidential|وزير وزيره=minister|وزراء=ministers|سفير=ambassador|قنصل=consul|محافظ=governor|محافظه=governorate|عمده=mayor|لواء=general|عميد=brigadier
بسيط بسيطه=simple|تضاريس=terrain|كهوف=caves|فولاذ=steel|الدم=blood|ندره=scarcity|اغنياء=rich|اسوار=walls|مرموقه=prestigious|اديب ادباء=writer|مجازر مذابح=massacres|شعراء=poets|فراغ=void|جذوع=trunks|عيوب=defects|القاب=titles|ولاء=loyalty|وعاء=vessel|اقوام=peoples|اقطار=countries
مضغوط مضغوطه=compressed|متساويه=equal|معاكس=opposite|مصقوله=polished|متوهج=glowing|مميته=deadly|اضيفت=was added|اعيدت=was restored|غزت=invaded|شنت شن=launched|فرضت فرض=imposed|اتسمت=was marked|قضت=spent|وفرت=provided|استقل=became independent|تحيط يحيط=surrounds|يفوق=exceeds|يحظي تحظي=enjoys
"""
