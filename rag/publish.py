"""Makes what a build has staged the next generation of an index, in one transaction.

Readers see the old generation until the transaction ends. A kill before that leaves the index as it
was; a kill after it leaves the vector file under its other name, where readers find it.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag import copies, served, store, vectorfile, vectors
from rag.contract import Contract

if TYPE_CHECKING:
    from rag.protocols import VectorServer


def publish(
    db: sqlite3.Connection,
    folder: Path,
    contract: Contract,
    stage: Path | None,
    gone: Sequence[str],
    server: VectorServer | None = None,
) -> None:
    """Deletes the sources ``gone``, puts in those of ``stage`` (in place of older versions), and counts on.

    Args:
        server: Where the vectors go instead of the vector file.

    Raises:
        IndexError_: The server refused.
        OSError, sqlite3.Error: It could not be written; the index is as it was.
    """
    if server is not None:
        served.introduce(db)
    if stage is not None:
        db.execute("ATTACH ? AS stage", (str(stage),))
    try:
        with store.transaction(db):
            before, count = store.generation(db, folder), store.size(db, folder)
            staged = [name for (name,) in db.execute("SELECT name FROM stage.sources")] if stage else []
            last = _last_id(db)
            dead = _delete(db, dict.fromkeys([*gone, *staged]))
            if stage is not None:
                _insert(db, last)
            _wires(db)
            key = (before[0] + 1, secrets.token_hex(8))
            _state(db, contract, key)
            if server is None:
                made = _vectors(db, folder, contract, before, count, dead, last)
                vectorfile.write(made, folder, *key)
            else:
                dead += served.push(db, folder, server, before, last)
        if server is None:
            # The new generation stands. A vector file that cannot be put in its place is found under its
            # other name, or made again: no reason to call the build failed.
            with contextlib.suppress(OSError):
                vectorfile.put(folder)
        else:
            vectorfile.drop(folder)
            served.settle(db, folder, server, dead)
    finally:
        if stage is not None:
            db.execute("DETACH stage")
    # Published all the same where this fails; every writer empties the log before it begins.
    with contextlib.suppress(sqlite3.OperationalError):
        empty_log(db)


def record(db: sqlite3.Connection, failed: Sequence[tuple[str, str]], read: Sequence[str]) -> None:
    """Keeps the verdicts on sources that could not be read, for the list, and drops those of ``read``."""
    mended = set(read) & {name for (name,) in db.execute("SELECT name FROM sources WHERE error IS NOT NULL")}
    if not failed and not mended:
        return
    with store.transaction(db):
        db.executemany("UPDATE sources SET error = NULL WHERE name = ?", [(name,) for name in mended])
        db.executemany(
            "INSERT INTO sources VALUES (?, '', ?) ON CONFLICT (name) DO UPDATE SET error = excluded.error",
            failed,
        )


def empty_log(db: sqlite3.Connection) -> None:
    """Empties SQLite's log, which holds older pages, deleted text among them.

    A question being read holds it up for a moment; then the next build does it.
    """
    db.execute("PRAGMA busy_timeout = 500")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.execute(f"PRAGMA busy_timeout = {1000 * store.PATIENCE}")


def _last_id(db: sqlite3.Connection) -> int:
    """The highest id that a passage ever had."""
    found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
    return int(found[0]) if found else 0


def _delete(db: sqlite3.Connection, names: Iterable[str]) -> list[int]:
    """Deletes sources with all that belongs to them; the ids of their passages."""
    sql = "SELECT p.id FROM passages AS p JOIN articles AS a ON a.id = p.article_id WHERE a.owner = ?"
    names = list(names)
    ids = [id_ for name in names for (id_,) in db.execute(sql, (name,))]
    if ids and len(ids) == store.count(db, "passages"):
        store.drop_words(db)
        db.execute("DELETE FROM vectors")
        db.execute("DELETE FROM words")
        db.execute("DELETE FROM passages")
    elif ids:
        rows = [(id_,) for id_ in ids]
        for table, key in (
            ("terms", "rowid"),
            ("skeletons", "rowid"),
            ("vectors", "passage_id"),
            ("words", "passage_id"),
            ("passages", "id"),
        ):
            db.executemany(f"DELETE FROM {table} WHERE {key} = ?", rows)
        for table in ("terms", "skeletons"):  # FTS5 only marks words as deleted until it is told to tidy up
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
    for name in names:
        db.execute(
            "DELETE FROM copies WHERE article_id IN (SELECT id FROM articles WHERE owner = ?)", (name,)
        )
        db.execute("DELETE FROM articles WHERE owner = ?", (name,))
        db.execute("DELETE FROM sources WHERE name = ?", (name,))
    return ids


def _insert(db: sqlite3.Connection, last: int) -> None:
    """Copies the staged rows, with ids above every id ever used."""
    db.execute("INSERT INTO sources SELECT * FROM stage.sources")
    db.execute("INSERT INTO articles SELECT * FROM stage.articles ORDER BY rowid")
    db.execute("INSERT INTO copies SELECT * FROM stage.copies")
    for into, columns in (
        ("passages", 'article_id, ordinal, start, "end", text, sentences'),
        ("vectors (passage_id, vector)", "vector"),
        ("terms (rowid, words)", "terms"),
        ("skeletons (rowid, words)", "skeletons"),
    ):
        db.execute(f"INSERT INTO {into} SELECT ? + id, {columns} FROM stage.passages ORDER BY id", (last,))
    finer = "SELECT ? + id, words FROM stage.passages WHERE words IS NOT NULL ORDER BY id"
    db.execute(f"INSERT INTO words {finer}", (last,))


def _wires(db: sqlite3.Connection) -> None:
    """Says anew which articles are copies of each other; gives a signature to those without one."""
    import numpy as np

    made_by = db.execute("SELECT value FROM meta WHERE key = 'signatures'").fetchone()
    if made_by != (copies.version(),):
        db.execute("DELETE FROM copies")
        store.set_meta(db, [("signatures", copies.version())])
    missing = db.execute(
        f"SELECT {store.ARTICLE} FROM articles WHERE id NOT IN (SELECT article_id FROM copies)"
    )
    rows = [(one.id, copies.signature(one)) for one in map(store.article_of, missing)]
    db.executemany("INSERT INTO copies VALUES (?, ?, NULL)", rows)
    known = db.execute(
        "SELECT article_id, signature, wire FROM copies WHERE length(signature) = ? ORDER BY article_id",
        (4 * copies.SIZE,),
    ).fetchall()
    signatures = np.frombuffer(b"".join(blob for _, blob, _ in known), dtype="<u4").reshape(-1, copies.SIZE)
    leaders = copies.groups(signatures)
    shared = {at for at, leader in enumerate(leaders) if at != leader}
    shared |= {leaders[at] for at in shared}
    wires = [known[leader][0] if at in shared else None for at, leader in enumerate(leaders)]
    changed = [(new, id_) for (id_, _, old), new in zip(known, wires, strict=True) if new != old]
    db.executemany("UPDATE copies SET wire = ? WHERE article_id = ?", changed)


def _state(db: sqlite3.Connection, contract: Contract, key: tuple[int, str]) -> None:
    values = [(f"contract.{name}", value) for name, value in contract.as_text().items()]
    numbers = [("generation", str(key[0])), ("stamp", key[1]), ("passages", str(store.count(db, "passages")))]
    store.set_meta(db, values + numbers)


def _vectors(
    db: sqlite3.Connection,
    folder: Path,
    contract: Contract,
    before: tuple[int, str],
    count: int,
    dead: Sequence[int],
    last: int,
) -> vectors.FaissStore:
    """The vectors of the new generation: the old ones brought up to date where that pays, else made anew."""
    import numpy as np

    dimension = contract.dimension
    total = store.size(db, folder)
    kind = vectors.kind_for(total, dimension)
    new = total - (count - len(dead))
    if count and len(dead) + new < total // 2:
        try:
            old, _ = vectorfile.read(folder, *before, count, dimension, owned=True)
        except vectorfile.Unfit:
            pass  # made anew below, as any other
        else:
            blocks = list(store.vector_blocks(db, dimension, above=last))
            ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in blocks)])
            rows = np.concatenate([np.empty((0, dimension), np.float32), *(rows for _, rows in blocks)])
            made = vectors.updated(old, np.array(dead, dtype=np.int64), ids, rows, kind)
            if made is not None:
                return made
    return vectors.make(lambda: store.vector_blocks(db, dimension), total, dimension, kind)
