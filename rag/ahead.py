"""Vectors made while a build still reads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.protocols import ToldVectors

    Made = tuple[int, str, ToldVectors]  # id, text, and what ``embed`` gave for it

_BATCH = 64  # passages: what the end of reading may have to wait for
_WAITING = 1024  # passages: reading is quicker than encoding, and their texts are held in memory


class Ahead:
    """Embeds passages in a thread of its own while the next ones are read.

    Reading is Python's work on one core; the encoder lets go of Python and has the others. Nothing relies
    on it: what it was not offered, did not come to or failed at is embedded when reading has ended,
    and a failure is told then.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Iterable[ToldVectors]]) -> None:
        self._embed = embed
        self._texts: queue.Queue[tuple[int, str] | None] = queue.Queue(_WAITING)  # None: wake up and end
        self._made: queue.SimpleQueue[Made] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sanad-ahead", daemon=True)
        self._thread.start()

    def offer(self, passages: Iterable[tuple[int, str]]) -> None:
        """Takes ``(id, text)`` of passages while there is room."""
        for passage in passages:
            try:
                self._texts.put_nowait(passage)
            except queue.Full:
                return

    def made(self) -> list[Made]:
        """``(id, text, vectors)`` of what is ready and was not yet given."""
        return [self._made.get_nowait() for _ in range(self._made.qsize())]

    def stop(self) -> None:
        """Ends after the batch in hand; ``made`` may be asked once more."""
        self._ended.set()
        with suppress(queue.Full):  # then nobody waits at an empty queue
            self._texts.put_nowait(None)
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            batch = self._next()
            try:
                vectors = self._embed([text for _, text in batch]) if batch else ()
            except Exception:  # whatever it is, the build meets it again where it can be told
                return
            for (id_, text), vector in zip(batch, vectors, strict=True):
                self._made.put((id_, text, vector))

    def _next(self) -> list[tuple[int, str]]:
        """At most a batch of what waits, after waiting for the first; nothing where it ends."""
        batch = [self._texts.get()]
        with suppress(queue.Empty):
            while len(batch) < _BATCH:
                batch.append(self._texts.get_nowait())
        return [passage for passage in batch if passage is not None]
