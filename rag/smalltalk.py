"""Questions that need no search: a greeting, thanks, "what can you do?", "which articles are there?".

Pure rules over whole questions: a question counts as small talk only if nothing else is in it, so
"hello, who are the guarantors?" is searched. Languages besides Arabic and English are recognised by
script, by letters that Arabic does not have, and by common little words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rag.clean import fold, language_of
from rag.types import Language

Kind = Literal["greeting", "thanks", "help", "list_articles", "summarise", "unsupported_language"]


@dataclass(frozen=True, slots=True)
class Reply:
    """How to answer without a search.

    Attributes:
        language: The language to answer in.
        text: What to say; ``""`` where the articles must be looked at (``list_articles``, ``summarise``).
        key: For ``summarise``: which article, as typed (an id, a source, or the start of a file's name).
    """

    kind: Kind
    language: Language
    text: str = ""
    key: str = ""


_TEXTS: dict[tuple[Kind, Language], str] = {
    ("greeting", "en"): "Hello. Ask me something about the articles, in English or Arabic.",
    ("greeting", "ar"): "أهلا بك. اسألني عما في المقالات بالعربية أو الإنجليزية.",
    ("thanks", "en"): "You are welcome.",
    ("thanks", "ar"): "على الرحب والسعة.",
    ("help", "en"): (
        "I answer questions from the articles, in English or Arabic, and show the sentence each answer "
        "rests on; where the articles do not say, I say so. Try “which articles are there?” or "
        "“summarise 003”."
    ),
    ("help", "ar"): (
        "أجيب عن الأسئلة من المقالات بالعربية أو الإنجليزية، وأعرض الجملة التي يستند إليها كل جواب؛ "
        "وإذا لم تذكر المقالات شيئا قلت ذلك. جرب «ما هي المقالات الموجودة؟» أو «لخص المقال 003»."
    ),
    ("unsupported_language", "other"): (
        "I answer in English and Arabic only; please ask in one of them. "
        "أجيب بالعربية والإنجليزية فقط؛ اسأل بإحداهما من فضلك."
    ),
}

_GREETINGS = """
hi; hello; hey; hiya; greetings; good morning; good afternoon; good evening; good day; howdy; salam; salaam;
salam alaikum; assalamu alaikum; as salamu alaykum; marhaba; how are you; how are you doing;
how are you today; how is it going; nice to meet you; is anyone there; are you there; good night; bye;
goodbye; see you; مرحبا; مرحبًا; مرحبا بك; مرحبتين; أهلا; أهلاً وسهلاً; أهلا وسهلا; أهلين; هلا; هلا والله;
هاي; هلو; السلام عليكم; السلام عليكم ورحمة الله; السلام عليكم ورحمة الله وبركاته; وعليكم السلام; سلام;
صباح الخير; صباح النور; مساء الخير; مساء النور; تحية طيبة; تحياتي; كيف حالك; كيف الحال; كيفك; شلونك; شخبارك;
ازيك; إزيك; عامل ايه; كيف حالك اليوم; مع السلامة; إلى اللقاء; وداعا; تصبح على خير
"""
_THANKS = """
thanks; thank you; thank you very much; thank you so much; thanks a lot; many thanks; thanks so much; thx;
ty; cheers; great; perfect; well done; good job; that helps; that is all; that was helpful; very helpful;
ok; okay; got it; شكرا; شكرًا; شكراً جزيلاً; شكرا جزيلا; شكرا لك; شكرا لكم; شكرا كثيرا; ألف شكر; مشكور;
مشكورة; مشكورين; تسلم; يسلمو; يعطيك العافية; جزاك الله خيرا; بارك الله فيك; ممتاز; أحسنت; رائع; تمام; طيب;
حسنا; أوكي; ممنون; ممنونك
"""
_HELP = """
help; help me; what can you do; what can you do for me; what do you do; what are you; who are you;
what is this; what is this app; what is sanad; how do you work; how does this work; how does it work;
how do i use this; how do i use you; how to use this; how can you help me; how can you help; what can i ask;
what can i ask you; what should i ask; what questions can i ask; what are you able to do;
what languages do you speak; what is your name; ماذا تستطيع أن تفعل; ماذا يمكنك أن تفعل; ماذا تفعل;
ما الذي يمكنك فعله; ما الذي تستطيع فعله; ماذا يمكنك أن تقدم; ماذا تستطيع; من أنت; من انت; ما أنت; ما هذا;
ما هذا البرنامج; ما هو سند; مساعدة; ساعدني; كيف تعمل; كيف يعمل هذا; كيف أستخدمك; كيف أستخدم هذا;
كيف تساعدني; كيف يمكنك مساعدتي; كيف يمكنك أن تساعدني; ماذا أسأل; ماذا أسألك; ماذا يمكنني أن أسأل;
ماذا يمكنني أن أسألك; شو بتعمل; شو بتقدر تعمل; شو فيك تعمل; مين انت; مين أنت; بتعمل ايه; ايش تسوي; وش تسوي;
شنو تسوي; ما اسمك; ما هو اسمك
"""
_LIST = """
which articles are there; what articles are there; which articles do you have; what articles do you have;
list articles; list the articles; list all articles; list all the articles; show articles;
show the articles; show me the articles; show all articles; show me all articles; show me all the articles;
what is in the index; what is in the collection; what is in here; what do you have; what do you know;
which documents are there; what documents are there; which documents do you have;
what documents do you have; list documents; list the documents; list all documents; show documents;
show me the documents; which files are there; what files are there; which files do you have;
what files do you have; list files; list the files; show files; how many articles are there;
how many articles do you have; how many documents are there; how many documents do you have;
which sources do you have; what sources do you have; which sources are there; what are the articles;
what are your sources; what are the articles about; articles; what are these articles about;
what topics are there; which topics are there; what topics do you cover; what is this about; ما هي المقالات;
ما المقالات; ما هي المقالات الموجودة; ما المقالات الموجودة; ما هي المقالات المتوفرة; ما المقالات المتوفرة;
ما هي المقالات المتاحة; ما المقالات المتاحة; ما هي المقالات التي لديك; ما المقالات التي لديك;
ما المقالات لديك; أي مقالات لديك; أية مقالات لديك; أي المقالات موجودة; اعرض المقالات; اعرض كل المقالات;
أظهر المقالات; اذكر المقالات; عدد المقالات; قائمة المقالات; أعطني قائمة المقالات; أعطني قائمة بالمقالات;
كم مقالا لديك; كم مقالة لديك; كم عدد المقالات; كم مقالا يوجد; كم عدد المقالات الموجودة;
كم عدد المقالات لديك; ما هي المستندات; ما هي الوثائق الموجودة; ما هي الملفات الموجودة; ما هي الملفات;
ماذا لديك; ماذا عندك; ماذا يوجد لديك; ماذا تعرف; ما هي مصادرك; ما مصادرك; ما هي المصادر; ما هي المواضيع;
ما هي المواضيع الموجودة; عم تتحدث المقالات; عن ماذا تتحدث المقالات; ماذا تتناول المقالات; شو في مقالات;
شو عندك مقالات; ايش المقالات الموجودة; المقالات
"""
# Said before, after or between such phrases without changing them.
_FILLERS = """
please; sanad; there; everyone; all; friend; my friend; dear; again; so; and; well; oh; sir; bot; now;
for me; then; ok; to you; من فضلك; لو سمحت; رجاء; يا سند; سند; يا صديقي; يا أخي; صديقي; جميعا; يا; إذن; و;
الآن; لي; أيضا; بكم; بك; يا جماعة
"""

_SUMMARISE = re.compile(
    r"(?:please |can you |could you |من فضلك |هل يمكنك |ممكن )*"
    r"(?:summari[sz]e|sum up|summary(?: of)?|tl ?dr(?: of)?"
    r"|(?:give me |write |make )?a (?:short |brief )?summary of"
    r"|لخص(?: لي)?|لخصي|تلخيص|ملخص(?: عن)?|اعطني (?:ملخص(?:ا)?|تلخيص(?:ا)?)(?: عن| ل)?|خلاصه|اختصر(?: لي)?)"
    r" (?:the |this |for me |me )*(?:article|document|file|text|number|no"
    r"|المقال(?:ه)?|مقال(?:ه)?|للمقال(?:ه)?|الملف|ملف|الوثيقه|النص|رقم| )*"
    r"(?P<key>[0-9]{1,4}|[0-9a-f]{6,64}|[0-9]{1,4}_[\w.\-]+|[\w\-]+(?:/[\w.\-]+)*\.[a-z]{2,5})"
    r"(?: please| for me| من فضلك| لو سمحت)?"
)

_LETTERS = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
_PERSIAN = frozenset("پچژگکیہھےٹڈڑںۀ")
# Little words that English or Arabic do not use; enough of them name the language.
_LITTLE = {
    "fr": """qui quel quelle quels quelles sont est les des du dans où quand pourquoi comment combien que le
        la une et pour avec sur ont été cessez""",
    "de": """wer wie wann wo warum welche welcher welches sind ist das der und ein eine nicht mit für von
        wurde haben viele den dem""",
    "es": """quién quiénes quien quienes qué cuál cuáles cuándo dónde cómo por son los las el una del para
        con cuántos está fue""",
    "it": """chi cosa quale quali quando dove perché come sono gli il della dei delle nel una con quanti è
        stato""",
    "pt": """quem quais qual quando onde porque como são os uma dos das em não quantos foi o que""",
    "tr": """kim kimler kimdir nedir hangi ne zaman nerede neden nasıl kaç ve bir için ile olan mi mı
        garantör ülkeler""",
    "fa": """چه که کی کیست کجا چرا چگونه چند است هستند را این آن از با برای شد کدام چیست""",
    "ur": """کیا کون کب کہاں کیوں کیسے کتنے ہے ہیں کے کی کا میں سے کو اور نے""",
}
_ENGLISH = """the of is are was were what who when where why how which and in to did does do a an on for with
    by that it"""


def small_talk(question: str) -> Reply | None:
    """The reply to a question that needs no search, else None."""
    words = tuple(_words(question))
    if words:
        language: Language = "ar" if language_of(question) == "ar" else "en"
        kinds: tuple[tuple[Kind, str], ...] = (
            ("greeting", _GREETINGS),
            ("thanks", _THANKS),
            ("help", _HELP),
            ("list_articles", _LIST),
        )
        greeted = _phrases(_GREETINGS) | _phrases(_THANKS)
        for kind, own in kinds:
            if _covered(words, _phrases(own), greeted | _phrases(_FILLERS)):
                return Reply(kind, language, _TEXTS.get((kind, language), ""))
        if key := _article_key(question):
            return Reply("summarise", language, key=key)
    if looks_like(question):
        return Reply("unsupported_language", "other", _TEXTS["unsupported_language", "other"])
    return None


def looks_like(text: str) -> str | None:
    """Code of the third language that ``text`` seems written in (``fr``, ``fa``, …; ``other`` by
    script alone); None for Arabic, English, names and what cannot be told.
    """
    words = [word.lower() for word in _LETTERS.findall(text)]
    if not words:
        return None
    strange = sum(not ("\u0600" <= sign <= "\u06ff" or sign < "\u0250") for word in words for sign in word)
    if 2 * strange > sum(map(len, words)):
        return "other"
    foreign_letters = any(not _PERSIAN.isdisjoint(word) for word in words)
    known = len(set(words) & set(_ENGLISH.split()))
    best, count = None, 0
    for code, little in _LITTLE.items():
        if code in ("fa", "ur") and not foreign_letters:
            continue
        found = len(set(words) & set(little.split()))
        if found > count:
            best, count = code, found
    return best if count >= 2 and count > known and 3 * count >= len(words) else None


def _article_key(question: str) -> str | None:
    plain = re.sub(r"[,،]", " ", fold(question).lower()).strip(" ?.!؟:\"'’«»“”")
    match = _SUMMARISE.fullmatch(" ".join(plain.split()))
    return match["key"] if match else None


def _words(text: str) -> list[str]:
    plain = re.sub(r"\b(what|who|how|that|it)['’]s\b", r"\1 is", text.lower())
    return re.findall(r"\w+", fold(plain))


@cache
def _phrases(listed: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(_words(phrase)) for phrase in listed.split(";"))


def _covered(
    words: tuple[str, ...], own: frozenset[tuple[str, ...]], beside: frozenset[tuple[str, ...]]
) -> bool:
    """Whether ``words`` is a run of whole phrases, at least one of them from ``own``."""
    longest = max(len(phrase) for phrase in own | beside)
    reach: list[set[bool]] = [{False}] + [set() for _ in words]  # per position: was one of `own` among them
    for start in range(len(words)):
        for size in range(1, min(longest, len(words) - start) + 1):
            phrase = words[start : start + size]
            if phrase in own:
                reach[start + size] |= {True} if reach[start] else set()
            if phrase in beside:
                reach[start + size] |= reach[start]
    return True in reach[-1]
