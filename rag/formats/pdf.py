"""PDF to paragraphs, by pypdf: lines joined, running heads left out, Arabic order mended."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rag.clean import fold
from rag.errors import ReadError
from rag.formats.limits import Limits
from rag.formats.visual import mend

_STOP = re.compile(r"[.!?؟…:][\"'”’»)\]]*$")
_ARABIC = re.compile("[\u0620-\u06d5\ufb50-\ufdff\ufe70-\ufefc]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_NUMBER = re.compile(r"^\W*\d{1,4}\W*$")


def text_of(data: bytes, name: str, limits: Limits) -> tuple[str | None, str]:
    """Title and text. The title is the file's own only where its first page shows it.

    The dates inside a PDF say when the file was made, so they are not read.

    Raises:
        ReadError: It is damaged, encrypted, beyond the limits, or holds pictures of text only.
    """
    reader = _open(data, name)
    if len(reader.pages) > limits.pages:
        raise ReadError(
            f"{name} has {len(reader.pages):,} pages; at most {limits.pages:,} are read. Split it."
        )
    pages: list[list[str]] = []
    total = 0
    for number, page in enumerate(reader.pages, 1):
        try:
            text = _text(page)
        except Exception as error:  # pypdf raises errors of any kind on damaged pages
            raise _damaged(name, f"page {number}: {error}") from error
        total += len(text)
        if total > limits.file_bytes:
            raise ReadError(f"{name} holds over {limits.file_bytes / 1e6:g} MB of text. Split it.")
        pages.append([line.strip() for line in text.split("\n") if line.strip()])
    lines = mend([line for page in _without_running_heads(pages) for line in page])
    if not lines:
        raise ReadError(f"{name} holds no text; its pages may be pictures. Recognise their text (OCR) first.")
    return _title(reader, lines), "\n\n".join(paragraphs(lines))


def _text(page: Any) -> str:
    """The page's lines, as pypdf finds them, with the runs of lines of Arabic in reading order.

    Arabic is drawn in runs, cut where a number stands, and many programs draw the runs of a line from
    left to right: what is read first comes last.
    """
    lines: list[list[tuple[float, str]]] = [[]]

    def note(text: str, page: Sequence[float], place: Sequence[float], *_: object) -> None:
        first, *others = text.split("\n")
        left = place[4] * page[0] + place[5] * page[2] + page[4]
        lines[-1].append((left, first))
        lines.extend([(left, other)] for other in others)

    page.extract_text(visitor_text=note)
    return "\n".join("".join(in_order([run for run in line if run[1]])) for line in lines)


def in_order(runs: Sequence[tuple[float, str]]) -> list[str]:
    """The runs of one line, each with its place from the left, in the order of reading."""
    texts = [text for _, text in runs]
    # pypdf gives the spaces that it puts in the place of what it read before.
    places = [place for place, text in runs if not text.isspace()]
    if not any(map(_ARABIC.search, texts)) or places != sorted(places) or places[0] == places[-1]:
        return texts
    letters = "".join(texts)
    if len(_ARABIC.findall(letters)) < len(_LATIN.findall(letters)):
        return texts
    ordered: list[str] = []
    for arabic, group in groupby(reversed(texts), key=lambda text: bool(_ARABIC.search(text))):
        found = list(group)
        # Words and numbers keep their own order; marks and spaces beside them belong to the line's.
        solid = [] if arabic else [i for i, text in enumerate(found) if any(map(str.isalnum, text))]
        if solid:
            found[solid[0] : solid[-1] + 1] = reversed(found[solid[0] : solid[-1] + 1])
        ordered += found
    return ordered


def _open(data: bytes, name: str) -> Any:
    from pypdf import PdfReader

    # pypdf tells every oddity of a file; what matters is raised.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        if not locked:
            len(reader.pages)
    except Exception as error:  # as above; encryption that it lacks a library for is one of them
        if type(error).__name__ in ("DependencyError", "FileNotDecryptedError"):
            raise ReadError(f"{name} is encrypted. Save a copy without a password.") from error
        raise _damaged(name, str(error)) from error
    if locked:
        raise ReadError(f"{name} is encrypted. Save a copy without a password.")
    return reader


def _damaged(name: str, why: str) -> ReadError:
    return ReadError(f"{name} is a damaged PDF ({why or 'unreadable'}). Download or export it again.")


def _without_running_heads(pages: Sequence[list[str]]) -> list[list[str]]:
    """Pages without lone numbers at their edges, and without edges that most pages share."""
    edges = Counter(key for page in pages for key in {_key(line) for line in (page[:1] + page[-1:])})
    shared = {key for key, count in edges.items() if count > max(2, len(pages) // 2)}
    return [
        [
            line
            for i, line in enumerate(page)
            if i not in (0, len(page) - 1) or not (_NUMBER.match(line) or _key(line) in shared)
        ]
        for page in pages
    ]


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", fold(line))


def paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines of print joined; a line clearly shorter than the others, or a stop before one, ends a paragraph."""
    usual = sorted(map(len, lines))[len(lines) * 4 // 5]
    joined: list[str] = []
    opened = False
    for line in lines:
        if not opened:
            joined.append(line)
        elif re.search(r"[a-z]-$", joined[-1]) and line[0].islower():
            joined[-1] = joined[-1][:-1] + line
        else:
            joined[-1] += f" {line}"
        opened = len(line) > usual * (0.85 if _STOP.search(line) else 0.6)
    return joined


def _title(reader: Any, lines: Sequence[str]) -> str | None:
    try:
        stated = str((reader.metadata or {}).get("/Title") or "").strip()
    except Exception:  # damaged metadata: there is no title then
        return None
    return stated if stated and fold(stated) in fold(" ".join(lines[:12])) else None
