"""Faults of the disk and of SQLite, turned into one sentence each, in one place."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import IndexDamaged, IndexError_, IndexLocked, InputError, RagError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Runs a block that works on the index in ``folder``.

    Raises:
        IndexError_: In place of an ``OSError`` or ``sqlite3.Error``, with what happened and what to do.
        IndexDamaged: SQLite found the file malformed.
        IndexLocked: Another process keeps SQLite's own lock.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _of_sqlite(error, folder) from error
    except OSError as error:
        raise _of_system(error, folder) from error


def damaged(folder: Path, what: str) -> IndexDamaged:
    """The error for an index that does not hold together."""
    return IndexDamaged(
        f"The index in {folder} is damaged: {what}. Move {folder / 'sanad.db'} away and build anew with: "
        f"python -m rag.build PATH --index {folder}"
    )


def _of_sqlite(error: sqlite3.Error, folder: Path) -> IndexError_:
    code = getattr(error, "sqlite_errorcode", 0) or 0
    match code & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(folder, str(error))
        case sqlite3.SQLITE_FULL:
            return _full(folder)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH | sqlite3.SQLITE_CANTOPEN:
            return _forbidden(folder)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return IndexLocked(
                f"Another program writes to the index in {folder}. Try again when it has ended."
            )
        case sqlite3.SQLITE_IOERR:
            return IndexError_(
                f"The disk failed under the index in {folder} ({error}); the index is as it was. "
                "Check the disk and its free space, then run the same command again."
            )
    if "malformed" in str(error) or "no such table" in str(error):
        return damaged(folder, str(error))
    return IndexError_(
        f"SQLite cannot use the index in {folder}: {error}. "
        f"Check it with: python -m rag.build --verify --index {folder}"
    )


def _of_system(error: OSError, folder: Path) -> RagError:
    if error.filename and not Path(str(error.filename)).absolute().is_relative_to(folder.absolute()):
        return InputError(f"The system refused {error.filename}: {error.strerror or error}.")
    if error.errno in _FULL:
        return _full(folder)
    if error.errno in _FORBIDDEN:
        return _forbidden(folder)
    return IndexError_(
        f"The system refused work on the index in {folder} ({error.strerror or error}); "
        "the index is as it was. Check the folder, then run the same command again."
    )


def _full(folder: Path) -> IndexError_:
    return IndexError_(
        f"No room left on the disk of {folder}; the index is as it was. "
        "Free some space (a build needs about three times the final index), then run the same command again."
    )


def _forbidden(folder: Path) -> IndexError_:
    return IndexError_(
        f"The index in {folder} cannot be written by this user (no permission, or a read-only disk). "
        "Give yourself the right to write there, or name another folder with --index."
    )
