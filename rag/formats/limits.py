"""How much is read of a file before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Attributes:
    file_bytes: Largest file, and largest entry of an archive after unpacking.
    markup_bytes: Largest page of HTML or XML.
    article_characters: Longest text of one article.
    total_bytes: Largest sum of an archive's entries.
    entries: Most entries of an archive, records of a table, chapters of a book.
    pages: Most pages of a PDF.
    ratio: Greatest ratio of unpacked to packed bytes of one entry.
    nesting: Deepest markup that is taken apart by structure; deeper is read as plain text.
    """

    file_bytes: int = 200_000_000
    markup_bytes: int = 50_000_000
    article_characters: int = 10_000_000
    total_bytes: int = 1_000_000_000
    entries: int = 100_000
    pages: int = 3_000
    ratio: int = 200
    nesting: int = 200
