"""What the chat shows of one exchange: made from an ``Answer``, kept as JSON, drawn by ``render``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from rag.timely import told
from rag.types import Answer, Citation, Language, Sentence, Span

State = Literal["done", "stopped", "failed"]
NEAREST = 3  # passages shown under an abstention


@dataclass(frozen=True, slots=True)
class Near:
    """A passage shown under an abstention."""

    article_id: str
    source: str
    title: str
    date: str | None
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One exchange.

    Attributes:
        state: ``stopped`` when the asker stopped it (``text`` is what had come, unverified),
            ``failed`` when it ended in an error (``text`` says which).
        seconds: From question to answer.
        thumb: ``up``, ``down`` or ``""``.
        period: Which days were searched, as a sentence; ``""`` where the question names none.
    """

    question: str
    searched: str
    language: Language
    text: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Near, ...] = ()
    abstained: bool = False
    generator: str = ""
    seconds: float = 0.0
    state: State = "done"
    at: str = ""
    thumb: str = ""
    period: str = ""


def shown(answer: Answer, at: str = "") -> Shown:
    """What is shown of ``answer``; ``at`` is the time, ISO, with its zone."""
    nearest = tuple(
        Near(
            hit.passage.article_id, hit.article.source, hit.article.title, hit.article.date,
            hit.passage.span.start, hit.passage.span.end, hit.passage.text,
        )
        for hit in answer.hits[:NEAREST]
    )  # fmt: skip
    return Shown(
        answer.question,
        answer.searched,
        answer.language,
        answer.text,
        answer.sentences,
        answer.citations,
        nearest if answer.abstained else (),
        answer.abstained,
        answer.generator,
        answer.timings.get("total", 0.0),
        at=at,
        period=told(answer.period, answer.language) if answer.period else "",
    )


def to_json(turn: Shown) -> dict[str, Any]:
    """Plain values; offsets are code points of the article's text."""
    return asdict(turn)


def from_json(row: dict[str, Any]) -> Shown:
    """The exchange that ``to_json`` wrote."""
    citations = tuple(
        Citation(**{**c, "marks": tuple(Span(*m) for m in c["marks"]), "also_in": tuple(c["also_in"])})
        for c in row["citations"]
    )
    sentences = tuple(Sentence(**{**s, "markers": tuple(s["markers"])}) for s in row["sentences"])
    nearest = tuple(Near(**near) for near in row["nearest"])
    return Shown(**{**row, "citations": citations, "sentences": sentences, "nearest": nearest})


def stopped(turn: Shown, text: str) -> Shown:
    """The exchange as it stood when the asker stopped it."""
    return replace(turn, text=text, state="stopped")
