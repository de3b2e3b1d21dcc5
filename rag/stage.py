"""What a build has read and embedded so far, in a file of its own beside the index.

Questions never see it. It is kept when a build is killed, so that the next one goes on from there, and
deleted when the build has ended.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag import store
from rag.ahead import Ahead
from rag.chunk import chunk, embedding_text
from rag.config import Config
from rag.contract import Contract, passage_sizes
from rag.copies import signature
from rag.errors import ModelError
from rag.lexical import terms
from rag.names import skeletons
from rag.protocols import ToldVectors
from rag.types import Article

if TYPE_CHECKING:
    from rag.ahead import Made
    from rag.protocols import Embedder, Vectors

NAME = "building.db"
# Passages that the encoder takes at a time; few where it is slow, so that progress shows.
_LEAST, _MOST = 32, 512
_PACE = 1.0  # seconds that a batch is meant to take
_COMMIT = 2.0  # seconds of work that a kill may cost

_TABLES = (
    "CREATE TABLE about (contract TEXT NOT NULL);"
    + store.ROWS.format(at="")
    + store.COPIES.format(at="")
    + """
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,    -- in the order read
    owner TEXT NOT NULL,
    article_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    text TEXT NOT NULL,
    sentences TEXT NOT NULL,
    terms TEXT NOT NULL,
    skeletons TEXT NOT NULL,
    embedded TEXT NOT NULL,    -- the text that the encoder gets
    vector BLOB,
    words BLOB                 -- vectors of its words, where the encoder gives them
);
CREATE INDEX passages_owner ON passages (owner);
CREATE INDEX passages_waiting ON passages (length(embedded)) WHERE vector IS NULL;
"""
)


class Stage:
    """The staging file of one build."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        """Opens what an earlier build with the same contract left, or starts anew."""
        self.path = folder / NAME
        self._ahead: Ahead | None = None
        self._db = self._resumed(contract) or self._fresh(contract)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    def _resumed(self, contract: Contract) -> sqlite3.Connection | None:
        if not self.path.exists():
            return None
        db = None
        try:
            db = self._connect()
            found = db.execute("SELECT contract FROM about").fetchone()
            whole = db.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            whole = whole and db.execute("PRAGMA user_version").fetchone()[0] == store.SCHEMA
            if whole and found and json.loads(found[0]) == contract.as_text():
                return db
        except (sqlite3.DatabaseError, ValueError):
            pass  # damaged by whatever ended the earlier build: nothing is lost by starting anew
        if db is not None:
            db.close()
        return None

    def _fresh(self, contract: Contract) -> sqlite3.Connection:
        self.discard(self.path.parent)
        db = self._connect()
        with store.transaction(db):
            store.run(db, _TABLES)
            db.execute(f"PRAGMA user_version = {store.SCHEMA}")
            db.execute("INSERT INTO about VALUES (?)", (json.dumps(contract.as_text()),))
        return db

    def embed_ahead(self, embedder: Embedder) -> None:
        """Embeds what is staged from now on in the background, with an encoder that runs every text alone.

        One that pads a batch is better given texts of like length, when all have been read.
        """
        if getattr(embedder, "alone", False):
            self._ahead = Ahead(lambda texts: _embedded(embedder, texts))

    def holds(self, name: str, content_hash: str) -> bool:
        """Whether this version of a source is staged already."""
        found = self._db.execute("SELECT content_hash FROM sources WHERE name = ?", (name,)).fetchone()
        return found is not None and found[0] == content_hash

    def put(
        self, name: str, content_hash: str, articles: Sequence[Article], embedder: Embedder, config: Config
    ) -> None:
        """Stages a source: its articles chunked, their words stemmed; vectors come later."""
        rows = []
        for article in articles:
            drafts = chunk(article, embedder.count_tokens, *passage_sizes(embedder, config))
            for ordinal, draft in enumerate(drafts):
                text = embedding_text(article, draft.text)
                rows.append(
                    (
                        name, article.id, ordinal, *draft.span, draft.text, store.spans_text(draft.sentences),
                        " ".join(terms(text)), " ".join(skeletons(text)), text,
                    )
                )  # fmt: skip
        with store.transaction(self._db):
            self._drop(name)
            self._db.execute("INSERT INTO sources VALUES (?, ?, NULL)", (name, content_hash))
            self._db.executemany(
                f"INSERT OR REPLACE INTO articles ({store.ARTICLE}, owner, position) "
                "VALUES (?,?,?,?,?,?,?,?,?,?)",
                [(*store.article_row(article), name, at) for at, article in enumerate(articles)],
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO copies VALUES (?, ?, NULL)",
                [(article.id, signature(article)) for article in articles],
            )
            self._db.executemany(
                'INSERT INTO passages (owner, article_id, ordinal, start, "end", text, sentences, terms, '
                "skeletons, embedded) VALUES (?,?,?,?,?,?,?,?,?,?)",
                rows,
            )
        if self._ahead is not None:
            self._save(self._ahead.made())
            self._ahead.offer(self._db.execute("SELECT id, embedded FROM passages WHERE owner = ?", (name,)))

    def keep_only(self, names: Collection[str]) -> None:
        """Drops what an earlier build staged and this one does not want."""
        staged = [name for (name,) in self._db.execute("SELECT name FROM sources")]
        with store.transaction(self._db):
            for name in staged:
                if name not in names:
                    self._drop(name)

    def _drop(self, name: str) -> None:
        self._db.execute("DELETE FROM passages WHERE owner = ?", (name,))
        self._db.execute(
            "DELETE FROM copies WHERE article_id IN (SELECT id FROM articles WHERE owner = ?)", (name,)
        )
        self._db.execute("DELETE FROM articles WHERE owner = ?", (name,))
        self._db.execute("DELETE FROM sources WHERE name = ?", (name,))

    def adopt(self, folder: Path) -> None:
        """Takes the vectors of passages that the index in ``folder`` holds just so."""
        self._db.execute("ATTACH ? AS old", (str(folder / store.NAME),))
        with store.transaction(self._db):
            self._db.execute(
                "UPDATE main.passages AS mine SET (vector, words) = (SELECT v.vector, w.vectors FROM old.passages "
                "AS p JOIN old.vectors AS v ON v.passage_id = p.id LEFT JOIN old.words AS w ON w.passage_id = p.id "
                "WHERE p.article_id = mine.article_id AND p.ordinal = mine.ordinal AND p.text = mine.text) "
                "WHERE vector IS NULL"
            )
        self._db.execute("DETACH old")

    def embed(self, embedder: Embedder, done: Callable[[int, int], None]) -> None:
        """Gives every passage its vector, shortest texts first, so that a batch is of one length.

        Raises:
            ModelError: The encoder's vectors are not finite and of length 1.
        """
        self._end_ahead()
        total = int(self._db.execute("SELECT count(*) FROM passages").fetchone()[0])
        ready = int(self._db.execute("SELECT count(*) FROM passages WHERE vector IS NOT NULL").fetchone()[0])
        done(ready, total)
        unsaved: list[Made] = []
        saved = time.monotonic()
        waiting = self._db.execute(
            "SELECT id FROM passages WHERE vector IS NULL ORDER BY length(embedded), id"
        ).fetchall()
        size = fixed = getattr(embedder, "batch", 0)  # a cluster says what it is best given
        size = size or _LEAST
        at = 0
        while at < len(waiting):
            began = time.monotonic()
            ids = [id_ for (id_,) in waiting[at : at + size]]
            texts = [self._text(id_) for id_ in ids]
            unsaved += zip(ids, texts, _embedded(embedder, texts), strict=True)
            if time.monotonic() - saved > _COMMIT:
                self._save(unsaved)
                unsaved, saved = [], time.monotonic()
            at += len(ids)
            done(ready + at, total)
            if not fixed:
                size = _paced(size, time.monotonic() - began)
        self._save(unsaved)

    def _text(self, id_: int) -> str:
        return str(self._db.execute("SELECT embedded FROM passages WHERE id = ?", (id_,)).fetchone()[0])

    def _save(self, made: Sequence[Made]) -> None:
        if not made:
            return
        # A passage embedded ahead may have been dropped since, and its id given to another.
        rows = [
            (store.blob(told.vector), store.words_blob(told.words), id_, text) for id_, text, told in made
        ]
        with store.transaction(self._db):
            sql = "UPDATE passages SET vector = ?, words = ? WHERE id = ? AND embedded = ?"
            self._db.executemany(sql, rows)

    def _end_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.stop()
            self._save(self._ahead.made())
            self._ahead = None

    def close(self) -> None:
        """Leaves the file for the next build."""
        if self._ahead is not None:
            self._ahead.stop()
        self._db.close()

    def delete(self) -> None:
        """Ends the staging: nothing of it stays on the disk."""
        self._db.close()
        self.discard(self.path.parent)

    @staticmethod
    def discard(folder: Path) -> None:
        """Deletes whatever an earlier build left in ``folder``."""
        for suffix in ("-wal", "-shm", ""):
            (folder / (NAME + suffix)).unlink(missing_ok=True)


def _paced(size: int, took: float) -> int:
    """The next batch's size: large, as cores wait between two, but not much longer than ``_PACE``."""
    if took > _PACE:
        return max(_LEAST, size // 2)
    return min(_MOST, 2 * size) if took < _PACE / 2 else size


def _embedded(embedder: Embedder, texts: Sequence[str]) -> list[ToldVectors]:
    """For each text its vector, and those of its words where the embedder gives them.

    Raises:
        ModelError: They are no unit vectors of the right length.
    """
    import numpy as np

    finer = getattr(embedder, "embed_with_words", None)
    if finer is None:
        none = np.zeros((0, 0), np.float32)
        found = [ToldVectors(vector, none) for vector in embedder.embed_passages(texts)]
    else:
        found = finer(texts)
        _require_unit(embedder, [told.words for told in found], len(texts), getattr(embedder, "width", 0))
    _require_unit(embedder, [told.vector[None] for told in found], len(texts), embedder.dimension)
    return found


def _require_unit(embedder: Embedder, found: Sequence[Vectors], texts: int, length: int) -> None:
    import numpy as np

    every = np.concatenate(found)
    if len(found) != texts or every.shape[1:] != (length,):
        raise ModelError(f"{embedder.id} gave vectors of shape {every.shape} for {texts} texts.")
    if not np.all(np.abs(np.linalg.norm(every, axis=1) - 1) < 1e-2):  # also false for NaN
        raise ModelError(f"{embedder.id} gave vectors that are not of length 1. Its files may be damaged.")
