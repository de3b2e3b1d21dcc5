"""An Arabic word or phrase of the lexicon in any of the forms that it may have, as units for ``rag.english_units``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.lexical import fold_words, is_stop
from rag.lexicon import lexicon
from rag.names import skeleton


@dataclass(frozen=True, slots=True)
class Unit:
    """A rendered piece: ``kind`` as in the lexicon, or ``num``, ``many``, ``time``, ``year``, ``prep``, ``and``, ``stay``,
    or ``maybe`` for a word that is a name if its surroundings are. ``source`` is that word, or a time as it tells when."""

    text: str
    kind: str
    plural: bool = False
    definite: bool = False
    before: str = ""  # a preposition that was written onto it
    value: float = 0
    source: str = ""


_NEXT = {
    "مقبل": "next",
    "قادم": "next",
    "ماضي": "last",
    "جاري": "this",
    "حالي": "this",
    "فائت": "last",
    "سابق": "former",
}
_NEXT_FOLDED = {fold_words(word): english for word, english in _NEXT.items()}


@lru_cache(maxsize=4096)
def look(phrase: str) -> tuple[str, str, bool] | None:
    """Kind, English and whether plural, of an Arabic phrase just as it is written."""
    found = _all(phrase)
    return found[0] if found else None


@lru_cache(maxsize=4096)
def _all(phrase: str) -> tuple[tuple[str, str, bool], ...]:
    entries = lexicon().renderings(phrase, "en")
    found = ((entry.kind.rstrip("+"), entry.text, entry.kind.endswith("+")) for entry in entries)
    # A span is a noun's more often than a verb's; آب is August, a father being أب.
    return tuple(sorted(found, key=lambda one: (one[0] != "month", one[0] == "v")))


def phrase_unit(words: list[str]) -> Unit | None:
    """The unit that exactly these words make, in any of the forms they may have."""
    definite = words[0].startswith("ال") and len(words[0]) > 4
    if definite and len(words) == 1:
        unit = adjective_unit(words[0][2:])
        if unit and (unit.kind == "nation" or unit.value):
            return replace(unit, definite=True)
    found = look(" ".join(words))
    if definite and (found is None or found[0] == "name"):
        found = look(" ".join([words[0][2:], *words[1:]])) or look(" ".join(_undefined(words))) or found
    if found and found[0] == "name" and len(words) == 1:
        return _single_name(words[0], found[1])
    if found:
        kind, text, plural = found
        several = len(words) > 1 and words[-1].startswith("ال")
        return Unit(text, kind, plural, definite or (several and kind in ("n", "title")))
    if len(words) > 2:
        return None
    stem = words[0][2:] if definite else words[0]
    if len(words) == 2:
        return None
    return inflected(stem, definite)


def _single_name(word: str, text: str) -> Unit | None:
    """A word of the name lists; one that is also a common word is a name only beside names."""
    if is_stop(fold_words(word)):
        return None
    own = skeleton(word)
    common = any(
        weight >= 0.3 and skeleton(other) != own for other, weight in lexicon().translations(word, "en")
    )
    return Unit(text, "maybe" if common else "name", source=word)


def counted_noun(word: str) -> Unit | None:
    """The noun that an adjective's form is after a number: 50 civilians."""
    for base in (word, word.rstrip("اً")):
        for kind, text, plural in _all(base):
            if kind in ("n", "title"):
                return Unit(text, kind, plural)
    return None


def _undefined(words: list[str]) -> list[str]:
    return [word[2:] if word.startswith("ال") and len(word) > 4 else word for word in words]


def adjective_unit(stem: str) -> Unit | None:
    """An adjective in feminine, plural or accusative form."""
    for ending, put in (
        ("", ""),
        ("ة", ""),
        ("ه", ""),
        ("ى", "ي"),
        ("يين", "ي"),
        ("يون", "ي"),
        ("ين", ""),
        ("ون", ""),
        ("ا", ""),
        ("اً", ""),
        ("يان", "ي"),
        ("يتان", "ي"),
        ("يتين", "ي"),
        ("تان", ""),
        ("تين", ""),
        ("ان", ""),
    ):
        if stem.endswith(ending) and len(stem) - len(ending) > 2:
            base = stem[: len(stem) - len(ending)] + put
            folded = _NEXT_FOLDED.get(fold_words(base))
            if folded:
                return Unit(folded, "a", value=1)
            for kind, text, plural in _all(base):
                if kind in ("nation", "a"):
                    return Unit(text, kind, plural or ending in ("يين", "يون"))
    return None


def inflected(stem: str, definite: bool) -> Unit | None:
    adjective = adjective_unit(stem)
    if adjective:
        return replace(adjective, definite=definite)
    forms = (
        ("ا", "", False), ("اً", "", False), ("ات", "ة", True), ("ات", "", True), ("ون", "", True),
        ("تين", "ة", True), ("تان", "ة", True), ("ين", "", True), ("ان", "", True), ("ة", "", False),
        ("تي", "ة", True), ("ي", "", True),
    )  # fmt: skip
    for ending, put, plural in forms:
        if stem.endswith(ending) and len(stem) - len(ending) > 2:
            found = look(stem[: -len(ending)] + put)
            if found and found[0] in ("n", "title"):
                dual = ending in ("تين", "تان")
                text = plural_of(found[1]) if plural else found[1]
                return Unit(("two " if dual else "") + text, found[0], plural, definite)
    return None


_IRREGULAR = {
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "aircraft": "aircraft",
    "news": "news",
    **dict.fromkeys("dead wounded injured missing displaced killed aid accused".split(), ""),
}


def plural_of(noun: str) -> str:
    """The plural of an English noun or noun phrase (of its last word)."""
    first, _, last = noun.rpartition(" ")
    if last in _IRREGULAR:
        plural = _IRREGULAR[last] or last
    elif last.endswith(("s", "x", "ch", "sh")):
        plural = last if last.endswith("s") else last + "es"
    elif last.endswith("man"):
        plural = last[:-3] + "men"
    elif re.search(r"[^aeiou]y$", last):
        plural = last[:-1] + "ies"
    else:
        plural = last + "s"
    return f"{first} {plural}".strip()
