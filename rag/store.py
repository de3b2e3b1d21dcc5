"""The SQLite file that is the truth of an index: its schema, its rows, and the values they stand for.

Text for searching is stemmed by ``rag.lexical`` and ``rag.names`` before it comes here; the FTS5 tables
only split it at white space.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.contract import Contract, contract_from
from rag.errors import IndexDamaged, IndexMissing
from rag.faults import damaged
from rag.types import Article, Filter, Part, PartKind, Passage, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.protocols import Vectors
    from rag.vectors import Ids

NAME = "sanad.db"
APPLICATION = 0x53616E64  # "Sand": marks the file as ours

STEPS = 7  # of a component of a word's vector on either side of 0: four bits
# Every category that is not white space, control or unassigned counts as part of a word.
_SPLIT = "tokenize=\"unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'\""

# Also the shape of a build's staging file, where a vector may still be missing.
ROWS = """
CREATE TABLE {at}sources (
    name TEXT PRIMARY KEY,
    content_hash TEXT NOT NULL,
    error TEXT
) WITHOUT ROWID;
CREATE TABLE {at}articles (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,       -- the name in sources
    position INTEGER NOT NULL, -- within its source
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    date TEXT,
    parts TEXT NOT NULL,       -- JSON: [kind, start, end] each
    content_hash TEXT NOT NULL
);
CREATE INDEX {at}articles_owner ON articles (owner, position);
"""

COPIES = """
CREATE TABLE {at}copies (
    article_id TEXT PRIMARY KEY,
    signature BLOB NOT NULL,   -- see rag.copies
    wire TEXT                  -- the first article of those that are copies of each other; NULL for one alone
) WITHOUT ROWID;
"""

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    + ROWS.format(at="")
    + """
CREATE INDEX articles_source ON articles (source);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- so that no id is ever used again
    article_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    sentences TEXT NOT NULL   -- JSON: start, end, start, end, …
);
CREATE INDEX passages_article ON passages (article_id, ordinal);
CREATE TABLE vectors (passage_id INTEGER PRIMARY KEY, vector BLOB NOT NULL);
"""
)
_WORDS = f"""
CREATE VIRTUAL TABLE terms USING fts5(words, {_SPLIT});
CREATE VIRTUAL TABLE skeletons USING fts5(words, {_SPLIT});
CREATE VIRTUAL TABLE terms_seen USING fts5vocab(terms, 'row');
CREATE VIRTUAL TABLE skeletons_seen USING fts5vocab(skeletons, 'row');
"""
PATIENCE = 10  # seconds that SQLite waits for another connection


def run(db: sqlite3.Connection, script: str) -> None:
    """Executes statements inside the present transaction, which ``executescript`` would end."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


def drop_words(db: sqlite3.Connection) -> None:
    """Empties both word indexes, quicker than row by row."""
    for table in ("terms_seen", "skeletons_seen", "terms", "skeletons"):
        db.execute(f"DROP TABLE IF EXISTS {table}")
    run(db, _WORDS)


def _create(db: sqlite3.Connection) -> None:
    run(db, _TABLES + _WORDS)
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute("INSERT INTO meta VALUES ('generation', '0'), ('stamp', ''), ('passages', '0')")


def _add_copies(db: sqlite3.Connection) -> None:
    """Signatures are made by the next build; until then no article is known as a copy."""
    run(db, COPIES.format(at=""))
    db.execute("CREATE INDEX articles_date ON articles (date, id)")


def _add_sentences(db: sqlite3.Connection) -> None:
    """Vectors of sentences; an index without them was made with another encoder, or with one that gives none."""
    db.execute("CREATE TABLE sentences (passage_id INTEGER PRIMARY KEY, vectors BLOB NOT NULL)")


def _words_for_sentences(db: sqlite3.Connection) -> None:
    """Vectors of words in place of those of sentences, which belong to an earlier encoder."""
    db.execute("DROP TABLE sentences")
    db.execute("CREATE TABLE words (passage_id INTEGER PRIMARY KEY, vectors BLOB NOT NULL)")


# Step n leads from schema n to n + 1; the first makes the tables in an empty file.
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _create,
    _add_copies,
    _add_sentences,
    _words_for_sentences,
)
SCHEMA = len(MIGRATIONS)


def open_to_write(folder: Path) -> sqlite3.Connection:
    """A connection that may write, with the newest schema; transactions are begun by hand.

    Raises:
        IndexDamaged: The file is not an index, or one of a newer Sanad.
    """
    db = sqlite3.connect(folder / NAME, timeout=PATIENCE, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA cache_size = -64000")
        _migrate(db, folder)
    except BaseException:
        db.close()
        raise
    return db


def open_to_read(folder: Path) -> sqlite3.Connection:
    """A connection that cannot write and may be used by any one thread at a time.

    Raises:
        IndexMissing: There is no file, or nothing was ever built into it.
    """
    path = folder / NAME
    if not path.is_file():
        raise missing(folder, f"{NAME} is not there")
    db = _connect_to_read(path)
    try:
        if _schema(db, folder) < SCHEMA:
            if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                raise missing(folder, "nothing was built yet")
            db.close()
            open_to_write(folder).close()
            db = _connect_to_read(path)
        db.execute("PRAGMA query_only = ON")
    except BaseException:
        db.close()
        raise
    return db


def _connect_to_read(path: Path) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    db = sqlite3.connect(
        f"{uri}?mode=ro", uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError:
        db.close()
        if path.with_name(NAME + "-wal").exists():
            raise
        # A read-only folder: SQLite cannot put its shared memory there, and needs none if no one writes.
        db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    return db


def missing(folder: Path, why: str) -> IndexMissing:
    """The error for a folder without an index."""
    return IndexMissing(
        f"No index in {folder} ({why}). Build it with: python -m rag.build PATH --index {folder}"
    )


def _schema(db: sqlite3.Connection, folder: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA:
        raise IndexDamaged(
            f"The index in {folder} has schema {version}, of a newer Sanad; this one knows {SCHEMA}. "
            "Update with: pip install -U sanad-rag"
        )
    mark = int(db.execute("PRAGMA application_id").fetchone()[0])
    if mark != APPLICATION and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise damaged(folder, f"{NAME} is a database of another program")
    return version


def _migrate(db: sqlite3.Connection, folder: Path) -> None:
    if _schema(db, folder) == SCHEMA:
        return
    with transaction(db):
        for version in range(_schema(db, folder), SCHEMA):  # read again: another may have been faster
            MIGRATIONS[version](db)
        db.execute(f"PRAGMA user_version = {SCHEMA}")


class transaction:  # noqa: N801 - used as a statement
    """``with transaction(db):`` commits at the end, or undoes everything."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:  # a full disk undoes it by itself, or fails the COMMIT
                self._db.execute("ROLLBACK")


def generation(db: sqlite3.Connection, folder: Path) -> tuple[int, str]:
    """Number of the present generation (0 before the first), and its random stamp.

    The stamp tells apart two generations of the same number, as after restoring a backup.

    Raises:
        IndexDamaged: They are not there.
    """
    found = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('generation', 'stamp')"))
    try:
        return int(found["generation"]), found["stamp"]
    except (KeyError, ValueError) as error:
        raise damaged(folder, f"its generation is not stated ({error})") from error


def size(db: sqlite3.Connection, folder: Path) -> int:
    """Passages in the present generation, without counting them.

    Raises:
        IndexDamaged: The number is not there.
    """
    found = db.execute("SELECT value FROM meta WHERE key = 'passages'").fetchone()
    try:
        return int(found[0])
    except (TypeError, ValueError) as error:
        raise damaged(folder, "it does not state how many passages it holds") from error


def contract(db: sqlite3.Connection, folder: Path) -> Contract | None:
    """What the index was made with; None before anything was built.

    Raises:
        IndexDamaged: A field is missing or not what it should be.
    """
    found = {key[9:]: value for key, value in db.execute("SELECT * FROM meta WHERE key GLOB 'contract.*'")}
    if not found:
        return None
    try:
        return contract_from(found)
    except (KeyError, ValueError) as error:
        raise damaged(folder, f"its contract does not hold ({error})") from error


def count(db: sqlite3.Connection, table: str) -> int:
    """Rows of a table."""
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def set_meta(db: sqlite3.Connection, values: Iterable[tuple[str, str]]) -> None:
    """Writes rows of ``meta``, over older ones."""
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values)


ARTICLE = "id, source, title, text, language, date, parts, content_hash"
PASSAGE = 'id, article_id, ordinal, start, "end", text, sentences'


def article_of(row: Sequence[str]) -> Article:
    """The value of a row of ``ARTICLE``.

    Raises:
        sqlite3.DatabaseError: Its parts are malformed.
    """
    try:
        parts = tuple(Part(PartKind(kind), Span(start, end)) for kind, start, end in json.loads(row[6]))
    except (ValueError, TypeError) as error:
        raise sqlite3.DatabaseError(f"malformed parts of article {row[0]}") from error
    return Article(row[0], row[1], row[2], row[3], row[4], row[5], parts, row[7])  # type: ignore[arg-type]


def article_row(article: Article) -> tuple[str | None, ...]:
    """The row of ``ARTICLE`` for a value."""
    parts = json.dumps([[part.kind.value, *part.span] for part in article.parts], separators=(",", ":"))
    return (
        article.id, article.source, article.title, article.text, article.language, article.date, parts,
        article.content_hash,
    )  # fmt: skip


def passage_of(row: Sequence[object]) -> Passage:
    """The value of a row of ``PASSAGE``."""
    id_, article_id, ordinal, start, end, text, sentences = row
    return Passage(id_, article_id, ordinal, Span(start, end), text, spans_of(str(sentences)))  # type: ignore[arg-type]


def spans_of(text: str) -> tuple[Span, ...]:
    """Spans from the flat list they are stored as.

    Raises:
        sqlite3.DatabaseError: It is malformed.
    """
    try:
        flat = [int(offset) for offset in json.loads(text)]
        return tuple(Span(start, end) for start, end in zip(flat[::2], flat[1::2], strict=True))
    except (ValueError, TypeError) as error:
        raise sqlite3.DatabaseError("malformed sentences of a passage") from error


def spans_text(spans: Iterable[Span]) -> str:
    """The inverse of ``spans_of``."""
    return json.dumps([offset for span in spans for offset in span], separators=(",", ":"))


def blob(vector: Vectors) -> bytes:
    """A vector as it is stored: little-endian float16."""
    return vector.astype("<f2").tobytes()


def unblob(blobs: Iterable[bytes], dimension: int) -> Vectors:
    """Stored vectors as rows of float32.

    Raises:
        sqlite3.DatabaseError: One is not ``dimension`` long.
    """
    import numpy as np

    rows = list(blobs)
    if any(len(row) != 2 * dimension for row in rows):
        raise sqlite3.DatabaseError("malformed vector")
    return np.frombuffer(b"".join(rows), dtype="<f2").reshape(-1, dimension).astype(np.float32)


def words_blob(vectors: Vectors) -> bytes | None:
    """Vectors of words as they are stored, each in steps of a seventh of its largest component, two steps a byte; None for none."""
    import numpy as np

    if not len(vectors):
        return None
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    steps = (np.round(vectors * (STEPS / largest)) + 8).astype(np.uint8)
    return bytes((steps[:, ::2] << 4 | steps[:, 1::2]).data)


def words_of(blobs: Sequence[bytes], width: int) -> Vectors:
    """The inverse of ``words_blob`` for several passages one after the other, as unit rows of float32.

    Raises:
        sqlite3.DatabaseError: One is no whole number of rows.
    """
    import numpy as np

    if any(2 * len(blob) % width or not blob for blob in blobs):
        raise sqlite3.DatabaseError("malformed vectors of words")
    rows = word_steps(b"".join(blobs), width).astype(np.float32)
    vectors: Vectors = rows / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return vectors


def word_steps(blob: bytes, width: int) -> NDArray[np.int8]:
    """The steps that ``words_blob`` stored, from -``STEPS`` to ``STEPS``, one row a word."""
    import numpy as np

    pairs = np.frombuffer(blob, np.uint8).reshape(-1, width // 2)
    steps = np.empty((len(pairs), width), np.int8)
    steps[:, ::2], steps[:, 1::2] = pairs >> 4, pairs & 15
    return steps - np.int8(8)


def vector_blocks(db: sqlite3.Connection, dimension: int, above: int = 0) -> Iterator[tuple[Ids, Vectors]]:
    """Ids and vectors of all passages with ids over ``above``, by ascending id, a block at a time."""
    import numpy as np

    rows = db.execute("SELECT * FROM vectors WHERE passage_id > ? ORDER BY passage_id", (above,))
    while some := rows.fetchmany(8192):
        yield np.array([id_ for id_, _ in some], dtype=np.int64), unblob((b for _, b in some), dimension)


def condition(where: Filter) -> tuple[str, dict[str, str]]:
    """SQL over ``articles AS a`` for a filter, and its parameters; ``""`` when nothing is asked.

    A date without day or month fits when any day of it does.
    """
    tests: list[str] = []
    values: dict[str, str] = {}
    if where.sources:
        tests.append(
            "(a.source IN (SELECT value FROM json_each(:sources))"
            " OR a.owner IN (SELECT value FROM json_each(:sources)))"
        )
        values["sources"] = json.dumps(where.sources)
    if where.article_ids:
        tests.append("a.id IN (SELECT value FROM json_each(:articles))")
        values["articles"] = json.dumps(where.article_ids)
    if where.language:
        tests.append("a.language = :language")
        values["language"] = where.language
    if where.since:
        tests.append("a.date || substr('-99-99', length(a.date) - 3) >= :since")
        values["since"] = where.since
    if where.until:
        tests.append("a.date <= :until")
        values["until"] = where.until + "-99-99"[len(where.until) - 4 :]
    return " AND ".join(tests), values
