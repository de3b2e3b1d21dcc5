"""What of a sentence is not in the quote that it cites: numbers, dates, names, negation.

Pure and one-sided: everything that the sentence states must be found in the quote; the quote may say
more. Both are compared folded and across scripts. What a sentence means is not understood here, so
a change of verb ("signed" for "rejected") passes unless it negates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.agree import Word, bag_of, bones, carries, words_of
from rag.dates import DateMention, dates_in
from rag.numbers import numbers_in

Kind = Literal["number", "date", "name", "negation"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the quote does not bear out; ``text`` is fit for ``Sentence.reason``."""

    kind: Kind
    text: str


def problems(sentence: str, quote: str, *, date: str | None = None) -> tuple[Problem, ...]:
    """All that ``sentence`` states and ``quote`` does not; empty when everything checked is there.

    Args:
        sentence: One sentence of an answer, without markers.
        quote: The words cited for it; several quotes may be joined by line breaks.
        date: The article's own ISO date; it may supply a year, month or day that the quote leaves out.
    """
    return (
        *_dates(sentence, quote, date),
        *_numbers(sentence, quote),
        *_names(sentence, quote),
        *_negation(sentence, quote),
    )


def _dates(sentence: str, quote: str, date: str | None) -> Iterator[Problem]:
    known = list(dates_in(quote))
    own = tuple(int(part) for part in date.split("-")) if date else ()
    for said in dates_in(sentence):
        if not any(_agrees(said, other, own) for other in known) and not _is_own(said, own):
            yield Problem("date", f"date {_shown(sentence, said)} not in the passage")


def _agrees(said: DateMention, other: DateMention, own: tuple[int, ...]) -> bool:
    year = other.year if other.year is not None else (own[0] if own else None)
    pairs = (
        (said.year, year),
        (said.month, other.month),
        (said.day, other.day),
        (said.weekday, other.weekday),
    )
    return all(one is None or one == two for one, two in pairs)


def _is_own(said: DateMention, own: tuple[int, ...]) -> bool:
    parts = (said.year, said.month, said.day)
    return (
        bool(own)
        and said.weekday is None
        and all(part is None or (place < len(own) and own[place] == part) for place, part in enumerate(parts))
    )


def _shown(text: str, said: DateMention) -> str:
    return text[slice(*said.span)]


def _numbers(sentence: str, quote: str) -> Iterator[Problem]:
    dated = [range(*said.span) for said in dates_in(sentence)]
    known = {number.value for number in numbers_in(quote)}
    for number in numbers_in(sentence):
        if number.value == 1 or number.value in known or any(number.span[0] in span for span in dated):
            continue  # "one" is mostly a pronoun
        if number.value == 2 and _DUAL.search(quote):
            continue
        if number.value in _listed(sentence, quote):
            continue
        yield Problem("number", f"number {sentence[slice(*number.span)]} not in the passage")


# Arabic writes "two countries" as one word; so do its verbs.
_DUAL = re.compile(r"\b\w{2,}(?:تين|تان)\b|\bس?[تي]\w{2,}ان\b|\b(?:كلا|كلتا|كلي|كلتي)\b")


def _listed(sentence: str, quote: str) -> frozenset[int]:
    """How many names the sentence itself lists from the quote: "three: Russia, Turkey and Iran"."""
    bag = bag_of(quote)
    names = [name for name in names_in(sentence) if carries(bag, name)]
    return frozenset({len(names)}) if len(names) > 1 else frozenset()


def _names(sentence: str, quote: str) -> Iterator[Problem]:
    bag = bag_of(quote)
    for name in names_in(sentence):
        if not carries(bag, name) and not any(bone in bag.skeletons for bone in bones(name.text)):
            yield Problem("name", f"name {name.text} not in the passage")


def names_in(text: str) -> tuple[Word, ...]:
    """The words of ``text`` that are names, as far as their writing tells."""
    found = []
    for word in words_of(text):
        capital = (
            word.language == "en" and word.text[0].isupper() and word.text.lower() not in _TITLES.split()
        )
        if capital and word.span.start > 0 and not _BREAK.search(text[: word.span.start]):
            found.append(word)
    return tuple(found)


_BREAK = re.compile(r"[.!?:]\W*$")
_TITLES = """
    president minister prime foreign defence defense mr mrs ms dr king queen prince general colonel secretary
    envoy ambassador january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday i
"""


def _negation(sentence: str, quote: str) -> Iterator[Problem]:
    clause = _nearest_clause(sentence, quote)
    if _NOT.search(_plain(sentence)):
        if not _NOT.search(_plain(quote)) and not _UNLIKE.search(_plain(quote)):
            yield Problem("negation", "negated, the passage is not")
    elif _NOT.search(_plain(clause)) and not _UNLIKE.search(_plain(sentence)):
        yield Problem("negation", "not negated, the passage is")


def _nearest_clause(sentence: str, quote: str) -> str:
    """The stretch of the quote that has most of the sentence's words."""
    bag = bag_of(sentence)
    clauses = [clause for clause in _CLAUSE.split(quote) if clause.strip()]
    return max(clauses, key=lambda clause: sum(carries(bag, word) for word in words_of(clause)), default="")


_CLAUSE = re.compile(
    r"[.,،;؛:\n«»“”\"()]+|\b(?:but|while|whereas|although|which|who|because|لكن|ولكن|بينما|حيث|إلا|الا|الذي|التي|لأن|رغم)\b"
)
# Idioms that only look like negation: no doubt, must, still, not only, especially.
_IDIOM = re.compile(
    r"\b(?:no doubt|without (?:a |any )?doubt|not only|no longer than|no later than"
    r"|بدون شك|دون شك|بلا شك|لا شك|لا بد|لابد|لا يزال|لا تزال|لا زال|ليس فقط|لا سيما)\b"
)
_NOT = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot|\w+n't|لا|لم|لن|ليس|ليست|ليسوا|لست|ألا|الا|ألن|ولا|ولم|ولن|"
    r"وليس|فلا|فلم|فلن|بألا|بالا|غير|دون|بدون)\b"
)
_UNLIKE = re.compile(
    r"\b(?:refus\w*|reject\w*|den(?:y|ies|ied)|exclud\w*|except\w*|without|fail\w*|lack\w*|unable|rule[sd]? out"
    r"|يستثني|يستثنى|تستثني|تستثنى|استثن\w*|باستثناء|رفض\w*|يرفض\w*|ترفض\w*|نفى|نفي|ينفي|نفت|امتنع\w*|عدم|إلا|سوى)\b"
)


def _plain(text: str) -> str:
    return _IDIOM.sub(" ", text.lower().replace("’", "'"))
