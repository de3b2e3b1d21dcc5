"""Searching the days that a question asks about, and saying which days were searched.

A report's date is not its event's: what happened on the 31st is told on the 1st, and years later. So
a question for the news of some days is answered from reports of these days and from passages that name
one of them; any other question only prefers them. Where nothing is left, everything is searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from rag.dates import DateMention, dates_in, written_date
from rag.days import days_of, whole
from rag.retrieve import collapse
from rag.types import Filter, Hit, Language, Period
from rag.when import When, when_in

if TYPE_CHECKING:
    from rag.compose import Found
    from rag.snapshot import Snapshot

LATER = timedelta(7)  # within which most reports of an event are written
NEARLY = 0.5  # share of the best probability that an answer of the right days needs to go first

Search = Callable[[str, Filter], tuple[Hit, ...]]


@dataclass(frozen=True, slots=True)
class Window:
    """Days from ``since`` to ``until``, with what reports of them are dated by.

    Attributes:
        reported: The last day on which a report counts as one of these days.
    """

    since: date
    until: date
    reported: date

    def holds(self, hit: Hit) -> bool:
        """Whether the hit's article is of these days, or its passage names one."""
        stated = hit.article.date
        if stated is not None and _touch(days_of(stated), (self.since, self.reported)):
            return True
        return self.named(hit)

    def named(self, hit: Hit) -> bool:
        """Whether the hit's passage names one of these days."""
        return any(
            days is not None and _touch(days, (self.since, self.until))
            for days in (_named(mention, hit.article.date) for mention in dates_in(hit.passage.text))
        )


def window_of(period: Period) -> Window:
    """The days of a period; with a margin for the reports unless only these days are wanted."""
    since = date.fromisoformat(period.since) if period.since else date.min
    until = date.fromisoformat(period.until) if period.until else date.max
    return window(since, until, LATER if period.use != "only" else timedelta(0))


def window(since: date, until: date, margin: timedelta = LATER) -> Window:
    """Some days, with a margin for their reports."""
    return Window(since, until, min(until, date.max - margin) + margin)


def timely(
    question: str, snapshot: Snapshot, search: Search, where: Filter, today: date
) -> tuple[tuple[Hit, ...], Period | None]:
    """Hits for a question, best first, and the days that it asks about.

    Without words of time in the question, and where the asker set dates, the hits are those of
    ``search``; so they are, too, where no article has a date or nothing is of the days asked about.

    Args:
        search: Finds hits for a question's words under a filter.
    """
    asked = when_in(question, today)
    if asked is None or where.since or where.until:
        return search(question, where), None
    latest = snapshot.latest(where, 1)
    if not latest:
        return search(question, where), _period(question, asked, "undated")
    asked = when_in(question, today, days_of(latest[0].date or "")[1]) or asked
    # Words counted from today ("last week") stand in reports of any day.
    words = question[: asked.span.start] + question[asked.span.end :] if asked.relative else question
    if not any(char.isalnum() for char in words):
        words = question
    everything = search(words, where)
    period = _period(question, asked, "only" if asked.news else "first")
    window = window_of(period)
    days = replace(where, since=_iso(window.since), until=_iso(window.reported))
    dated = _humbled(search(words, days), everything)
    named = [hit for hit in everything if window.holds(hit)]
    right = _each_once([*dated, *named] if asked.news else [*named, *dated])
    if not right:
        return everything, replace(period, use="none")
    if asked.news:
        return tuple(sorted(right, key=lambda hit: -hit.score)), period
    # A preference: every other place, so that the reader sees both.
    return _each_once(h for pair in zip_longest(right, everything) for h in pair if h is not None), period


def preferred(found: list[Found], period: Period) -> tuple[list[Found], Period]:
    """Of spans that may answer those of the days asked about, if they are nearly as likely as any.

    Spans of articles without a date stay. Otherwise all stay, and the period says that other days were searched.
    """
    if period.use != "first" or not found:
        return found, period
    window = window_of(period)
    inside = {id(f) for f in found if window.holds(f.hit)}
    best = max(f.probability for f in found)
    if not any(id(f) in inside and f.probability >= NEARLY * best for f in found):
        return found, replace(period, use="others")
    return [f for f in found if id(f) in inside or f.hit.article.date is None], period


def _period(question: str, asked: When, use: str) -> Period:
    words = question[asked.span.start : asked.span.end]
    since, until = (day.isoformat() if day else None for day in (asked.since, asked.until))
    return Period(words, since, until, use)  # type: ignore[arg-type]


def _iso(day: date) -> str | None:
    return None if day in (date.min, date.max) else day.isoformat()


def _touch(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _named(mention: DateMention, stated: str | None) -> tuple[date, date] | None:
    """Days that a mention names; without a year, those nearest before the day after the report."""
    if mention.year is None and (mention.month is None or stated is None):
        return None
    if mention.year is not None:
        return whole(mention.year, mention.month, mention.day)
    last = days_of(stated or "")[1]
    latest = last + LATER if last < date.max - LATER else date.max
    for year in (last.year, last.year - 1):
        try:
            days = whole(year, mention.month, mention.day)
        except ValueError:  # 29 February
            continue
        if days[0] <= latest:
            return days
    return None


def _humbled(hits: Sequence[Hit], everything: Sequence[Hit]) -> list[Hit]:
    """Hits of a narrower search with the scores of the wide one, whose last bounds those it lacks."""
    scores = {hit.passage.id: hit.score for hit in everything}
    least = min(scores.values(), default=1.0)
    return [replace(hit, score=scores.get(hit.passage.id, min(hit.score, least))) for hit in hits]


def _each_once(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    first: dict[int, Hit] = {}
    for hit in hits:
        first.setdefault(hit.passage.id, hit)
    return collapse(tuple(first.values()))


# ------------------------------------------------------------------ saying it

_TOLD: dict[str, dict[str, str]] = {
    "en": {
        "only": "Searched {days} (“{words}”)",
        "first": "Searched {days} first (“{words}”)",
        "others": "Searched {days} first (“{words}”), then all dates",
        "none": "No report of {days} (“{words}”); searched all dates",
        "undated": "No article states a date, so “{words}” did not narrow the search",
        "to": "{0}–{1}",
        "since": "the days since {0}",
        "until": "the days until {0}",
    },
    "ar": {
        "only": "جرى البحث في {days} («{words}»)",
        "first": "جرى البحث أولا في {days} («{words}»)",
        "others": "جرى البحث أولا في {days} («{words}»)، ثم في كل التواريخ",
        "none": "لا خبر من {days} («{words}»)، فجرى البحث في كل التواريخ",
        "undated": "لا تذكر المقالات تواريخها، فلم يضيق «{words}» البحث",
        "to": "{0} إلى {1}",
        "since": "الأيام منذ {0}",
        "until": "الأيام حتى {0}",
    },
}


def told(period: Period, language: Language) -> str:
    """One line that says which days were searched: ``Searched 1–31 December 2018 (“in December”)``."""
    tongue: Language = "ar" if language == "ar" else "en"
    said = _TOLD[tongue]
    return said[period.use].format(days=_written(period, tongue), words=period.words)


def _written(period: Period, tongue: Language) -> str:
    said = _TOLD[tongue]
    since, until = period.since, period.until
    if since is None or until is None:
        side = "since" if since else "until"
        return said[side].format(written_date(since or until or "", tongue))
    if since == until:
        return written_date(since, tongue)
    if since[:4] == until[:4] and (since[5:], until[5:]) == ("01-01", "12-31"):
        return since[:4]
    first, last = written_date(since, tongue), written_date(until, tongue)
    if since[:7] == until[:7]:
        return said["to"].format(str(int(since[8:])), last)
    if since[:4] == until[:4]:
        first = first.removesuffix(f" {since[:4]}")
    return said["to"].format(f"{first} " if tongue == "en" else first, f" {last}" if tongue == "en" else last)
