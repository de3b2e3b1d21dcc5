"""Public sets: finding the gold paragraph, reading it, answering end to end, and abstaining.

The paragraphs become a temporary index by the project's own way from text to answer. A paragraph
may become several passages there; its rank is that of the best of them.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag import metrics
from rag.evaluation.figures import confidence_in
from rag.evaluation.outcome import confidence_of
from rag.evaluation.runner import Asked, Ticker
from rag.evaluation.runs import stamp
from rag.evaluation.sets import Asking, Paragraph, PublicSet
from rag.types import Answer

DEPTH = 100  # paragraphs looked at
RERANKED = "recall@1 reranked"  # of the passages that were read, by what was read in them
PASSAGES = 200  # passages asked for, as some paragraphs become several
Over = Callable[[Sequence[Path]], Asked]


@dataclass(slots=True)
class _Row:
    """What was measured of one question; made up step by step while it is asked."""

    asking: Asking
    values: dict[str, float] = field(default_factory=dict)
    answer: str = ""
    absent: str | None = None  # what was answered without the gold paragraph; None when not asked
    found: str = ""  # key of the paragraph found first
    confidence: float = 0.0


def run(
    chosen: PublicSet, over: Over, *, extra: Iterable[Paragraph] = (), limit: int | None = None
) -> dict[str, Any]:
    """Every figure of a public set.

    Args:
        over: Makes the pipeline over files; it is closed by its owner.
        extra: Articles to distract with.
        limit: Questions asked at most, spread evenly over the set; all paragraphs stay.
    """
    askings = spread(chosen.askings, limit)
    with tempfile.TemporaryDirectory(prefix="sanad-eval-") as folder:
        keys = write(Path(folder), chosen.paragraphs, extra)
        started = time.perf_counter()
        pipeline = over([Path(folder)])
        built = time.perf_counter() - started
        rows = [_Row(asking) for asking in askings]
        seconds = {"build": built, **_retrieve(pipeline, rows, keys)}
        if chosen.reads:
            texts = {paragraph.key: paragraph.text for paragraph in chosen.paragraphs}
            seconds |= _read(pipeline, rows, texts) | _answer(pipeline, rows, keys)
            seconds |= _answer_without(pipeline, rows, keys)
    return _figures(chosen, rows, len(keys), seconds)


def spread(askings: Sequence[Asking], limit: int | None) -> list[Asking]:
    """At most ``limit`` of them, evenly spaced, so that all articles keep their share."""
    if limit is None or limit >= len(askings):
        return list(askings)
    return [askings[place * len(askings) // limit] for place in range(limit)]


def write(folder: Path, paragraphs: Iterable[Paragraph], extra: Iterable[Paragraph]) -> dict[str, str]:
    """One text file for each paragraph, without its title; the keys by file name.

    Titles are left out because those of SQuAD name the topic that the question asks about.
    """
    keys: dict[str, str] = {}
    for number, paragraph in enumerate(paragraphs):
        name = f"p{number:06d}.txt"
        (folder / name).write_text(paragraph.text, encoding="utf-8")
        keys[name] = paragraph.key
    for number, paragraph in enumerate(extra):
        head = f"{paragraph.title}\n\n" if paragraph.title else ""
        name = f"x{number:06d}.txt"
        (folder / name).write_text(head + paragraph.text, encoding="utf-8")
        keys[name] = f"extra {number}"
    return keys


# ------------------------------------------------------------------ the four measurements


def _retrieve(pipeline: Asked, rows: Sequence[_Row], keys: dict[str, str]) -> dict[str, float]:
    found = [row for row in rows if row.asking.gold]
    tick, times = Ticker("retrieval", len(found)), []
    for number, row in enumerate(found, 1):
        started = time.perf_counter()
        hits = pipeline.search(row.asking.question, k=PASSAGES)
        times.append(time.perf_counter() - started)
        ranking = [keys.get(_name(hit.article.source), "") for hit in hits]
        row.found = ranking[0] if ranking else ""
        ranks = metrics.ranks_of(list(row.asking.gold), ranking)
        for depth in (1, 5, 10, DEPTH):
            row.values[f"recall@{depth}"] = metrics.recall_at(depth, ranks)
        row.values["mrr"] = metrics.reciprocal_rank(ranks)
        row.values["ndcg@10"] = metrics.ndcg_at(10, ranks, list(row.asking.gold.values()))
        tick(number)
    return {"search p50": metrics.percentile(times, 0.5), "search p95": metrics.percentile(times, 0.95)}


def _read(pipeline: Asked, rows: Sequence[_Row], texts: dict[str, str]) -> dict[str, float]:
    """The reader's best span on the gold paragraph, never abstaining."""
    read = [row for row in rows if row.asking.answers]
    tick, times = Ticker("reading", len(read)), []
    for number, row in enumerate(read, 1):
        started = time.perf_counter()
        (reading,) = pipeline.reader.read(row.asking.question, [texts[next(iter(row.asking.gold))]])
        times.append(time.perf_counter() - started)
        said = reading.spans[0].text if reading.spans else ""
        row.values |= _matches("reading", said, row.asking.answers)
        tick(number)
    return {"reading p50": metrics.percentile(times, 0.5)}


def _answer(pipeline: Asked, rows: Sequence[_Row], keys: dict[str, str]) -> dict[str, float]:
    """The answer's best span, an abstention being an empty answer, and the passage that came first once read."""
    tick, times = Ticker("end to end", len(rows)), []
    for number, row in enumerate(rows, 1):
        started = time.perf_counter()
        answer = pipeline.ask(row.asking.question)
        times.append(time.perf_counter() - started)
        row.answer = "" if answer.abstained else best_span(answer)
        row.confidence = confidence_of(answer)
        if row.asking.gold:
            first = [keys.get(_name(hit.article.source), "") for hit in answer.hits[:1]]
            row.values[RERANKED] = metrics.recall_at(1, metrics.ranks_of(list(row.asking.gold), first))
        if row.asking.answers:
            row.values |= _matches("end_to_end", row.answer, row.asking.answers)
            row.values["error"] = float(answer.abstained)
        else:
            row.values["hallucination"] = float(not answer.abstained)
        tick(number)
    return {"ask p50": metrics.percentile(times, 0.5), "ask p95": metrics.percentile(times, 0.95)}


def _answer_without(pipeline: Asked, rows: Sequence[_Row], keys: dict[str, str]) -> dict[str, float]:
    """Half of the paragraphs are removed and the questions about them asked again."""
    names = {key: name for name, key in keys.items()}
    gone = half({key for row in rows if row.asking.answers for key in row.asking.gold})
    asked = [row for row in rows if row.asking.answers and gone >= set(row.asking.gold)]
    if not asked:
        return {}
    started = time.perf_counter()
    pipeline.remove([names[key] for key in sorted(gone)])
    seconds = time.perf_counter() - started
    tick = Ticker("without the gold", len(asked))
    for number, row in enumerate(asked, 1):
        answer = pipeline.ask(row.asking.question)
        row.absent = "" if answer.abstained else best_span(answer)
        row.values["hallucination"] = float(not answer.abstained)
        tick(number)
    return {"remove": seconds}


def best_span(answer: Answer) -> str:
    """The words that carry the answer: the first mark of the first citation that has one, else its quote."""
    for citation in answer.citations:
        if citation.marks:
            start, end = citation.marks[0]
            return citation.quote[start - citation.start : end - citation.start]
    return answer.citations[0].quote if answer.citations else answer.text


def _matches(prefix: str, said: str, answers: Sequence[str]) -> dict[str, float]:
    return {
        f"{prefix} em": metrics.best_match(metrics.exact_match, said, answers),
        f"{prefix} f1": metrics.best_match(metrics.token_f1, said, answers),
    }


def half(keys: Iterable[str]) -> set[str]:
    """The half of some paragraphs that is removed, rounded up; the same in every run."""
    ordered = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    return set(ordered[: (len(ordered) + 1) // 2])


def _name(source: str) -> str:
    return source.rsplit("/", 1)[-1]


# ------------------------------------------------------------------ the outcome

PARTS = {
    "retrieval": [*(f"recall@{depth}" for depth in (1, 5, 10, DEPTH)), "mrr", "ndcg@10", RERANKED],
    "reading": ["reading em", "reading f1"],
    "end_to_end": ["end_to_end em", "end_to_end f1"],
    "abstention": ["hallucination", "error"],
}


def _figures(
    chosen: PublicSet, rows: Sequence[_Row], articles: int, seconds: dict[str, float]
) -> dict[str, Any]:
    """A figure that no question counts for is 0; ``counts`` tells.

    ``confidence`` is over what was answered, exact matches being right.
    """
    figures: dict[str, Any] = {**stamp(), "set": chosen.name}
    intervals: dict[str, dict[str, Any]] = {}
    for part, names in PARTS.items():
        for name in names:
            pairs = [(row.values[name], _group(row.asking)) for row in rows if name in row.values]
            if pairs or chosen.reads:
                interval = metrics.bootstrap([value for value, _ in pairs], [group for _, group in pairs])
                short = name.removeprefix(part).strip()
                figures.setdefault(part, {})[short] = interval.value
                intervals.setdefault(part, {})[short] = asdict(interval)
    if chosen.reads:
        given = [row for row in rows if row.answer]
        told = confidence_in([row.confidence for row in given], [_right(row) for row in given])
        figures["confidence"] = {"area": told.area, "best": told.best, "calibration": told.calibration}
    counts = {
        "questions": len(rows),
        "answerable": sum(bool(row.asking.gold) for row in rows),
        "asked without gold": sum(row.absent is not None for row in rows),
        "paragraphs": len(chosen.paragraphs),
        "articles": articles,
    }
    return figures | {
        "intervals": intervals,
        "counts": counts,
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
        "questions": [_plain(row) for row in rows],
    }


def _right(row: _Row) -> bool:
    return row.values.get("end_to_end em", 0.0) > 0


def _group(asking: Asking) -> str:
    """Questions of one paragraph hang together; a question without one stands alone."""
    return next(iter(sorted(asking.gold)), asking.id)


def _plain(row: _Row) -> dict[str, Any]:
    return {
        "id": row.asking.id,
        "pair": _group(row.asking),
        "question": row.asking.question,
        "verdict": _verdict(row.values),
        "values": row.values,
        "confidence": round(row.confidence, 4),
        "answer": row.answer,
        "without": row.absent,
        "gold": sorted(row.asking.gold),
        "found": row.found,
    }


def _verdict(values: dict[str, float]) -> str:
    """What became of a question; of retrieval alone, whether its paragraph came first."""
    if "end_to_end em" in values:
        if values["error"]:
            return "missed"
        return "right" if values["end_to_end em"] else "in part" if values["end_to_end f1"] else "wrong"
    if "hallucination" in values:
        return "hallucinated" if values["hallucination"] else "abstained"
    return "first" if values.get("recall@1") else "not first"
