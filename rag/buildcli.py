"""``python -m rag.build``: adds, removes, lists, rebuilds and verifies from the command line."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from rag.build import BuildReport, Progress, build, delete
from rag.cli import left_by_reader
from rag.config import Config, index_folder, load_config
from rag.errors import InputError, RagError

SEEDS = Path("seeds")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit status: 0 done, 2 usage or input, 1 any other failure."""
    asked = _parser().parse_args(arguments)
    try:
        config = load_config(asked.config, index=asked.index, embedder=asked.embedder)
        folder = index_folder(config)
        if asked.list:
            return _list(folder)
        if asked.verify:
            return _verify(folder, config)
        return _build(asked, folder, config)
    except RagError as error:
        return error.reported()
    except BrokenPipeError:
        return left_by_reader()
    except KeyboardInterrupt:
        print("Stopped; the index is as it was. The same command goes on from here.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rag.build", description="Adds articles to the index, or updates them."
    )
    add = parser.add_argument
    add(
        "paths", nargs="*", type=Path, metavar="PATH", help="files, folders or archives of articles (./seeds)"
    )
    add("--index", help="folder of the index")
    add("--remove", action="append", default=[], metavar="SOURCE", help="a source as listed; repeatable")
    add("--list", action="store_true", help="list the sources and their articles")
    add("--rebuild", action="store_true", help="make anew all that the index holds")
    add(
        "--verify",
        action="store_true",
        help="check the whole index, name what is damaged, mend a server's rows",
    )
    add("--embedder", help="'sanad', or a sentence-transformers model")
    add("--config", help="a TOML file of settings")
    return parser


def _build(asked: argparse.Namespace, folder: Path, config: Config) -> int:
    paths: list[Path] = asked.paths
    if not paths and not asked.remove and not asked.rebuild:
        if not SEEDS.is_dir():
            raise InputError("Nothing to do. Name files or folders of articles: python -m rag.build PATH")
        paths = [SEEDS]
    if asked.rebuild and not paths and not (folder / "sanad.db").is_file():
        raise InputError(f"No index in {folder} to be made anew. Name its folder with --index.")
    from rag.assemble import encoder, server_of

    with _Meter() as meter, ExitStack() as ends:
        if (server := server_of(config)) is not None:
            ends.enter_context(closing(server))
        if not paths and not asked.rebuild:
            _print(delete(asked.remove, folder, server=server, progress=meter), folder)
            return 0
        embedder = ends.enter_context(encoder(config))
        report = build(
            paths,
            folder,
            embedder,
            config,
            remove=asked.remove,
            rebuild=asked.rebuild,
            server=server,
            progress=meter,
        )
    _print(report, folder, rebuilt=asked.rebuild)
    read = report.added or report.changed or report.unchanged or report.removed
    return 0 if read or not report.failed else 2


def _print(report: BuildReport, folder: Path, rebuilt: bool = False) -> None:
    for name, verdict in report.failed:
        print("not read: " + (verdict if name in verdict else f"{name}: {verdict}"), file=sys.stderr)
    counts = [
        (len(report.added), "added"),
        (len(report.changed), "changed"),
        (len(report.unchanged), "unchanged"),
        (len(report.removed), "removed"),
        (len(report.failed), "not read"),
    ]
    told = [f"{count} {what}" for count, what in counts if count]
    if rebuilt:
        told.append("all made anew")
    done = ", ".join(told) or "nothing to do"
    print(
        f"{done}; {report.articles} articles in {report.passages} passages in {folder} "
        f"(generation {report.generation}, {report.seconds:.1f} s)"
    )


class _Meter:
    """Shows progress on standard error: one changing line on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = time.monotonic()
        self._width = 0

    def __enter__(self) -> _Meter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._shown < (0.1 if self._live else 10.0) and progress.phase != "waiting":
            return
        self._shown = now
        line = line_of(progress)
        if self._live:
            sys.stderr.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()


def line_of(progress: Progress) -> str:
    """One line that says how far a build is."""
    if progress.phase == "waiting":
        return f"waiting for {progress.detail}"
    if progress.phase == "writing":
        return "writing the index"
    things = "sources" if progress.phase == "reading" else "passages"
    amount = f"{progress.done} of {progress.total}" if progress.total else str(progress.done)
    parts = [f"{progress.phase} {amount} {things}"]
    if progress.rate:
        parts.append(f"{progress.rate:.1f}/s")
    if progress.left is not None and progress.done < progress.total:
        parts.append(f"{_duration(progress.left)} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _list(folder: Path) -> int:
    from rag.audit import listing

    for line in listing(folder):
        print(line)
    return 0


def _verify(folder: Path, config: Config) -> int:
    from rag.assemble import server_of
    from rag.audit import verify

    server = server_of(config)
    faults = verify(folder, derived=server is None)
    for fault in faults:
        print(fault, file=sys.stderr)
    if server is not None and not faults:  # what is damaged here must not be copied there
        from rag.served import mend

        with closing(server):
            for mended in mend(folder, server):
                print(mended)
    print(f"{len(faults)} faults in {folder}" if faults else f"{folder} is whole")
    return 1 if faults else 0
