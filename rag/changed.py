"""Whether of two statements one is the later word on the same matter, as the dates of their articles say.

Only a statement of the same matter and of the same kind of thing can be out of date; where that is in
doubt, articles merely differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.days import days_of

if TYPE_CHECKING:
    from rag.compose import Found

_SHARED = 0.5  # share of the words of one title that the other article's title and sentence must hold


def last_date(members: Sequence[Found]) -> str | None:
    """The latest ISO date of the articles that say the same; None when none states a date."""
    return max((f.hit.article.date for f in members if f.hit.article.date), default=None)


def has_changed(later: Sequence[Found], earlier: Sequence[Found]) -> bool:
    """Whether ``later`` is a newer statement of what ``earlier`` says; the first of each speaks for it."""
    first, second = last_date(later), last_date(earlier)
    if first is None or second is None or days_of(first)[0] <= days_of(second)[1]:
        return False
    return _same_kind(later[0], earlier[0]) and (
        _names_matter_of(later[0], earlier[0]) or _names_matter_of(earlier[0], later[0])
    )


def _same_kind(one: Found, other: Found) -> bool:
    """Whether both are numbers of one kind (per cent, days, …), or both none."""
    from rag.numbers import numbers_in

    kinds = [{(n.percent, n.ordinal, n.unit) for n in numbers_in(found.text)} for found in (one, other)]
    return kinds[0] == kinds[1]


def _names_matter_of(one: Found, other: Found) -> bool:
    """Whether the title of one article is about what the other's title and sentence speak of."""
    from rag.agree import bag_of, carries, words_of

    words = words_of(one.hit.article.title)
    article, (start, end) = other.hit.article, other.sentence
    bag = bag_of(f"{article.title}\n{article.text[start:end]}")
    shared = sum(carries(bag, word) for word in words)
    return shared >= 2 and shared >= _SHARED * len(words)
