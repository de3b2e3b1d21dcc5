"""Where a gold quote lies in an article's text.

Gold is article + quote, never an offset or a passage's id, so that neither cleaning nor chunking
can break the questions. Quotes are compared by their letters and digits alone.
"""

from __future__ import annotations

import unicodedata

from rag.types import Span

_TATWEEL = "\u0640"


def _skeleton(text: str) -> tuple[str, list[int]]:
    """Letters and digits of ``text``, folded by width and case, and the index each came from."""
    kept: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        for plain in unicodedata.normalize("NFKC", char):
            if plain.isdecimal():
                plain = str(unicodedata.decimal(plain))
            if plain.isalnum() and plain != _TATWEEL:
                folded = plain.lower()
                kept.append(folded)
                origin.extend([index] * len(folded))
    return "".join(kept), origin


def locate(quote: str, text: str) -> tuple[Span, ...]:
    """Every place of ``quote`` in ``text``, in order; spans begin and end on letters or digits."""
    wanted, _ = _skeleton(quote)
    found, origin = _skeleton(text)
    places: list[Span] = []
    start = found.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        places.append(Span(origin[start], origin[end - 1] + 1))
        start = found.find(wanted, start + 1)
    return tuple(places)


def overlap(left: Span, right: Span) -> int:
    """Code points that both spans hold."""
    return max(0, min(left.end, right.end) - max(left.start, right.start))


def supports(cited: Span, gold: Span) -> bool:
    """Whether a citation shows a gold quote: they share over half of the shorter of the two."""
    shorter = min(cited.end - cited.start, gold.end - gold.start)
    return 2 * overlap(cited, gold) > shorter > 0
