"""A question as one article is asked it: without the time that the article's own date states.

A report of 2021 tells who won "on Thursday". A reader that looks for "in 2021" does not find it there, though
the answer stands before it. In a report of another year, or one without a date, the year must be told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from rag.dates import dates_in
from rag.days import days_of, whole
from rag.lexical import terms
from rag.timely import Window, window
from rag.types import Hit, Period

LONGEST = 366  # days of a time that a report's date can state; of a longer one it tells a part


@dataclass(frozen=True, slots=True)
class Dated:
    """A question, and what is left of it for articles of the days that it asks about.

    Attributes:
        bare: The question without the words of time; the question itself where it has none.
        window: These days; None where it names none that a report's date can state.
    """

    question: str
    bare: str
    window: Window | None

    def asked_of(self, hit: Hit) -> str:
        """The question as the hit's article is asked it."""
        stated = hit.article.date
        if self.window is None or stated is None:
            return self.question
        first, last = days_of(stated)
        inside = self.window.since <= first and last <= self.window.reported
        return self.bare if inside and not self.window.named(hit) else self.question


def dated(question: str, period: Period | None) -> Dated:
    """``question``, whose words of time ``period`` states if they narrowed the search.

    A year that only names a thing ("the contract of 2019") narrows no search, and still is the year of the
    report that tells of it.
    """
    found = _of_period(question, period) if period is not None else _of_year(question)
    if found is None:
        return Dated(question, question, None)
    (start, end), (since, until) = found
    if (until - since).days > LONGEST:
        return Dated(question, question, None)
    left = re.sub(r"\s+(?=[?؟.,،])", "", " ".join((question[:start] + question[end:]).split())).lstrip(" ,،")
    if not terms(left):
        return Dated(question, question, None)
    return Dated(question, left, window(since, until))


_LEAD = re.compile(r"(?:\b(?:in|on|of|during)|في|خلال)\s+(?:(?:the month of|شهر|يوم)\s+)?$", re.IGNORECASE)
_Found = tuple[tuple[int, int], tuple[date, date]]


def _of_period(question: str, period: Period) -> _Found | None:
    if period.since is None or period.until is None:
        return None
    start = question.find(period.words)
    days = date.fromisoformat(period.since), date.fromisoformat(period.until)
    return ((start, start + len(period.words)), days) if start >= 0 else None


def _of_year(question: str) -> _Found | None:
    """The only date with a year that a question names, if it names one only."""
    found = [mention for mention in dates_in(question) if mention.year is not None]
    if len(found) != 1:
        return None
    (mention,) = found
    before = _LEAD.search(question[: mention.span.start])
    start = before.start() if before else mention.span.start
    days = whole(mention.year or 0, mention.month, mention.day if mention.month else None)
    return (start, mention.span.end), days
