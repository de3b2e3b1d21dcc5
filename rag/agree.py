"""Whether a word of one text occurs in another, within a language and across both.

A word is found when the other text has the same stem, a translation of it, or (for names) the same
consonant skeleton. Used to find the support of a sentence and to check its names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.clean import fold, language_of
from rag.lexical import terms
from rag.lexicon import lexicon
from rag.names import skeleton
from rag.places import Place, place_of
from rag.types import Language, Span

_WORD = re.compile(r"[^\W_]+(?:[’'ـ\-][^\W_]+)*")
# Arabic particles written onto the next word, longest first; tried one after the other.
_PREFIXES = ("وبال", "ولل", "وال", "بال", "فال", "كال", "لل", "ال", "و", "ف", "ب", "ل", "ك")


@dataclass(frozen=True, slots=True)
class Word:
    """One content word of a text. ``stems`` is what ``rag.lexical.terms`` makes of it."""

    text: str
    span: Span
    stems: tuple[str, ...]
    language: Language


@dataclass(frozen=True, slots=True)
class Bag:
    """What a text can be asked for: its stems, the skeletons of its words, and the places."""

    stems: frozenset[str]
    skeletons: frozenset[str]
    places: frozenset[Place]


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[Word, ...]:
    """The content words of ``text`` in order, stop words left out."""
    found = []
    for match in _WORD.finditer(text):
        if stems := tuple(terms(match.group())):
            found.append(Word(match.group(), Span(*match.span()), stems, language_of(match.group())))
    return tuple(found)


@lru_cache(maxsize=4096)
def bag_of(text: str) -> Bag:
    """The words of ``text``, to be asked with ``carries``."""
    words = words_of(text)
    return Bag(
        frozenset(stem for word in words for stem in word.stems),
        frozenset(bone for word in words for bone in bones(word.text)),
        frozenset(place for word in words if (place := place_of(word.text))),
    )


@lru_cache(maxsize=8192)
def bones(word: str) -> tuple[str, ...]:
    """The skeletons that ``word`` may have: with and without the particles written onto it."""
    found = [skeleton(form) for form in _forms(word)]
    return tuple(dict.fromkeys(bone for bone in found if bone))


def carries(bag: Bag, word: Word, *, by_sound: bool = True) -> bool:
    """Whether ``word`` is in the text of ``bag``: itself, translated, or (``by_sound``) by skeleton."""
    if any(stem in bag.stems for stem in word.stems):
        return True
    place = place_of(word.text)
    if place is not None:
        return place in bag.places
    if any(stem in bag.stems for stem in _translated(word.text, word.language)):
        return True
    return by_sound and any(bone in bag.skeletons for bone in bones(word.text))


@lru_cache(maxsize=8192)
def _translated(word: str, language: Language) -> frozenset[str]:
    other: Language = "en" if language == "ar" else "ar"
    book = lexicon()
    return frozenset(
        stem
        for form in _forms(word)
        for translation, _ in book.translations(form, other)
        for stem in terms(translation)
    )


@lru_cache(maxsize=8192)
def is_common(word: str) -> bool:
    """Whether the lexicon knows ``word`` as a word with a meaning: translated, not only written over.

    «وثائق» is (documents), «لافروف» (Lavrov) is not.
    """
    language = language_of(word)
    if not terms(word):
        return True
    other: Language = "en" if language == "ar" else "ar"
    book = lexicon()
    found = [one for form in _forms(word) for one, _ in book.translations(form.lower(), other)]
    own = set(bones(word))
    return bool(found) and not any(own.intersection(bones(one)) for one in found)


def _forms(word: str) -> Iterator[str]:
    yield word
    if language_of(word) != "ar":
        return
    plain = fold(word)
    yield plain
    for prefix in _PREFIXES:
        if plain.startswith(prefix) and len(plain) - len(prefix) >= 3:
            yield plain[len(prefix) :]
