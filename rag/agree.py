"""Whether a word of one text occurs in another, within a language and across both.

A word is found when the other text has the same stem, a translation of it, or (for names) the same
consonant skeleton. Used to find the support of a sentence and to check its names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

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
    # Names that one script writes as one word and the other as two: Nursultan, نور سلطان.
    joined = {skeleton(one.text + two.text) for one, two in pairwise(words) if one.language == two.language}
    return Bag(
        frozenset(stem for word in words for stem in _stems(word)),
        frozenset(bone for word in words for bone in bones(word.text)) | frozenset(filter(None, joined)),
        frozenset(place for word in words if (place := place_of(word.text))),
    )


@lru_cache(maxsize=8192)
def bones(word: str) -> tuple[str, ...]:
    """The skeletons that ``word`` may have: with and without the particles written onto it."""
    found = [skeleton(form) for form in _forms(word)]
    return tuple(dict.fromkeys(bone for bone in found if bone))


def carries(bag: Bag, word: Word, *, by_sound: bool = True) -> bool:
    """Whether ``word`` is in the text of ``bag``: itself, translated, or (``by_sound``) by skeleton."""
    if any(stem in bag.stems for stem in _stems(word)):
        return True
    place = place_of(word.text)
    if place is not None:
        return place in bag.places
    if any(stem in bag.stems for stem in _translated(word.text, word.language)):
        return True
    return by_sound and any(bone in bag.skeletons for bone in bones(word.text))


@lru_cache(maxsize=8192)
def _stems(word: Word) -> tuple[str, ...]:
    """The stems of a word, and of the forms that light stemming leaves apart.

    Arabic verbs: the feminine past («توصلت», «توصل») and the present («يدخل», «دخل»); English
    irregular pasts («begun», «begin»).
    """
    found = list(word.stems)
    plain = fold(word.text).lower()
    if word.language == "ar":
        for form in (plain[1:] if plain[0] in "وف" and len(plain) > 5 else plain, plain.removeprefix("س")):
            if form.endswith("ت") and len(form) > 4:
                found += terms(form[:-1])
            if form[0] in "يتن" and len(form) > 3:
                found += terms(form[1:])
    elif plain in _IRREGULAR:
        found += terms(_IRREGULAR[plain])
    return tuple(dict.fromkeys(found))


_IRREGULAR_FORMS = """
    began:begin begun:begin held:hold met:meet took:take taken:take gave:give given:give went:go gone:go
    left:leave told:tell won:win sent:send built:build brought:bring fought:fight led:lead lost:lose
    made:make paid:pay sought:seek sold:sell spoke:speak spoken:speak struck:strike withdrew:withdraw
    withdrawn:withdraw wrote:write written:write knew:know known:know grew:grow grown:grow fell:fall
    fallen:fall rose:rise risen:rise came:come became:become chose:choose chosen:choose drew:draw
    drawn:draw drove:drive driven:drive kept:keep meant:mean shot:shoot shown:show stood:stand
    undertook:undertake undertaken:undertake broke:break broken:break lay:lie laid:lay found:find
    got:get saw:see seen:see ran:run sat:sit spent:spend taught:teach thought:think bought:buy
    caught:catch ate:eat flew:fly flown:fly forgot:forget froze:freeze hid:hide rode:ride rang:ring
    sang:sing sank:sink stole:steal swore:swear tore:tear threw:throw thrown:throw wore:wear
"""
_IRREGULAR = dict(pair.split(":") for pair in _IRREGULAR_FORMS.split())


@lru_cache(maxsize=8192)
def _translated(word: str, language: Language) -> frozenset[str]:
    other: Language = "en" if language == "ar" else "ar"
    book = lexicon()
    return frozenset(
        stem
        for form in (*_forms(word), _IRREGULAR.get(word.lower(), word))
        for translation, _ in book.translations(form, other)
        for stem in terms(translation)
    )


@lru_cache(maxsize=8192)
def is_common(word: str) -> bool:
    """Whether the lexicon knows ``word`` as a word with a meaning: translated, not only written over.

    «وثائق» is (documents), «لافروف» (Lavrov) is not; nor is what the lexicon does not know.
    """
    if not terms(word):
        return True
    found = _translations(word)
    return bool(found) and not _sounded(word, found)


@lru_cache(maxsize=8192)
def is_written_over(word: str) -> bool:
    """Whether the lexicon knows ``word`` as a name that sounds alike in the other language."""
    return _sounded(word, _translations(word))


@lru_cache(maxsize=8192)
def is_entity(phrase: str) -> bool:
    """Whether the lexicon knows ``phrase`` as a place, nation, person, organisation or group."""
    other: Language = "en" if language_of(phrase) == "ar" else "ar"
    book = lexicon()
    return any(entry.kind in _ENTITIES for form in _forms(phrase) for entry in book.renderings(form, other))


_ENTITIES = frozenset({"place", "nation", "nation+", "person", "org", "group"})


def _translations(word: str) -> tuple[str, ...]:
    other: Language = "en" if language_of(word) == "ar" else "ar"
    book = lexicon()
    return tuple(one for form in _forms(word) for one, _ in book.translations(form.lower(), other))


def _sounded(word: str, found: Sequence[str]) -> bool:
    own = set(bones(word))
    return any(own.intersection(bones(part)) for one in found for part in one.split())


def _forms(word: str) -> Iterator[str]:
    yield word
    if language_of(word) != "ar":
        return
    plain = fold(word)
    yield plain
    for prefix in _PREFIXES:
        if plain.startswith(prefix) and len(plain) - len(prefix) >= 3:
            yield plain[len(prefix) :]
