"""The file that a generation's vectors are kept in, and how far it is trusted: not at all.

It is FAISS's own bytes, then the passage ids as little-endian int64, then a footer: one JSON object that
says which generation it was made for, how long it must be and what it must hash to, the object's
length, and a mark. Whatever is wrong with it, it is made again from SQLite.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from rag.vectors import FaissStore, Kind, Setting

NAME = "vectors.faiss"
NEXT = "vectors.next"  # whole and on the disk before the generation that it belongs to shows
MAPPED = 64 << 20  # bytes from which a file is mapped into memory instead of read

_FAMILY = b"sanad-vectors/"
_MAGIC = _FAMILY + b"1\n"  # a digit: a later format's mark is as long
_TAIL = 8 + len(_MAGIC)
_EDGE = 1 << 16  # bytes at each end that are hashed before FAISS may parse a mapped file
_BLOCK = 1 << 20


class Unfit(Exception):
    """A vector file that is not the one asked for; the text says why.

    Attributes:
        newer: It is whole, but of a later generation.
    """

    def __init__(self, why: str, newer: bool = False) -> None:
        super().__init__(why)
        self.newer = newer


@dataclass(frozen=True, slots=True)
class Footer:
    """What a vector file says of itself.

    Attributes:
        stamp: Random mark of the generation, which its number alone does not tell apart.
        faiss: Length of FAISS's part in bytes.
        body: Length of all before the footer.
        edges: SHA-256 of the first and last 64 KiB of the body.
        sha256: Of the whole body.
    """

    generation: int
    stamp: str
    count: int
    dimension: int
    setting: Setting
    dead: tuple[int, ...]
    faiss: int
    body: int
    edges: str
    sha256: str


def write(store: FaissStore, folder: Path, generation: int, stamp: str) -> None:
    """Writes a store to ``NEXT``, onto the disk; only for the holder of the write lock.

    Raises:
        OSError: It could not be written; nothing is left behind.
    """
    path = folder / NEXT
    try:
        _write_faiss(store.index, path)
        size = path.stat().st_size
        with open(path, "ab") as file:
            file.write(store.ids.astype("<i8").tobytes())
        body = size + 8 * len(store.ids)
        footer = Footer(
            generation, stamp, len(store), store.dimension, store.setting, tuple(sorted(store.dead)),
            size, body, _edges(path, body), _sha256(path, body),
        )  # fmt: skip
        text = json.dumps(asdict(footer), separators=(",", ":")).encode()
        with open(path, "ab") as file:
            file.write(text + len(text).to_bytes(8, "little") + _MAGIC)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def put(folder: Path) -> None:
    """Puts what ``write`` wrote in the place of the present file."""
    os.replace(folder / NEXT, folder / NAME)
    if os.name == "posix":  # the name, too, must outlive a power cut
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def drop(folder: Path) -> None:
    """Deletes the file, for an index whose vectors are on a server."""
    (folder / NAME).unlink(missing_ok=True)


def settle(folder: Path, generation: int, stamp: str) -> None:
    """Puts or deletes what a killed writer left; only for the holder of the write lock."""
    try:
        footer = footer_of(folder / NEXT)
    except Unfit:
        (folder / NEXT).unlink(missing_ok=True)
        return
    if (footer.generation, footer.stamp) == (generation, stamp):
        put(folder)
    else:
        (folder / NEXT).unlink()


def read(
    folder: Path, generation: int, stamp: str, count: int, dimension: int, *, owned: bool = False
) -> tuple[FaissStore, Footer]:
    """The store in ``folder``, if it is the one asked for.

    A small file is hashed as a whole first; a large one only at its ends and mapped into memory, so
    that ``intact`` should follow in the background.

    Args:
        owned: To be changed by ``updated``: hashed as a whole and read into memory.

    Raises:
        Unfit: It is missing, short, damaged, or made for something else.
    """
    wanted = (generation, stamp, count, dimension)
    try:
        return _read(folder / NAME, *wanted, owned)
    except Unfit:
        # Between a generation's showing and its file's taking its place, the file has the other name.
        with contextlib.suppress(Unfit):
            return _read(folder / NEXT, *wanted, owned)
    return _read(folder / NAME, *wanted, owned)


def _read(
    path: Path, generation: int, stamp: str, count: int, dimension: int, owned: bool
) -> tuple[FaissStore, Footer]:
    import numpy as np

    footer = footer_of(path)
    if (footer.generation, footer.stamp) != (generation, stamp):
        raise Unfit(
            f"it is of generation {footer.generation}, not {generation}", footer.generation > generation
        )
    if (footer.count, footer.dimension) != (count, dimension):
        raise Unfit(f"it holds {footer.count} vectors of {footer.dimension}, not {count} of {dimension}")
    mapped = footer.body > MAPPED and not owned
    try:
        whole = (
            _edges(path, footer.body) == footer.edges
            if mapped
            else _sha256(path, footer.body) == footer.sha256
        )
        if not whole:
            raise Unfit("its bytes changed since it was written")
        index = _read_faiss(path, mapped)
        with open(path, "rb") as file:
            file.seek(footer.faiss)
            ids = np.frombuffer(file.read(footer.body - footer.faiss), dtype="<i8").astype(np.int64)
    except (OSError, RuntimeError) as error:
        raise Unfit(f"it cannot be read ({error})") from error
    if index.ntotal != len(ids) or index.d != dimension or len(ids) - len(footer.dead) != count:
        raise Unfit(f"FAISS finds {index.ntotal} vectors of {index.d} in it")
    return FaissStore(index, ids, footer.setting, frozenset(footer.dead)), footer


def footer_of(path: Path) -> Footer:
    """Raises:
    Unfit: The file is missing, short, or not ours.
    """
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            file.seek(max(0, size - _TAIL))
            end = file.read()
            length = int.from_bytes(end[:8], "little")
            if end[8:].startswith(_FAMILY) and end[8:] != _MAGIC:
                raise Unfit(f"its format is {end[8:-1].decode(errors='replace')}, not {_MAGIC[:-1].decode()}")
            if len(end) != _TAIL or end[8:] != _MAGIC or length > size - _TAIL:
                raise Unfit("it has no footer")
            file.seek(size - _TAIL - length)
            values = json.loads(file.read(length))
        footer = Footer(**{**values, "setting": Setting(**values["setting"]), "dead": tuple(values["dead"])})
        if footer.setting.kind not in get_args(Kind):
            raise Unfit(f"an older version of Sanad made it as {footer.setting.kind!r}")
        if footer.body + length + _TAIL != size or not 0 <= footer.faiss <= footer.body:
            raise Unfit(f"it has {size - length - _TAIL} bytes, not {footer.body}")
    except FileNotFoundError as error:
        raise Unfit("it is missing") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Unfit(f"its footer cannot be read ({error})") from error
    return footer


def intact(folder: Path, footer: Footer, go_on: Callable[[], bool] = lambda: True) -> bool:
    """Whether the whole body still hashes to what was written; true if told to stop."""
    return _sha256(folder / NAME, footer.body, go_on) in (footer.sha256, "")


def _sha256(path: Path, size: int, go_on: Callable[[], bool] = lambda: True) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while size > 0 and (block := file.read(min(size, _BLOCK))):
            if not go_on():
                return ""
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()


def _edges(path: Path, size: int) -> str:
    with open(path, "rb") as file:
        first = file.read(min(size, _EDGE))
        file.seek(max(0, size - _EDGE))
        return hashlib.sha256(first + file.read(min(size, _EDGE))).hexdigest()


def _write_faiss(index: Any, path: Path) -> None:
    import faiss

    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:  # FAISS's way of passing on what the system refused
        full = "No space" in str(error) or shutil.disk_usage(path.parent).free < _BLOCK
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error), str(path)) from error


def _read_faiss(path: Path, mapped: bool) -> Any:
    import faiss

    flag = getattr(faiss, "IO_FLAG_MMAP_IFC", None)
    if mapped and flag is not None:
        try:
            return faiss.read_index(str(path), flag)
        except RuntimeError:  # a kind of index or system that cannot be mapped
            pass
    return faiss.read_index(str(path))
