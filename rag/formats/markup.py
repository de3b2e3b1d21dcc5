"""HTML and XHTML to paragraphs, headings and what their metadata state, with the standard parser.

Not here: which paragraphs are the article; see ``rag.formats.web``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "tr",
        "td",
        "th",
        "table",
        "section",
        "article",
        "main",
        "body",
        "blockquote",
        "pre",
        "figcaption",
        "figure",
        "hr",
        "option",
        "title",
    ]
)
_HEADINGS = frozenset(["h1", "h2", "h3"])
# What they hold is never read as text; "template" holds markup that is not shown.
_SILENT = frozenset(
    ["script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select", "textarea"]
)
# What they hold frames an article, on a page of the web.
_FRAME = frozenset(["nav", "header", "footer", "aside", "form", "menu", "button"])
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_DATES = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "publishdate",
    "publish_date",
    "publish-date",
    "pubdate",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.created",
    "dcterms.date",
    "date",
)
_LINKED_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')


@dataclass(frozen=True, slots=True)
class Page:
    """A page of markup.

    Attributes:
        headline: The first of ``og:title``, the first ``h1`` and ``title`` that is there.
        dates: Dates that metadata state as the day of publication, best first.
        paragraphs: All text by blocks, in order, without scripts; ``framed`` ones are from menus,
            headers, footers and forms.
        depth: How deep elements nest.
    """

    headline: str | None
    dates: tuple[str, ...]
    paragraphs: tuple[str, ...]
    framed: tuple[bool, ...]
    depth: int

    def text(self, framed: bool = False) -> str:
        """Its paragraphs; ``framed`` ones only where asked for."""
        kept = (p for p, frame in zip(self.paragraphs, self.framed, strict=True) if framed or not frame)
        return "\n\n".join(kept)


def parse(markup: str) -> Page:
    """What a page holds; any text is a page, however malformed."""
    parser = _Parser()
    parser.feed(markup)
    parser.close()
    parser.end_block()
    meta = parser.meta
    dates = [meta[key] for key in _DATES if key in meta] + parser.dates
    headline = meta.get("og:title") or next(iter(parser.headings), None) or parser.titled or None
    return Page(headline, tuple(dates), tuple(parser.paragraphs), tuple(parser.framed), parser.deepest)


def plain(markup: str) -> str:
    """Markup, as a field of a table may hold it, to paragraphs of text."""
    return parse(markup).text(framed=True)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.dates: list[str] = []
        self.headings: list[str] = []
        self.titled = ""
        self.paragraphs: list[str] = []
        self.framed: list[bool] = []
        self.deepest = 0
        self._open: list[str] = []
        self._counts: dict[str, int] = {}
        self._words: list[str] = []
        self._script: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag in _BLOCKS or tag in _FRAME:
            self.end_block()
        if tag == "meta":
            self._state(values)
        elif tag == "time" and ("pubdate" in values or values.get("itemprop", "").lower() == "datepublished"):
            self.dates.append(values.get("datetime", ""))
        elif values.get("itemprop", "").lower() == "datepublished" and values.get("content"):
            self.dates.append(values["content"])
        elif tag == "script" and values.get("type", "").lower() == "application/ld+json":
            self._script = []
        if tag not in _VOID:
            self._open.append(tag)
            self._counts[tag] = self._counts.get(tag, 0) + 1
            self.deepest = max(self.deepest, len(self._open))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self.dates += linked_dates("".join(self._script))
            self._script = None
        if tag in _BLOCKS or tag in _FRAME:
            self.end_block()
        if not self._counts.get(tag):
            return
        # Elements left open inside this one end with it, as browsers have it.
        while True:
            inner = self._open.pop()
            self._counts[inner] -= 1
            if inner == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        elif not any(self._counts.get(tag) for tag in _SILENT):
            self._words.append(data)

    def end_block(self) -> None:
        words = " ".join("".join(self._words).split())
        self._words = []
        if not words:
            return
        if self._counts.get("title"):
            self.titled = self.titled or words
            return
        if any(self._counts.get(tag) for tag in _HEADINGS):
            self.headings.append(words)
        self.paragraphs.append(words)
        self.framed.append(any(self._counts.get(tag) for tag in _FRAME))

    def _state(self, values: dict[str, str]) -> None:
        key = (values.get("property") or values.get("name") or values.get("itemprop") or "").lower()
        content = values.get("content", "").strip()
        if key and content:
            self.meta.setdefault(key, content)


def linked_dates(script: str) -> list[str]:
    """``datePublished`` of linked data; of data that is not JSON, where it plainly stands."""
    try:
        found = list(_published(json.loads(script)))
    except (ValueError, RecursionError):
        found = _LINKED_DATE.findall(script)
    return found


def _published(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if isinstance(item.get("datePublished"), str):
                yield item["datePublished"]
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(reversed(item))
