"""The write path: read, chunk, embed into a staging file, then publish as one new generation.

Questions are answered from the old generation until the new one is whole; then all of it shows at
once. A build that is killed leaves the index as it was, and the next goes on with what was embedded.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag import store, vectors
from rag.config import Config
from rag.contract import Contract, contract_of, require_same
from rag.errors import InputError
from rag.faults import translated
from rag.lock import write_lock
from rag.stage import Stage

if TYPE_CHECKING:
    from rag.protocols import Embedder

__all__ = ["BuildReport", "Contract", "Progress", "build", "contract_of"]

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
    progress: Callable[[Progress], None] | None = None,
    patience: float = PATIENCE,
) -> BuildReport:
    """Adds and updates the articles under ``paths``, after removing those of ``remove``.

    Args:
        remove: Sources as listed; an archive's or table's name stands for all of its entries, a
            name that ends in ``/`` for all sources below it.
        rebuild: Chunk and embed anew everything that the index holds, under the present contract.
        progress: Called often, from this thread.
        patience: Seconds to wait for another build of the same index.

    Raises:
        ContractMismatch: The index was made with something else, and ``rebuild`` is not set.
        IndexLocked: Another build did not end in time.
        InputError: A path does not exist, or nothing fits an entry of ``remove``.
        IndexError_: No permission, no room, a failing or damaged file; the index is as it was.
    """
    started = time.monotonic()
    tell = progress or (lambda _: None)
    contract = contract_of(embedder, config)
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with write_lock(folder, patience, lambda holder: tell(Progress("waiting", 0, 0, detail=holder))):
            with closing(store.open_to_write(folder)) as db:
                stored = store.contract(db, folder)
                if stored is not None and not rebuild:
                    require_same(stored, contract, folder)
                run = _Build(db, folder, embedder, config, contract, tell)
                return run.go(paths, remove, rebuild, started)


class _Build:
    """One run, holding the lock."""

    def __init__(
        self,
        db: sqlite3.Connection,
        folder: Path,
        embedder: Embedder,
        config: Config,
        contract: Contract,
        tell: Callable[[Progress], None],
    ) -> None:
        self.db = db
        self.folder = folder
        self.embedder = embedder
        self.config = config
        self.contract = contract
        self.tell = tell
        self.added: list[str] = []
        self.changed: list[str] = []
        self.unchanged: list[str] = []
        self.failed: list[tuple[str, str]] = []

    def go(self, paths: Sequence[Path], remove: Sequence[str], rebuild: bool, started: float) -> BuildReport:
        gone = _named(self.db, remove)
        stage = Stage(self.folder, self.contract)
        try:
            staged = self._read(stage, paths, frozenset(gone), rebuild)
            if rebuild:
                staged += self._read_again(stage, frozenset(gone) | frozenset(staged))
            stage.keep_only(staged)
            stage.embed(self.embedder, _Clock(self.tell, "embedding"))
        finally:
            stage.close()
        if staged or gone:
            self.tell(Progress("writing", 0, 1))
            _publish(self.db, self.folder, self.contract, stage.path, gone)
            self.tell(Progress("writing", 1, 1))
        _record(self.db, self.failed)
        stage.delete()
        return BuildReport(
            tuple(self.added), tuple(self.changed), tuple(self.unchanged), tuple(gone), tuple(self.failed),
            _count(self.db, "articles"), _count(self.db, "passages"), store.generation(self.db)[0],
            time.monotonic() - started,
        )  # fmt: skip

    def _read(self, stage: Stage, paths: Sequence[Path], gone: frozenset[str], rebuild: bool) -> list[str]:
        """Stages what is new or changed under ``paths``; the names staged."""
        from rag.read import read_paths

        known = dict(self.db.execute("SELECT name, content_hash FROM sources WHERE error IS NULL"))
        seen: dict[str, str] = {}
        staged: list[str] = []
        clock = _Clock(self.tell, "reading")
        for source in read_paths(list(paths)) if paths else ():
            error = source.error
            if seen.setdefault(source.name, source.content_hash) != source.content_hash:
                error = "another file of the same name was given too; give the folder above both instead"
            if error is not None:
                self.failed.append((source.name, error))
            elif source.name in staged or source.name in self.unchanged:
                continue  # given twice
            elif not rebuild and source.name not in gone and known.get(source.name) == source.content_hash:
                self.unchanged.append(source.name)
            else:
                if not stage.holds(source.name, source.content_hash):
                    stage.put(source.name, source.content_hash, source.articles, self.embedder, self.config)
                staged.append(source.name)
                was_there = source.name in known and source.name not in gone
                (self.changed if was_there else self.added).append(source.name)
            clock(len(seen), 0, source.name)
        return staged

    def _read_again(self, stage: Stage, without: frozenset[str]) -> list[str]:
        """Stages the articles that the index holds; the names staged."""
        again = []
        sources = self.db.execute(
            "SELECT name, content_hash FROM sources WHERE name IN (SELECT owner FROM articles) ORDER BY name"
        ).fetchall()
        clock = _Clock(self.tell, "reading")
        for name, content_hash in sources:
            if name not in without:
                if not stage.holds(name, content_hash):
                    sql = f"SELECT {store.ARTICLE} FROM articles WHERE owner = ? ORDER BY position"
                    articles = [store.article_of(row) for row in self.db.execute(sql, (name,))]
                    stage.put(name, content_hash, articles, self.embedder, self.config)
                again.append(name)
                clock(len(again), len(sources), name)
        return again


class _Clock:
    """Turns counts into progress with a rate."""

    def __init__(self, tell: Callable[[Progress], None], phase: Phase) -> None:
        self._tell = tell
        self._phase: Phase = phase
        self._started = time.monotonic()
        self._first: int | None = None

    def __call__(self, done: int, total: int, detail: str = "") -> None:
        if self._first is None:
            self._first = done if total else 0
        passed = time.monotonic() - self._started
        rate = (done - self._first) / passed if passed > 0 else 0.0
        left = (total - done) / rate if rate > 0 and total else None
        self._tell(Progress(self._phase, done, total, rate, left, detail))


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


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


def _publish(
    db: sqlite3.Connection,
    folder: Path,
    contract: Contract,
    stage: Path,
    gone: Sequence[str],
) -> None:
    """Makes the staged sources, less ``gone``, the next generation, in one transaction."""
    db.execute("ATTACH ? AS stage", (str(stage),))
    try:
        with store.transaction(db):
            before = store.generation(db)
            _delete(db, gone)
            _delete(db, [name for (name,) in db.execute("SELECT name FROM stage.sources")])
            _insert(db)
            stamp = (before[0] + 1, secrets.token_hex(8))
            store.set_meta(db, [(f"contract.{key}", value) for key, value in contract.as_text().items()])
            store.set_meta(db, [("generation", str(stamp[0])), ("stamp", stamp[1])])
            dimension = contract.dimension
            made = vectors.make(store.vector_blocks(db, dimension), _count(db, "vectors"), dimension)
            temporary = vectors.write(made, folder, *stamp)
        vectors.put(temporary, folder)
    finally:
        db.execute("DETACH stage")
    _empty_log(db)


def _record(db: sqlite3.Connection, failed: Sequence[tuple[str, str]]) -> None:
    """Keeps the verdicts on what could not be read, for the list of sources."""
    if failed:
        with store.transaction(db):
            db.executemany(
                "INSERT INTO sources VALUES (?, '', ?) "
                "ON CONFLICT (name) DO UPDATE SET error = excluded.error",
                failed,
            )


def _empty_log(db: sqlite3.Connection) -> None:
    """Empties SQLite's log, which holds older pages, deleted text among them.

    A question being read holds it up; then the next build does it.
    """
    db.execute("PRAGMA busy_timeout = 500")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.execute("PRAGMA busy_timeout = 10000")


_OF_PASSAGES = (("terms", "rowid"), ("skeletons", "rowid"), ("vectors", "passage_id"), ("passages", "id"))


def _delete(db: sqlite3.Connection, names: Sequence[str]) -> None:
    for name in names:
        ids = "(SELECT p.id FROM passages AS p JOIN articles AS a ON a.id = p.article_id WHERE a.owner = ?)"
        for table, key in _OF_PASSAGES:
            db.execute(f"DELETE FROM {table} WHERE {key} IN {ids}", (name,))
        db.execute("DELETE FROM articles WHERE owner = ?", (name,))
        db.execute("DELETE FROM sources WHERE name = ?", (name,))


def _insert(db: sqlite3.Connection) -> None:
    """Copies the staged rows, with ids above every id ever used."""
    last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
    base = {"base": int(last[0]) if last else 0}
    db.execute("INSERT INTO sources SELECT * FROM stage.sources")
    db.execute("INSERT INTO articles SELECT * FROM stage.articles ORDER BY rowid")
    db.execute(
        'INSERT INTO passages SELECT :base + id, article_id, ordinal, start, "end", text, sentences '
        "FROM stage.passages ORDER BY id",
        base,
    )
    for table, column in (("vectors (passage_id, vector)", "vector"), ("terms (rowid, words)", "terms"),
                          ("skeletons (rowid, words)", "skeletons")):  # fmt: skip
        db.execute(f"INSERT INTO {table} SELECT :base + id, {column} FROM stage.passages ORDER BY id", base)


if __name__ == "__main__":
    import sys

    from rag.buildcli import main

    sys.exit(main(sys.argv[1:]))
