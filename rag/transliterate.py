"""Names written over into the other script where no list holds them."""

from __future__ import annotations

import re

from rag.clean import fold

# Arabic to Latin, the spellings usual in news. Longest first.
_LATIN = (
    ("تش", "ch"), ("كس", "x"), ("ش", "sh"), ("خ", "kh"), ("غ", "gh"), ("ث", "th"), ("ذ", "dh"), ("ب", "b"),
    ("ت", "t"), ("ج", "j"), ("ح", "h"), ("د", "d"), ("ر", "r"), ("ز", "z"), ("س", "s"), ("ص", "s"), ("ض", "d"),
    ("ط", "t"), ("ظ", "z"), ("ف", "f"), ("ق", "q"), ("ك", "k"), ("ل", "l"), ("م", "m"), ("ن", "n"), ("ه", "h"),
)  # fmt: skip
_LATIN_OF = dict(_LATIN)
_VOWELS = {
    "ا": "a",
    "و": "u",
    "ي": "i",
    "ى": "a",
    "ة": "a",
    "أ": "a",
    "إ": "i",
    "آ": "a",
    "ع": "",
    "ء": "",
    "ئ": "",
    "ؤ": "",
}

# Latin to Arabic. Longest first; "" where a letter is silent.
_ARABIC = (
    ("sch", "ش"), ("tch", "تش"), ("sh", "ش"), ("ch", "تش"), ("kh", "خ"), ("gh", "غ"), ("ph", "ف"), ("th", "ث"),
    ("dh", "ذ"), ("zh", "ج"), ("ck", "ك"), ("qu", "كو"), ("oo", "و"), ("ou", "و"), ("ee", "ي"), ("ie", "ي"),
    ("ei", "ي"), ("ey", "ي"), ("ay", "اي"), ("ai", "اي"), ("au", "او"), ("aw", "او"), ("ow", "او"), ("x", "كس"),
    ("ce", "سي"), ("ci", "سي"), ("b", "ب"), ("c", "ك"), ("d", "د"), ("f", "ف"), ("g", "غ"), ("h", "ه"), ("j", "ج"),
    ("k", "ك"), ("l", "ل"), ("m", "م"), ("n", "ن"), ("p", "ب"), ("q", "ق"), ("r", "ر"), ("s", "س"), ("t", "ت"),
    ("v", "ف"), ("w", "و"), ("y", "ي"), ("z", "ز"), ("a", "ا"), ("e", ""), ("i", "ي"), ("o", "و"), ("u", "و"),
)  # fmt: skip
_ARABIC_OF = dict(_ARABIC)
_ARABIC_PART = re.compile("|".join(written for written, _ in _ARABIC))


def to_latin(word: str) -> str:
    """An Arabic name in Latin letters, capitalised; short vowels, which Arabic leaves out, are ``a``."""
    article = word.startswith("ال") and len(word) > 4
    rest = word[2:] if article else word
    parts: list[tuple[str, bool]] = []  # sound, whether a vowel
    i = 0
    while i < len(rest):
        two = _LATIN_OF.get(rest[i : i + 2])
        letter = rest[i]
        if two:
            parts.append((two, False))
        elif letter in "وي" and (i == 0 or rest[i + 1 : i + 2] in tuple("اوىة")) and len(rest) > 1:
            parts.append(("w" if letter == "و" else "y", False))
        elif letter in _LATIN_OF:
            parts.append((_LATIN_OF[letter], False))
        elif letter in _VOWELS:
            parts.append((_VOWELS[letter] or "a" if i == 0 else _VOWELS[letter], True))
        i += 2 if two else 1
    latin = "".join(_with_vowels(parts))
    return "al-" * article + latin.capitalize()


def _with_vowels(parts: list[tuple[str, bool]]) -> list[str]:
    """The sounds, with ``a`` where two consonants would open a word or three would meet."""
    out: list[str] = []
    run = 1  # consonants since the last vowel; a word's opening counts as one
    for number, (sound, vowel) in enumerate(parts):
        run = 0 if vowel else run + 1
        if not vowel and run >= 2 and out and (run > 2 or number == 1 or number == len(parts) - 1 > 1):
            out.append("a")
            run = 1
        out.append(sound)
    return out


def to_arabic_script(word: str) -> str:
    """A Latin name in Arabic letters."""
    low = fold(word)
    low = re.sub(r"[^a-z]", "", low)
    low = re.sub(r"([b-df-hj-np-tv-z])\1", r"\1", low)
    low = re.sub(r"(?<=[b-df-hj-np-tv-z])e$", "", low)
    opening = ""
    if low[:1] in "aeiou" and low:
        opening = {"a": "ا", "e": "إ", "i": "إ", "o": "أو", "u": "أو"}[low[0]]
        low = low[1:] if low[0] in "aeou" else low
    return opening + "".join(_ARABIC_OF[part] for part in _ARABIC_PART.findall(low))
