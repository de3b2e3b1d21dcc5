"""Bytes of one file to records: title, text and date. One function a format; a format is added
here and nowhere else. Not here: what a record's text means; see ``rag.read``.

Nothing is fetched, nothing is executed, and nothing is unpacked to the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from rag.clean import printable
from rag.errors import ExtraMissing, ReadError
from rag.formats.limits import Limits
from rag.formats.text import decode


@dataclass(frozen=True, slots=True)
class Record:
    """One article as a format gives it. ``numbered``: it is one of several in its file."""

    text: str
    title: str | None = None
    date: str | None = None
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, or one entry of an archive, with its records or the reason why it has none."""

    name: str
    data: bytes
    records: tuple[Record, ...] = ()
    error: str | None = None


def _txt(data: bytes, name: str, limits: Limits) -> tuple[Record, ...]:
    return (Record(decode(data, name)),)


def _md(data: bytes, name: str, limits: Limits) -> tuple[Record, ...]:
    from rag.formats.markdown import plain

    title, text, date = plain(decode(data, name))
    return (Record(text, title, date),)


def _html(data: bytes, name: str, limits: Limits) -> tuple[Record, ...]:
    from rag.formats.web import article

    title, text, date = article(data, name, limits)
    return (Record(text, title, date),)


def _pdf(data: bytes, name: str, limits: Limits) -> tuple[Record, ...]:
    from rag.formats.pdf import text_of

    title, text = text_of(data, name, limits)
    return (Record(text, title),)


def _docx(data: bytes, name: str, limits: Limits) -> tuple[Record, ...]:
    from rag.formats.office import docx

    title, text = docx(data, name, limits)
    return (Record(text, title),)


def _epub(data: bytes, name: str, limits: Limits) -> tuple[Record, ...]:
    from rag.formats.office import epub

    chapters, date = epub(data, name, limits)
    return tuple(Record(text, title, date, numbered=len(chapters) > 1) for title, text in chapters)


def _table(data: bytes, name: str, limits: Limits) -> tuple[Record, ...]:
    from rag.formats.tables import rows

    kind = PurePosixPath(name).suffix.lower()
    found = rows(decode(data, name), name, kind, limits)
    return tuple(Record(text, title, date, numbered=len(found) > 1) for title, text, date in found)


_FORMATS: dict[str, Callable[[bytes, str, Limits], tuple[Record, ...]]] = {
    ".txt": _txt,
    ".text": _txt,
    ".md": _md,
    ".markdown": _md,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".epub": _epub,
    ".json": _table,
    ".jsonl": _table,
    ".csv": _table,
}
SUFFIXES = frozenset({*_FORMATS, ".zip"})
_KNOWN = " ".join(sorted(SUFFIXES))


def records(data: bytes, name: str, limits: Limits) -> Iterator[Entry]:
    """The entries of one file: itself, or those of a zip archive."""
    if PurePosixPath(name).suffix.lower() == ".zip":
        from rag.formats.archive import members

        member = ""
        for member, content, error in members(data, name, SUFFIXES, limits):
            yield Entry(member, content, (), printable(error)) if error else _entry(content, member, limits)
        if not member:
            yield Entry(
                name, data, (), f"{name} holds no file of a kind that is read. Known kinds: {_KNOWN}."
            )
        return
    yield _entry(data, name, limits)


def _entry(data: bytes, name: str, limits: Limits) -> Entry:
    suffix = PurePosixPath(name).suffix.lower()
    read = _FORMATS.get(suffix)
    if read is None:
        return Entry(name, data, (), f"{name} is of a kind that is not read. Known kinds: {_KNOWN}.")
    if not data.strip():
        return Entry(name, data, (), f"{name} is empty. Leave it out, or export it again.")
    try:
        return Entry(name, data, read(data, name, limits))
    except (ReadError, ExtraMissing) as error:
        return Entry(name, data, (), printable(str(error)))
    except RecursionError:
        return Entry(name, data, (), f"{name} is nested too deeply. Flatten it, or export it again.")
