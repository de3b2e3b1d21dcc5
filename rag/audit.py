"""Looking an index over: what is in it, and whether it holds together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from rag import store, vectorfile
from rag.errors import IndexError_
from rag.faults import translated

_MOST = 10  # faults of one kind that are named


def listing(folder: Path) -> Iterator[str]:
    """A line per source and article, ordered.

    Raises:
        IndexMissing, IndexDamaged: As ``Index.open``.
    """
    with translated(folder), closing(store.open_to_read(folder)) as db:
        if not store.generation(db, folder)[0]:
            raise store.missing(folder, "nothing was built to the end yet")
        rows = db.execute(
            "SELECT s.name, s.error, a.id, a.source, a.title, a.language, a.date, "
            "(SELECT count(*) FROM passages AS p WHERE p.article_id = a.id) "
            "FROM sources AS s LEFT JOIN articles AS a ON a.owner = s.name ORDER BY s.name, a.position"
        ).fetchall()
    for name, error, id_, source, title, language, date, passages in rows:
        if id_ is not None:
            yield f"{id_}  {source}  {language}  {date or 'no date'}  {passages} passages  {title}".rstrip()
        if error is not None:
            yield f"not read  {name}: {error}"


def verify(folder: Path) -> list[str]:
    """Every fault found, each as a sentence that names what is damaged; none for a whole index.

    Raises:
        IndexMissing: There is nothing to verify.
    """
    faults: list[str] = []
    try:
        with translated(folder), closing(store.open_to_read(folder)) as db:
            lines = [line for (line,) in db.execute("PRAGMA integrity_check(20)")]
            faults += [f"SQLite: {line}" for line in lines if line != "ok"]
            for check in (_offsets, _vectors, _words, _derived):
                faults += _some(check(db, folder))
    except IndexError_ as error:
        if type(error).__name__ == "IndexMissing":
            raise
        faults.append(str(error))
    return faults


def _some(faults: Iterator[str]) -> list[str]:
    named = list(faults)
    more = len(named) - _MOST
    return named[:_MOST] + ([f"and {more} more of the same kind"] if more > 0 else [])


def _offsets(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    rows = db.execute(
        f"SELECT {', '.join('p.' + c.strip() for c in store.PASSAGE.split(','))}, a.text "
        "FROM passages AS p LEFT JOIN articles AS a ON a.id = p.article_id ORDER BY p.article_id"
    )
    for *row, text in rows:
        passage = store.passage_of(row)
        if text is None:
            yield f"Passage {passage.id} belongs to article {passage.article_id}, which is not there."
        elif text[passage.span.start : passage.span.end] != passage.text:
            place = f"{passage.span.start} to {passage.span.end}"
            yield f"Passage {passage.id} is not what article {passage.article_id} has at {place}."
        elif any(not passage.span.start <= s.start <= s.end <= passage.span.end for s in passage.sentences):
            yield f"Passage {passage.id} has sentences outside itself."


def _vectors(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    import numpy as np

    for (id_,) in db.execute("SELECT id FROM passages EXCEPT SELECT passage_id FROM vectors"):
        yield f"Passage {id_} has no vector."
    for (id_,) in db.execute("SELECT passage_id FROM vectors EXCEPT SELECT id FROM passages"):
        yield f"A vector belongs to passage {id_}, which is not there."
    contract = store.contract(db, folder)
    size = 2 * contract.dimension if contract else 0
    for id_, blob in db.execute("SELECT passage_id, vector FROM vectors"):
        if len(blob) != size:
            yield f"The vector of passage {id_} has {len(blob)} bytes, not {size}."
        elif not abs(np.linalg.norm(store.unblob([blob], size // 2)) - 1) < 2e-2:  # also true for NaN
            yield f"The vector of passage {id_} is not of length 1."


def _words(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    for table in ("terms", "skeletons"):
        for (id_,) in db.execute(f"SELECT id FROM passages EXCEPT SELECT rowid FROM {table}"):
            yield f"Passage {id_} is not in the word index {table}."
        for (id_,) in db.execute(f"SELECT rowid FROM {table} EXCEPT SELECT id FROM passages"):
            yield f"The word index {table} holds passage {id_}, which is not there."


def _derived(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    contract = store.contract(db, folder)
    if contract is None:
        return
    again = "it is made again from SQLite when next used"
    try:
        vectorfile.read(
            folder, *store.generation(db, folder), store.size(db, folder), contract.dimension, owned=True
        )
    except vectorfile.Unfit as reason:
        yield f"{folder / vectorfile.NAME}: {reason}; {again}."
