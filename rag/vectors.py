"""Search over the vectors of one generation with FAISS, and the file it is kept in.

The file is FAISS's own bytes followed by a footer: one JSON object that says which generation it was
made for, how long it must be and what it must hash to. It is derived from SQLite: whatever is wrong with
it, it is made again, never trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.protocols import Vectors

    Ids = NDArray[np.int64]

NAME = "vectors.faiss"
Kind = Literal["flat", "hnsw", "ivf"]

_MAGIC = b"sanad-vectors/1\n"
_EDGE = 1 << 16  # bytes at each end that are hashed before FAISS may parse the file
_PRECISION = 6  # decimals of a score: float16 vectors carry no more, and equal texts must tie


class Unfit(Exception):  # noqa: N818 - not an error to any user
    """A vector file that is not the one asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Footer:
    """What a vector file says of itself.

    Attributes:
        bytes: Length of FAISS's part.
        edges: SHA-256 of its first and last 64 KiB, checked before it is parsed.
        sha256: Of the whole part, checked in the background.
        dead: Ids that were deleted since but are still in the graph.
    """

    generation: int
    stamp: str
    count: int
    dimension: int
    kind: Kind
    bytes: int
    edges: str
    sha256: str
    dead: tuple[int, ...] = ()


class FaissStore:
    """A ``VectorStore``: inner product over the vectors of one generation."""

    def __init__(self, index: Any, dimension: int, kind: Kind, dead: Iterable[int] = ()) -> None:
        self._index = index
        self.dimension = dimension
        self.kind = kind
        self.dead = frozenset(dead)

    def __len__(self) -> int:
        return int(self._index.ntotal) - len(self.dead)

    def search(self, vectors: Vectors, k: int, only: Ids | None = None) -> tuple[Ids, Vectors]:
        """As ``VectorStore.search``; ``only`` restricts it to these ids."""
        import numpy as np

        questions = np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1, self.dimension)
        ids = np.full((len(questions), k), -1, dtype=np.int64)
        scores = np.full((len(questions), k), -np.inf, dtype=np.float32)
        total = int(self._index.ntotal)
        wanted = min(k + 1, total)
        while wanted > 0 and len(questions) and k > 0:
            found, near = self._raw(questions, wanted, only)
            if wanted >= total or not _tied_at(near, k):
                break
            wanted = min(total, 4 * wanted)  # equal vectors across the last place: fetch them all, then order
        else:
            return ids, scores
        for row in range(len(questions)):
            best = order(found[row], near[row])[:k]
            ids[row, : len(best)] = found[row][best]
            scores[row, : len(best)] = near[row][best]
        return ids, scores

    def _raw(self, questions: Vectors, wanted: int, only: Ids | None) -> tuple[Ids, Vectors]:
        import faiss
        import numpy as np

        selector: Any = None
        if only is not None:
            selector = faiss.IDSelectorBatch(only if not self.dead else np.setdiff1d(only, list(self.dead)))
        elif self.dead:
            selector = faiss.IDSelectorNot(faiss.IDSelectorBatch(np.array(sorted(self.dead), dtype=np.int64)))
        parameters = self._parameters(selector, wanted)
        near, found = self._index.search(questions, wanted, params=parameters)
        return found, np.where(found < 0, -np.inf, np.round(near, _PRECISION)).astype(np.float32)

    def _parameters(self, selector: Any, wanted: int) -> Any:
        import faiss

        parameters: Any = faiss.SearchParameters
        return parameters(sel=selector) if selector is not None else None


def order(ids: Ids, scores: Vectors) -> Ids:
    """Positions of the real hits, best first, ties by the smaller id."""
    import numpy as np

    ranked = np.lexsort((ids, -scores))
    return np.asarray(ranked[ids[ranked] >= 0], dtype=np.int64)


def _tied_at(near: Vectors, k: int) -> bool:
    import numpy as np

    if near.shape[1] <= k:
        return False
    return bool(np.any((near[:, k] == near[:, k - 1]) & np.isfinite(near[:, k])))


def empty(dimension: int) -> FaissStore:
    """A store without vectors."""
    return make([], 0, dimension)


def make(blocks: Iterable[tuple[Ids, Vectors]], count: int, dimension: int) -> FaissStore:
    """A store of ``count`` vectors, given in blocks by ascending id; its kind fits their number."""
    import faiss
    import numpy as np

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    for ids, vectors in blocks:
        index.add_with_ids(np.ascontiguousarray(vectors), ids)
    return FaissStore(index, dimension, "flat")


def write(store: FaissStore, folder: Path, generation: int, stamp: str) -> Path:
    """Writes a store to a temporary file in ``folder``, onto the disk, and returns its path.

    Raises:
        OSError: It could not be written; nothing is left behind.
    """
    import faiss

    path = folder / f"{NAME}.{os.getpid()}.tmp"
    try:
        try:
            faiss.write_index(store._index, str(path))
        except RuntimeError as error:  # FAISS's way of reporting what the system refused
            raise _as_os_error(error, path) from error
        size = path.stat().st_size
        footer = Footer(
            generation, stamp, len(store), store.dimension, store.kind, size, _edges(path, size),
            _sha256(path, size), tuple(sorted(store.dead)),
        )  # fmt: skip
        text = json.dumps(asdict(footer), separators=(",", ":")).encode()
        with open(path, "ab") as file:
            file.write(text + len(text).to_bytes(8, "little") + _MAGIC)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def put(temporary: Path, folder: Path) -> None:
    """Puts what ``write`` wrote in the place of the present file."""
    os.replace(temporary, folder / NAME)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder outlive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def footer_of(path: Path) -> Footer:
    """Raises:
    Unfit: The file is missing, short, or not ours.
    """
    tail = 8 + len(_MAGIC)
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            file.seek(max(0, size - tail))
            end = file.read()
            length = int.from_bytes(end[:8], "little")
            if len(end) != tail or end[8:] != _MAGIC or length > size - tail:
                raise Unfit("it has no footer")
            file.seek(size - tail - length)
            values = json.loads(file.read(length))
        footer = Footer(**{**values, "dead": tuple(values["dead"])})
        if footer.bytes + length + tail != size:
            raise Unfit(f"it has {size - length - tail} bytes, not {footer.bytes}")
    except FileNotFoundError as error:
        raise Unfit("it is missing") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Unfit(f"its footer cannot be read ({error})") from error
    return footer


def read(folder: Path, generation: int, stamp: str, count: int, dimension: int) -> tuple[FaissStore, Footer]:
    """The store in ``folder``, if it is the one asked for.

    Raises:
        Unfit: It is missing, short, damaged at its ends, or made for something else.
    """
    import faiss

    path = folder / NAME
    footer = footer_of(path)
    if (footer.generation, footer.stamp) != (generation, stamp):
        raise Unfit(f"it is of generation {footer.generation}, not {generation}")
    if (footer.count, footer.dimension) != (count, dimension):
        raise Unfit(f"it holds {footer.count} vectors of {footer.dimension}, not {count} of {dimension}")
    try:
        if _edges(path, footer.bytes) != footer.edges:
            raise Unfit("its bytes changed since it was written")
        index = faiss.read_index(str(path))
    except (OSError, RuntimeError) as error:
        raise Unfit(f"it cannot be read ({error})") from error
    if index.ntotal - len(footer.dead) != count or index.d != dimension:
        raise Unfit(f"FAISS finds {index.ntotal} vectors of {index.d} in it")
    return FaissStore(index, dimension, footer.kind, footer.dead), footer


def intact(folder: Path, footer: Footer) -> bool:
    """Whether the whole file still hashes to what was written; reads it all."""
    try:
        return _sha256(folder / NAME, footer.bytes) == footer.sha256
    except OSError:
        return False


def _sha256(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while size > 0 and (block := file.read(min(size, 1 << 20))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()


def _edges(path: Path, size: int) -> str:
    with open(path, "rb") as file:
        first = file.read(min(size, _EDGE))
        file.seek(max(0, size - _EDGE))
        return hashlib.sha256(first + file.read(min(size, _EDGE))).hexdigest()


def _as_os_error(error: RuntimeError, path: Path) -> OSError:
    import errno
    import re
    import shutil

    said = re.search(r": ([A-Z][a-z]+(?: [a-z]+)*)$", str(error).strip())
    full = shutil.disk_usage(path.parent).free < 1 << 20
    return OSError(errno.ENOSPC if full else errno.EIO, said.group(1) if said else str(error), str(path))
