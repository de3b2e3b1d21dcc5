"""The report on a terminal: one page of figures, in hundredths."""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluation.figures import FIGURES, Confidence, Row

_HEADS = {
    "articles": "articles",
    "passage@5": "pass.@5",
    "in words": "words",
    "in quotes": "quotes",
    "said": "said",
    "first": "first",
    "precision": "cit.prec",
    "recall": "cit.rec",
    "coverage": "coverage",
    "sides": "sides",
    "hallucination": "halluc.",
    "error": "error",
}
_NAME = 14
_WIDE = 9


def report(rows: dict[str, list[Row]], confidence: Confidence) -> str:
    """Tables by language, direction, half and kind; what each figure says; how confidence fares."""
    head = "".join(f"{_HEADS[figure.name]:>{_WIDE}}" for figure in FIGURES)
    lines = [f"{'':{_NAME}}{'n':>5}{head}{'p50 s':>8}{'p95 s':>8}"]
    for division in ("all", "language", "direction", "half", "kind"):
        if division != "all":
            lines.append("")
        lines += [_line(row) for row in rows[division]]
    whole = rows["all"][0]
    lines += ["", "95 % intervals, all questions:"]
    lines += [
        f"  {figure.name:<14}{_hundredths(whole, figure.name):>6}"
        f"  ({interval.low * 100:.1f} to {interval.high * 100:.1f})"
        f"  {figure.says}{', less is better' if figure.less else ''}"
        for figure in FIGURES
        if (interval := whole.figures.get(figure.name))
    ]
    lines += ["", "Verdicts: " + ", ".join(f"{n} {verdict}" for verdict, n in sorted(whole.counts.items()))]
    lines.append(
        f"Confidence of what was answered: area under risk and coverage {confidence.area:.3f} "
        f"(best possible {confidence.best:.3f}), calibration error {confidence.calibration:.3f}"
    )
    return "\n".join(lines)


def _line(row: Row) -> str:
    cells = "".join(f"{_hundredths(row, figure.name):>{_WIDE}}" for figure in FIGURES)
    return f"{row.name:{_NAME}}{row.questions:>5}{cells}{row.p50:>8.2f}{row.p95:>8.2f}"


def _hundredths(row: Row, figure: str) -> str:
    interval = row.figures.get(figure)
    return "–" if interval is None else f"{interval.value * 100:.1f}"


def lines_of(found: dict[str, object], prefix: str = "") -> Sequence[str]:
    """Nested figures as ``name  value`` lines."""
    lines: list[str] = []
    for name, value in found.items():
        if isinstance(value, dict):
            lines += lines_of(value, f"{prefix}{name} ")
        else:
            shown = f"{value:.4f}" if isinstance(value, float) else str(value)
            lines.append(f"{prefix}{name:<{max(1, 34 - len(prefix))}} {shown}")
    return lines
