"""One writer at a time: a lock file that names its holder and is freed by the system when it dies."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rag.errors import IndexLocked

NAME = "write.lock"
_STEP = 0.1  # seconds between two tries


@contextmanager
def write_lock(folder: Path, patience: float, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Holds the right to write into ``folder``.

    Args:
        patience: Seconds to wait for another writer.
        waiting: Called once, with the holder's name, when there is one to wait for.

    Raises:
        IndexLocked: The other writer was still there after ``patience``; the message names it.
    """
    with open(folder / NAME, "a+", encoding="utf-8") as file:
        _take(file, folder, patience, waiting)
        try:
            file.truncate(0)
            file.write(json.dumps(_sign()))
            file.flush()
            yield
        finally:
            file.truncate(0)
            _free(file)


def _take(file: IO[str], folder: Path, patience: float, waiting: Callable[[str], None] | None) -> None:
    deadline = time.monotonic() + patience
    while not _try(file):
        holder = _holder(file)
        if waiting is not None:
            waiting(holder)
            waiting = None
        if time.monotonic() >= deadline:
            raise IndexLocked(
                f"The index in {folder} is being written by {holder}. "
                "Wait for it to end, or stop it, and try again."
            )
        time.sleep(_STEP)


def _sign() -> dict[str, int | str]:
    import platform

    return {"pid": os.getpid(), "host": platform.node(), "since": time.strftime("%F %T %z")}


def _holder(file: IO[str]) -> str:
    file.seek(0)
    try:
        held = json.loads(file.read())
        return f"process {held['pid']} on {held['host']} since {held['since']}"
    except (ValueError, KeyError, TypeError):  # caught between taking the lock and signing it
        return "another process"


def _try(file: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _free(file: IO[str]) -> None:
    try:
        import fcntl
    except ImportError:  # Windows frees it when the file is closed
        return
    fcntl.flock(file, fcntl.LOCK_UN)
