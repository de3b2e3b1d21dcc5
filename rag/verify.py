"""What of a sentence is not in the quote that it cites: numbers, dates, names, negation.

Pure and one-sided: everything that the sentence states must be found in the quote; the quote may say
more. Both are compared folded and across scripts. What a sentence means is not understood here, so
a change of verb ("signed" for "rejected") passes unless it negates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.agree import Word, bag_of, carries, is_common, is_entity, is_written_over, words_of
from rag.dates import DateMention, dates_in
from rag.hours import Clock, clocks_in
from rag.numbers import numbers_in
from rag.places import place_of
from rag.referents import persons

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


# Dates --------------------------------------------------------------------------------------------
def _dates(sentence: str, quote: str, date: str | None) -> Iterator[Problem]:
    known = list(dates_in(quote))
    own = tuple(int(part) for part in date.split("-")) if date else ()
    for said in dates_in(sentence):
        if not any(_agrees(said, other, own) for other in known) and not _is_own(said, own):
            yield Problem("date", f"date {sentence[slice(*said.span)]} not in the passage")


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
        and all(part is None or own[place : place + 1] == (part,) for place, part in enumerate(parts))
    )


# Numbers ------------------------------------------------------------------------------------------
# Arabic writes "two countries" as one word; so do its verbs.
_DUAL = re.compile(r"\b\w{2,}(?:تين|تان)\b|\bس?[تي]\w{2,}ان\b|\b(?:كلا|كلتا|كلي|كلتي|شهرين|عامين|يومين)\b")


def _numbers(sentence: str, quote: str) -> Iterator[Problem]:
    hours = clocks_in(quote)
    dated = [range(*said.span) for said in dates_in(sentence)]
    if hours:
        for said in clocks_in(sentence):
            dated.append(range(*said.span))
            if not any(_at_once(said, other) for other in hours):
                yield Problem("number", f"time {sentence[slice(*said.span)]} not in the passage")
    known = {number.value for number in numbers_in(quote)}
    for number in numbers_in(sentence):
        if number.value == 1 or number.value in known or any(number.span[0] in span for span in dated):
            continue  # "one" is mostly a pronoun
        if number.value == 2 and _DUAL.search(quote):
            continue
        if number.value in _listed(sentence, quote):
            continue
        yield Problem("number", f"number {sentence[slice(*number.span)]} not in the passage")


def _at_once(said: Clock, other: Clock) -> bool:
    """Whether two hours may be the same; those of different zones are not compared."""
    return bool(said.minutes & other.minutes) or (said.zone != other.zone != "" and said.zone != "")


def _listed(sentence: str, quote: str) -> frozenset[int]:
    """How many names the sentence itself lists from the quote: "three: Russia, Turkey and Iran"."""
    bag = bag_of(quote)
    names = [name for name in names_in(sentence) if carries(bag, name)]
    return frozenset({len(names)}) if len(names) > 1 else frozenset()


# Names --------------------------------------------------------------------------------------------
_TITLE_WORDS = """
    president minister prime foreign defence defense mr mrs ms dr king queen prince general colonel secretary
    envoy ambassador january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday i
"""
_TITLES = frozenset(_TITLE_WORDS.split())
_BREAK = re.compile(r"[.!?:]\W*$")
# Who is said to have reported it: the name after these, or before "reported".
_SOURCE = re.compile(
    r"(?:\b(?:according to|reported by|quoted by|told)\s+(?:the\s+)?"
    r"(?P<after>[A-Z][\w\-]*(?:\s+[A-Z][\w\-]*)*))"
    r"|(?P<before>[A-Z][\w\-]*(?:\s+[A-Z][\w\-]*)*)\s+(?:reported|reports)\b"
    r"|(?:\b(?:و|ف)?(?:نقلت|ذكرت|افادت|أفادت|بحسب|وفق|لصحيفة|لقناة|لشبكة|لوكالة|صحيفة|قناة|شبكة"
    r"|وكالة)\s+"
    r"(?:(?:عن|وكالة|صحيفة|قناة|شبكة)\s+)*(?P<arabic>(?!أن\b|إن\b|ان\b|عن\b)\w+))"
)


def _names(sentence: str, quote: str) -> Iterator[Problem]:
    bag = bag_of(quote)
    # Of a person's names the last one decides; the others are often only in an earlier sentence.
    first = {
        word
        for name in persons(sentence)
        for parts in [name.split()]
        for word in parts[:-1]
        if any(other.text == parts[-1] and carries(bag, other) for other in words_of(sentence))
    }
    for name in names_in(sentence):
        if name.text not in first and not carries(bag, name):
            yield Problem("name", f"name {name.text} not in the passage")


def names_in(text: str) -> tuple[Word, ...]:
    """The words of ``text`` that are names, as far as writing, place lists and the lexicon tell."""
    told = {word for name in persons(text) for word in name.split()}
    for match in _SOURCE.finditer(text):
        told |= set((match["after"] or match["before"] or match["arabic"]).split())
    words = words_of(text)
    known = _entities(text, words)
    # Numbers and dates are checked as such; «وستون» (and sixty) is no name.
    other = [range(*match.span()) for match in _IMPLIED.finditer(text)]
    other += [range(*number.span) for number in numbers_in(text)]
    other += [range(*date.span) for date in dates_in(text)]
    return tuple(
        word
        for place, word in enumerate(words)
        if (word.text in told or place in known or _is_name(word, text))
        and not any(word.span.start in span for span in other)
    )


# The Security Council is always that of the United Nations.
_IMPLIED = re.compile(r"\b(?:UN|U\.N\.|United Nations|UN’s|UN's)\s+(?=Security Council)")


def _entities(text: str, words: Sequence[Word]) -> frozenset[int]:
    """Places among ``words`` of runs that the lexicon knows as one name; English ones must have capitals."""
    found: set[int] = set()
    for size in (3, 2, 1):
        for place in range(len(words) - size + 1):
            run = words[place : place + size]
            phrase = text[run[0].span.start : run[-1].span.end]
            titled = run[0].language == "ar" or all(word.text[0].isupper() for word in run)
            if titled and len(phrase.split()) == size and is_entity(phrase):
                found |= set(range(place, place + size))
    return frozenset(found)


# A word after these is a verb; so mostly is one that begins like an imperfect or future.
_BEFORE_VERB = re.compile(r"(?:^|\s)[وف]?(?:أن|ان|لن|لم|قد|لا|سوف|الذي|التي|الذين|حيث|كي|لكي|بأن)\s*$")
_LIKE_VERB = re.compile(r"[وف]?(?:س?[يتنأ]|ا?ست)\w{3,}")


def _is_name(word: Word, text: str) -> bool:
    if place_of(word.text) is not None:
        return True
    if word.language == "ar":
        if is_written_over(word.text):
            return not is_common(word.text)
        before = text[: word.span.start]
        inflected = _LIKE_VERB.fullmatch(word.text) or word.text.startswith("ال") or not before.strip()
        return not inflected and not is_common(word.text) and _BEFORE_VERB.search(before) is None
    if not word.text[0].isupper() or word.text.lower() in _TITLES:
        return False
    starts = word.span.start == 0 or _BREAK.search(text[: word.span.start]) is not None
    return not starts or is_entity(word.text) or is_written_over(word.text)


# Negation -----------------------------------------------------------------------------------------
# Idioms that only look like negation: no doubt, must, still, not only, especially.
_IDIOM = re.compile(
    r"\b(?:no doubt|without (?:a |any )?doubt|not only|no longer than|no later than"
    r"|بدون شك|دون شك|بلا شك|لا شك|لا بد|لابد|لا يزال|لا تزال|لا زال|ليس فقط|لا سيما)\b"
)
_NOT = re.compile(
    r"\b(?:not|no one|nobody|no|never|none|nothing|neither|nor|cannot|\w+n't|without"
    r"|[وف]?(?:لا|لم|لن|ليس|ليست|ليسوا|ليسا)|ألا|بألا|ألن|غير|دون|بدون|عدم|وعدم|بعدم)\b"
)
_UNLIKE = re.compile(
    r"\b(?:refus\w*|reject\w*|den(?:y|ies|ied)|exclud\w*|except\w*|fail\w*|lack\w*|unable|rule[sd]? out"
    r"|يستثني|يستثنى|تستثني|تستثنى|استثن\w*|باستثناء|رفض\w*|يرفض\w*|ترفض\w*|نفى|نفي|ينفي|نفت|امتنع\w*|إلا|سوى)\b"
)
_CLAUSE_END = re.compile(r"[.,،;؛:\n«»“”\"()؟?!]")


def _negation(sentence: str, quote: str) -> Iterator[Problem]:
    """A word that one side negates and the other says must be negated there too."""
    here, there = _negated(sentence), _negated(quote)
    in_quote = {word.span for run in there for word in run}
    in_sentence = {word.span for run in here for word in run}
    said_there = any(_same(word, sentence) for run in there for word in run)
    for run in here:
        said = _same(run[0], quote)
        if (said and not any(one.span in in_quote for one in said)) or (
            not said and not said_there and not _UNLIKE.search(_plain(quote))
        ):
            yield Problem("negation", f"“{run[0].text}” is negated, in the passage it is not")
            return
    for run in there:
        said = _same(run[0], sentence)
        if said and not any(one.span in in_sentence for one in said):
            yield Problem("negation", f"“{said[0].text}” is not negated, in the passage it is")
            return


_REACH = 4  # content words after a negation that it may be about


def _negated(text: str) -> list[Sequence[Word]]:
    """For each negation the content words after it in the same clause, at most ``_REACH``."""
    plain = _plain(text)
    found: list[Sequence[Word]] = []
    for match in _NOT.finditer(plain):
        end = _CLAUSE_END.search(plain, match.end())
        limit = end.start() if end else len(plain)
        after = [word for word in words_of(text) if match.end() <= word.span.start < limit]
        if after:
            found.append(after[:_REACH])
    return found


def _same(word: Word, text: str) -> list[Word]:
    return [other for other in words_of(text) if carries(bag_of(other.text), word, by_sound=False)]


def _plain(text: str) -> str:
    """Lower case, idioms blanked out; every character keeps its place."""
    lowered = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text).replace("’", "'")
    return _IDIOM.sub(lambda match: " " * len(match.group()), lowered)
