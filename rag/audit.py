"""Looking an index over: what is in it, and whether it holds together."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from rag import copies, store, vectorfile
from rag.contract import Contract
from rag.errors import IndexError_, IndexMissing
from rag.faults import damaged, translated

Check = Callable[[sqlite3.Connection, Path], Iterator[str]]

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


def verify(folder: Path, derived: bool = True) -> list[str]:
    """Every fault found, each as a sentence that names what is damaged; none for a whole index.

    Args:
        derived: Check the vector file too; an index whose vectors are on a server has none.

    Raises:
        IndexMissing: There is nothing to verify.
    """
    try:
        with translated(folder), closing(store.open_to_read(folder)) as db:
            if not store.generation(db, folder)[0]:
                raise store.missing(folder, "nothing was built to the end yet")
            checks = _CHECKS if derived else _CHECKS[:-1]
            return [fault for check in checks for fault in _some(check, db, folder)]
    except IndexMissing:
        raise
    except IndexError_ as error:
        return [str(error)]


def _some(check: Check, db: sqlite3.Connection, folder: Path) -> list[str]:
    """What one check finds; a part of the file that cannot be read at all is a fault of its own."""
    named: list[str] = []
    more = 0
    try:
        for fault in check(db, folder):
            if len(named) < _MOST:
                named.append(fault)
            else:
                more += 1
    except sqlite3.DatabaseError as error:
        named.append(f"{store.NAME}: {error} (while checking {check.__name__.strip('_')})")
    return named + ([f"and {more} more of the same kind"] if more else [])


def _pages(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """What SQLite finds wrong with its own pages, table by table."""
    for (table,) in db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
    ).fetchall():
        try:
            (first, *_) = [line for (line,) in db.execute(f"PRAGMA integrity_check({table})")]
        except sqlite3.DatabaseError as error:
            first = str(error)
        if first != "ok":
            yield f"{store.NAME}: table {table}: {' '.join(first.split())}"
    (whole,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if whole != "ok":
        yield f"{store.NAME}: {' '.join(whole.split())}"


def _articles(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    for row in db.execute(f"SELECT {store.ARTICLE} FROM articles"):
        try:
            store.article_of(row)
        except sqlite3.DatabaseError as error:
            yield f"{store.NAME}: {error}."
    for id_, source, text in db.execute("SELECT id, source, text FROM articles"):
        if hashlib.sha256(f"{source}\0{text}".encode()).hexdigest()[:12] != id_:
            yield f"Article {id_} from {source}: its text or source changed since it was stored."


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
    size = 2 * _contract(db, folder).dimension
    for id_, blob in db.execute("SELECT passage_id, vector FROM vectors"):
        if len(blob) != size:
            yield f"The vector of passage {id_} has {len(blob)} bytes, not {size}."
        elif not abs(np.linalg.norm(store.unblob([blob], size // 2)) - 1) < 2e-2:  # also true for NaN
            yield f"The vector of passage {id_} is not of length 1."


def _word_vectors(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    import numpy as np

    for (id_,) in db.execute("SELECT passage_id FROM words EXCEPT SELECT id FROM passages"):
        yield f"Vectors of words belong to passage {id_}, which is not there."
    width = _contract(db, folder).width
    for id_, blob in db.execute("SELECT * FROM words"):
        if not width or 2 * len(blob) % width or not blob:
            yield f"The vectors of the words of passage {id_} have {len(blob)} bytes."
        elif not np.all(np.abs(store.word_steps(blob, width)).max(axis=1) == store.STEPS):
            yield f"The vectors of the words of passage {id_} are damaged."


def _words(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    stated, held = store.size(db, folder), store.count(db, "passages")
    if stated != held:
        yield f"{store.NAME} states {stated} passages, but holds {held}."
    for table in ("terms", "skeletons"):
        for (id_,) in db.execute(f"SELECT id FROM passages EXCEPT SELECT rowid FROM {table}"):
            yield f"Passage {id_} is not in the word index {table}."
        for (id_,) in db.execute(f"SELECT rowid FROM {table} EXCEPT SELECT id FROM passages"):
            yield f"The word index {table} holds passage {id_}, which is not there."


def _copies(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    for (id_,) in db.execute("SELECT article_id FROM copies EXCEPT SELECT id FROM articles"):
        yield f"A signature belongs to article {id_}, which is not there."
    for id_, size in db.execute("SELECT article_id, length(signature) FROM copies"):
        if size not in (0, 4 * copies.SIZE):
            yield f"The signature of article {id_} has {size} bytes, not {4 * copies.SIZE}."


def _word_indexes(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """FTS5's own check, on a copy in memory of each table: it counts as writing."""
    for table in ("terms", "skeletons"):
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            store.drop_words(copy)
            for part in ("data", "idx", "content", "docsize", "config"):
                rows = db.execute(f"SELECT * FROM {table}_{part}").fetchall()
                copy.execute(f"DELETE FROM {table}_{part}")
                if rows:
                    marks = ",".join("?" * len(rows[0]))
                    copy.executemany(f"INSERT INTO {table}_{part} VALUES ({marks})", rows)
            try:
                copy.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
            except sqlite3.DatabaseError as error:
                yield f"The word index {table} is not what its words make ({error})."


def _derived(db: sqlite3.Connection, folder: Path) -> Iterator[str]:
    dimension = _contract(db, folder).dimension
    try:
        made, _ = vectorfile.read(
            folder, *store.generation(db, folder), store.size(db, folder), dimension, owned=True
        )
    except vectorfile.Unfit as reason:
        yield f"{folder / vectorfile.NAME}: {reason}; it is made again from {store.NAME} when next used."
        return
    if made.setting.kind == "flat":
        at = 0
        for ids, rows in store.vector_blocks(db, dimension):
            ours = made.index.reconstruct_n(at, len(ids))
            for wrong in (abs(ours - rows).max(axis=1) > 0).nonzero()[0]:
                yield f"The vector of passage {ids[wrong]} differs from the one in {vectorfile.NAME}."
            at += len(ids)


def _contract(db: sqlite3.Connection, folder: Path) -> Contract:
    contract = store.contract(db, folder)
    if contract is None:
        raise damaged(folder, "its contract is gone")
    return contract


_CHECKS: tuple[Check, ...] = (
    _pages,
    _articles,
    _offsets,
    _vectors,
    _word_vectors,
    _words,
    _copies,
    _word_indexes,
    _derived,
)
