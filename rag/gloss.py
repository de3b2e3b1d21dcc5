"""A text's words in English, one by one, each with its place: for a reader that knows English better than Arabic.

No translation to be shown: the order is the Arabic one, and a word has the meaning that the question asks for, or else
its likeliest. Words that the question holds are written as there, so that the reader sees them agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.clean import fold, fold_map, language_of, unmarked
from rag.gloss_words import PLAIN, WORDS
from rag.lexical import forms, is_stop, terms, unclitic
from rag.lexicon import name_keys
from rag.types import Span

if TYPE_CHECKING:
    from rag.lexicon import Lexicon

LONGEST = 3  # words of a phrase
_TOKEN = re.compile(r"[\w\u064b-\u065f\u0670]+|[^\w\s]")
_ARABIC = re.compile(r"[\u0620-\u064a\u0671-\u06d3]")
_MARKS = {"،": ",", "؟": "?", "؛": ";", "«": '"', "»": '"', "“": '"', "”": '"'}


def _table(lines: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in lines.strip().replace("\n", "|").split("|"))
    return {arabic: english for words, _, english in pairs for arabic in words.split()}


_PLAIN = _table(PLAIN)
_COMMON = _table(WORDS)
# How a question begins, folded, and what it asks for.
_ASKED = (
    (re.compile(r"\W*من (?:هو|هي|هم|الذي|التي|الذين)\b|\W*من(?= )"), "who"),
    (re.compile(r"\W*(?:ما|ماذا)(?: (?:هو|هي|هم|الذي|التي))?\b"), "what"),
    (re.compile(r"\W*كم\b(?: (?:عدد|من))?\b"), "how many"),
    (re.compile(r"\W*اي[هت]?\b"), "which"),
)
_Known = tuple[tuple[str, tuple[str, ...]], ...]
_PAST = re.compile(
    r"(?:ed|spoke|became|led|got|came|went|took|met|held|wrote|set|lost|left|saw|began|gave|did)$"
)
_LEADS = {"و": "and", "ف": "so", "ب": "in", "ل": "for", "ك": "as"}


@dataclass(frozen=True, slots=True)
class Gloss:
    """A text put into English.

    Attributes:
        places: For each of its words where it is in ``text``, and where in the source what it stands for.
    """

    text: str
    places: tuple[tuple[Span, Span], ...]


class Glossary:
    """Puts Arabic into English, in the words of one English question where they fit."""

    def __init__(self, question: str, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._stems: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for word in re.findall(r"[\w'’-]+", question):
            if is_stop(fold(word)):
                continue
            for stem in terms(word):
                self._stems.setdefault(stem, word)
            for key in name_keys(word):
                self._names.setdefault(key, word)

    def gloss(self, text: str) -> Gloss:
        """``text`` word by word."""
        found = list(_TOKEN.finditer(text))
        words = [unmarked(match[0]) or match[0] for match in found]
        told, places = [], []
        at = written = 0
        while at < len(words):
            length, english = self._next(words, at)
            source = Span(found[at].start(), found[at + length - 1].end())
            places.append((Span(written, written + len(english)), source))
            told.append(english)
            written += len(english) + 1
            at += length
        return Gloss(" ".join(told), tuple(places))

    def _next(self, words: Sequence[str], at: int) -> tuple[int, str]:
        """How many words are put into English together, and how."""
        word = words[at]
        lead = _lead(word)
        if lead is None:
            return 1, _plain(word)
        for length in range(min(LONGEST, len(words) - at), 1, -1):
            run = tuple(words[at : at + length])
            whole = _lead(run[-1]) is not None and all(map(_ARABIC.search, run))
            if whole and (known := _known(self._lexicon, run)):
                return length, lead + (self._asked(known) or known[0][0])
        known = _known(self._lexicon, (word,))
        asked = self._asked(known) if known else None
        if asked is None:
            asked = next((self._names[key] for key in name_keys(word) if key in self._names), None)
            if asked is not None:
                return 1, asked
        return 1, lead + (asked or known[0][0]) if known else word

    def _asked(self, known: _Known) -> str | None:
        """The likeliest of the translations that the question holds."""
        for _, stems in known:
            if stems and all(stem in self._stems for stem in stems):
                return " ".join(self._stems[stem] for stem in stems)
        return None


def glossary_of(question: str, lexicon: Lexicon) -> tuple[str, Glossary]:
    """A question of either language in English, and what puts Arabic passages into its words."""
    english = in_english(question, lexicon) if language_of(question) == "ar" else question
    return english, Glossary(english, lexicon)


def in_english(question: str, lexicon: Lexicon, passage: str = "") -> str:
    """An Arabic question word by word, in words of an English passage where they fit, with what it asks for in front."""
    glossary = Glossary(passage, lexicon)
    folded, places = fold_map(question)
    for opening, asked in _ASKED:
        if match := opening.match(folded):
            return f"{asked} {glossary.gloss(question[places[match.end() - 1] + 1 :]).text}"
    return glossary.gloss(question).text


def reworded(question: str, passage: str) -> str:
    """A question with those of its words that the passage holds in another form written as there."""
    there: dict[str, str] = {}
    for word in re.findall(r"\w+", passage):
        for stem in terms(word):
            there.setdefault(stem, word)

    def written(match: re.Match[str]) -> str:
        stems = terms(match[0])
        return there.get(stems[0], match[0]) if len(stems) == 1 else match[0]

    return re.sub(r"\w+", written, question)


@lru_cache(maxsize=50_000)
def _plain(word: str) -> str:
    """What is no Arabic, or says nothing by itself, as it is written in English."""
    folded = fold(word)
    if folded in _PLAIN:
        return _PLAIN[folded]
    if folded[:1] in _LEADS and folded[1:] in _PLAIN:
        return f"{_LEADS[folded[0]]} {_PLAIN[folded[1:]]}"
    return _MARKS.get(word, word)


@lru_cache(maxsize=50_000)
def _lead(word: str) -> str | None:
    """In English the particles and the article that are written onto a word; None for one of ``_plain``."""
    folded = fold(word)
    if not _ARABIC.search(folded) or folded in _PLAIN or (folded[:1] in _LEADS and folded[1:] in _PLAIN):
        return None
    lead = folded.removesuffix(unclitic(folded))
    said = [_LEADS[one] for one in lead.replace("ال", "").replace("لل", "ل") if one in _LEADS]
    if lead.endswith(("ال", "لل")):
        said.append("the")
    return "".join(f"{one} " for one in said)


@lru_cache(maxsize=100_000)
def _known(lexicon: Lexicon, words: tuple[str, ...]) -> _Known:
    """The translations of a word or phrase with their stems, the likeliest first."""
    known: list[str] = []
    if len(words) > 1:
        known = [english for english, _ in lexicon.of_words(words, "en")]
    else:
        word = fold(words[0])
        noun = word.removesuffix(unclitic(word)).endswith(("ال", "لل"))
        for written in _otherwise(word):
            common = [_COMMON[form] for form in (written, *forms(written)[:2]) if form in _COMMON][:1]
            known = [one for one in common if not (noun and _PAST.search(one))]
            known += [english for english, _ in lexicon.of_words([written], "en")]
            if known:
                break
    return tuple((english, tuple(terms(english))) for english in known)


def _otherwise(word: str) -> Iterator[str]:
    """A folded word, and what it may be written from: without a particle, a present verb as its past."""
    yield word
    if len(word) > 3 and word[0] in "وفبلكس":
        yield word[1:]
    verb = word[1:] if word[0] in "وفس" else word
    if len(verb) > 3 - (word[0] == "س") and verb[0] in "يت":
        yield verb[1:]
        yield "ا" + verb[1:]
    for ending in ("ت", "وا"):
        if len(verb) > 3 and verb.endswith(ending):
            yield verb.removesuffix(ending)
