"""Pages of the web: the article without its frame, by trafilatura. Nothing is fetched."""

from __future__ import annotations

import contextlib
import re

from rag.dates import iso_date
from rag.errors import ExtraMissing, ReadError
from rag.formats.limits import Limits
from rag.formats.markup import parse
from rag.formats.text import BOMS, decode, is_utf8

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{3,30})""", re.I)

_LATIN = frozenset({"iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii", "l1"})


def article(data: bytes, name: str, limits: Limits) -> tuple[str | None, str, str | None]:
    """Title, text and date of a page; the date is one that its metadata state, never one of its text.

    Raises:
        ReadError: It is larger than a page may be, or no text.
        ExtraMissing: trafilatura is not installed.
    """
    if len(data) > limits.markup_bytes:
        raise ReadError(
            f"{name} has {len(data) / 1e6:.0f} MB of markup; at most {limits.markup_bytes / 1e6:.0f} MB are read. "
            "Split it, or save its text."
        )
    markup = _decoded(data, name)
    page = parse(markup)
    # Deeper trees than any page has would exhaust the extractor's stack.
    text = _main_text(markup) if page.depth <= limits.nesting else ""
    text = text or page.text() or page.text(framed=True)
    return page.headline, text, next((date for date in page.dates if iso_date(date)), None)


def _decoded(data: bytes, name: str) -> str:
    """Text by its mark of byte order, as UTF-8 if it is, by the character set that it declares, else by its bytes.

    A page that was converted may still declare what it was before. As browsers do, Latin 1 is read as Windows-1252.
    """
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith(BOMS) and (data.isascii() or not is_utf8(data)):
        named = declared[1].decode("ascii").lower()
        if not named.startswith(("utf-16", "utf-32", "utf-8", "utf8")):
            with contextlib.suppress(LookupError, UnicodeError):
                return data.decode("windows-1252" if named in _LATIN else named)
    return decode(data, name)


def _main_text(markup: str) -> str:
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise ExtraMissing("trafilatura", "all") from error
    import logging

    # Its remarks on a page's markup are not for our user.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = bare_extraction(markup, include_comments=False, include_tables=True, with_metadata=False)
    except Exception:  # whatever a malformed page provokes: the plain text is read instead
        return ""
    lines = (found.text or "").split("\n") if found is not None else []
    return "\n\n".join(line.strip(" |") for line in lines if line.strip(" |-"))
