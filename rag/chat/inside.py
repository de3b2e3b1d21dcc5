"""Look inside: what each leg of retrieval found for a question, and the last evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.chat.bidi import direction, escape, inline, phrase
from rag.chat.render import where
from rag.chat.words import Tongue, words
from rag.errors import InputError
from rag.types import Answer, Hit, Leg

RESULTS = Path("eval/results")
SHOWN = 30  # hits of a test
LONGEST = 600  # characters of a wrong answer
LEGS = ("dense", "words", "lexical", "cross")
_WRONG = ("hallucinated", "wrong", "missed")


def retrieval_html(hits: Sequence[Hit], answer: Answer, passages: int, tongue: Tongue) -> str:
    """A table of hits with each leg's rank and score, and what became of each."""
    said = words(tongue)
    names = ("rank", "passage", "score", *LEGS, "answers", "fate")
    heads = "".join(f'<th scope="col">{escape(said[name])}</th>' for name in names)
    read = {hit.passage.id: (place, hit) for place, hit in enumerate(answer.hits, 1)}
    rows = ""
    for rank, hit in enumerate(hits, 1):
        place, reread = read.get(hit.passage.id, (None, hit))
        rows += _hit_row(rank, place, reread, _fate(hit, place is not None, answer, passages, said), said)
    told = f'<p class="searched"><span>{escape(said["searched"])}: </span>{phrase(answer.searched)}</p>'
    times = " · ".join(f"{escape(name)} {seconds * 1000:.0f} ms" for name, seconds in answer.timings.items())
    return (
        f'{told}<p class="state"><bdi dir="ltr">{times}</bdi></p><div class="wide"><table class="list">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _fate(hit: Hit, read: bool, answer: Answer, passages: int, said: dict[str, str]) -> str:
    """Why a passage was cited or dropped."""
    if not read:
        return said["fate_unread"].format(n=passages)
    span = hit.passage.span
    if any(c.article_id == hit.article.id and span.start <= c.start < span.end for c in answer.citations):
        return said["fate_cited"]
    return said["fate_unsure" if answer.abstained else "fate_read"]


def _hit_row(rank: int, place: int | None, hit: Hit, fate: str, said: dict[str, str]) -> str:
    """``place`` is the rank after the reader has read the passage; None if it has not."""
    text = " ".join(hit.passage.text.split())[:220]
    base = direction(text)
    legs = "".join(f'<td class="number">{_leg(hit.legs.get(name))}</td>' for name in LEGS)
    # A language model's answer is not reread: its passages keep their ranks.
    read = (
        "–"
        if place is None or hit.relevance is None
        else f'<bdi dir="ltr">#{place} ({hit.relevance:.2f})</bdi>'
    )
    also = ", ".join(phrase(source) for source in hit.also_in)
    copies = f'<p class="also">{escape(said["also_in"])}: {also}</p>' if also else ""
    return (
        f'<tr><td class="number">{rank}</td><td><span class="where">{where(hit.article)}</span>'
        f'<p dir="{base}">{inline(text, base)}…</p>{copies}</td><td class="number">{hit.score:.3f}</td>{legs}'
        f'<td class="number">{read}</td><td>{escape(fate)}</td></tr>'
    )


def _leg(leg: Leg | None) -> str:
    return "–" if leg is None else f'<bdi dir="ltr">#{leg.rank} ({leg.score:.2f})</bdi>'


def evaluation_html(tongue: Tongue, folder: Path = RESULTS) -> str:
    """The newest run under ``folder``: bars by direction, figures, and every wrong answer.

    One of the project's own questions, where there is one: runs of public sets have no figures by direction.
    """
    from rag.evaluation.runs import load

    said = words(tongue)
    runs = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            runs.append((path, load(path)))
        except InputError:
            continue  # another kind of file
    if not runs:
        return f'<p class="state">{escape(said["no_results"])}</p>'
    path, run = max(runs, key=lambda pair: (bool(pair[1].get("figures")), str(pair[1].get("made", ""))))
    wrong = [row for row in run["questions"] if row.get("verdict") in _WRONG]
    return (
        f'<p class="state"><bdi>{escape(path.name)}</bdi> · <bdi dir="ltr">{escape(str(run.get("made", "")))}</bdi></p>'
        f"{_figures(run, said)}<h3>{escape(said['wrong_answers'])} ({len(wrong)})</h3>"
        f"<ul>{''.join(_wrong(row) for row in wrong)}</ul>"
    )


def _figures(run: dict[str, Any], said: dict[str, str]) -> str:
    rows = [row for kind in ("all", "direction") for row in run.get("figures", {}).get(kind, ())]
    names = list(dict.fromkeys(name for row in rows for name in row.get("figures", {})))
    heads = "".join(f'<th scope="col"><bdi>{escape(name)}</bdi></th>' for name in names)
    lines = []
    for row in rows:
        cells = "".join(f'<td class="number">{_bar(row["figures"].get(name))}</td>' for name in names)
        lines.append(
            f'<tr><th scope="row"><bdi dir="ltr">{escape(str(row.get("name", "")))}</bdi></th>'
            f'<td class="number">{int(row.get("questions", 0))}</td>{cells}</tr>'
        )
    first = (
        f'<th scope="col">{escape(said["direction"])}</th><th scope="col">{escape(said["questions"])}</th>'
    )
    return (
        f'<div class="wide"><table class="list"><thead><tr>{first}{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _bar(interval: Any) -> str:
    """A figure with a bar of its length; an interval is ``{"value", "low", "high"}`` or such a list."""
    found = list(interval.values()) if isinstance(interval, dict) else interval
    value = found[0] if isinstance(found, list) and found else found
    if not isinstance(value, int | float):
        return "–"
    width = max(0.0, min(1.0, float(value))) * 100
    return f'<span class="bar"><i style="inline-size:{width:.0f}%"></i></span><bdi>{value:.2f}</bdi>'


def _wrong(row: dict[str, Any]) -> str:
    question, answer = str(row.get("question", "")), str(row.get("answer", ""))[:LONGEST]
    ways = direction(question), direction(answer)
    return (
        f"<li><strong><bdi>{escape(str(row.get('verdict', '')))}</bdi></strong> "
        f'<p dir="{ways[0]}">{inline(question, ways[0])}</p><p class="also" dir="{ways[1]}">{inline(answer, ways[1])}</p></li>'
    )
