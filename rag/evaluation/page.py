"""The report as one HTML file: plots, figures, every question with its passages; no outside parts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from rag.clean import language_of
from rag.evaluation.figures import FIGURES, Confidence, Row
from rag.evaluation.gold import locate
from rag.evaluation.outcome import Outcome
from rag.types import Span

_WRONG_FIRST = ("hallucinated", "wrong", "missed", "in quote", "corrected", "abstained", "right")
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:78rem;padding:0 1rem;color:#1c2733}
table{border-collapse:collapse;margin:1rem 0}
td,th{padding:.2rem .6rem;border-bottom:1px solid #dde3ea;text-align:end;white-space:nowrap}
td:first-child,th:first-child{text-align:start}
small{color:#5b6b7b}
details{border-bottom:1px solid #dde3ea;padding:.4rem 0}
summary{cursor:pointer}
blockquote{margin:.4rem 0;padding:.4rem .8rem;background:#f4f6f9;border-inline-start:3px solid #9db1c7}
mark{background:#ffe08a}
ins{background:#bfe8c6;text-decoration:none}
.v{display:inline-block;min-width:7rem;font-weight:600}
.hallucinated,.wrong,.missed{color:#b3261e}
.right,.abstained,.corrected{color:#1f7a3a}
.quote{color:#8a5a00}
svg{max-width:100%;height:auto;margin:.5rem 2rem .5rem 0}
"""


def page(outcomes: Sequence[Outcome], rows: dict[str, list[Row]], confidence: Confidence, title: str) -> str:
    """The whole document; text of articles and answers is escaped."""
    order = sorted(outcomes, key=lambda o: (_WRONG_FIRST.index(o.verdict), o.question.id))
    body = [
        f"<h1>{escape(title)}</h1>",
        bars([row for division in ("language", "direction") for row in rows[division]]),
        risk_plot(confidence),
        *(_table(division, rows[division]) for division in ("all", "language", "direction", "half", "kind")),
        "<h2>Questions, wrong ones first</h2>",
        "<p><small>Marked green: gold. Marked yellow: cited.</small></p>",
        *(_question(outcome) for outcome in order),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><body>" + "\n".join(body) + "</body></html>\n"
    )


def _table(division: str, rows: Sequence[Row]) -> str:
    heads = "".join(f'<th title="{escape(figure.says)}">{escape(figure.name)}</th>' for figure in FIGURES)
    lines = [f"<tr><th>{division}</th><th>n</th>{heads}<th>p50 s</th><th>p95 s</th></tr>"]
    for row in rows:
        cells = "".join(f"<td>{_cell(row, figure.name)}</td>" for figure in FIGURES)
        lines.append(
            f"<tr><td>{escape(row.name)}</td><td>{row.questions}</td>{cells}"
            f"<td>{row.p50:.2f}</td><td>{row.p95:.2f}</td></tr>"
        )
    return "<table>" + "".join(lines) + "</table>"


def _cell(row: Row, figure: str) -> str:
    interval = row.figures.get(figure)
    if interval is None:
        return "–"
    return f"{interval.value * 100:.1f} <small>{interval.low * 100:.0f}–{interval.high * 100:.0f}</small>"


# ------------------------------------------------------------------ plots


def bars(rows: Sequence[Row]) -> str:
    """Accuracy in the quotes with its interval, and hallucination, a pair of bars for each row."""
    drawn = []
    for place, row in enumerate(rows):
        top = 24 + place * 34
        drawn.append(f'<text x="84" y="{top + 18}" text-anchor="end">{escape(row.name)}</text>')
        for shift, (name, colour) in enumerate((("in quotes", "#2f6db3"), ("hallucination", "#c8553d"))):
            interval = row.figures.get(name)
            if interval is not None:
                y = top + shift * 13
                drawn.append(
                    f'<rect x="92" y="{y}" width="{interval.value * 300:.1f}" height="11" fill="{colour}">'
                    f"<title>{name} {interval.value * 100:.1f}</title></rect>"
                    f'<line x1="{92 + interval.low * 300:.1f}" x2="{92 + interval.high * 300:.1f}" '
                    f'y1="{y + 5.5}" y2="{y + 5.5}" stroke="#111"/>'
                )
    height = 34 + len(rows) * 34
    caption = (
        '<text x="92" y="14" fill="#2f6db3">answered in the quotes</text>'
        '<text x="260" y="14" fill="#c8553d">hallucination</text>'
    )
    head = f'<svg viewBox="0 0 420 {height}" width="420" font-size="12" role="img">'
    return head + caption + "".join(drawn) + "</svg>"


def risk_plot(confidence: Confidence) -> str:
    """Risk over coverage as a line from the most confident answers to all."""
    points = " ".join(f"{40 + cover * 280:.1f},{220 - risk * 200:.1f}" for cover, risk in confidence.points)
    return (
        '<svg viewBox="0 0 340 260" width="340" font-size="12" role="img">'
        '<path d="M40 20V220H320" fill="none" stroke="#789"/>'
        '<text x="180" y="250" text-anchor="middle">share answered</text>'
        '<text x="6" y="16">share wrong</text>'
        '<text x="34" y="224" text-anchor="end">0</text><text x="34" y="26" text-anchor="end">1</text>'
        f'<polyline points="{points}" fill="none" stroke="#2f6db3" stroke-width="2"/></svg>'
    )


# ------------------------------------------------------------------ questions


def _question(outcome: Outcome) -> str:
    question, answer = outcome.question, outcome.answer
    accepted = " · ".join(_accepted(a) for answers in question.answers.values() for a in answers)
    summary = (
        f'<span class="v {escape(outcome.verdict.split()[-1])}">{escape(outcome.verdict)}</span> '
        f"<small>{escape(question.id)} {escape(question.kind)} {escape(outcome.direction)}</small> "
        f"<bdi>{escape(question.question)}</bdi>"
    )
    parts = [
        f"<details><summary>{summary}</summary>",
        f'<p dir="{direction(answer.text)}"><b>{escape(answer.text)}</b></p>',
        f"<p><small>confidence {outcome.confidence:.2f}, {outcome.seconds:.2f} s</small></p>",
    ]
    if accepted:
        parts.append(f"<p>Accepted: <bdi>{escape(accepted)}</bdi></p>")
    if question.trap:
        parts.append(f"<p>Trap: {escape(question.trap)}</p>")
    for gold in (*question.gold, *question.corrected_by):
        parts.append(quoted(f"gold, {gold.source}", escape(gold.quote)))
    parts += [_hit(outcome, number) for number in range(min(5, len(answer.hits)))]
    return "".join(parts) + "</details>"


def _accepted(answer: str | Sequence[str]) -> str:
    return answer if isinstance(answer, str) else " + ".join(answer)


def _hit(outcome: Outcome, number: int) -> str:
    hit = outcome.answer.hits[number]
    text, offset = hit.passage.text, hit.passage.span.start
    gold = [
        _within(place, offset, len(text))
        for quote in (*outcome.question.gold, *outcome.question.corrected_by)
        if quote.source == hit.article.source
        for place in locate(quote.quote, hit.article.text)
    ]
    cited = [
        _within(Span(c.start, c.end), offset, len(text))
        for c in outcome.answer.citations
        if c.article_id == hit.article.id
    ]
    relevance = "" if hit.relevance is None else f", relevance {hit.relevance:.2f}"
    head = f"hit {number + 1}, {hit.article.source}, score {hit.score:.3f}{relevance}"
    return quoted(head, marked(text, gold, cited))


def quoted(head: str, inside: str) -> str:
    """A quote in its own direction; ``inside`` is escaped already."""
    return (
        f'<blockquote><small>{escape(head)}</small><div dir="{direction(inside)}">{inside}</div></blockquote>'
    )


def direction(text: str) -> str:
    """By the majority of the letters: the first one misleads where a foreign name begins."""
    return "rtl" if language_of(text) == "ar" else "ltr"


def _within(span: Span, offset: int, length: int) -> Span:
    """A span of the article as one of the passage, cut to it (empty where they do not meet)."""
    return Span(*(min(length, max(0, edge - offset)) for edge in span))


def marked(text: str, gold: Sequence[Span], cited: Sequence[Span]) -> str:
    """``text`` escaped, gold in ``<ins>``, what is cited in ``<mark>``; they may cross."""
    edges = sorted(
        {0, len(text), *(edge for span in (*gold, *cited) for edge in span if 0 <= edge <= len(text))}
    )
    pieces = []
    for start, end in pairwise(edges):
        piece = escape(text[start:end])
        if any(span.start <= start and end <= span.end for span in gold):
            piece = f"<ins>{piece}</ins>"
        if any(span.start <= start and end <= span.end for span in cited):
            piece = f"<mark>{piece}</mark>"
        pieces.append(piece)
    return "".join(pieces)
