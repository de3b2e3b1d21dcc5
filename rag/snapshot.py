"""One generation of an index, as one question reads it from beginning to end."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Self

from rag import fulltext, served, store, vectors
from rag.contract import require_same
from rag.errors import InputError, RagError
from rag.faults import damaged, translated
from rag.types import Article, Filter, Passage

if TYPE_CHECKING:
    from rag.index import Index
    from rag.lexicon import Sought
    from rag.protocols import AskedVectors, Vectors, VectorServer
    from rag.vectors import Ids

_ANY = Filter()
_EXACT = 20_000  # passages that a filter may leave for an exact search without FAISS
_JOINED = "passages AS p JOIN articles AS a ON a.id = p.article_id"

Key = tuple[int, str]  # number and stamp of a generation


class Snapshot:
    """One generation of an index: SQLite's read transaction and the vectors that belong to it.

    May be used by several threads; they take turns at SQLite.
    """

    def __init__(self, index: Index, db: sqlite3.Connection) -> None:
        """``db`` is in a read transaction; it is closed with the snapshot."""
        self._index = index
        self._db = db
        self._lock = threading.RLock()
        self._end = weakref.finalize(self, db.close)
        self.key = store.generation(db, index.folder)
        stored = store.contract(db, index.folder)
        if stored is None:
            raise damaged(index.folder, "its contract is gone")
        require_same(stored, index.contract, index.folder)
        self._count = store.size(db, index.folder)
        self._vectors = index.held(self.key)

    @property
    def generation(self) -> int:
        """Its number; it grows with every change."""
        return self.key[0]

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Ends the read transaction; the snapshot cannot be used any more."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def dense(self, questions: Vectors, k: int, where: Filter = _ANY) -> list[list[tuple[int, float]]]:
        """Per question the ``k`` nearest passages with their cosines, best first; ties by id."""
        if self._index.server is not None:
            self.require_served(self._index.server)
            return served.nearest(self._index.server, questions, k, where, self._known)
        only = self._only(where)
        if only is not None and len(only) <= _EXACT:
            return self._exact(questions, k, only)
        if self._vectors is None:
            self._vectors = self._index.load(self)
        found, scores = self._vectors.search(questions, k, only)
        return [
            [(int(id_), float(score)) for id_, score in zip(*row, strict=True) if id_ >= 0]
            for row in zip(found, scores, strict=True)
        ]

    def require_served(self, server: VectorServer) -> None:
        """Raises:
        IndexError_: The server does not hold the vectors of this generation.
        """
        if not self._index.served(self.key):
            with self._reading() as db:
                name = served.index_name(db)
            served.require(server, name, self.key, self._index.folder)
            self._index.note_served(self.key)

    def _known(self, ids: list[int]) -> set[int]:
        """Those of ``ids`` that are passages of this generation."""
        sql = "SELECT id FROM passages WHERE id IN (SELECT value FROM json_each(?))"
        with self._reading() as db:
            return {id_ for (id_,) in db.execute(sql, (str(ids),))}

    def _exact(self, questions: Vectors, k: int, only: Ids) -> list[list[tuple[int, float]]]:
        import numpy as np

        if not len(only):
            return [[] for _ in questions]
        scores = np.round(questions @ self.vectors(only.tolist()).T, vectors.PRECISION)
        best = [vectors.order(only, row)[:k] for row in scores]
        return [
            [(int(only[at]), float(row[at])) for at in ats] for row, ats in zip(scores, best, strict=True)
        ]

    def lexical(self, terms: Sequence[str], k: int, where: Filter = _ANY) -> list[tuple[int, float]]:
        """The ``k`` best passages by BM25 over stems, best first; scores are shares of the highest possible."""
        allowed = self._allowed(where)
        with self._reading() as db:
            found = fulltext.lexical(db, terms, k, self._count, allowed)
            return fulltext.shares(found, fulltext.lexical_most(db, terms, self._count))

    def cross(
        self,
        groups: Sequence[Sequence[tuple[str, float]]],
        skeletons: Sequence[str],
        k: int,
        where: Filter = _ANY,
    ) -> list[tuple[int, float]]:
        """The ``k`` best passages for words and names of the other script, best first; scores as in ``lexical``.

        Args:
            groups: Per word of the question, its stems in the other language with weights.
            skeletons: Consonant skeletons of words that may be names.
        """
        allowed = self._allowed(where)
        with self._reading() as db:
            found = fulltext.cross(db, groups, skeletons, k, self._count, allowed)
            return fulltext.shares(found, fulltext.cross_most(db, groups, skeletons, self._count))

    def rarity(self, words: Sequence[Sought]) -> list[float]:
        """How rare each word of a question is among the passages: its idf."""
        with self._reading() as db:
            return fulltext.rarity(db, words, self._count)

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """The passages of ``ids``, in that order.

        Raises:
            InputError: An id is not in this generation.
        """
        wanted = [int(id_) for id_ in ids]
        some = self._passages("id IN (SELECT value FROM json_each(?))", str(wanted))
        found = {passage.id: passage for passage in some}
        self._require(wanted, found)
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

    def wires(self, article_ids: Iterable[str]) -> dict[str, str]:
        """Of those articles that have copies in the index the name of their group, by id."""
        sql = (
            "SELECT article_id, wire FROM copies "
            "WHERE wire IS NOT NULL AND article_id IN (SELECT value FROM json_each(?))"
        )
        with self._reading() as db:
            return dict(db.execute(sql, (json.dumps(list(article_ids)),)).fetchall())

    def latest(self, where: Filter, k: int) -> list[Article]:
        """The ``k`` articles dated last of those that fit and state a date, the last first."""
        condition, values = store.condition(where)
        sql = (
            f"SELECT {store.ARTICLE} FROM articles AS a WHERE a.date IS NOT NULL AND {condition or 1} "
            "ORDER BY a.date DESC, a.id LIMIT :most"
        )
        with self._reading() as db:
            return [store.article_of(row) for row in db.execute(sql, {**values, "most": k})]

    def vectors(self, ids: Sequence[int]) -> Vectors:
        """The vectors of passages, in the order of ``ids``: float32, shape ``(len(ids), dimension)``.

        Raises:
            InputError: An id is not in this generation.
        """
        sql = "SELECT passage_id, vector FROM vectors WHERE passage_id IN (SELECT value FROM json_each(?))"
        wanted = [int(id_) for id_ in ids]
        with self._reading() as db:
            found = dict(db.execute(sql, (str(wanted),)).fetchall())
        self._require(wanted, found)
        return store.unblob((found[id_] for id_ in wanted), self._index.contract.dimension)

    def by_words(self, ids: Sequence[int], asked: AskedVectors) -> dict[int, float]:
        """Of each passage the weighted mean, over the question's words, of the cosine with its nearest word.

        Passages of an embedder that gives no vectors of words, and passages without words, are left out.
        """
        import numpy as np

        if not len(asked.words):
            return {}
        sql = "SELECT * FROM words WHERE passage_id IN (SELECT value FROM json_each(?))"
        width = asked.words.shape[1]
        with self._reading() as db:
            found = db.execute(sql, (str([int(id_) for id_ in ids]),)).fetchall()
            rows = store.words_of([blob for _, blob in found], width)
        if not found:
            return {}
        edges = np.cumsum([0, *(2 * len(blob) // width for _, blob in found[:-1])])
        nearest = np.maximum.reduceat(asked.words @ rows.T, edges, axis=1)
        scores = asked.weights @ nearest / asked.weights.sum()
        return {id_: float(score) for (id_, _), score in zip(found, scores, strict=True)}

    def blocks(self) -> Iterator[tuple[Ids, Vectors]]:
        """All vectors with their ids by ascending id, in blocks."""
        with self._reading() as db:
            yield from store.vector_blocks(db, self._index.contract.dimension)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if not self._end.alive:
                raise RagError("This snapshot of the index was closed. Take another with Index.snapshot().")
            with translated(self._index.folder):
                yield self._db

    def _require(self, wanted: Sequence[int], found: Collection[int]) -> None:
        unknown = [id_ for id_ in wanted if id_ not in found]
        if unknown:
            raise InputError(f"No passage {unknown[0]} in generation {self.generation} of the index.")

    def _passages(self, condition: str, value: str) -> list[Passage]:
        sql = f"SELECT {store.PASSAGE} FROM passages WHERE {condition}"
        with self._reading() as db:
            return [store.passage_of(row) for row in db.execute(sql, (value,))]

    def _articles(self, condition: str, values: dict[str, str]) -> list[Article]:
        sql = f"SELECT {store.ARTICLE} FROM articles AS a WHERE {condition or 1} ORDER BY a.owner, a.position"
        with self._reading() as db:
            return [store.article_of(row) for row in db.execute(sql, values)]

    def _only(self, where: Filter) -> Ids | None:
        """Ids of the passages that a filter leaves, ascending; None when it leaves all."""
        condition, values = store.condition(where)
        if not condition:
            return None

        def find() -> Ids:
            import numpy as np

            with self._reading() as db:
                rows = db.execute(f"SELECT p.id FROM {_JOINED} WHERE {condition} ORDER BY p.id", values)
                return np.fromiter((id_ for (id_,) in rows), dtype=np.int64)

        return self._index.remember(self.key, where, find)

    def _allowed(self, where: Filter) -> fulltext.Allowed | None:
        """A filter for the word searches: a list where that is short, else asked of each match."""
        only = self._only(where)
        if only is None:
            return None
        if len(only) <= _EXACT:
            return fulltext.Allowed(
                "{row} IN (SELECT value FROM json_each(:ids))", {"ids": str(only.tolist())}
            )
        condition, values = store.condition(where)
        return fulltext.Allowed(
            f"EXISTS (SELECT 1 FROM {_JOINED} WHERE p.id = {{row}} AND {condition})", values
        )
