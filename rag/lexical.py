"""The words of a text as the lexical index keeps them: folded, stemmed, stop words left out.

Arabic is stemmed lightly, after light10 (Larkey, Ballesteros and Connell 2002) with the single-letter
clitics and a second round of suffixes added; English by Snowball (Porter 2). Codes such as ``F-16``
are kept whole (``f16``, so that both spellings agree) beside their parts. Every term is a run of
letters and digits, hence one token to any FTS5 tokenizer.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.clean import fold

if TYPE_CHECKING:
    from snowballstemmer.basestemmer import BaseStemmer

STEMMER = "light10s+porter2/4"  # changes with what ``rag.names.skeletons`` indexes, too

_ARABIC = re.compile(r"[\u0620-\u064a\u0671-\u06d3]")
# Initials (U.S.), a grouped number with what is written onto it, or a word with its hyphens.
_TOKEN = re.compile(r"\b(?:[a-z]\.){2,}|[وفبلك]?(?:ال)?\d{1,3}(?:,\d{3})+(?!\d)|\w+(?:-[^\W_]+)*(?:'s\b)?")
_PIECE = re.compile(r"\d+|[^\W\d_]+")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")

STOP_EN = frozenset(
    """a about above after again against all almost also although always am among an and another any
    anyone anything are as at be became because been before being between both but by can could did
    do does doing done down during each either else ever every for from further get give given gives
    had has have having he her here hers him his how however i if in into is it its itself just let
    like many me might mine more most much must my no nor not of off on once one only onto or
    other our out over own per please said same say says shall she should since so some such tell
    than that the their them then there these they thing things this those though through thus to
    too under until up upon very was we were what whatever when where whether which while who
    whom whose why will with within without would yet you your s t ll re ve don didn doesn isn aren
    wasn weren happen happened know explain describe mention mentioned according""".split()
)
STOP_AR = frozenset(
    fold(word)
    for word in """ف ب ل ك س من الى إلى عن على في فى مع هو هي هم هما هن نحن انا أنت انتم هذا هذه هذان هاتان هؤلاء ذلك تلك
    اولئك أولئك الذي الذى التي التى الذين اللذان اللذين اللتان اللتين اللاتي اللواتي ما ماذا متى أين
    اين كيف لماذا لم لن لا هل كم اي أي اية أية أيهما ان أن إن إنّ انه أنه إنه انها أنها إنها أنهم
    انهم بأن بان كان كانت كانوا يكون تكون يكن تكن كن كنت ليس ليست قد لقد سوف ثم او أو أم بل لكن لكنه
    لكنها ولكن حتى اذا إذا إذ اذ لو كما كل كلا كلتا بعض غير سوى عند عندما لدى لدي منذ خلال بين بعد
    قبل حول ضد تحت فوق دون بدون عبر نحو حيث حين حينما بينما لأن لان كي لكي فيما مما عما به بها بهم
    بهما له لها لهم لهما لنا لي منه منها منهم منهما فيه فيها فيهم عنه عنها عنهم عليه عليها عليهم
    إليه إليها اليه اليها إليهم اليهم معه معها معهم التي هناك هنا هنالك ايضا أيضا فقط جدا مثل مثلا
    ذات ذو ذي نفس نفسه نفسها أما اما إما ألا إلا الا قال قالت قالوا يقول تقول وفق وفقا بحسب حسب اذكر
    أذكر ذكر ذكرت اخبرني أخبرني اشرح وضح حدثني عنها بماذا لماذا فيم مم عم بم لم ممن عمن بمن لمن لمن
    مهما حيثما كيفما أيها ايها يا هكذا كذلك لذلك لذا هيا تم يتم تمت جرى يجري حدث يحدث يوجد توجد ماهي
    ماهو ماهى""".split()
)

# A leading waw, fa, ba, kaf, lam or sin that belongs to the word: openings of frequent words.
_ROOTED = tuple(
    """وزي وزا وزر وفد وفود وقف وقت وقع وقاي وقود وثي وثا وثق وطن وضع وضو وصل وصو وصف وصاي وسط وسي وساط
    وسا وكا وكي ولاي ولات ولد ولي وفا وفي وفر وحد وحش واش واق واج وار واد والد واسع واضح واح ورش ورق
    ورد ورث وجه وجو وجب وجد وعد وعي وبا وزن وهم ودي وداع ويل ويس ويك فري فرن فرص فرق فرع فرو فرد فصا
    فصي فصل في فا فت فك فند فنا فنز فنل فني فور فوز فوق فيل فيض فيتن فيرو فيدي فقر فقد فقه فكر فحص
    فحم فساد فضا فضل فضي فعا فعل فلس فلو فلك فلا فلب بوت بوش بور بول بون بوا بيا بيت بيئ بيل بير بيو
    بيع بيسك برل بري برا برن برم برو برد برك بغد بحر بحث بلد بلا بلغ بلج بلي بنا بنك بني بند بنغ بطر
    بطا بطل بطو بدا بدي بدو بعث بعد بعض بشر بشا بشك بصر بصم بقا بكي بكر بكت باب بار باك بال بان باي
    باش باح باس باد باع بتر بتك بها بهد كير كيم كيا كيف كتا كتب كتل كرد كري كرا كرم كره كور كوب كوس
    كون كوا كوي كول كلم كلي كلف كلا كلب كنا كنس كند كني كنز كمب كمي كما كاز كام كار كان كاب كات كاف
    كال كبر كبي كشف كثر كثي كسر كفا كف كهر كيل لاف لاج لاع لاح لازم لاس لبن لبا لجن لجا لحو لحظ لحم
    لحن لغه لغا لغت لغم لقا لقب لقاح لقي لند لنك لوح لوا لوس لوك لون لوب ليب لير ليل ليف ليت ليز ليو
    لفت لطف لعب لعن لص سور سوف سوق سول سود سور سوي سون سوا سيا سيد سير سيط سيف سين
    سيل سيم سيو ستا ستر ستو ستي ستو سنو سنه سنا سنغ سنت سنن ساب سات ساح ساد سار ساع ساف ساك سال سام
    سان ساه""".split()
)
_ARTICLES = ("وبال", "وكال", "وال", "بال", "كال", "فال", "ولل", "فلل", "ال", "لل")
_SUFFIXES = "تهما تهم تها تين تان هما كما ها هم هن نا كم ات ون ين ان وا يه يا تي ته ه ي ا".split()
_FUTURE = ("سي", "ست", "سن", "سا")
_LEAST = 3  # letters that a stem keeps at least


def unclitic(word: str) -> str:
    """A folded word without the article and the particles written onto it."""
    for _ in range(2):
        for article in _ARTICLES:
            if (
                word.startswith(article)
                and len(word) - len(article) >= _LEAST
                and not word.startswith("والد")
            ):
                return word[len(article) :]
        if len(word) <= _LEAST or word.startswith(_ROOTED):
            return word
        if word[0] == "و" or (word[0] in "فبكل" and (len(word) > _LEAST + 1 or word[1:].startswith(_ROOTED))):
            word = word[1:]
        elif word.startswith(_FUTURE) and len(word) > _LEAST + 2:
            return word[1:]
        else:
            return word
    return word


@lru_cache(maxsize=200_000)
def stem_arabic(word: str) -> str:
    """The light stem of one folded Arabic word; at least three letters of a longer word are kept."""
    word = unclitic(word)
    for _ in range(2):
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= _LEAST:
                word = word[: -len(suffix)]
                break
        else:
            break
    return word


_PER_THREAD = threading.local()  # a Snowball stemmer keeps the word it is at work on


def _porter() -> BaseStemmer:
    if not hasattr(_PER_THREAD, "porter"):
        import snowballstemmer  # here, so that importing this module stays instant

        _PER_THREAD.porter = snowballstemmer.stemmer("english")
    porter: BaseStemmer = _PER_THREAD.porter
    return porter


@lru_cache(maxsize=200_000)
def stem_english(word: str) -> str:
    """Snowball's English stem of one lower-case word."""
    return str(_porter().stemWord(word))


# Endings of a form, and what its usual form has instead.
_INFLECTED_AR = (
    ("اتها", "ه"), ("اتهم", "ه"), ("ات", "ه"), ("ات", ""), ("تها", "ه"), ("تهم", "ه"), ("ته", "ه"), ("تين", "ه"), ("تان", "ه"),
    ("ين", ""), ("ون", ""), ("ان", ""), ("ها", ""), ("هم", ""), ("ه", ""), ("ي", ""), ("ا", ""),
)  # fmt: skip
_INFLECTED_EN = (
    ("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("'s", ""),
)  # fmt: skip


@lru_cache(maxsize=50_000)
def forms(word: str) -> tuple[str, ...]:
    """A folded word without article and clitics, and the usual forms that it may be inflected from, with its stem."""
    arabic = _ARABIC.search(word)
    bare = unclitic(word) if arabic else word
    found = {bare: None}
    for ending, instead in _INFLECTED_AR if arabic else _INFLECTED_EN:
        if bare.endswith(ending) and len(bare) - len(ending) >= _LEAST - len(instead):
            found[bare[: len(bare) - len(ending)] + instead] = None
    return tuple(form for form in found if form == bare or stem(form) == stem(word))


def stem(word: str) -> str:
    """The stem of one folded word of either script; numbers and other scripts stay as they are."""
    if _ARABIC.search(word):
        return stem_arabic(word)
    return stem_english(word) if word.isalpha() and word.isascii() else word


def is_stop(word: str) -> bool:
    """Whether a folded word says nothing by itself; a leading waw or fa does not hide it."""
    return word in STOP_EN or word in STOP_AR or (word[:1] in "وف" and word[1:] in STOP_AR)


def _code(token: str) -> list[str]:
    """Terms of a token that mixes digits with letters, or holds a hyphen."""
    ordinal = _ORDINAL.fullmatch(token)
    if ordinal:
        return [ordinal[1]]
    pieces = _PIECE.findall(token)
    if not any(piece.isdigit() for piece in pieces):  # a hyphenated word
        return [stem(piece) for piece in pieces if not is_stop(piece)]
    if len(pieces) == 2 and pieces[0] in ("ال", "و", "ب", "ل", "ف", "ك", "وال", "بال", "لل"):
        return [pieces[1]]  # an article or clitic written against a number
    if len(pieces) == 1:
        return pieces
    if all(piece.isdigit() for piece in pieces):  # a date or a range, not one code
        return pieces
    return ["".join(pieces), *(piece if piece.isdigit() else stem(piece) for piece in pieces)]


def _terms_of(token: str) -> list[str]:
    token = token.removesuffix("'s").replace(",", "").replace(".", "")
    if token.isalpha():
        return [] if is_stop(token) else [stem(token)]
    return _code(token)


@lru_cache(maxsize=200_000)
def _cached(token: str) -> tuple[str, ...]:
    return tuple(_terms_of(token))


def terms(text: str) -> list[str]:
    """The terms of ``text`` in order, for indexing and for asking alike.

    A code of letters and digits gives its whole, hyphens left out, and then its parts; a number
    loses its thousands separators.
    """
    out: list[str] = []
    for token in _TOKEN.findall(fold(text)):
        out.extend(_cached(token))
    return out


def fold_words(text: str) -> str:
    """The words of ``text`` folded, with one space between them: the key of a phrase."""
    return " ".join(_TOKEN.findall(fold(text)))


def match_query(terms: Sequence[str]) -> str:
    """An FTS5 expression that matches any of ``terms``; ``""`` for none."""
    unique = dict.fromkeys(term for term in terms if term)
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in unique)
