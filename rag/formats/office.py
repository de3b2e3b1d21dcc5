"""Word files and books: zip archives of XML, read in memory without entities or links."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from rag.errors import ReadError
from rag.formats.archive import open_archive, unpack
from rag.formats.limits import Limits
from rag.formats.markup import parse_xhtml
from rag.formats.text import decode

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TITLE_STYLES = frozenset({"title", "العنوان"})


def docx(data: bytes, name: str, limits: Limits) -> tuple[str | None, str]:
    """Title (a paragraph in the style of that name) and text of a Word file.

    Deleted text, field codes, comments and notes are left out. Its properties hold the day when the
    file was made, which is not the article's date.

    Raises:
        ReadError: It is no Word file, is damaged, or beyond the limits.
    """
    with open_archive(data, name, limits) as archive:
        root = _xml(archive, "word/document.xml", name, limits)
    _without_copies(root)
    title: str | None = None
    lines: list[str] = []
    for paragraph in root.iter(f"{_W}p"):
        line = "".join(_words(paragraph)).strip()
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        if (
            line
            and title is None
            and style is not None
            and style.get(f"{_W}val", "").lower() in _TITLE_STYLES
        ):
            title = line
        elif line:
            lines.append(line)
    return title, "\n\n".join(lines)


def _without_copies(root: Any) -> None:
    """Takes out what Word keeps for older programs: the text of a text box stands there a second time."""
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag == _FALLBACK]:
            parent.remove(child)


def _words(paragraph: Any) -> Iterator[str]:
    """The shown text of a paragraph, without that of paragraphs inside it (text boxes)."""
    pending = list(reversed(paragraph))
    while pending:
        node = pending.pop()
        if node.tag == f"{_W}t":
            yield node.text or ""
        elif node.tag in (f"{_W}tab", f"{_W}cr", f"{_W}br"):
            yield " " if node.tag == f"{_W}tab" else "\n"
        elif node.tag == f"{_W}noBreakHyphen":
            yield "-"
        elif node.tag not in (f"{_W}p", f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr"):
            pending.extend(reversed(node))


def epub(data: bytes, name: str, limits: Limits) -> tuple[list[tuple[str | None, str]], str | None]:
    """The chapters of a book, in reading order, each with its heading; and its day of publication.

    Raises:
        ReadError: It is no book in EPUB, is damaged, encrypted, or beyond the limits.
    """
    with open_archive(data, name, limits) as archive:
        container = _xml(archive, "META-INF/container.xml", name, limits)
        place = next(
            (node.get("full-path", "") for node in container.iter() if node.tag.endswith("}rootfile")), ""
        )
        package = _xml(archive, place, name, limits)
        items = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
        spine = [
            items[ref.get("idref")] for ref in package.iter(f"{_OPF}itemref") if ref.get("idref") in items
        ]
        chapters: list[tuple[str | None, str]] = []
        total = 0
        for item in spine:
            if "nav" in item.get("properties", "").split() or "html" not in item.get("media-type", ""):
                continue
            content = _entry(archive, _place(place, item.get("href", "")), name, limits)
            total += len(content)
            if total > limits.file_bytes:
                raise ReadError(f"{name} holds over {limits.file_bytes / 1e6:g} MB of text. Split it.")
            page = parse_xhtml(decode(content, name))
            if text := page.text(framed=True):
                chapters.append((page.headline, text))
    dated = package.find(f".//{_DC}date")
    return chapters, dated.text if dated is not None else None


def _place(package: str, href: str) -> str:
    """Where in the archive a chapter lies; its address is relative to the package file."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(package), unquote(href.split("#")[0])))


def _entry(archive: zipfile.ZipFile, path: str, name: str, limits: Limits) -> bytes:
    try:
        info = archive.getinfo(path)
    except KeyError as error:
        raise ReadError(
            f"{name} is damaged or not what its name says (no {path} in it). Save or download it again."
        ) from error
    return unpack(archive, info, f"{name}!{path}", limits)


def _xml(archive: zipfile.ZipFile, path: str, name: str, limits: Limits) -> Any:
    """The root element of an entry. Entities and external references are refused, not followed."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    content = _entry(archive, path, name, limits)
    if len(content) > limits.markup_bytes:
        raise ReadError(f"{name} holds over {limits.markup_bytes / 1e6:g} MB of XML. Split it.")
    try:
        return fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ReadError(f"{name} holds XML that cannot be read ({error or path}). Save it again.") from error
