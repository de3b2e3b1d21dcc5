"""The read side of an index: opened once, then one snapshot per question."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag import fulltext, store, vectors
from rag.contract import Contract, require_same
from rag.errors import InputError
from rag.faults import damaged, translated
from rag.types import Article, Filter, Passage

if TYPE_CHECKING:
    from rag.protocols import Vectors
    from rag.vectors import Ids

_ANY = Filter()
_EXACT = 20_000  # passages that a filter may leave for an exact search without FAISS


class Index:
    """An index in a folder, for reading by any number of threads.

    Attributes:
        contract: What it was made with.
        warnings: What was found wrong with the derived file and mended, as sentences.
    """

    def __init__(self, folder: Path, contract: Contract) -> None:
        self.folder = folder
        self.contract = contract
        self.warnings: list[str] = []
        self._lock = threading.Lock()
        self._held: tuple[tuple[int, str], vectors.FaissStore] | None = None
        self._closed = False

    @classmethod
    def open(cls, folder: Path, contract: Contract | None = None) -> Index:
        """The index in ``folder``; with ``contract``, only if it was made with the same.

        Raises:
            IndexMissing: There is none.
            IndexDamaged: It does not hold together.
            ContractMismatch: It was made with something else.
        """
        with translated(folder):
            db = store.open_to_read(folder)
            try:
                number, _ = store.generation(db)
                stored = store.contract(db, folder)
            finally:
                db.close()
        if number == 0 or stored is None:
            raise store.missing(folder, "nothing was built to the end yet")
        if contract is not None:
            require_same(stored, contract, folder)
        return cls(folder, stored)

    def snapshot(self) -> Snapshot:
        """The present generation, to be read throughout one question; close it when done.

        Raises:
            IndexDamaged, IndexMissing: The index was damaged or removed since it was opened.
        """
        with translated(self.folder):
            db = store.open_to_read(self.folder)
            try:
                db.execute("BEGIN")
                return Snapshot(self, db)
            except BaseException:
                db.close()
                raise

    def close(self) -> None:
        """Lets go of the vectors. Snapshots that are open stay usable."""
        self._closed = True
        self._held = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _store_for(self, snapshot: Snapshot) -> vectors.FaissStore:
        """The vectors of a snapshot's generation: held, from the file, or made anew from SQLite."""
        with self._lock:
            if self._held is not None and self._held[0] == snapshot.key:
                return self._held[1]
            found = self._load(snapshot)
            if self._held is None or self._held[0][0] <= snapshot.generation:
                self._held = (snapshot.key, found)
            return found

    def _load(self, snapshot: Snapshot) -> vectors.FaissStore:
        dimension = self.contract.dimension
        try:
            found, _ = vectors.read(self.folder, *snapshot.key, len(snapshot), dimension)
            return found
        except vectors.Unfit as reason:
            self.warnings.append(f"{self.folder / vectors.NAME} was made again from SQLite: {reason}.")
        return vectors.make(snapshot.blocks(), len(snapshot), dimension)


class Snapshot:
    """One generation of an index: SQLite's read transaction and the vectors that belong to it.

    May be used by several threads; they take turns.
    """

    def __init__(self, index: Index, db: sqlite3.Connection) -> None:
        self._index = index
        self._db = db
        self._lock = threading.RLock()
        self._finalizer = weakref.finalize(self, db.close)
        self.key = store.generation(db)
        stored = store.contract(db, index.folder)
        if stored is None:
            raise damaged(index.folder, "its contract is gone")
        require_same(stored, index.contract, index.folder)  # it may have been made anew since it was opened
        self._count = int(db.execute("SELECT count(*) FROM vectors").fetchone()[0])

    @property
    def generation(self) -> int:
        """Its number; it grows with every change."""
        return self.key[0]

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Ends the read transaction; the snapshot cannot be used any more."""
        with self._lock:
            self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def dense(self, questions: Vectors, k: int, where: Filter = _ANY) -> list[list[tuple[int, float]]]:
        """Per question the ``k`` nearest passages with their cosines, best first; ties by id."""
        import numpy as np

        with self._lock, translated(self._index.folder):
            allowed = self._allowed(where)
            only = None
            if allowed is not None:
                rows = self._db.execute(allowed.sql, allowed.values)
                only = np.array([id_ for (id_,) in rows], dtype=np.int64)
        if only is not None and len(only) <= _EXACT:
            return self._exact(questions, k, np.sort(only))
        found, scores = self._index._store_for(self).search(questions, k, only)
        return [
            [(int(id_), float(score)) for id_, score in zip(*row, strict=True) if id_ >= 0]
            for row in zip(found, scores, strict=True)
        ]

    def _exact(self, questions: Vectors, k: int, only: Ids) -> list[list[tuple[int, float]]]:
        import numpy as np

        if not len(only):
            return [[] for _ in questions]
        scores = np.round(questions @ self.vectors(only.tolist()).T, 6)
        out = []
        for row in scores:
            best = vectors.order(only, row)[:k]
            out.append([(int(only[at]), float(row[at])) for at in best])
        return out

    def lexical(self, terms: Sequence[str], k: int, where: Filter = _ANY) -> list[tuple[int, float]]:
        """The ``k`` best passages by BM25 over stems, best first."""
        with self._lock, translated(self._index.folder):
            return fulltext.lexical(self._db, terms, k, self._count, self._allowed(where))

    def cross(
        self,
        groups: Sequence[Sequence[tuple[str, float]]],
        skeletons: Sequence[str],
        k: int,
        where: Filter = _ANY,
    ) -> list[tuple[int, float]]:
        """The ``k`` best passages for words and names of the other script, best first.

        Args:
            groups: Per word of the question, its stems in the other language with weights.
            skeletons: Consonant skeletons of words that may be names.
        """
        with self._lock, translated(self._index.folder):
            return fulltext.cross(self._db, groups, skeletons, k, self._count, self._allowed(where))

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """The passages of ``ids``, in that order.

        Raises:
            InputError: An id is not in this generation.
        """
        wanted = [int(id_) for id_ in ids]
        found = {p.id: p for p in self._passages("id IN (SELECT value FROM json_each(?))", str(wanted))}
        if unknown := [id_ for id_ in wanted if id_ not in found]:
            raise InputError(f"No passage {unknown[0]} in generation {self.generation} of the index.")
        return [found[id_] for id_ in wanted]

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article in order; none for an unknown one."""
        return self._passages("article_id = ? ORDER BY ordinal", article_id)

    def article(self, article_id: str) -> Article:
        """Raises:
        InputError: There is no such article.
        """
        found = self._articles("a.id = :id", {"id": article_id})
        if not found:
            raise InputError(
                f"No article {article_id!r} in the index. List them with: python -m rag.build --list"
            )
        return found[0]

    def articles(self, where: Filter = _ANY) -> list[Article]:
        """All articles that fit, ordered by source and place in it."""
        return self._articles(*store.condition(where))

    def vectors(self, ids: Sequence[int]) -> Vectors:
        """The vectors of passages, in the order of ``ids``: float32, shape ``(len(ids), dimension)``.

        Raises:
            InputError: An id is not in this generation.
        """
        sql = "SELECT passage_id, vector FROM vectors WHERE passage_id IN (SELECT value FROM json_each(?))"
        with self._lock, translated(self._index.folder):
            rows = dict(self._db.execute(sql, (str([int(id_) for id_ in ids]),)).fetchall())
        if unknown := [id_ for id_ in ids if id_ not in rows]:
            raise InputError(f"No passage {unknown[0]} in generation {self.generation} of the index.")
        return store.unblob((rows[id_] for id_ in ids), self._index.contract.dimension)

    def blocks(self) -> Iterable[tuple[Ids, Vectors]]:
        """All vectors with their ids by ascending id, in blocks."""
        with self._lock, translated(self._index.folder):
            yield from store.vector_blocks(self._db, self._index.contract.dimension)

    def _passages(self, condition: str, value: str) -> list[Passage]:
        with self._lock, translated(self._index.folder):
            sql = f"SELECT {store.PASSAGE} FROM passages WHERE {condition}"
            rows = self._db.execute(sql, (value,)).fetchall()
        return [store.passage_of(row) for row in rows]

    def _articles(self, condition: str, values: dict[str, str]) -> list[Article]:
        sql = f"SELECT {store.ARTICLE} FROM articles AS a WHERE {condition or 1} ORDER BY a.owner, a.position"
        with self._lock, translated(self._index.folder):
            rows = self._db.execute(sql, values).fetchall()
        return [store.article_of(row) for row in rows]

    def _allowed(self, where: Filter) -> fulltext.Allowed | None:
        condition, values = store.condition(where)
        if not condition:
            return None
        sql = f"SELECT p.id FROM passages AS p JOIN articles AS a ON a.id = p.article_id WHERE {condition}"
        return fulltext.Allowed(sql, values)
