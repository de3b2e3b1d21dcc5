"""Function words of English and what Arabic may have for each, for ``train.arabise``.

Alternatives stand between bars; an empty one leaves the word out.
"""

MARKS = {",": "،", "?": "؟", ";": "؛"}
PLAIN = {  # words that stand alone: what each may be called
    "or": "أو", "but": "لكن|غير أن", "if": "إذا|إن", "than": "من", "not": "لا|لم|ليس|غير", "no": "لا|أي",
    "into": "إلى|في", "between": "بين", "among": "بين|من بين", "after": "بعد", "before": "قبل",
    "during": "خلال|أثناء", "until": "حتى", "since": "منذ", "about": "حول|عن|نحو", "against": "ضد",
    "under": "تحت", "over": "على|فوق|أكثر من", "through": "عبر|من خلال", "without": "دون|بدون",
    "while": "بينما|في حين", "because": "لأن|بسبب", "also": "أيضا|كذلك", "some": "بعض", "all": "جميع|كل",
    "each": "كل", "every": "كل", "both": "كلا", "there": "هناك", "here": "هنا", "then": "ثم", "so": "لذلك",
    "however": "ومع ذلك|لكن", "only": "فقط", "such": "مثل", "like": "مثل", "other": "أخرى|الآخرين|آخر",
    "others": "آخرين|غيرهم", "another": "آخر|أخرى", "many": "العديد من|كثير من", "several": "عدة|العديد من",
    "few": "قليل من", "more": "أكثر|المزيد من", "most": "معظم|أكثر", "less": "أقل", "least": "الأقل",
    "very": "جدا", "now": "الآن", "still": "لا يزال", "already": "بالفعل", "even": "حتى", "just": "فقط",
    "again": "مرة أخرى", "never": "أبدا", "always": "دائما", "often": "غالبا", "well": "جيدا",
    "within": "داخل|ضمن|خلال", "upon": "على", "toward": "نحو", "towards": "نحو", "across": "عبر", "along": "على طول",
    "above": "فوق", "below": "تحت", "near": "قرب|بالقرب من", "around": "حول|نحو", "via": "عبر", "per": "لكل",
    "out": "خارج", "off": "", "up": "", "down": "", "away": "", "whether": "ما إذا", "though": "رغم",
    "although": "رغم أن|على الرغم من", "he": "|هو", "she": "|هي", "it": "|هو|هي|ذلك", "they": "|هم", "we": "|نحن",
    "i": "|أنا", "you": "|أنت", "him": "ه|له", "them": "هم|لهم", "us": "نا|لنا", "me": "لي", "her": "ها|لها",
    "himself": "نفسه", "itself": "نفسها", "themselves": "أنفسهم", "this": "هذا|هذه", "these": "هذه",
    "those": "تلك|هؤلاء", "who": "الذي|الذين|التي", "whom": "الذي|الذين", "which": "التي|الذي", "when": "عندما|حين",
    "where": "حيث", "what": "ما", "how": "كيف", "why": "لماذا", "whose": "الذي", "that": "أن|الذي|التي",
    "can": "يمكن", "could": "يمكن|أمكن", "may": "قد|ربما", "might": "قد", "must": "يجب أن", "should": "ينبغي أن|يجب أن",
    "do": "", "does": "", "did": "", "be": "يكون|", "been": "", "being": "", "one": "واحد|أحد", "first": "أول|الأول",
    "second": "ثاني|الثاني", "third": "ثالث|الثالث", "last": "آخر|الأخير", "next": "التالي|المقبل",
    "two": "اثنين|اثنان", "three": "ثلاثة|ثلاث", "four": "أربعة|أربع", "five": "خمسة|خمس", "six": "ستة|ست",
    "seven": "سبعة|سبع", "eight": "ثمانية|ثماني", "nine": "تسعة|تسع", "ten": "عشرة|عشر", "hundred": "مئة|مائة",
    "thousand": "ألف", "thousands": "آلاف", "hundreds": "مئات", "million": "مليون", "billion": "مليار",
    "percent": "في المئة|بالمائة", "%": "%|في المئة|بالمائة", "according": "وفقا|بحسب",
}  # fmt: skip
BEFORE = {  # prepositions: alone, or written onto the next word (after ~)
    "in": "في|في|ب~", "to": "إلى|إلى|ل~", "for": "ل~|من أجل", "by": "من قبل|ب~|على يد|من", "with": "مع|ب~",
    "from": "من", "on": "على|في", "at": "في|عند", "as": "ك~|كما", "and": "و~", "of": "من|في",
}  # fmt: skip
OWN = {"his": "ه", "her": "ها", "its": "ها|ه", "their": "هم|ها", "our": "نا", "my": "ي", "your": "ك"}
BE = {"is": "|هو|هي", "are": "|هي|هم", "was": "كان|كانت", "were": "كانوا|كانت"}
HAVE = {"has": "لديه|لديها", "have": "لديهم|لديها", "had": "كان لديه|كان لديها"}
ASKS = {
    "who": "من|من هو|من الذي", "whom": "من", "whose": "من", "when": "متى", "where": "أين", "why": "لماذا",
    "how": "كيف", "which": "أي", "what": "ما|ماذا|ما الذي",
}  # fmt: skip
MONTHS = {
    "january": "يناير|كانون الثاني", "february": "فبراير|شباط", "march": "مارس|آذار", "april": "أبريل|نيسان",
    "may": "مايو|أيار", "june": "يونيو|حزيران", "july": "يوليو|تموز", "august": "أغسطس|آب",
    "september": "سبتمبر|أيلول", "october": "أكتوبر|تشرين الأول", "november": "نوفمبر|تشرين الثاني",
    "december": "ديسمبر|كانون الأول",
}  # fmt: skip
FORMS = {
    "wrote": "write", "written": "write", "made": "make", "took": "take", "taken": "take", "gave": "give",
    "given": "give", "became": "become", "began": "begin", "begun": "begin", "held": "hold", "led": "lead",
    "won": "win", "lost": "lose", "found": "find", "said": "say", "went": "go", "gone": "go", "came": "come",
    "saw": "see", "seen": "see", "left": "leave", "built": "build", "brought": "bring", "chose": "choose",
    "chosen": "choose", "known": "know", "knew": "know", "grew": "grow", "grown": "grow", "rose": "rise",
    "fell": "fall", "fought": "fight", "kept": "keep", "met": "meet", "paid": "pay", "sold": "sell",
    "sent": "send", "spoke": "speak", "spoken": "speak", "taught": "teach", "told": "tell", "thought": "think",
    "bought": "buy", "caught": "catch", "drew": "draw", "drawn": "draw", "born": "bear", "ran": "run",
    "sang": "sing", "sung": "sing", "spent": "spend", "stood": "stand", "used": "use",
}  # fmt: skip
STOPPED = {  # frequent verbs that the lexicon leaves out, or has little for
    "say": "يقول|تقول", "says": "يقول|يفيد", "said": "قال|قالت|صرح|أفاد|أعلن", "give": "يعطي|يمنح", "gives": "يعطي|يقدم",
    "gave": "أعطى|منح|قدم", "given": "أعطي|منح|قدم", "get": "يحصل على", "gets": "يحصل على", "got": "حصل على",
    "became": "أصبح|أصبحت", "become": "يصبح|تصبح|أصبح", "becomes": "يصبح", "becoming": "أصبح",
    "happen": "يحدث", "happened": "حدث|حدثت", "put": "وضع", "let": "سمح", "seem": "يبدو", "seems": "يبدو",
    "seemed": "بدا", "tell": "يخبر", "told": "أخبر|قال", "describe": "وصف|يصف", "described": "وصف",
}  # fmt: skip
