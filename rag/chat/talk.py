"""What the chat does between the pipeline and the page: asking, stopping, opening citations."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rag.chat.render import Exchange, article_html, empty
from rag.chat.words import UiLanguage, say
from rag.errors import RagError
from rag.types import Answer, Article, Filter, Hit, Span, Turn

BEAT = 0.08  # seconds between two drawings of a streaming answer
REMEMBERED = 6  # earlier exchanges that a follow-up may refer to
FAULT = "Something went wrong while answering; the server's log says what. Try again."

log = logging.getLogger(__name__)


class Asker(Protocol):
    """The part of ``rag.answer.Pipeline`` that the chat uses."""

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), where: Filter = Filter()
    ) -> Iterator[str | Answer]: ...
    def search(self, question: str, *, where: Filter = Filter(), k: int = 10) -> tuple[Hit, ...]: ...
    def articles(self, where: Filter = Filter()) -> tuple[Article, ...]: ...


def history(exchanges: Sequence[Exchange]) -> tuple[Turn, ...]:
    """The answered exchanges, oldest first, at most ``REMEMBERED``."""
    told = [Turn(e.question, e.answer.text) for e in exchanges if e.answer is not None]
    return tuple(told[-REMEMBERED:])


def ask(
    pipeline: Asker, question: str, exchanges: Sequence[Exchange], where: Filter = Filter()
) -> Iterator[tuple[Exchange, ...]]:
    """The conversation as it grows by one exchange, again and again until it is answered.

    Errors end in a note; closing the iterator stops the pipeline.
    """
    before = tuple(exchanges)
    now = Exchange(question)
    yield (*before, now)
    pieces = pipeline.stream(question, history=history(before), where=where)
    drawn = 0.0
    try:
        for piece in pieces:
            if isinstance(piece, Answer):
                now = replace(now, answer=piece, told="")
                continue
            now = replace(now, told=now.told + piece)
            if time.monotonic() - drawn > BEAT:
                drawn = time.monotonic()
                yield (*before, now)
    except RagError as error:
        now = replace(now, note=str(error))
    except Exception:
        log.exception("answering failed")
        now = replace(now, note=FAULT)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    yield (*before, now)


def stopped(exchanges: Sequence[Exchange], ui: UiLanguage) -> tuple[Exchange, ...]:
    """The conversation with an unfinished last exchange marked as stopped."""
    if not exchanges or exchanges[-1].answer is not None or exchanges[-1].note:
        return tuple(exchanges)
    return (*exchanges[:-1], replace(exchanges[-1], note=say("stopped", ui)))


def opened(pipeline: Asker, exchanges: Sequence[Exchange], place: str, ui: UiLanguage) -> str:
    """The article panel for ``place``: ``TURN:cMARKER`` for a citation, ``TURN:hINDEX`` for a hit.

    ``place`` comes from the browser: whatever does not name a citation or hit shows an empty panel.
    """
    nothing = empty("panel_empty", ui)
    turn, _, name = place.partition(":")
    kind, number = name[:1], name[1:]
    if not (turn.isdecimal() and number.isdecimal() and int(turn) < len(exchanges)):
        return nothing
    answer = exchanges[int(turn)].answer
    if answer is None:
        return nothing
    if kind == "c":
        for citation in answer.citations:
            if citation.marker == int(number):
                span = Span(citation.start, citation.end)
                return _shown(pipeline, citation.article_id, span, citation.marks, ui)
    if kind == "h" and int(number) < len(answer.hits):
        hit = answer.hits[int(number)]
        return _shown(pipeline, hit.article.id, hit.passage.span, (), ui)
    return nothing


def _shown(pipeline: Asker, article_id: str, span: Span, marks: Sequence[Span], ui: UiLanguage) -> str:
    found = pipeline.articles(Filter(article_ids=(article_id,)))
    if not found:
        return empty("gone", ui)
    return article_html(found[0], span, marks, ui)
