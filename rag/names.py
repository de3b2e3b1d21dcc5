"""A consonant skeleton that a name's spellings share in Arabic and Latin letters.

``Shoigu``, شويغو and شويجو agree, as do ``Zakharova`` and زاخاروفا: vowels go, and letters that
transliterations interchange fall together. It is a key for finding, not a transliteration.

A skeleton of two consonants says little: it also keeps whether the name opens with a vowel and how
it ends, in lower case (``Kerry`` and كيري: ``KRi``). One consonant says nothing: ``""``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rag.clean import fold, unmarked

_WORD = re.compile(r"[^\W\d_]+(?:['’`ʿʾ][^\W\d_]+)*")
_ARABIC = re.compile(r"[\u0620-\u064a\u0671-\u06d3]")

_FROM_ARABIC = {
    **dict.fromkeys("بپ", "B"),
    **dict.fromkeys("تطث", "T"),
    **dict.fromkeys("جغگ", "G"),
    **dict.fromkeys("حه", "H"),
    **dict.fromkeys("دضذ", "D"),
    **dict.fromkeys("زظسصژ", "S"),
    **dict.fromkeys("شچ", "C"),
    **dict.fromkeys("قكک", "K"),
    **dict.fromkeys("فڤ", "F"),
    "ر": "R", "خ": "X", "ل": "L", "م": "M", "ن": "N",
}  # fmt: skip
# Longest first. A digraph stands for one consonant; the upper-case letters are final.
_DIGRAPHS = (
    ("tsch", "C"), ("sch", "C"), ("tch", "C"), ("chr", "KR"), ("sh", "C"), ("ch", "C"), ("kh", "X"), ("gh", "G"),
    ("ph", "F"), ("th", "T"), ("dh", "D"), ("zh", "G"), ("dj", "G"), ("dg", "G"), ("ck", "K"), ("cqu", "K"),
    ("qu", "K"), ("cc", "K"), ("ce", "Se"), ("ci", "Si"), ("cy", "Sy"), ("x", "KS"),
)  # fmt: skip
_FROM_LATIN = {
    "b": "B", "p": "B", "t": "T", "j": "G", "g": "G", "d": "D", "z": "S", "s": "S", "c": "K", "k": "K", "q": "K",
    "f": "F", "v": "F", "r": "R", "l": "L", "m": "M", "n": "N", "h": "H",
}  # fmt: skip
_SPECIAL = str.maketrans(
    {"ç": "ch", "ş": "sh", "ș": "sh", "š": "sh", "č": "ch", "ž": "zh", "ß": "ss", "ø": "o", "ł": "l"}
)
_ENDING = {
    **dict.fromkeys("يىieyئ", "i"),
    **dict.fromkeys("وouwؤ", "u"),
    **dict.fromkeys("اةهأآaء", "a"),
}
_MARKS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640'’`ʿʾ]")
_ARTICLE = re.compile(r"^(?:al|el|ul|as|ash|ad|ar|at|an|az)[-‐‑]")
_LIKE_ARTICLE = re.compile(r"[ae]l(?!i)")
_TWICE = re.compile(r"(.)\1+")


def _arabic(word: str) -> tuple[str, str]:
    """Consonants, and the letters without the article."""
    word = _TWICE.sub(r"\1", word)
    if word[:2] == "ال" and len(word) >= 5:
        word = word[2:]
    letters = word.replace("تش", "ش")
    if letters[-1] in "هةح" and len(letters) > 3:
        letters = letters[:-1]
    return "".join(_FROM_ARABIC.get(letter, "") for letter in letters), word


def _latin(word: str) -> tuple[str, str]:
    word = unicodedata.normalize("NFD", word.translate(_SPECIAL))
    word = _TWICE.sub(r"\1", "".join(letter for letter in word if letter.isascii() and letter.isalpha()))
    # The syllable that folded Arabic writes like its article: Alexander, الكسندر.
    if _LIKE_ARTICLE.match(word) and len(word) >= 5:
        word = word[2:]
    if len(word) > 2 and word[-1] == "h" and word[-2] in "aeiou":
        word = word[:-1]
    sounds = word
    for written, sound in _DIGRAPHS:
        sounds = sounds.replace(written, sound)
    letters = "".join(x if x.isupper() else _FROM_LATIN.get(x, "") for x in sounds)
    return letters, word[:-1] if word[-1:] == "e" and len(word) > 3 else word


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """The skeleton of one word, as written or folded; ``""`` where there is too little to go by.

    Hyphenated and apostrophed words count as one; an article (``al-``, ال) is left out.
    """
    bare = _MARKS.sub("", unicodedata.normalize("NFC", word).lower()).strip("-")
    if not any(letter.isalpha() for letter in bare):
        return ""
    if _ARABIC.search(bare):
        consonants, letters = _arabic(fold(bare).replace(" ", ""))
    else:
        consonants, letters = _latin(_ARTICLE.sub("", bare))
    if len(consonants) > 2:
        return consonants
    if len(consonants) < 2 or not letters:
        return ""
    opening = "v" if letters[0] in "اعئؤءaeiou" else ""
    return opening + consonants + _ENDING.get(letters[-1], "")


# Endings of names that tell number or belonging, not the name: Huguenots, الهوغونوتيون.
_ENDED = re.compile(
    r"(?<=[^\W\d_]{4})(?:يون|يين|ون|ين|ات|ية|يه)$|(?<=[A-Za-z]{2})['’]s$|(?<=[A-Za-z]{4})(?<!s)s['’]?$"
)


def stripped(word: str) -> str:
    """The word without an ending of number or belonging; ``""`` where it has none."""
    bare = _ENDED.sub("", word)
    return bare if bare != word else ""


def without_particle(word: str) -> str:
    """An Arabic word without the particle that is written onto it: its first letter, or لل."""
    return word[2:] if word.startswith("لل") else word[1:]


def skeletons(text: str) -> list[str]:
    """Skeletons of all words of ``text`` in order, for indexing, then those of their other readings.

    A word that may carry an ending is also read without it, an Arabic word that may carry a clitic
    (ب ل ك ف, لل) also without that; a leading waw is a vowel and falls out by itself. They come last, so that
    the parts of a name still stand side by side.
    """
    words = _WORD.findall(unmarked(text))
    others = [bare for word in words if (bare := stripped(word))]
    for word in words:
        rest = word[1:] if word[0] == "و" and len(word) > 4 else word
        if rest[0] in "بلكف" and len(rest) > 4:
            others.append(without_particle(rest))
    return [key for key in map(skeleton, [*words, *others]) if key]


_VOWELS = re.compile(r"[aeiouy]+|[اوي]+")
_ALIKE = tuple(map(frozenset, ("ae", "eiy", "ou", "ا", "و", "ي")))


def spelled_alike(one: str, other: str) -> bool:
    """Whether two words with the same skeleton may be spellings of one: their vowels are alike, in order.

    A word of five letters or more may lack one vowel that the other has. Arabic does not write short vowels,
    so words of two scripts are only told apart by a long one: حسين is no Hassan, حسن no Hussein.
    """
    if one == other:
        return True
    if _ARABIC.search(one) or _ARABIC.search(other):
        if not _ARABIC.search(other):
            one, other = other, one
        if not _ARABIC.search(one):
            return _heard_alike(one, other)
    short, long = sorted((_VOWELS.findall(one), _VOWELS.findall(other)), key=len)
    if len(long) - len(short) > (min(len(one), len(other)) >= 5):
        return False
    if len(long) == len(short):
        return all(map(_vowels_alike, short, long))
    return any(all(map(_vowels_alike, short, long[:i] + long[i + 1 :])) for i in range(len(long)))


def _heard_alike(latin: str, arabic: str) -> bool:
    """Whether long vowels of each may be heard in the other."""
    long_i = re.search(r"ei|ee|ie|ai|ay|ey", latin) and not re.search("[ياى]", arabic)
    long_u = re.search(r"oo|ou", latin) and "و" not in arabic
    no_i = "ي" in arabic[1:] and not re.search("[eiyu]", latin)
    no_u = "و" in arabic[1:] and not re.search("[ouwv]", latin)
    return not (long_i or long_u or no_i or no_u)


def _vowels_alike(one: str, other: str) -> bool:
    return any(set(one) & sounds and set(other) & sounds for sounds in _ALIKE)
