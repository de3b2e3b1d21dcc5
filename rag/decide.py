"""Whether a passage answers: from the reader's logits to a probability, and to a threshold.

The coefficients and thresholds (``rag/weights/reader/calibration.json``) are fitted for each
direction by ``train/calibrate.py`` on questions whose passage is, or is not, in the collection.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.clean import fold
from rag.suits import Context, Suits
from rag.types import ReadSpan, Span

if TYPE_CHECKING:
    from rag.lexicon import Lexicon, Sought

FEATURES = ("margin", "cosine", "passage", "sentence", "near", "type", "echo", "relevance")
NAMED = 0.9  # how surely a name is found by its skeleton
NEAR = 60  # characters on each side of a span
FOUND = 20.0  # log-odds for each unit of fused score, where passages are ordered
STEPS = 6  # between the first hits, among which the largest tells how what was found stands out
NEAR_HITS = 2 * STEPS  # hits whose cosines are looked at; the nearest need not be the first
LARGEST = 15.0  # logit


@dataclass(frozen=True, slots=True)
class Standing:
    """How what was found stands out from what comes behind it, whatever the spans say.

    Where nothing answers, a collection still has passages that are nearest; but then their scores go down evenly. How near is
    near enough differs from collection to collection, that the list breaks off behind what answers does not.

    Attributes:
        steps: The largest step between neighbours among the first hits' fused scores, and among the first of their cosines;
            None where there is one hit at most, which stands out from nothing.
        relevance: The highest that the reader gives a passage, a logit.
        behind: How far the hit that holds the span lies behind the highest fused score, and behind the highest cosine; 0 or less.
    """

    steps: tuple[float, float] | None
    relevance: float
    behind: tuple[float, float] = (0.0, 0.0)


def standing(
    hits: Sequence[tuple[float, float]], relevance: Sequence[float], own: tuple[float, float]
) -> Standing:
    """Of hits' fused scores and cosines, of the relevances of the passages that were read, and of the ``own`` hit of a span."""
    near = sorted(hits, reverse=True)[:NEAR_HITS]
    scores, cosines = [hit[0] for hit in near], [hit[1] for hit in near]
    steps = (_step(scores), _step(cosines)) if len(near) > 1 else None
    behind = (min(0.0, own[0] - max(scores, default=0.0)), min(0.0, own[1] - max(cosines, default=0.0)))
    return Standing(steps, _within(max(relevance, default=-LARGEST)), behind)


def _step(values: Sequence[float]) -> float:
    first = sorted(values, reverse=True)[: 1 + STEPS]
    return max(one - other for one, other in pairwise(first))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression of one direction: ``sigmoid(bias + sum(weights * features))``.

    Whether any span answers at all is another question: ``answers`` weighs a passage's likeliest one's log-odds, the two steps, the
    relevance and the two distances of ``Standing``, and 1; the highest of all passages counts. ``usual`` are the steps of those questions from which it was learned, in the mean.
    """

    weights: tuple[float, ...]
    bias: float
    threshold: float
    answers: tuple[float, float, float, float, float, float, float] = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    usual: tuple[float, float] = (0.0, 0.0)

    def probability(self, features: Sequence[float]) -> float:
        """Between 0 and 1: that a span answers the question."""
        return _sigmoid(self.bias + sum(w * f for w, f in zip(self.weights, features, strict=True)))

    def answering(self, probability: float, found: Standing) -> float:
        """How surely the question is answered by a passage whose likeliest span's that is; what the threshold is compared with."""
        return _sigmoid(self.answers[0] * _logit(probability) + self._beside(found))

    def least(self, found: Standing) -> float:
        """The probability that a span needs to reach the threshold."""
        return _sigmoid((_logit(self.threshold) - self._beside(found)) / self.answers[0])

    def _beside(self, found: Standing) -> float:
        steps = self.usual if found.steps is None else found.steps
        told = (*steps, found.relevance, *found.behind, 1.0)
        return sum(weight * value for weight, value in zip(self.answers[1:], told, strict=True))


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, z))))


def _logit(probability: float) -> float:
    sure = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(sure / (1 - sure))


@functools.cache
def calibrations() -> dict[str, Calibration]:
    """By direction, as ``en->ar``."""
    from rag.onnx import weights_file

    stored = json.loads(weights_file("reader", "calibration.json").read_text(encoding="utf-8"))
    return {
        name: Calibration(
            tuple(row["weights"]), row["bias"], row["threshold"], tuple(row["answers"]), tuple(row["usual"])
        )
        for name, row in stored["directions"].items()
    }


def order(relevance: float, score: float, found: float = FOUND) -> float:
    """By what the hits are ordered once they are read: the log-odds of the best span and the fused score.

    The reader judges passages one by one, and surely; what retrieval says of them beside each other it does
    not see. 18 to 32 do alike for ``FOUND`` on questions of training sets.
    """
    return _logit(relevance) + found * score


def features(
    question: Asked,
    span: ReadSpan,
    relevance: float,
    cosine: float,
    title: str,
    passage: str,
    sentence: str,
) -> tuple[float, ...]:
    """In the order of ``FEATURES``, for one span of one passage.

    ``passage`` (with its article's title), ``sentence`` and ``near`` are shares of the question's words
    found there, rare words counting more; ``type`` is 1 where the span is of the kind asked for (a
    number, a date), -1 where it is not; ``echo`` is the share of the span's words that the question
    holds already; ``relevance`` is the reader's of the whole passage.
    """
    start, end = span.span
    near = passage[max(0, start - NEAR) : start] + " " + passage[end : end + NEAR]
    return (
        _within(span.score),
        cosine,
        question.covered(f"{title}\n{passage}"),
        question.covered(sentence),
        question.covered(near),
        question.fits(span.text),
        question.echoed(span.text),
        _within(relevance),
    )


def _within(logit: float) -> float:
    return max(-LARGEST, min(LARGEST, logit))


_HOW_MANY = re.compile(
    r"^\W*(?:how (?:many|much|long|old|far)|what (?:number|percentage|proportion)|كم|ما (?:عدد|نسبه))\b"
)
_WHEN = re.compile(
    r"^\W*(?:when|(?:in|on|during|since|by) (?:what|which) (?:year|month|week|day|night|date|time|century|decade)|(?:what|which) (?:year|month|week|day|night|date|time)|"
    r"متي|منذ متي|في (?:اي|ما) (?:عام|سنه|يوم|ليله|شهر|اسبوع|تاريخ|وقت|ساعه)|ما (?:تاريخ|هو تاريخ))\b"
)
_WHO = re.compile(r"^\W*(?:who|whom|whose|من (?:هو|هي|هم|الذي|التي|قال|اعلن)|لمن)\b")


# What tells a time without being a date of the calendar; folded.
_TIME = re.compile(
    r"\b(?:today|yesterday|tomorrow|tonight|midnight|noon|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"(?:this|last|next|past|the) (?:week|month|year|morning|evening)|"
    r"(?:ال|ل)?(?:يوم|امس|غدا|ليله|ليل|صباح|مساء|اثنين|ثلاثاء|اربعاء|خميس|جمعه|سبت|احد)|(?:ال)?(?:شهر|اسبوع|عام|سنه) ال\w+)\b"
)


@functools.lru_cache(maxsize=4096)
def _shape(text: str) -> tuple[bool, bool]:
    """Whether a text holds a number, and whether it holds a date."""
    from rag.dates import dates_in
    from rag.numbers import numbers_in

    return bool(numbers_in(text)), bool(
        dates_in(text) or re.search(r"\b(?:1[5-9]|20)\d\d\b", fold(text)) or _TIME.search(fold(text))
    )


@functools.lru_cache(maxsize=4096)
def _is_city(text: str) -> bool:
    """Whether a text is the name of a city and nothing more: no answer to "who?", as a state may be."""
    from rag.places import place_of

    place = place_of(text.strip())
    return place is not None and place.city


class Asked:
    """A question's words, as they may be found in a text of either language.

    Words of the other language count through the lexicon and through names' skeletons, and each word
    by how rare it is in the collection (``Snapshot.rarity``): what the collection speaks of everywhere
    tells nothing.
    """

    def __init__(
        self, question: str, words: Lexicon, rarity: Callable[[Sequence[Sought]], Sequence[float]]
    ) -> None:
        from rag.lexicon import sought

        self._words = sought(question, words)
        self._weights = list(rarity(self._words))
        self._known = frozenset(
            stem for word in self._words for stem in (*word.own, *(other for other, _ in word.others))
        )
        folded = fold(question)
        self._suits = Suits(question)
        self._kind = next(
            (
                kind
                for kind, form in (("number", _HOW_MANY), ("date", _WHEN), ("who", _WHO))
                if form.match(folded)
            ),
            "",
        )

    def covered(self, text: str) -> float:
        """The share of the question's words found in ``text``; 0.5 where it has none."""
        total = sum(self._weights)
        if not total:
            return 0.5
        return sum(w * f for w, f in zip(self._weights, self._found(text), strict=True)) / total

    def _found(self, text: str) -> list[float]:
        """How surely each word occurs in ``text``, from 0 to 1."""
        stems, names = _words_of(text)

        def found(word: Sought) -> float:
            own = sum(stem in stems for stem in word.own) / max(len(word.own), 1)
            other = max((weight for stem, weight in word.others if stem in stems), default=0.0)
            return max(own, other, NAMED * any(name in names for name in word.names))

        return [found(word) for word in self._words]

    def suits(self, place: Context) -> float:
        """A factor of a span's odds of being right; see ``rag.suits``."""
        return self._suits.factor(place, self.covered, self.fits(place.text), self.echoed, self._holds_first)

    def measured(self, text: str, mark: Span, limit: Span) -> Span:
        """A span with its unit, where a measure is asked for; see ``rag.suits``."""
        return self._suits.measured(text, mark, limit)

    def _holds_first(self, text: str) -> float:
        return self._found(text)[0] if self._words else 1.0

    def fits(self, span: str) -> float:
        """1, -1, or 0 where the question asks for no kind that can be told."""
        if not self._kind:
            return 0.0
        number, date = _shape(span)
        if self._kind == "number":
            return 1.0 if number else -1.0
        if self._kind == "date":
            return 1.0 if date else -1.0
        return -1.0 if number or date or _is_city(span) else 0.5

    def echoed(self, span: str) -> float:
        """The share of the span's words that the question has already."""
        found, _ = _words_of(span)
        if not found:
            return 0.0
        return len(found & self._known) / len(found)


@functools.lru_cache(maxsize=4096)
def _words_of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Stems and skeletons of a text."""
    from rag.lexical import terms
    from rag.names import skeletons

    return frozenset(terms(text)), frozenset(skeletons(text))
