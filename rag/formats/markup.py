"""HTML and XHTML to paragraphs, headings and what their metadata state, in one pass of lxml's parser.

Not here: which paragraphs are the article; see ``rag.formats.web``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
_EMPTY_ELEMENT = re.compile(r"<(script|style|title|iframe|textarea|a|p|div|span|td)\b([^<>]*)/>", re.I)
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
        headline: The first of ``og:title``, the first heading and ``title`` that is there, without the
            name of the site.
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
    from lxml import etree

    parser = etree.HTMLParser(target=_Reader(), recover=True, encoding="utf-8")
    # Halves of surrogate pairs have no bytes; an empty feed has no page.
    parser.feed(markup.replace("\0", "").encode("utf-8", "replace") or b" ")
    page: Page = parser.close()
    return page


def parse_xhtml(markup: str) -> Page:
    """As ``parse``, where an element may be closed as it is opened (``<script/>``)."""
    return parse(_EMPTY_ELEMENT.sub(r"<\1\2></\1>", markup))


def plain(markup: str) -> str:
    """Markup, as a field of a table may hold it, to paragraphs of text."""
    return parse(markup).text(framed=True)


class _Reader:
    """What lxml's parser tells its findings to."""

    def __init__(self) -> None:
        self._meta: dict[str, str] = {}
        self._dates: list[str] = []
        self._timed: list[str] = []
        self._inside_text = False
        self._headings: list[str] = []
        self._titled = ""
        self._paragraphs: list[str] = []
        self._framed: list[bool] = []
        self._depth = 0
        self._deepest = 0
        self._inside: Counter[str] = Counter()
        self._silent = 0
        self._words: list[str] = []
        self._script: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        values = {key.lower(): value for key, value in attributes.items()}
        published = values.get("itemprop", "").lower() == "datepublished"
        if tag in _BLOCKS or tag in _FRAME:
            self._end_block()
        if tag == "meta":
            self._state(values)
        elif tag == "time" and ("pubdate" in values or published):
            self._dates.append(values.get("datetime", ""))
        elif tag == "time" and self._inside["article"] and not self._inside_text:
            # Before the first paragraph of an article stands its own time, not one that it tells of.
            self._timed.append(values.get("datetime", ""))
        elif published and values.get("content"):
            self._dates.append(values["content"])
        elif tag == "script" and values.get("type", "").lower() == "application/ld+json":
            self._script = []
        self._inside_text = self._inside_text or tag == "p"
        self._inside[tag] += 1
        self._silent += tag in _SILENT
        self._depth += 1
        self._deepest = max(self._deepest, self._depth)

    def end(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self._dates += linked_dates("".join(self._script))
            self._script = None
        if tag in _BLOCKS or tag in _FRAME:
            self._end_block()
        self._inside[tag] -= 1
        self._silent -= tag in _SILENT
        self._depth -= 1

    def data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        elif not self._silent:
            self._words.append(data)

    def comment(self, text: str) -> None:
        """Comments are not shown, so not read."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Neither are processing instructions."""

    def close(self) -> Page:
        self._end_block()
        dates = [self._meta[key] for key in _DATES if key in self._meta] + self._dates + self._timed
        shown = self._meta.get("og:title") or next(iter(self._headings), self._titled)
        headline = _without_site(shown, self._meta.get("og:site_name", ""), self._headings) or None
        return Page(headline, tuple(dates), tuple(self._paragraphs), tuple(self._framed), self._deepest)

    def _within(self, tags: frozenset[str]) -> bool:
        return any(self._inside[tag] > 0 for tag in tags)

    def _end_block(self) -> None:
        words = " ".join("".join(self._words).split()) if self._words else ""
        self._words = []
        if not words:
            return
        if self._inside["title"]:
            self._titled = self._titled or words
            return
        framed = self._within(_FRAME)
        if self._within(_HEADINGS) and not framed:
            self._headings.append(words)
        self._paragraphs.append(words)
        self._framed.append(framed)

    def _state(self, values: Mapping[str, str]) -> None:
        key = (values.get("property") or values.get("name") or values.get("itemprop") or "").lower()
        content = values.get("content", "").strip()
        if key and content:
            self._meta.setdefault(key, content)


def _without_site(headline: str, site: str, headings: Sequence[str]) -> str:
    """A page's title without the name of its site: as a heading has it, or where the name is stated.

    A dash alone shows nothing: titles have dashes of their own.
    """
    for heading in headings:
        if len(heading) >= 10 and headline.startswith(heading):
            return heading
    head, mark, tail = (part.strip() for part in headline.rpartition("|"))
    if mark and head and len(tail) <= 40:
        return head
    if site and headline.endswith(site):
        return headline.removesuffix(site).rstrip(" -–—|»:") or headline
    return headline


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
