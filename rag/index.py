"""The read side of an index: opened once, then one snapshot per question."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag import fulltext, served, store, vectorfile, vectors
from rag.contract import Contract, require_same
from rag.errors import InputError, RagError
from rag.faults import damaged, translated
from rag.lock import write_lock
from rag.types import Article, Filter, Passage

if TYPE_CHECKING:
    from rag.lexicon import Sought
    from rag.protocols import Vectors, VectorServer
    from rag.vectors import FaissStore, Ids

_ANY = Filter()
_EXACT = 20_000  # passages that a filter may leave for an exact search without FAISS
_JOINED = "passages AS p JOIN articles AS a ON a.id = p.article_id"
_FILTERS = 8  # filters whose passages are remembered
_LEAVE = 5.0  # seconds that closing waits for the background

Key = tuple[int, str]  # number and stamp of a generation


class Index:
    """An index in a folder, for reading by any number of threads.

    Attributes:
        contract: What it was made with.
        server: Where its vectors are, if not in a file of the folder.
        warnings: What was found wrong with the derived vector file and mended, as sentences.
    """

    def __init__(self, folder: Path, contract: Contract, server: VectorServer | None = None) -> None:
        self.folder = folder
        self.contract = contract
        self.server = server
        self.warnings: list[str] = []
        # Order of locks: the index's before a snapshot's; that of the filters is held for moments only.
        self._lock = threading.Lock()
        self._filters_lock = threading.Lock()
        self._held: tuple[Key, FaissStore] | None = None
        self._served: Key | None = None  # the generation last found to be on the server
        self._filters: OrderedDict[tuple[Key, Filter], Ids] = OrderedDict()
        self._background: threading.Thread | None = None
        self._closed = threading.Event()

    @classmethod
    def open(
        cls, folder: Path, contract: Contract | None = None, server: VectorServer | None = None
    ) -> Index:
        """The index in ``folder``; with ``contract``, only if it was made with the same.

        Raises:
            IndexMissing: There is none.
            IndexDamaged: It does not hold together.
            ContractMismatch: It was made with something else.
            IndexError_: ``server`` does not hold its vectors.
        """
        with translated(folder), closing(store.open_to_read(folder)) as db:
            number, _ = store.generation(db, folder)
            stored = store.contract(db, folder)
        if number == 0 or stored is None:
            raise store.missing(folder, "nothing was built to the end yet")
        if contract is not None:
            require_same(stored, contract, folder)
        index = cls(folder, stored, server)
        if server is not None:
            try:
                with index.snapshot() as snapshot:
                    snapshot.require_served(server)
            except BaseException:
                index.close()
                raise
        return index

    def snapshot(self) -> Snapshot:
        """The present generation, to be read throughout one question; close it when done.

        Raises:
            IndexDamaged, IndexMissing: The index was damaged or removed since it was opened.
            ContractMismatch: It was made anew with something else since it was opened.
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
        """Lets go of the vectors and stops what runs in the background. Open snapshots stay usable."""
        self._closed.set()
        background = self._background
        if background is not None and background is not threading.current_thread():
            background.join(_LEAVE)
        self._held = None
        if self.server is not None:
            self.server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def held(self, key: Key) -> FaissStore | None:
        """The vectors of a generation, if they are in memory."""
        held = self._held
        return held[1] if held is not None and held[0] == key else None

    def served(self, key: Key) -> bool:
        """Whether the server is known to hold the vectors of a generation."""
        return self._served == key

    def note_served(self, key: Key) -> None:
        """Remembers that it does."""
        self._served = key

    def load(self, snapshot: Snapshot) -> FaissStore:
        """The vectors of a snapshot's generation: in memory, from the file, or made anew from SQLite."""
        with self._lock:
            if (held := self.held(snapshot.key)) is not None:
                return held
            found = self._read(snapshot)
            if self._held is None or self._held[0][0] <= snapshot.generation:
                self._held = (snapshot.key, found)
            return found

    def remember(self, key: Key, where: Filter, find: Callable[[], Ids]) -> Ids:
        """Ids of the passages that a filter leaves, found once per generation."""
        with self._filters_lock:
            if (key, where) in self._filters:
                self._filters.move_to_end((key, where))
                return self._filters[key, where]
        found = find()
        with self._filters_lock:
            self._filters[key, where] = found
            while len(self._filters) > _FILTERS:
                self._filters.popitem(last=False)
        return found

    def _read(self, snapshot: Snapshot) -> FaissStore:
        dimension = self.contract.dimension
        try:
            found, footer = vectorfile.read(self.folder, *snapshot.key, len(snapshot), dimension)
        except vectorfile.Unfit as reason:
            if not reason.newer:  # else a build ended between the beginning of the question and now
                self._warn(str(reason))
            kind = vectors.kind_for(len(snapshot), dimension)
            # An exact search is ready at once; a better arrangement takes its time beside it.
            found = vectors.make(snapshot.blocks, len(snapshot), dimension, "flat")
            if kind == "flat":
                self._keep(found, snapshot.key)
            else:
                self._beside(lambda: self._arrange(snapshot.key))
            return found
        if footer.body > vectorfile.MAPPED:
            self._beside(lambda: self._check(snapshot.key, footer))
        return found

    def _warn(self, reason: str) -> None:
        self.warnings.append(f"{self.folder / vectorfile.NAME} is made again from {store.NAME}: {reason}.")

    def _beside(self, work: Callable[[], None]) -> None:
        def run() -> None:
            with contextlib.suppress(_Left, RagError):  # the index closed, or went on to another generation
                work()

        if not self._closed.is_set():
            self._background = threading.Thread(target=run, name="sanad-vectors", daemon=True)
            self._background.start()

    def _check(self, key: Key, footer: vectorfile.Footer) -> None:
        """Hashes the whole vector file; if it is not what was written, makes it anew."""
        if vectorfile.intact(self.folder, footer, lambda: not self._closed.is_set()):
            return
        with contextlib.suppress(vectorfile.Unfit):
            if vectorfile.footer_of(self.folder / vectorfile.NAME) != footer:
                return  # replaced by a newer one meanwhile
        self._warn("its bytes changed since it was written")
        self._arrange(key)

    def _arrange(self, key: Key) -> None:
        """Makes the vectors of a generation anew, swaps them in, and writes their file."""
        with self.snapshot() as snapshot:
            if snapshot.key != key:
                return
            count = len(snapshot)

            def blocks() -> Iterator[tuple[Ids, Vectors]]:
                for block in snapshot.blocks():
                    if self._closed.is_set():
                        raise _Left
                    yield block

            made = vectors.make(blocks, count, self.contract.dimension)
        with self._lock:
            if self._held is not None and self._held[0] == key:
                self._held = (key, made)
        self._keep(made, key)

    def _keep(self, made: FaissStore, key: Key) -> None:
        """Writes the file, unless a build is at work or the folder cannot be written."""
        with (
            contextlib.suppress(OSError, RagError),
            translated(self.folder),
            write_lock(self.folder, 0),
            closing(store.open_to_read(self.folder)) as db,
        ):
            if store.generation(db, self.folder) == key:
                vectorfile.write(made, self.folder, *key)
                vectorfile.put(self.folder)


class _Left(Exception):
    pass


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
