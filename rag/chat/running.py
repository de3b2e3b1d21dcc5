"""Asking without blocking: the pipeline works in a thread of its own, its pieces arrive in the event loop.

A thread per question, not the loop's pool: a slow language model may hold dozens for a minute, and
nothing else (``/health`` least of all) may wait for one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterator

from rag.errors import InputError, RagError
from rag.types import Answer

AT_ONCE = 64  # questions being answered; more are refused with a sentence

_log = logging.getLogger(__name__)
_room = threading.BoundedSemaphore(AT_ONCE)

Pieces = Iterator[str | Answer]


async def pieces(
    begin: Callable[[], Pieces], stop: asyncio.Event | None = None
) -> AsyncGenerator[str | Answer, None]:
    """What ``begin()`` yields, until ``stop`` is set.

    Stopping or closing this iterator returns at once, even while a model is silent; the thread closes
    ``begin``'s at its next piece.

    Raises:
        RagError: What the pipeline raised; an error that it did not raise on purpose is logged and told
            as one sentence.
    """
    if not _room.acquire(blocking=False):
        raise RagError(f"{AT_ONCE} questions are being answered just now. Try again in a moment.")
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[str | Answer | Exception | None] = asyncio.Queue()
    left = threading.Event()

    def tell(item: str | Answer | Exception | None) -> None:
        try:
            loop.call_soon_threadsafe(arrived.put_nowait, item)
        except RuntimeError:  # the server has stopped meanwhile
            left.set()

    threading.Thread(target=_work, args=(begin, tell, left), name="asking", daemon=True).start()
    try:
        while (item := await _next(arrived, stop)) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        left.set()


async def _next(
    arrived: asyncio.Queue[str | Answer | Exception | None], stop: asyncio.Event | None
) -> str | Answer | Exception | None:
    """The next item, or None once ``stop`` is set."""
    if stop is None:
        return await arrived.get()
    waits = [asyncio.ensure_future(arrived.get()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return None if stop.is_set() else waits[0].result()  # type: ignore[return-value]
    finally:
        for wait in waits:
            wait.cancel()


def _work(
    begin: Callable[[], Pieces],
    tell: Callable[[str | Answer | Exception | None], None],
    left: threading.Event,
) -> None:
    try:
        found = begin()
        try:
            for piece in found:
                if left.is_set():
                    break
                tell(piece)
        finally:
            close = getattr(found, "close", None)
            if close is not None:
                close()
    except RagError as error:
        tell(error)
    except Exception:
        _log.exception("a question failed")
        tell(RagError("The question failed for a reason that was not foreseen; the server's log says more."))
    finally:
        _room.release()
        tell(None)


async def whole(begin: Callable[[], Pieces]) -> Answer:
    """The ``Answer`` at the end of the pieces.

    Raises:
        RagError: As ``pieces``.
    """
    answer: Answer | None = None
    async for piece in pieces(begin):
        if isinstance(piece, Answer):
            answer = piece
    if answer is None:
        raise InputError("The question was not answered. Ask it again.")
    return answer
