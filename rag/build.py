"""The write path: read, chunk, embed into a staging file, then publish as one new generation.

A build is all or nothing: questions are answered from the old generation until the new one is whole,
then from all of it. One that is killed leaves the index as it was, and the next goes on from what it
had embedded.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag import served, store, vectorfile
from rag.config import Config
from rag.contract import Contract, contract_of, require_same
from rag.errors import InputError
from rag.faults import translated
from rag.lock import write_lock
from rag.publish import empty_log, publish, record
from rag.stage import Stage
from rag.types import Article

if TYPE_CHECKING:
    from rag.protocols import Embedder, VectorServer

__all__ = ["BuildReport", "Contract", "Progress", "build", "contract_of", "delete"]

Phase = Literal["waiting", "reading", "embedding", "writing"]
PATIENCE = 30.0  # seconds that a build waits for another


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is.

    Attributes:
        done, total: Sources while reading (total 0: not known yet), passages while embedding.
        rate: Per second; 0 before there is one.
        left: Seconds left at this rate; None where that cannot be said.
        detail: The source read, or the writer waited for.
    """

    phase: Phase
    done: int
    total: int
    rate: float = 0.0
    left: float | None = None
    detail: str = ""


Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, by the names of sources.

    Attributes:
        failed: Sources that could not be read, with the verdict; older versions of them stay.
        articles, passages: In the index now.
        generation: Of the index now; as before when nothing changed.
        seconds: Taken.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    articles: int
    passages: int
    generation: int
    seconds: float


def build(
    paths: Sequence[Path],
    folder: Path,
    embedder: Embedder,
    config: Config,
    *,
    remove: Sequence[str] = (),
    rebuild: bool = False,
    server: VectorServer | None = None,
    progress: Tell | None = None,
    patience: float = PATIENCE,
) -> BuildReport:
    """Adds and updates the articles under ``paths``, after removing those of ``remove``.

    Args:
        remove: As for ``delete``.
        rebuild: Chunk and embed anew everything that the index holds, under the present contract. The
            vectors are kept where the contract differs in nothing that they depend on.
        server: Where the vectors go instead of into a file of the index.
        progress: Called often, from this thread.
        patience: Seconds to wait for another build of the same index.

    Raises:
        ContractMismatch: The index was made with something else, and ``rebuild`` is not set.
        IndexLocked: Another build did not end in time.
        InputError: A path does not exist, or nothing fits an entry of ``remove``.
        ModelError: The encoder failed.
        IndexError_: No permission, no room, a failing or damaged file; the index is as it was.
    """
    started = time.monotonic()
    tell = progress or (lambda _: None)
    contract = contract_of(embedder, config)
    with _writing(folder, patience, tell) as db:
        stored = store.contract(db, folder)
        if stored is not None and not rebuild and store.count(db, "articles"):
            require_same(stored, contract, folder)
        gone = _named(db, remove)
        stage = Stage(folder, contract)
        try:
            if not rebuild:  # which may find its vectors made already
                stage.embed_ahead(embedder)
            job = _Reading(db, stage, embedder, config, frozenset(gone), tell)
            job.read(paths, anew=rebuild)
            if rebuild:
                job.read_again()
            stage.keep_only(job.staged)
            if rebuild and stored is not None and stored.only_words_differ(contract):
                stage.adopt(folder)
            stage.embed(embedder, _Clock(tell, "embedding"))
        finally:
            stage.close()
        if job.staged or gone:
            tell(Progress("writing", 0, 1))
            publish(db, folder, contract, stage.path, gone, server)
            tell(Progress("writing", 1, 1))
        elif server is not None and stored is not None:
            served.catch_up(db, folder, server)
        record(db, job.failed, job.unchanged)
        stage.delete()
        return _report(db, folder, started, job, gone)


def delete(
    sources: Sequence[str],
    folder: Path,
    *,
    server: VectorServer | None = None,
    progress: Tell | None = None,
    patience: float = PATIENCE,
) -> BuildReport:
    """Deletes sources with their articles, passages, vectors and words; needs no encoder.

    Args:
        sources: Names as listed; an archive's or table's name stands for all of its entries, a name
            that ends in ``/`` for all sources below it.
        server: As for ``build``.

    Raises:
        IndexMissing: There is no index.
        InputError: Nothing fits an entry.
        IndexLocked, IndexError_: As ``build``.
    """
    started = time.monotonic()
    if not (folder / store.NAME).is_file():
        raise store.missing(folder, f"{store.NAME} is not there")
    with _writing(folder, patience, progress or (lambda _: None)) as db:
        contract = store.contract(db, folder)
        if contract is None:
            raise store.missing(folder, "nothing was built to the end yet")
        gone = _named(db, sources)
        publish(db, folder, contract, None, gone, server)
        Stage.discard(folder)  # what a killed build left there may be the deleted text
        return _report(db, folder, started, None, gone)


@contextmanager
def _writing(folder: Path, patience: float, tell: Tell) -> Iterator[sqlite3.Connection]:
    """A connection with the right to write; faults of disk and SQLite as errors of ours."""
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with (
            write_lock(folder, patience, lambda holder: tell(Progress("waiting", 0, 0, detail=holder))),
            closing(store.open_to_write(folder)) as db,
        ):
            vectorfile.settle(folder, *store.generation(db, folder))
            empty_log(db)
            yield db


class _Reading:
    """Stages what has to go into the next generation.

    Attributes:
        staged: Names of the sources that were staged.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        stage: Stage,
        embedder: Embedder,
        config: Config,
        gone: frozenset[str],
        tell: Tell,
    ) -> None:
        self._db = db
        self._stage = stage
        self._embedder = embedder
        self._config = config
        self._gone = gone
        self._tell = tell
        self.staged: dict[str, None] = {}
        self.added: list[str] = []
        self.changed: list[str] = []
        self.unchanged: list[str] = []
        self.failed: list[tuple[str, str]] = []

    def read(self, paths: Sequence[Path], anew: bool) -> None:
        """Stages what is new or changed under ``paths``, with ``anew`` also what is not."""
        from rag.read import read_paths

        known = dict(self._db.execute("SELECT name, content_hash FROM sources"))
        seen: dict[str, str] = {}
        clock = _Clock(self._tell, "reading")
        for source in read_paths(list(paths)) if paths else ():
            name, content = source.name, source.content_hash
            clock(len(seen), 0, name)
            if source.error is not None:
                self.failed.append((name, source.error))
            elif name in seen:
                if seen[name] != content:
                    self.failed.append(
                        (name, "another file of this name was given too; give their common folder")
                    )
            elif known.get(name) == content and name not in self._gone and not anew:
                self.unchanged.append(name)
            else:
                self._put(name, content, source.articles)
                (self.changed if name in known and name not in self._gone else self.added).append(name)
            seen.setdefault(name, content)

    def read_again(self) -> None:
        """Stages the articles that the index holds, but for those read from their files just now."""
        sources = self._db.execute(
            "SELECT name, content_hash FROM sources WHERE name IN (SELECT owner FROM articles) ORDER BY name"
        ).fetchall()
        clock = _Clock(self._tell, "reading")
        for at, (name, content) in enumerate(sources):
            if name not in self._gone and name not in self.staged:
                self._put(name, content, self._stored(name))
            clock(at + 1, len(sources), name)

    def _put(self, name: str, content: str, articles: Sequence[Article]) -> None:
        if not self._stage.holds(name, content):
            self._stage.put(name, content, articles, self._embedder, self._config)
        self.staged[name] = None

    def _stored(self, name: str) -> list[Article]:
        rows = self._db.execute(
            f"SELECT {store.ARTICLE} FROM articles WHERE owner = ? ORDER BY position", (name,)
        )
        return [store.article_of(row) for row in rows]


class _Clock:
    """Turns counts into progress with a rate."""

    def __init__(self, tell: Tell, phase: Phase) -> None:
        self._tell = tell
        self._phase: Phase = phase
        self._started = time.monotonic()
        self._first: int | None = None

    def __call__(self, done: int, total: int, detail: str = "") -> None:
        if self._first is None:
            self._first = done
        passed = time.monotonic() - self._started
        rate = (done - self._first) / passed if passed > 0 else 0.0
        left = (total - done) / rate if rate > 0 and total else None
        self._tell(Progress(self._phase, done, total, rate, left, detail))


def _named(db: sqlite3.Connection, remove: Sequence[str]) -> list[str]:
    """Names of the sources that the entries of ``remove`` mean."""
    names = [name for (name,) in db.execute("SELECT name FROM sources ORDER BY name")]
    gone: dict[str, None] = {}
    for entry in remove:
        inside = entry if entry.endswith("/") else entry + "!"
        fit = [name for name in names if name == entry or name.startswith(inside)]
        if not fit:
            raise InputError(f"No source {entry!r} in the index. List them with: python -m rag.build --list")
        gone.update(dict.fromkeys(fit))
    return list(gone)


def _report(
    db: sqlite3.Connection, folder: Path, started: float, job: _Reading | None, gone: Sequence[str]
) -> BuildReport:
    return BuildReport(
        added=tuple(job.added) if job else (),
        changed=tuple(job.changed) if job else (),
        unchanged=tuple(job.unchanged) if job else (),
        removed=tuple(gone),
        failed=tuple(job.failed) if job else (),
        articles=store.count(db, "articles"),
        passages=store.size(db, folder),
        generation=store.generation(db, folder)[0],
        seconds=time.monotonic() - started,
    )


if __name__ == "__main__":
    import sys

    from rag.buildcli import main

    sys.exit(main(sys.argv[1:]))
