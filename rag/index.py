"""An index in a folder: opened once for reading; each question takes a snapshot of it."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag import store, vectorfile, vectors
from rag.contract import Contract, require_same
from rag.errors import RagError
from rag.faults import translated
from rag.lock import write_lock
from rag.snapshot import Key, Snapshot
from rag.types import Filter

if TYPE_CHECKING:
    from rag.protocols import Vectors, VectorServer
    from rag.vectors import FaissStore, Ids

_FILTERS = 8  # filters whose passages are remembered
_LEAVE = 5.0  # seconds that closing waits for the background


class _Left(Exception):
    """The index was closed while something was made beside it."""


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
