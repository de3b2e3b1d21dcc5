"""Outcomes made into figures: per direction, language, kind and half, with intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rag import metrics
from rag.evaluation.outcome import Outcome

# Name, what it says, whether less is better, and one outcome's value (None: not counted).
Value = Callable[[Outcome], float | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that is the mean of one value per question."""

    name: str
    says: str
    value: Value
    less: bool = False


def _answerable(test: Callable[[Outcome], bool]) -> Value:
    return lambda outcome: float(test(outcome)) if outcome.question.answerable else None


def _unanswerable(test: Callable[[Outcome], bool]) -> Value:
    return lambda outcome: None if outcome.question.answerable else float(test(outcome))


FIGURES = (
    Figure("articles", "share of the gold articles among the hits", lambda o: o.articles),
    Figure("passage@5", "a gold quote in the first five passages", lambda o: o.passages),
    Figure(
        "in words",
        "an accepted answer in the answer's own words",
        _answerable(lambda o: o.verdict == "right"),
    ),
    Figure(
        "in quotes",
        "an accepted answer in the answer or the sentences it cites",
        _answerable(lambda o: o.verdict in ("right", "in quote")),
    ),
    Figure(
        "said",
        "an accepted answer in the answer's text, in either language",
        lambda o: None if o.said is None else float(o.said and not o.answer.abstained),
    ),
    Figure(
        "first",
        "an accepted answer in the first sentence or the quotes under it",
        lambda o: None if o.first is None else float(o.first),
    ),
    Figure("precision", "share of the citations that show a gold quote", lambda o: o.precision),
    Figure("recall", "the gold is cited (each side, where articles disagree)", lambda o: o.recall),
    Figure("coverage", "share of all gold quotes that are cited", lambda o: o.coverage),
    Figure("sides", "share of the sides of a disagreement that are told", lambda o: o.sides),
    Figure(
        "hallucination",
        "answered though the articles do not say",
        _unanswerable(lambda o: o.verdict == "hallucinated"),
        less=True,
    ),
    Figure(
        "error", "abstained though the articles say", _answerable(lambda o: o.verdict == "missed"), less=True
    ),
)
HEADLINE = ("passage@5", "in words", "in quotes", "precision", "recall", "hallucination", "error")


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of some of the outcomes; a figure that nothing counts for is left out.

    Attributes:
        p50, p95: Seconds from question to answer.
        counts: Questions by verdict.
    """

    name: str
    questions: int
    figures: dict[str, metrics.Interval]
    p50: float
    p95: float
    counts: dict[str, int]


def row(name: str, outcomes: Sequence[Outcome]) -> Row:
    figures = {}
    for figure in FIGURES:
        pairs = [(value, o.question.pair) for o in outcomes if (value := figure.value(o)) is not None]
        if pairs:
            figures[figure.name] = metrics.bootstrap(
                [value for value, _ in pairs], [pair for _, pair in pairs]
            )
    seconds = [outcome.seconds for outcome in outcomes]
    return Row(
        name,
        len(outcomes),
        figures,
        metrics.percentile(seconds, 0.5),
        metrics.percentile(seconds, 0.95),
        dict(Counter(outcome.verdict for outcome in outcomes)),
    )


def table(outcomes: Sequence[Outcome]) -> dict[str, list[Row]]:
    """Rows by what they are divided by; ``all`` holds one."""
    divided: dict[str, Callable[[Outcome], str]] = {
        "language": lambda o: o.question.language,
        "direction": lambda o: o.direction,
        "half": lambda o: o.question.split,
        "kind": lambda o: o.question.kind,
    }
    rows = {"all": [row("all", outcomes)]}
    for name, of in divided.items():
        rows[name] = [row(part, chosen) for part, chosen in _parts(outcomes, of)]
    return rows


def _parts(outcomes: Iterable[Outcome], of: Callable[[Outcome], str]) -> list[tuple[str, list[Outcome]]]:
    parts: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        parts.setdefault(of(outcome), []).append(outcome)
    return sorted(parts.items())


@dataclass(frozen=True, slots=True)
class Confidence:
    """How far the confidence tells right from wrong, over the questions that were answered.

    Attributes:
        points: ``(coverage, risk)``.
        area: Under those; ``best`` is what a perfect order of the same answers would have.
        calibration: Expected calibration error.
    """

    points: list[tuple[float, float]]
    area: float
    best: float
    calibration: float


def confidence(outcomes: Sequence[Outcome]) -> Confidence:
    given = [outcome for outcome in outcomes if not outcome.answer.abstained]
    return confidence_in([outcome.confidence for outcome in given], [outcome.good for outcome in given])


def confidence_in(scores: Sequence[float], right: Sequence[bool]) -> Confidence:
    """How far ``scores`` of what was answered, 0 to 1, tell what was right."""
    points = metrics.risk_coverage(scores, right)
    ideal = metrics.risk_coverage([float(-place) for place in range(len(right))], sorted(right, reverse=True))
    return Confidence(
        points,
        metrics.area_under_risk(points),
        metrics.area_under_risk(ideal),
        metrics.calibration_error(scores, right),
    )
