"""What is shown (``clean``) and what is compared (``fold``).

============================  =====================  ==========================================
class of character            clean (shown)          fold (compared)
============================  =====================  ==========================================
tashkeel, Quranic marks       kept                   dropped
tatweel between letters       dropped                dropped
tatweel elsewhere (الـ 30)    kept, one              dropped
alef with hamza, madda, wasla kept                   plain alef
alef maqsura, Persian ya      kept                   ya
ta marbuta                    kept                   ha
hamza on waw, on ya           kept                   waw, ya
Persian kaf, gaf, pe, che, ve kept                   kaf, kaf, ba, jim, fa
digits, Arabic and Persian    kept                   ASCII
presentation forms            base letters           base letters
bidi and zero-width marks     dropped                dropped
control characters, escapes   dropped                dropped
no-break and odd spaces       one space              one space
line ends                     ``\\n``                 one space
quotes, dashes, punctuation   kept                   ASCII counterpart
Latin letters                 kept                   lower case, without diacritics
marks piled on one letter     the first 30           dropped
============================  =====================  ==========================================

Both are idempotent. Nothing after ``clean`` changes a length; ``fold_map`` says where each folded
character came from. NFKC is never applied to what is shown: it would turn 5 m² into 5 m2.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from rag.types import Language

NORMALISER = "1"

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\-_])?")
_BREAK = re.compile(r"\r\n?|[\u0085\u2028\u2029\x0b\x0c]")
_SPACE = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
# A tatweel with the marks on it; before a letter it only stretches a word.
_TATWEEL = re.compile(
    "\u0640[\u0640\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]*(?P<letter>(?=[\u0620-\u064a\u066e-\u06d3]))?"
)
_FORMS = re.compile("[\ufb50-\ufdff\ufe70-\ufefe]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# More marks on one letter than any script has (UAX #15, stream-safe text): to sort them takes
# quadratic time.
_MARKS = 30
_PILE = re.compile(rf"[^\w\s!-~]{{{_MARKS + 1},}}")


_TASHKEEL = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]")  # no letters to ``re``


def unmarked(text: str) -> str:
    """``text`` without Arabic vowel marks, which would part a word where letters are looked for."""
    return _TASHKEEL.sub("", text)


def printable(text: str) -> str:
    """A name or message fit to be stored and shown on a terminal: controls and broken characters are marked."""
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", "\ufffd", text)


def clean(raw: str) -> str:
    """The text as it is shown: see the table. Paragraph breaks are kept, at most two line ends."""
    text = _ESCAPE.sub("", raw)
    text = _BREAK.sub("\n", text)
    text = _SURROGATE.sub("\ufffd", text)
    text = _FORMS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _INVISIBLE.sub("", text)
    text = _TATWEEL.sub(_stretched, text)
    text = _PILE.sub(_thinned, unicodedata.normalize("NFC", _PILE.sub(_thinned, text)))
    text = _SPACE.sub(" ", text)
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _thinned(match: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in match[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MARKS:
            kept.append(char)
    return "".join(kept)


def _stretched(match: re.Match[str]) -> str:
    marks = match[0].replace("\u0640", "")
    return marks if match["letter"] is not None else f"\u0640{marks}"


_FOLD_ONE = {
    "\u0640": "",
    **dict.fromkeys("أإآٱٲٳ", "ا"),
    **dict.fromkeys("ىیئې", "ي"),
    **dict.fromkeys("ةەۀہ", "ه"),
    "ؤ": "و",
    **dict.fromkeys("کگڪ", "ك"),
    "پ": "ب",
    "چ": "ج",
    "ڤ": "ف",
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "،": ",",
    "؛": ";",
    "؟": "?",
    "٪": "%",
    "٫": ".",
    "٬": ",",
    "…": "...",
    "ß": "ss",
}


@functools.cache
def _fold_char(char: str) -> str:
    """The folded counterpart of one character; may be empty or several characters."""
    if char in _FOLD_ONE:
        return _FOLD_ONE[char]
    if _INVISIBLE.match(char):
        return ""
    if _SURROGATE.match(char):  # half a character, as ``clean`` has it
        return "\ufffd"
    if char.isspace():
        return " "
    if "\ufb50" <= char <= "\ufdff" or "\ufe70" <= char <= "\ufefe":
        return "".join(_fold_char(c) for c in unicodedata.normalize("NFKC", char) if c != char)
    if char.isdigit():
        return str(unicodedata.digit(char))
    plain = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c))
    lowered = plain.lower()
    if lowered == char:
        return lowered
    return "".join(_fold_char(c) for c in lowered if c != char)


class _Folded(dict[int, str]):
    """The table as ``str.translate`` wants it, filled with the characters that are met."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold_char(chr(code))
        return self[code]


_FOLDED = _Folded()


def fold_map(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each folded character and for its end, its index in ``text``."""
    out: list[str] = []
    places: list[int] = []
    for i, char in enumerate(text):
        for folded in _fold_char(char):
            if folded == " " and (not out or out[-1] == " "):
                continue
            out.append(folded)
            places.append(i)
    if out and out[-1] == " ":
        out.pop()
        places.pop()
    places.append(places[-1] + 1 if places else 0)
    return "".join(out), places


def fold(text: str) -> str:
    """The text as it is compared: see the table. Runs of space are one space, none at the edges."""
    return " ".join(text.translate(_FOLDED).split())


def _letters(text: str) -> tuple[int, int]:
    """How many letters are Arabic and how many Latin."""
    arabic = re.findall("[\u0620-\u064a\u066e-\u06d3\ufb50-\ufdff\ufe70-\ufefc]+", text)
    latin = re.findall("[A-Za-z\u00c0-\u024f]+", text)
    return sum(map(len, arabic)), sum(map(len, latin))


_NOT_ARABIC = re.compile("[پچژگکیۀہےٹڈڑںھۆێڕڵ]")
_ENGLISH = frozenset(
    "the of and to in a is was for on that with by as at from who what when where why how many much did does do "
    "are were which has have had be been not it its this his her their will would can could about between".split()
)
_OTHER_LATIN = frozenset(
    "le la les des une et est dans que qui pour du au aux der die das und ist nicht ein eine wer wie "
    "el los las es por con una del qué quién il di che sono ve bir bu ne kim için mi o que não um uma".split()
)


def language_of(text: str) -> Language:
    """The language by the majority of its letters.

    ``other``: no Arabic or Latin letters; Persian, Urdu or Kurdish letters in number; or Latin
    words that are French, German, Spanish, Italian, Portuguese or Turkish rather than English.
    """
    arabic, latin = _letters(text)
    if arabic > latin:
        return "other" if len(_NOT_ARABIC.findall(text)) > max(1, arabic // 25) else "ar"
    foreign = sum(char.isalpha() for char in text) - arabic - latin
    if not latin or foreign > latin:
        return "ar" if arabic > foreign else "other"
    words = re.findall(r"[^\W\d_]+", text.lower())
    english, other = sum(w in _ENGLISH for w in words), sum(w in _OTHER_LATIN for w in words)
    return "other" if other > english else "en"
