"""Reckoning with days, weeks, months and years. Pure functions; units are those of ``rag.numbers``."""

from __future__ import annotations

from datetime import date, timedelta


def steps_back(day: date, count: int, unit: str) -> date:
    """The day so many units before ``day``; in a shorter month its last day."""
    if unit in ("day", "week"):
        return day - timedelta(count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 - count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    last = whole(year, month + 1, None)[1].day
    return date(year, month + 1, min(day.day, last))


def calendar_unit(unit: str, today: date, back: int) -> tuple[date, date]:
    """The whole day, week (from Monday), month or year ``back`` before today's."""
    day = steps_back(today, back, unit)
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - timedelta(day.weekday())
        return monday, monday + timedelta(6)
    return whole(day.year, day.month if unit == "month" else None, None)


def whole(year: int, month: int | None, day: int | None) -> tuple[date, date]:
    """First and last day of a year, of a month, or of a day."""
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is not None:
        return date(year, month, day), date(year, month, day)
    following = date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else date.max
    return date(year, month, 1), following - timedelta(1) if following != date.max else following


def days_of(iso: str) -> tuple[date, date]:
    """First and last day of an ISO date that may lack its day or month, as articles have them."""
    year, *rest = (int(part) for part in iso.split("-"))
    return whole(year, rest[0] if rest else None, rest[1] if len(rest) > 1 else None)
