"""Dates in a text, in Arabic and English, with months of the Arab east, west and the Gulf.

Not here: which date an article has, but for datelines; events in a text never date it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.clean import fold_map
from rag.types import Span

_MONTHS: tuple[tuple[str, ...], ...] = (
    ("january", "jan", "يناير", "كانون الثاني", "جانفي"),
    ("february", "feb", "فبراير", "شباط", "فيفري"),
    ("march", "mar", "مارس", "آذار"),
    ("april", "apr", "أبريل", "إبريل", "نيسان", "أفريل"),
    ("may", "مايو", "أيار", "ماي"),
    ("june", "jun", "يونيو", "يونيه", "حزيران", "جوان"),
    ("july", "jul", "يوليو", "يوليه", "تموز", "جويلية"),
    ("august", "aug", "أغسطس", "آب", "أوت"),
    ("september", "sept", "sep", "سبتمبر", "أيلول"),
    ("october", "oct", "أكتوبر", "تشرين الأول"),
    ("november", "nov", "نوفمبر", "تشرين الثاني"),
    ("december", "dec", "ديسمبر", "كانون الأول"),
)
# Monday is 1, as in ISO 8601.
_WEEKDAYS: tuple[tuple[str, ...], ...] = (
    ("monday", "الاثنين", "الإثنين"),
    ("tuesday", "الثلاثاء"),
    ("wednesday", "الأربعاء"),
    ("thursday", "الخميس"),
    ("friday", "الجمعة"),
    ("saturday", "السبت"),
    ("sunday", "الأحد"),
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as far as a text states it. ``weekday`` counts from Monday, 1."""

    day: int | None
    month: int | None
    year: int | None
    weekday: int | None
    span: Span


def _table(names: Sequence[tuple[str, ...]]) -> dict[str, int]:
    return {fold_map(name)[0]: i for i, group in enumerate(names, 1) for name in group}


_MONTH, _DAY = _table(_MONTHS), _table(_WEEKDAYS)


def _any(names: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_MONTH_RE = rf"(?P<month>{_any(_MONTH)})"
_AR_PREFIX = r"(?:[وف]?[بلك]?)"
_NUMERIC = re.compile(
    r"(?<![\d/.-])(?:(?P<y1>\d{4})[-/](?P<m1>\d{1,2})[-/](?P<d1>\d{1,2})|(?P<d2>\d{1,2})[-/.](?P<m2>\d{1,2})[-/.](?P<y2>\d{4}))(?![\d/-])"
)
_DAY_MONTH = re.compile(
    rf"(?<![\d/.,])(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?: of)? (?:من )?(?:شهر )?{_MONTH_RE}\b(?:/[^\W\d]+(?: [^\W\d]+)?)?"
    r"(?:,? (?:عام |سنه |من عام |the year )?(?P<year>\d{4})\b)?"
)
_MONTH_DAY = re.compile(
    rf"\b{_MONTH_RE}\.? (?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b(?!\d)(?:,? (?P<year>\d{{4}})\b)?"
)
_MONTH_ONLY = re.compile(rf"\b{_AR_PREFIX}{_MONTH_RE}\b(?:,? (?:عام |سنه |من عام )?(?P<year>\d{{4}})\b)?")
_YEAR = re.compile(r"\b(?:عام|سنه|العام|in|since|by|until|year|of|during)\s+(?P<year>(?:1[5-9]|20)\d{2})\b")
_WEEK = re.compile(rf"\b{_AR_PREFIX}(?P<weekday>{_any(_DAY)})\b")
# Words that are months only beside a day or a year.
_AMBIGUOUS = frozenset({"may", "mar", "march", "jan", "sep", "dec", "اب", "ماي", "جوان", "اوت", "jun"})


def dates_in(text: str) -> list[DateMention]:
    """Every date mentioned, in order of place; spans are code points of ``text``, none overlap."""
    folded, places = fold_map(text)
    taken: list[tuple[int, int]] = []
    found: list[DateMention] = []

    def add(
        match: re.Match[str], day: int | None, month: int | None, year: int | None, weekday: int | None
    ) -> None:
        first, last = match.span()
        if any(first < end and start < last for start, end in taken):
            return
        if (day is not None and not 1 <= day <= 31) or (month is not None and not 1 <= month <= 12):
            return
        taken.append((first, last))
        found.append(DateMention(day, month, year, weekday, Span(places[first], places[last - 1] + 1)))

    def number(match: re.Match[str], name: str) -> int | None:
        value = match.groupdict().get(name)
        return int(value) if value else None

    for m in _NUMERIC.finditer(folded):
        side = "1" if m["y1"] else "2"
        add(m, int(m["d" + side]), int(m["m" + side]), int(m["y" + side]), None)
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for m in pattern.finditer(folded):
            add(m, number(m, "day"), _MONTH[m["month"]], number(m, "year"), None)
    for m in _MONTH_ONLY.finditer(folded):
        if m["month"] not in _AMBIGUOUS or m["year"]:
            add(m, None, _MONTH[m["month"]], number(m, "year"), None)
    for m in _YEAR.finditer(folded):
        add(m, None, None, number(m, "year"), None)
    for m in _WEEK.finditer(folded):
        add(m, None, None, None, _DAY[m["weekday"]])
    return sorted(found, key=lambda mention: mention.span)


def iso_date(value: str | None) -> str | None:
    """A stated date (ISO, or as written) as ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``; None if it is none."""
    if not value:
        return None
    text = value.strip()
    if match := re.match(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?![\d])", text):
        return _valid(int(match[1]), match[2] and int(match[2]), match[3] and int(match[3]))
    for mention in dates_in(text):
        if mention.year is not None:
            return _valid(mention.year, mention.month, mention.day)
    return None


def _valid(year: int, month: int | str | None, day: int | str | None) -> str | None:
    try:
        datetime.date(year, int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join([f"{year:04}", *(f"{int(part):02}" for part in (month, day if month else None) if part)])


_DATELINE = re.compile(r"^.{2,60}?(?:[-–—:(]|\d{4}\)?$)")


def dateline_date(lines: Sequence[str]) -> str | None:
    """The full date that a dateline states: a short line of its own, or the opening before a dash.

    ``Geneva, 9 September 2016 (Reuters) - …`` states one; a date inside a sentence does not.
    """
    for line in lines:
        opening = line if len(line) <= 60 else re.split(r"\s[-–—]\s|\)\s*[-–—:]", line[:90])[0]
        if len(opening) > 70:
            continue
        mentions = [m for m in dates_in(opening) if m.year and m.month and m.day]
        rest = opening
        for mention in reversed(mentions):
            rest = rest[: mention.span.start] + rest[mention.span.end :]
        if len(mentions) == 1 and len(re.findall(r"\w+", rest)) <= 5:
            only = mentions[0]
            return _valid(only.year or 0, only.month, only.day)
    return None
