"""JSON, JSON lines and CSV to records, by the names of their fields."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rag.dates import iso_date
from rag.errors import ReadError
from rag.formats.limits import Limits
from rag.formats.markup import plain

# The first name that is there and not empty counts; case, spaces, - and _ do not matter.
TEXT = (
    "text",
    "content",
    "body",
    "article",
    "articlebody",
    "articletext",
    "fulltext",
    "maintext",
    "النص",
    "المحتوى",
)
TITLE = ("title", "headline", "heading", "العنوان")
DATE = (
    "date",
    "published",
    "publishedat",
    "publisheddate",
    "publicationdate",
    "datepublished",
    "pubdate",
    "publishdate",
    "التاريخ",
)
# Names under which a JSON file may hold its list of articles.
_LISTS = ("articles", "items", "data", "documents", "docs", "records", "results", "entries", "rows")
_TAG = re.compile(
    r"</?(?:p|br|div|span|a|b|i|strong|em|ul|ol|li|h[1-6]|img|table|figure)\b[^<>]{0,500}>", re.I
)
_DELIMITERS = ",;\t|"

Row = tuple[str | None, str, str | None]


def rows(text: str, name: str, kind: str, limits: Limits) -> list[Row]:
    """Title, text and date of each record, in order; a record without text has ``""`` for all.

    Raises:
        ReadError: The syntax is wrong, with the line; no record has a field of text; there are
            more than ``limits.entries``.
    """
    parse = {".json": _json, ".jsonl": _lines, ".csv": _csv}[kind]
    found: list[Row] = []
    names: dict[str, None] = {}
    for record in parse(text.removeprefix("\ufeff"), name):
        if len(found) == limits.entries:
            raise ReadError(f"{name} has over {limits.entries:,} records. Split it.")
        fields = _fields(record)
        names.update(dict.fromkeys(fields))
        found.append(_row(fields))
    if not any(body for _, body, _ in found):
        shown = ", ".join(list(names)[:12]) or "none"
        raise ReadError(
            f"{name} has no text in a field named {', '.join(TEXT[:3])} (its fields: {shown}). Rename its field of text."
        )
    return found


def _fields(record: object) -> dict[str, Any]:
    if isinstance(record, str):
        return {TEXT[0]: record}
    if not isinstance(record, Mapping):
        return {}
    return {re.sub(r"[\s_-]+", "", str(key)).casefold(): value for key, value in record.items()}


def _row(fields: Mapping[str, Any]) -> Row:
    text = _words(_first(fields, TEXT))
    if not text.strip():
        return None, "", None
    return _words(_first(fields, TITLE)) or None, text, _date(_first(fields, DATE))


def _first(fields: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((fields[name] for name in names if fields.get(name) not in (None, "", [])), None)


def _words(value: Any) -> str:
    """A field's text: strings, lists of paragraphs, and markup taken out of both."""
    if isinstance(value, list):
        return "\n\n".join(_words(item) for item in value if isinstance(item, str))
    if not isinstance(value, str):
        return ""
    return plain(value) if _TAG.search(value) else value


def _date(value: Any) -> str | None:
    """A field's date as written; numbers are a year, a date without hyphens, or seconds or
    milliseconds since 1970."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if 1000 <= value <= 9999:
        return str(int(value))
    if value == int(value) and len(str(int(value))) in (6, 8):  # 20161219, 201612
        digits = str(int(value))
        if found := iso_date("-".join(filter(None, (digits[:4], digits[4:6], digits[6:])))):
            return found
    try:
        return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _json(text: str, name: str) -> Iterator[object]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ReadError(
            f"{name} is not JSON (line {error.lineno}: {error.msg}). Mend it, or name it .jsonl if each line is one."
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise ReadError(f"{name} cannot be read as JSON ({error}). Mend it.") from error
    if isinstance(value, Mapping) and _first(_fields(value), TEXT) is None:
        inner = next(
            (value[key] for key in value if str(key).lower() in _LISTS and isinstance(value[key], list)), None
        )
        values = list(value.values())
        value = (
            inner if inner is not None else values if all(isinstance(v, Mapping) for v in values) else [value]
        )
    yield from value if isinstance(value, list) else [value]


def _lines(text: str, name: str) -> Iterator[object]:
    # Not splitlines(): the strings of JSON may hold U+2028.
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as error:
            raise ReadError(f"Line {number} of {name} is not JSON ({error}). Mend or remove it.") from error


def _csv(text: str, name: str) -> Iterator[object]:
    head = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(_DELIMITERS, key=head.count)
    # Articles are longer than the module's limit; it has one for the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    try:
        for cells in reader:
            if not any(cells):
                continue
            if not header:
                header = cells
                continue
            if len(cells) > len(header):
                raise ReadError(
                    f"Line {reader.line_num} of {name} has {len(cells)} fields, its header {len(header)}. "
                    "Put quotes around fields that hold the delimiter."
                )
            yield dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise ReadError(f"Line {reader.line_num} of {name} is not CSV ({error}). Mend its quotes.") from error
