"""Vectors on a server: written before their generation shows, checked against SQLite, and mended.

One path writes. Inside the transaction that makes a generation, all its passages are put on the server;
what it no longer has is deleted there after the transaction has ended. The server says when a write has begun
and not ended; the next write, or ``--verify``, then compares every row with SQLite and writes what
differs. So a write that was killed goes on from where it was, and one that is repeated changes nothing.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag import store
from rag.errors import IndexError_
from rag.faults import damaged, translated
from rag.lock import write_lock
from rag.types import Filter, Holding, VectorRow

if TYPE_CHECKING:
    from rag.protocols import Vectors, VectorServer

_MOST = 4096  # hits that a server is asked for where many are of another generation
_BLOCK = 4096  # ids that are compared at a time
_MENDED = (
    "passages that were missing and are there now",
    "passages that differed and are right now",
    "passages that the index has not, now deleted",
)
_PATIENCE = 30.0  # seconds that mending waits for a build
_ROWS = (
    "SELECT v.passage_id, v.vector, a.owner, a.source, a.id, a.language, a.date FROM vectors AS v "
    "JOIN passages AS p ON p.id = v.passage_id JOIN articles AS a ON a.id = p.article_id "
    "WHERE v.passage_id > ? AND v.passage_id <= ? ORDER BY v.passage_id"
)


def push(
    db: sqlite3.Connection, folder: Path, server: VectorServer, before: tuple[int, str], last: int
) -> list[int]:
    """Puts the generation that the present transaction makes on the server.

    Args:
        before: The generation that shows until the transaction ends.
        last: The highest id that a passage of it ever had.

    Returns:
        Ids found on the server that no generation has, to be given to ``settle``.
    """
    holding, dimension = _ours(db, folder, server), _dimension(db, folder)
    key = store.generation(db, folder)
    whole = _whole(holding, before)
    _begin(db, server, holding, dimension)
    strays: list[int] = []
    if whole:
        for above in range(last, _last(db), _BLOCK):
            server.put(_rows(db, above, above + _BLOCK))
    else:
        for lacking, wrong, extra in _differences(db, server):
            server.put(lacking + wrong)
            strays += extra
    server.declare(Holding(index_name(db), *key, pending=True), dimension)
    return strays


def settle(db: sqlite3.Connection, folder: Path, server: VectorServer, gone: Sequence[int]) -> None:
    """Deletes from the server what the generation that shows now has not."""
    server.remove(list(gone))
    server.declare(
        Holding(index_name(db), *store.generation(db, folder), pending=False), _dimension(db, folder)
    )


def mend(folder: Path, server: VectorServer) -> list[str]:
    """Makes the server hold exactly what SQLite holds; a sentence per kind of difference found.

    Raises:
        IndexLocked: A build is at work.
        IndexError_: The server refused, or holds another index.
    """
    with (
        translated(folder),
        write_lock(folder, _PATIENCE),
        closing(store.open_to_write(folder)) as db,
    ):
        introduce(db)
        return _mended(db, folder, server)


def catch_up(db: sqlite3.Connection, folder: Path, server: VectorServer) -> None:
    """Mends what a killed write or a change of settings left, if the server says that there may be something."""
    introduce(db)
    if not _whole(_ours(db, folder, server), store.generation(db, folder)):
        _mended(db, folder, server)


def introduce(db: sqlite3.Connection) -> None:
    """Gives the index the random name by which a server knows it, outside of the transaction that may fail."""
    if not index_name(db):
        with store.transaction(db):
            store.set_meta(db, [("index", secrets.token_hex(8))])


def _mended(db: sqlite3.Connection, folder: Path, server: VectorServer) -> list[str]:
    holding, key = _ours(db, folder, server), store.generation(db, folder)
    _begin(db, server, holding, _dimension(db, folder))
    counts = [0, 0, 0]
    for lacking, wrong, extra in _differences(db, server):
        server.put(lacking + wrong)
        server.remove(extra)
        found = len(lacking), len(wrong), len(extra)
        counts = [count + more for count, more in zip(counts, found, strict=True)]
    settle(db, folder, server, [])
    said = [f"{server.name}: {what}: {count}." for count, what in zip(counts, _MENDED, strict=True) if count]
    if not said and not _whole(holding, key):
        said = [f"{server.name}: said to hold something else than generation {key[0]}; now it says so."]
    return said


def _begin(db: sqlite3.Connection, server: VectorServer, holding: Holding | None, dimension: int) -> None:
    server.declare(replace(holding or Holding(index_name(db), 0, "", True), pending=True), dimension)


def _whole(holding: Holding | None, key: tuple[int, str]) -> bool:
    return holding is not None and (holding.generation, holding.stamp, holding.pending) == (*key, False)


def require(server: VectorServer, index: str, key: tuple[int, str], folder: Path) -> None:
    """Raises:
    IndexError_: The server does not hold the vectors of this generation.
    """
    holding = server.holding()
    if holding is not None and holding.index == index:
        # A later one is there when a build ends between the beginning of a question and now.
        if (holding.generation, holding.stamp) == key or holding.generation > key[0]:
            return
        held = f"generation {holding.generation}"
    else:
        held = "nothing" if holding is None else "another index"
    raise IndexError_(
        f"The collection {server.name} holds {held}, not generation {key[0]} of the index in {folder}. "
        f"Put it there with: python -m rag.build --verify --index {folder}"
    )


def nearest(
    server: VectorServer, questions: Vectors, k: int, where: Filter, known: Callable[[list[int]], set[int]]
) -> list[list[tuple[int, float]]]:
    """Per question the ``k`` nearest passages of one generation with their scores, best first.

    Args:
        known: Which of these ids are passages of the generation; the server may still hold others.
    """
    wanted = k
    while True:
        found, scores = server.search(questions, wanted, where=where)
        held = known(found.ravel().tolist())
        hits = [
            [(id_, score) for id_, score in zip(*row, strict=True) if id_ in held]
            for row in zip(found.tolist(), scores.tolist(), strict=True)
        ]
        short = any(len(row) < k and ids[-1] >= 0 for row, ids in zip(hits, found, strict=True))
        if not short or wanted >= _MOST:
            return [row[:k] for row in hits]
        wanted = min(4 * wanted, _MOST)


def _differences(
    db: sqlite3.Connection, server: VectorServer
) -> Iterator[tuple[list[VectorRow], list[VectorRow], list[int]]]:
    """Block by block, the rows that the server lacks, those it has otherwise, and its ids that SQLite has not."""
    for above in range(0, max(_last(db), server.last()), _BLOCK):
        there = server.rows(above, above + _BLOCK)
        ours = _rows(db, above, above + _BLOCK)
        lacking = [row for row in ours if row.id not in there]
        wrong = [row for row in ours if row.id in there and not row.equals(there[row.id])]
        extra = sorted(there.keys() - {row.id for row in ours})
        if lacking or wrong or extra:
            yield lacking, wrong, extra


def _rows(db: sqlite3.Connection, above: int, to: int) -> list[VectorRow]:
    found = db.execute(_ROWS, (above, to)).fetchall()
    if not found:
        return []
    vectors = store.unblob((row[1] for row in found), len(found[0][1]) // 2)
    return [VectorRow(row[0], vector, *row[2:]) for row, vector in zip(found, vectors, strict=True)]


def _last(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(passage_id), 0) FROM vectors").fetchone()[0])


def _ours(db: sqlite3.Connection, folder: Path, server: VectorServer) -> Holding | None:
    """What the server holds.

    Raises:
        IndexError_: It is another index's.
    """
    holding = server.holding()
    if holding is not None and holding.index != index_name(db):
        raise IndexError_(
            f"The collection {server.name} holds another index than the one in {folder}. "
            "Name another with milvus_collection, or drop it."
        )
    return holding


def index_name(db: sqlite3.Connection) -> str:
    """The random name by which a server knows an index; ``""`` before its first push."""
    found = db.execute("SELECT value FROM meta WHERE key = 'index'").fetchone()
    return str(found[0]) if found else ""


def _dimension(db: sqlite3.Connection, folder: Path) -> int:
    contract = store.contract(db, folder)
    if contract is None:
        raise damaged(folder, "its contract is gone")
    return contract.dimension
