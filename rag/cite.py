"""Finds, for every sentence of generated text, the words of an article that carry it, and checks them.

What the model wrote as markers is only a hint: a sentence is cited where code finds its support among
the shown hits (likeness of vectors, words in common within and across languages) and where numbers,
dates, names and negation agree (``rag.verify``). Invented markers vanish.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.agree import Bag, bag_of, carries, words_of
from rag.clean import fold
from rag.markers import Marked, read_markers
from rag.prompts import ABSTENTION
from rag.sentences import sentences
from rag.types import Citation, Hit, Sentence, Span
from rag.verify import problems

if TYPE_CHECKING:
    from rag.protocols import Embedder, Reader, Vectors

# Tuned on the development half of eval/verify_cases.jsonl.
WEIGHT_COSINE = 0.4
WEIGHT_WORDS = 0.6
ENOUGH = 0.48
MARKED_BONUS = 0.05  # for a candidate in a hit that the model itself named
CLOSE = 0.25  # a quote this far behind the best one tells of something else
LOOKED_AT = 6  # candidates that are checked in detail, best first


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: int
    span: Span  # of the article's text
    text: str
    bag: Bag


@dataclass(frozen=True, slots=True)
class _Support:
    """``quotes`` carry the sentence; none when it is unsupported, and then ``reason`` says why."""

    quotes: tuple[tuple[_Candidate, float], ...]
    reason: str = ""


def cite(
    text: str, hits: Sequence[Hit], embedder: Embedder, reader: Reader | None = None
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """The sentences of ``text`` with verified markers, and what these point at.

    Args:
        text: Generated text; marker ``[n]`` in it means ``hits[n - 1]``.
        reader: Marks the words of a quote that has no word in common with the sentence.

    Returns:
        The sentences, verified ones with their markers written before the full stop, and the
        citations numbered from 1 in the order of their first use. A sentence that abstains is left
        out when another one is supported. No citation at all means that nothing is supported: the
        caller abstains.
    """
    marked = read_markers(text, len(hits))
    spans = [span for span in sentences(marked.text) if words_of(marked.text[slice(*span)])]
    told = [marked.text[slice(*span)].strip() for span in spans]
    candidates = _candidates(hits)
    if not told or not candidates:
        return tuple(Sentence(line, (), False, "no passage was found") for line in told), ()
    likeness = _likeness(told, candidates, embedder)
    weights = _weights(candidates)
    supports = []
    for number, line in enumerate(told):
        if abstains(line):
            supports.append(_Support((), "abstains"))
            continue
        named = _named(marked, spans, number)
        scores = [
            WEIGHT_COSINE * likeness[number][place]
            + WEIGHT_WORDS * _coverage(line, candidate.bag, weights)
            + (MARKED_BONUS if candidate.hit in named else 0.0)
            for place, candidate in enumerate(candidates)
        ]
        supports.append(_support(line, candidates, scores, named, hits))
    return _assembled(told, supports, hits, reader)


def abstains(sentence: str) -> bool:
    """Whether ``sentence`` is the cannot-answer sentence of either language, however punctuated."""
    return _bare(sentence) in {_bare(line) for line in ABSTENTION.values()}


def _bare(text: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in fold(text)).split())


def _candidates(hits: Sequence[Hit]) -> list[_Candidate]:
    found: dict[tuple[str, Span], _Candidate] = {}
    for number, hit in enumerate(hits):
        for span in hit.passage.sentences:
            text = hit.article.text[slice(*span)]
            if words_of(text):
                found.setdefault((hit.article.id, span), _Candidate(number, span, text, bag_of(text)))
    return list(found.values())


def _likeness(told: Sequence[str], candidates: Sequence[_Candidate], embedder: Embedder) -> list[list[float]]:
    vectors: Vectors = embedder.embed_passages([*told, *(candidate.text for candidate in candidates)])
    cosines = vectors[: len(told)] @ vectors[len(told) :].T
    return [[max(0.0, float(value)) for value in row] for row in cosines]


def _weights(candidates: Sequence[_Candidate]) -> dict[str, float]:
    """Rarity of a stem among the candidates: ln(1 + N/df), as in BM25 without its corrections."""
    frequency = Counter(stem for candidate in candidates for stem in candidate.bag.stems)
    return {stem: math.log1p(len(candidates) / count) for stem, count in frequency.items()}


def _coverage(line: str, bag: Bag, weights: dict[str, float]) -> float:
    """Share of the sentence's words, by rarity, that the candidate carries."""
    plain = math.log1p(4)  # of a word that no candidate writes like this, as in the other language
    total = found = 0.0
    for word in words_of(line):
        weight = max((weights.get(stem, plain) for stem in word.stems), default=plain)
        total += weight
        found += weight if carries(bag, word) else 0.0
    return found / total if total else 0.0


def _named(marked: Marked, spans: Sequence[Span], number: int) -> frozenset[int]:
    """Hits (from 0) that the model named in sentence ``number`` or between it and the next."""
    begin = spans[number].start
    end = spans[number + 1].start if number + 1 < len(spans) else len(marked.text) + 1
    if number == 0:
        begin = -1
    return frozenset(hit - 1 for place, numbers in marked.marks if begin < place <= end for hit in numbers)


def _support(
    line: str,
    candidates: Sequence[_Candidate],
    scores: Sequence[float],
    named: frozenset[int],
    hits: Sequence[Hit],
) -> _Support:
    order = sorted(range(len(candidates)), key=lambda place: -scores[place])[:LOOKED_AT]
    least = max(ENOUGH, scores[order[0]] - CLOSE)
    order = [place for place in order if scores[place] >= least]
    if not order:
        return _Support((), "no passage says this")
    whole = [place for place in order if not _lacking(line, candidates[place], hits)]
    if whole:
        chosen = whole[:1]
        # Every other hit that the model named and that carries the sentence too is cited as well.
        taken = {candidates[whole[0]].hit}
        for place in whole[1:]:
            if candidates[place].hit in named - taken:
                chosen.append(place)
                taken.add(candidates[place].hit)
        return _Support(tuple((candidates[place], scores[place]) for place in chosen))
    parts = [_part_support(part, order, candidates, hits) for part in _clauses(line)]
    if len(parts) > 1 and all(place is not None for place in parts):
        chosen = list(dict.fromkeys(place for place in parts if place is not None))
        return _Support(tuple((candidates[place], scores[place]) for place in chosen))
    return _Support((), _lacking(line, candidates[order[0]], hits)[0])


# A sentence of two statements may rest on two quotes, one for each.
_JOINT = re.compile(
    r"[;؛]|,?\s(?:while|whereas|but)\s|,\s(?:and|or)\s(?=(?:\w+\s){2,})"
    r"|،?\s(?:بينما|فيما|لكن|ولكن|في حين)\s|،\sو"
)


def _clauses(line: str) -> list[str]:
    parts = [part.strip() for part in _JOINT.split(line)]
    return parts if all(len(words_of(part)) >= 3 for part in parts) else [line]


def _part_support(
    part: str, order: Sequence[int], candidates: Sequence[_Candidate], hits: Sequence[Hit]
) -> int | None:
    """The candidate that has most words of the clause and nothing against it."""
    weights = _weights(candidates)
    ranked = sorted(order, key=lambda place: -_coverage(part, candidates[place].bag, weights))
    for place in ranked:
        if _coverage(part, candidates[place].bag, weights) < ENOUGH:
            return None
        if not _lacking(part, candidates[place], hits):
            return place
    return None


def _lacking(line: str, quote: _Candidate, hits: Sequence[Hit]) -> list[str]:
    return [problem.text for problem in problems(line, quote.text, date=hits[quote.hit].article.date)]


def _assembled(
    told: Sequence[str], supports: Sequence[_Support], hits: Sequence[Hit], reader: Reader | None
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    supported = any(support.quotes for support in supports)
    numbers: dict[tuple[int, Span], int] = {}
    citations: list[Citation] = []
    lines: list[Sentence] = []
    for text, support in zip(told, supports, strict=True):
        if support.reason == "abstains" and supported:
            continue
        markers = []
        for candidate, score in support.quotes:
            key = (candidate.hit, candidate.span)
            marks = _marks(text, candidate, reader)
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                citations.append(_citation(numbers[key], candidate, marks, score, hits[candidate.hit]))
            else:
                place = numbers[key] - 1
                together = tuple(sorted({*citations[place].marks, *marks}))
                citations[place] = replace(citations[place], marks=together)
            markers.append(numbers[key])
        found = tuple(sorted(markers))
        lines.append(Sentence(_with_markers(text, found), found, bool(found), support.reason))
    return tuple(lines), tuple(citations)


def _with_markers(text: str, markers: Sequence[int]) -> str:
    """``text`` with ``[1][2]`` before its closing punctuation."""
    if not markers:
        return text
    body = text.rstrip(" .!?؟…")
    return f"{body} {''.join(f'[{marker}]' for marker in markers)}{text[len(body) :].strip() or '.'}"


def _citation(
    marker: int, candidate: _Candidate, marks: tuple[Span, ...], score: float, hit: Hit
) -> Citation:
    return Citation(
        marker=marker,
        article_id=hit.article.id,
        source=hit.article.source,
        title=hit.article.title,
        date=hit.article.date,
        start=candidate.span.start,
        end=candidate.span.end,
        quote=candidate.text,
        score=round(min(1.0, score), 4),
        marks=marks,
        also_in=hit.also_in,
    )


def _marks(line: str, candidate: _Candidate, reader: Reader | None) -> tuple[Span, ...]:
    """The words of the quote that the sentence says too, neighbours joined; else what the reader picks."""
    said = bag_of(line)
    start = candidate.span.start
    joined: list[Span] = []
    for word in words_of(candidate.text):
        if not carries(said, word):
            continue
        span = Span(start + word.span.start, start + word.span.end)
        between = candidate.text[joined[-1].end - start : span.start - start] if joined else "x"
        if not between.strip():
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    if not joined and reader is not None:
        spans = reader.read(line, [candidate.text])[0].spans[:1]
        joined = [Span(start + found.span.start, start + found.span.end) for found in spans]
    return tuple(joined)
