"""What the page's buttons do: ask, stop, ask again, and keep what was said. No Gradio here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from rag.chat.conversations import Conversations, history, now
from rag.chat.render import draft_html, error_html, turn_html, welcome_html
from rag.chat.running import pieces
from rag.chat.shown import Shown, shown
from rag.chat.words import Tongue, words
from rag.clean import language_of
from rag.errors import InputError, RagError
from rag.types import Answer, Filter, Turn

BEAT = 0.08  # seconds between two drawings of an answer that is being written
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_LATIN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)


class Asks(Protocol):
    """The part of ``rag.answer.Pipeline`` that answers."""

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), where: Filter = Filter()
    ) -> Iterator[str | Answer]: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What the page shows next: ``live`` under what was said before, or, once ``done``, all anew."""

    conversation: str
    live: str
    done: bool = False


class Talk:
    """Conversations over one pipeline; at most one answer is written in each at a time."""

    def __init__(self, pipeline: Asks, kept: Conversations) -> None:
        self._pipeline = pipeline
        self.kept = kept
        self._running: dict[str, asyncio.Event] = {}
        self._left: set[str] = set()

    async def ask(
        self, asker: str, conversation: str, question: str, where: Filter, tongue: Tongue
    ) -> AsyncIterator[Step]:
        """Asks, and keeps what came of it; begins a conversation where ``conversation`` is empty.

        Raises:
            InputError: The conversation is another's, or is being answered in already.
        """
        question = " ".join(question.split())
        if not question:
            return
        id = conversation or self.kept.start(asker, question).id
        turns = self.kept.turns(asker, id)
        if id in self._running:
            raise InputError(words(tongue)["busy"])
        stop = self._running[id] = asyncio.Event()
        try:
            yield Step(id, draft_html(question, "", tongue))
            told = ""
            turn: Shown | None = None
            drawn = 0.0
            loop = asyncio.get_running_loop()
            found = pieces(lambda: self._pipeline.stream(question, history=history(turns), where=where), stop)
            try:
                async with aclosing(found):
                    async for piece in found:
                        if isinstance(piece, Answer):
                            turn = shown(piece, now())
                            continue
                        told += piece
                        if loop.time() - drawn > BEAT:
                            drawn = loop.time()
                            yield Step(id, draft_html(question, told, tongue))
            except RagError as error:
                turn = _unfinished(question, str(error), "failed")
            self._keep(asker, id, turn or _unfinished(question, told, "stopped"))
            if id not in self._left:
                yield Step(id, "", done=True)
        finally:
            del self._running[id]
            self._left.discard(id)

    def stop(self, conversation: str) -> None:
        """Ends the answer that is being written there, if one is."""
        if (event := self._running.get(conversation)) is not None:
            event.set()

    def leave(self, conversation: str) -> None:
        """Ends the answer there, and shows nothing more of it: the page shows another conversation."""
        if conversation in self._running:
            self._left.add(conversation)
            self.stop(conversation)

    def _keep(self, asker: str, id: str, turn: Shown) -> None:
        try:
            self.kept.add(asker, id, turn)
        except InputError:
            if id not in self._left:  # else it was deleted while it was answered
                raise

    def again(self, asker: str, conversation: str) -> str:
        """Takes the last exchange away and returns its question; ``""`` when there is none."""
        if not conversation or conversation in self._running:
            return ""
        last = self.kept.drop_last(asker, conversation)
        return last.question if last else ""

    def transcript(self, asker: str, conversation: str, tongue: Tongue) -> str:
        """All that was said, or a welcome."""
        turns = self.kept.turns(asker, conversation) if conversation else ()
        body = "".join(turn_html(turn, tongue, f"{conversation}:{i}") for i, turn in enumerate(turns))
        mark = f'<span hidden data-conversation="{conversation}"></span>'
        return mark + (body or welcome_html(tongue))


def _unfinished(question: str, text: str, state: str) -> Shown:
    return Shown(
        question,
        question,
        language_of(question),
        text,
        at=now(),
        state="failed" if state == "failed" else "stopped",
    )


def place_of(source: str) -> str:
    """The file, archive or folder, as it was given, that an article was read from."""
    return re.split(r"[!/]", source, maxsplit=1)[0]


def where(
    articles: Sequence[str] | None,
    language: str | None,
    since: str | None,
    until: str | None,
    sources: Sequence[str] = (),
) -> Filter:
    """The filter that the page's boxes say; dates in digits of either kind.

    Raises:
        InputError: A date is none.
    """
    dates = []
    for text in (since, until):
        date = (text or "").strip().translate(_LATIN_DIGITS) or None
        if date is not None and not _DATE.fullmatch(date):
            raise InputError(
                f"{(text or '').strip()[:20]!r} is not a date. Write one as 2016-12-31, 2016-12 or 2016."
            )
        dates.append(date)
    chosen = language if language in ("ar", "en") else None
    return Filter(tuple(sources), tuple(articles or ()), chosen, dates[0], dates[1])  # type: ignore[arg-type]


def failed(error: RagError, tongue: Tongue) -> str:
    """An error as the page shows it."""
    return error_html(str(error), tongue)
