"""Articles added and deleted through the browser and the API: names, limits, verdicts."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from rag.errors import InputError
from rag.types import Article, Filter

if TYPE_CHECKING:
    from rag.build import BuildReport

Outcome = Literal["added", "changed", "unchanged", "refused"]
MOST_FILES = 1_000  # of one upload
LONGEST_NAME = 200  # characters of a file's name

_NOT_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|!\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_writing = threading.Lock()


class Collection(Protocol):
    """The part of ``rag.answer.Pipeline`` that changes the articles."""

    def add(self, paths: Sequence[Path]) -> BuildReport: ...
    def remove(self, sources: Sequence[str]) -> BuildReport: ...
    def articles(self, where: Filter = Filter()) -> tuple[Article, ...]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one file, or of one entry of an archive; ``reason`` says why it was refused."""

    source: str
    outcome: Outcome
    reason: str = ""


def safe_name(name: str) -> str:
    """A file's name as it may be stored: the last part of what the browser said, without odd signs.

    Raises:
        InputError: Nothing is left of it, or it is too long.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = _NOT_NAMES.sub("_", last).strip(". ")
    if not plain or not any(char.isalnum() for char in PurePosixPath(plain).stem):
        raise InputError(f"The file's name {last[:40]!r} cannot be used. Give the file a name with letters.")
    if len(plain) > LONGEST_NAME or len(plain.encode()) > 250:
        raise InputError(
            f"The file's name {plain[:40]!r}… is longer than {LONGEST_NAME} characters. Shorten it."
        )
    return plain


def add(collection: Collection, files: Iterable[tuple[str, BinaryIO]], most: int) -> tuple[Verdict, ...]:
    """Adds uploaded files, all in one new generation; nothing of them stays on the disk besides.

    Args:
        files: Names as the browser said them, and their bytes.
        most: Bytes of all together.

    Raises:
        InputError: They are too many or too large, or share a name.
        RagError: The index cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="sanad-upload-") as folder:
        paths, refused = _stored(files, Path(folder), most)
        if not paths:
            return tuple(refused)
        with _writing:
            report = collection.add(paths)
    return (*refused, *verdicts(report))


def _stored(
    files: Iterable[tuple[str, BinaryIO]], folder: Path, most: int
) -> tuple[list[Path], list[Verdict]]:
    paths: list[Path] = []
    refused: list[Verdict] = []
    left = most
    for count, (name, data) in enumerate(files, 1):
        if count > MOST_FILES:
            raise InputError(f"More than {MOST_FILES:,} files at once. Send them as a zip, or in parts.")
        try:
            path = folder / safe_name(name)
            if path in paths:
                raise InputError(f"Two files are called {path.name}. Send one of them under another name.")
        except InputError as error:
            refused.append(Verdict(name[:LONGEST_NAME], "refused", str(error)))
            continue
        with path.open("xb") as out:
            shutil.copyfileobj(_Limited(data, left), out)
            left -= out.tell()
        if left < 0:
            raise InputError(
                f"More than {most // 1_000_000} MB at once. Send the files in parts (max_upload_mb)."
            )
        paths.append(path)
    return paths, refused


class _Limited:
    """Reads at most one byte more than ``most``: enough to know that there is too much."""

    def __init__(self, data: BinaryIO, most: int) -> None:
        self._data, self._left = data, most + 1

    def read(self, size: int = -1) -> bytes:
        found = self._data.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(found)
        return found


def verdicts(report: BuildReport) -> Iterator[Verdict]:
    """One for each file or entry of an archive."""
    outcomes: tuple[tuple[Outcome, tuple[str, ...]], ...] = (
        ("added", report.added), ("changed", report.changed), ("unchanged", report.unchanged),
    )  # fmt: skip
    for outcome, sources in outcomes:
        for source in sources:
            yield Verdict(source, outcome)
    for source, reason in report.failed:
        yield Verdict(source, "refused", reason)


def remove(collection: Collection, article: Article) -> tuple[str, ...]:
    """Deletes the file of ``article``, with every other article that was read from it; their sources.

    A record of a table (``file.csv!3``) goes with its table: the index knows files, not lines.
    """
    with _writing:
        try:
            return collection.remove([article.source]).removed
        except InputError:
            table, _, record = article.source.rpartition("!")
            if not table or not record.isdecimal():
                raise
            return collection.remove([table]).removed


def chosen(
    articles: Sequence[Article], keep: Callable[[Article], bool], offset: int = 0, limit: int = 200
) -> tuple[int, tuple[Article, ...]]:
    """How many fit, and one page of them."""
    fit = [article for article in articles if keep(article)]
    return len(fit), tuple(fit[offset : offset + limit])
