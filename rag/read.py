"""Files to articles: what is title, body, repeat and boilerplate. Formats are in ``rag.formats``."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.clean import clean, fold, language_of
from rag.errors import InputError, ReadError
from rag.formats import SUFFIXES, Limits, Record, records
from rag.types import Article, Part, PartKind, Span


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or one entry of an archive: its articles, or why it has none.

    Attributes:
        name: As ``Article.source``, without a record's number.
        content_hash: SHA-256 of its bytes, hexadecimal; ``""`` when it could not be read.
        error: The verdict on a file that could not be read; None otherwise.
    """

    name: str
    content_hash: str
    articles: tuple[Article, ...]
    error: str | None = None


def read_paths(paths: Sequence[Path], *, limits: Limits = Limits()) -> Iterator[Source]:
    """Every readable file under ``paths``, folders in order of their names.

    A file that cannot be read is a ``Source`` with ``error``; nothing is skipped in silence but
    hidden files, README files and files of unknown kinds found inside folders.

    Raises:
        InputError: A path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise InputError(f"There is no file or folder {path}. Name one that exists.")
    for path in paths:
        root = path if path.is_dir() else path.parent
        for file in _walk(path, set()):
            name = file.relative_to(root).as_posix() if file != root else file.name
            if isinstance(file, Path) and file.is_dir():
                yield Source(name, "", (), f"The folder {name} cannot be listed. Check its permissions.")
            else:
                yield from _read_file(file, name, limits)


def _walk(path: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """Files below ``path``; an unlistable folder is yielded itself. Loops of links end."""
    if not path.is_dir():
        yield path
        return
    status = path.stat()
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    try:
        entries = sorted(path.iterdir())
    except OSError:
        yield path
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.stem.upper() == "README":
            continue
        if entry.is_dir():
            yield from _walk(entry, seen)
        elif entry.suffix.lower() in SUFFIXES:
            yield entry


def _read_file(file: Path, name: str, limits: Limits) -> Iterator[Source]:
    try:
        size = file.stat().st_size
        if size > limits.file_bytes:
            raise ReadError(
                f"{name} has {size / 1e6:.0f} MB; at most {limits.file_bytes / 1e6:.0f} MB are read. Split it."
            )
        data = file.read_bytes()
    except OSError as error:
        yield Source(
            name, "", (), f"{name} cannot be read: {error.strerror}. Check that it exists and may be read."
        )
        return
    except ReadError as error:
        yield Source(name, "", (), str(error))
        return
    yield from read_bytes(data, name, limits=limits)


def read_bytes(data: bytes, name: str, *, limits: Limits = Limits()) -> Iterator[Source]:
    """The sources in one file's bytes; an archive yields one for each entry."""
    for entry in records(data, name, limits):
        digest = hashlib.sha256(entry.data).hexdigest()
        if entry.error is not None:
            yield Source(entry.name, digest, (), entry.error)
            continue
        articles = tuple(_articles(entry.records, entry.name, digest))
        error = None if articles else f"{entry.name} holds no text. Leave it out, or check what was exported."
        yield Source(entry.name, digest, articles, error)


def _articles(found: Sequence[Record], name: str, digest: str) -> Iterator[Article]:
    for number, record in enumerate(found, 1):
        source = name if len(found) == 1 and not record.numbered else f"{name}!{number}"
        article = read_text(record.text, source, date=record.date, title=record.title, content_hash=digest)
        if article.text:
            yield article


def read_text(
    raw: str, source: str, *, date: str | None = None, title: str | None = None, content_hash: str = ""
) -> Article:
    """One article from its raw text; ``title`` and ``date`` are what metadata say, if any."""
    from rag.dates import dateline_date, iso_date

    lines = [line for line in re.split(r"\n+", clean(raw)) if line]
    stated = clean(title or "").replace("\n", " ")
    if stated and (not lines or fold(lines[0]) != fold(stated)):
        lines.insert(0, stated)
    kinds = _kinds(lines, titled=bool(stated))
    text = "\n\n".join(lines)
    parts, at = [], 0
    for line, kind in zip(lines, kinds, strict=True):
        parts.append(Part(kind, Span(at, at + len(line))))
        at += len(line) + 2
    titles = [line for line, kind in zip(lines, kinds, strict=True) if kind is PartKind.TITLE]
    stated_date = iso_date(date) if date else dateline_date(lines[:4])
    identity = hashlib.sha256(f"{source}\0{text}".encode()).hexdigest()[:12]
    return Article(
        id=identity,
        source=source,
        title=titles[0] if titles else "",
        text=text,
        language=language_of(text),
        date=stated_date,
        parts=tuple(parts),
        content_hash=content_hash or hashlib.sha256(raw.encode("utf-8", "replace")).hexdigest(),
    )


# ------------------------------------------------------------------ kinds of paragraphs

_LABEL = re.compile(
    r"^(?:اخبار عاجله|عاجل|خبر عاجل|اخر الاخبار|breaking(?: news)?|latest news|urgent|update|exclusive)\W*$"
)
_DATELINE = re.compile(
    r"^[\w .ء-ي]{2,30}\s*[-–/]\s*(?:سانا|وكالات|رويترز|ا ?ف ?ب|SANA|AP|AFP|Reuters|agencies)\W*$", re.I
)
_FOLLOW = re.compile(
    r"^(?:تابعوا?نا|تابعوا|للاشتراك|اشترك|انضموا?|حملوا|عبر ارسال|شارك(?:ها|وا)?|لمتابعه|follow us|subscribe|sign up|"
    r"join us|download our|share this|click here|copyright|all rights reserved|جميع الحقوق محفوظه)\b"
)
_MORE = re.compile(
    r"^(?:انظر ايضا|اقرا ايضا|اقرا المزيد|مواضيع ذات صله|اخبار ذات صله|read more|read also|see also|related(?: articles| stories)?)\b\W*"
)
_ADDRESS = re.compile(r"^(?:https?://|www\.)\S+$|^[\w.+-]+@[\w-]+\.\w+$")
_TERMINAL = re.compile(r"[.!?؟…]\W*$")


def _kinds(lines: Sequence[str], titled: bool) -> list[PartKind]:
    """The kind of each paragraph, by its form and its neighbours."""
    folded = [fold(line) for line in lines]
    kinds = [PartKind.BODY] * len(lines)
    for i, line in enumerate(folded):
        if _LABEL.match(line) or _ADDRESS.match(line) or _DATELINE.match(lines[i]) or _FOLLOW.match(line):
            kinds[i] = PartKind.BOILERPLATE
    _tail(lines, folded, kinds)
    _head(lines, folded, kinds, titled)
    _repeats(folded, kinds)
    return kinds


def _tail(lines: Sequence[str], folded: Sequence[str], kinds: list[PartKind]) -> None:
    """From a "see also" line on, and whatever lies between lines of subscription, is boilerplate."""
    for i, line in enumerate(folded):
        if _MORE.match(line) and i >= len(lines) // 3:
            for j in range(i, len(lines)):
                kinds[j] = PartKind.BOILERPLATE
            break
    marked = [i for i, kind in enumerate(kinds) if kind is PartKind.BOILERPLATE and i > len(lines) // 3]
    if marked:
        for i in range(marked[0], len(lines)):
            if len(folded[i]) < 120:
                kinds[i] = PartKind.BOILERPLATE


def _head(lines: Sequence[str], folded: Sequence[str], kinds: list[PartKind], titled: bool) -> None:
    """Finds the title among the first lines: a short line without a full stop before long ones."""
    if titled:
        kinds[0] = PartKind.TITLE
        return
    body = [i for i, kind in enumerate(kinds) if kind is PartKind.BODY]
    if len(body) < 2 or not any(len(lines[i]) > 100 for i in body):
        return
    longest = Counter({i: len(lines[i]) for i in body}).most_common(1)[0][1]
    heads: list[int] = []
    for i in body[:4]:
        if len(lines[i]) > min(200, max(60, longest)) or _TERMINAL.search(lines[i]) or i > 5:
            break
        heads.append(i)
    if not heads or len(heads) == len(body):
        return
    # Captions come before the title and are shorter, often names alone.
    best = heads[-1] if kinds[0] is PartKind.BOILERPLATE or len(heads) > 1 else heads[0]
    best = max(heads, key=lambda i: (len(lines[i].split()) > 4, -i)) if len(heads) > 2 else best
    if len(lines[best].split()) < 3:
        return
    for i in heads:
        kinds[i] = PartKind.TITLE if i == best else PartKind.BOILERPLATE


def _repeats(folded: Sequence[str], kinds: list[PartKind]) -> None:
    """A paragraph that says again what an earlier one says, word for word or nearly."""
    seen: dict[str, int] = {}
    for i, line in enumerate(folded):
        if kinds[i] is not PartKind.BODY:
            continue
        key = re.sub(r"\W+", " ", line).strip()
        if len(key) > 40 and key in seen:
            kinds[i] = PartKind.REPEAT
        seen.setdefault(key, i)
