"""The report on a public set as one HTML file: plots, every question, gold and answer marked in the passage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from rag.evaluation.page import STYLE, direction, marked, quoted
from rag.evaluation.sets import PublicSet
from rag.types import Span

_LESS = ("hallucination", "error")


def page(chosen: PublicSet, run: Mapping[str, Any]) -> str:
    """The whole document over a run of ``public.run``; texts are escaped."""
    texts = {paragraph.key: paragraph.text for paragraph in chosen.paragraphs}
    accepted = {asking.id: asking.answers for asking in chosen.askings}
    title = f"Sanad: {chosen.name}"
    rows = sorted(run["questions"], key=_worst_first)
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(', '.join(f'{name} {count}' for name, count in run['counts'].items()))}</p>",
        _bars(run["intervals"]),
        "<h2>Questions, wrong ones first</h2>",
        "<p><small>Marked green: gold. Marked yellow: what was answered.</small></p>",
        *(_question(row, accepted.get(row["id"], ()), texts) for row in rows),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><body>" + "\n".join(body) + "</body></html>\n"
    )


def _worst_first(row: Mapping[str, Any]) -> tuple[float, ...]:
    values = row["values"]
    answered = values.get("end_to_end f1", 1.0 - values.get("hallucination", 0.0))
    return (answered, -values.get("hallucination", 0.0), values.get("mrr", 0.0))


def _bars(intervals: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Every figure with its interval; those of which less is better are red."""
    figures = [
        (f"{part} {name}", name, value) for part, of in intervals.items() for name, value in of.items()
    ]
    drawn = []
    for place, (told, name, interval) in enumerate(figures):
        y = 8 + place * 20
        colour = "#c8553d" if name in _LESS else "#2f6db3"
        drawn.append(
            f'<text x="176" y="{y + 10}" text-anchor="end">{escape(told)}</text>'
            f'<rect x="184" y="{y}" width="{interval["value"] * 300:.1f}" height="12" fill="{colour}"/>'
            f'<line x1="{184 + interval["low"] * 300:.1f}" x2="{184 + interval["high"] * 300:.1f}" '
            f'y1="{y + 6}" y2="{y + 6}" stroke="#111"/>'
            f'<text x="492" y="{y + 10}">{interval["value"] * 100:.1f}</text>'
        )
    height = 20 + 20 * len(figures)
    head = f'<svg viewBox="0 0 540 {height}" width="540" font-size="12" role="img" aria-label="figures">'
    return head + "".join(drawn) + "</svg>"


def _question(row: Mapping[str, Any], answers: Iterable[str], texts: Mapping[str, str]) -> str:
    values = row["values"]
    head = (
        f'<span class="v {_colour(row)}">{escape(row["verdict"])}</span> '
        f"<small>{escape(row['id'])}</small> <bdi>{escape(row['question'])}</bdi>"
    )
    told = ", ".join(f"{name} {value:.2f}" for name, value in values.items())
    parts = [f"<details><summary>{head}</summary>"]
    if row["answer"]:
        parts.append(f'<p dir="{direction(row["answer"])}"><b>{escape(row["answer"])}</b></p>')
    parts.append(f"<p>Accepted: <bdi>{escape(' · '.join(dict.fromkeys(answers)) or 'nothing')}</bdi></p>")
    if row["without"]:
        parts.append(f"<p>Answered without the gold passage: <bdi>{escape(row['without'])}</bdi></p>")
    parts.append(f"<p><small>{escape(told)}</small></p>")
    shown = dict.fromkeys([*row["gold"], *([row["found"]] if row["found"] in texts else [])])
    for key in shown:
        gold = (
            [span for answer in answers for span in _places(texts[key], answer)] if key in row["gold"] else []
        )
        name = f"{'gold ' if key in row['gold'] else ''}passage {key}{', found first' if key == row['found'] else ''}"
        parts.append(quoted(name, marked(texts[key], gold, _places(texts[key], row["answer"]))))
    return "".join(parts) + "</details>"


def _colour(row: Mapping[str, Any]) -> str:
    told = str(row["verdict"])
    return {"first": "right", "not first": "wrong", "in part": "quote"}.get(told, told)


def _places(text: str, words: str) -> list[Span]:
    """Where ``words`` stand in a text, at most eight times."""
    found: list[Span] = []
    at = text.find(words) if words else -1
    while at >= 0 and len(found) < 8:
        found.append(Span(at, at + len(words)))
        at = text.find(words, at + len(words))
    return found
