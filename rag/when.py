"""The days that a question asks about: "in December", "last week", «قبل يومين». Pure functions.

A time that only names a thing ("the contract of 2019", «ثورة 25 يناير») or lies ahead ("next week")
is none: reports of it may have been written at any time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.clean import fold_map
from rag.dates import AGAIN, DAY_NAMES, MONTH_NAMES, DateMention, any_of, dates_in
from rag.days import calendar_unit, steps_back, whole
from rag.numbers import numbers_in, unit_of
from rag.types import Span

_Days = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class When:
    """Days that a question asks about.

    Attributes:
        since, until: The first and last day; None where that side is open.
        span: The words that state them, in the question.
        relative: Whether they are counted from today, so that the words themselves stand in no article.
        news: Whether the question asks for what happened then, not for a fact that is dated so.
    """

    since: date | None
    until: date | None
    span: Span
    relative: bool
    news: bool


def when_in(question: str, today: date, newest: date | None = None) -> When | None:
    """The days that ``question`` asks about; None when it states none that narrow the search.

    Args:
        newest: The last day that any article is dated by. A month or day without a year is the latest
            one that had begun by then.
    """
    folded, places = fold_map(question)
    if _AHEAD.search(folded):
        return None
    found = _relative(folded, today)
    relative = found is not None
    if found is None:
        found = _stated(folded, _mentions(question, folded, places), min(today, newest or today))
    if found is None:
        return None
    (since, until), (start, end) = found
    span = Span(places[start], places[end - 1] + 1)
    return When(since, until, span, relative, bool(_NEWS.search(folded)))


_AHEAD = re.compile(
    r"\b(?:will|shall|next|upcoming|coming|tomorrow|going to|ahead|غدا|سوف|(?:ال)?(?:قادم|مقبل)(?:ه|ين|تين)?"
    # The future's letter begins many names and nouns, but after these words a verb.
    r"|(?:متي|ماذا|هل|اين|كيف) س[يتن]\w{2,})\b"
)
_NEWS = re.compile(
    r"\bwhat(?:'s| is| was| has| have)? (?:been )?(?:happen\w*|new|going on|the news|the headlines|took place|taken place)\b"
    r"|\b(?:news|headlines|developments|events)\b"
    r"|\b(?:ماذا|ما الذي|ما) (?:حدث|جري|حصل|استجد)\b|\b(?:ما|ماهو|ما هو|هل من) (?:ال)?جديد\b|\b(?:ال)?(?:اخبار|احداث|مستجدات|تطورات)\b"
)

# ------------------------------------------------------------------ counted from today

_MONTH_RE, _DAY_RE = any_of(MONTH_NAMES), any_of(DAY_NAMES)
_UNIT_EN = r"(?P<unit>days?|weeks?|months?|years?)"
_UNIT_AR = r"(?P<unit>يوما?|ايام|اسبوعا?|اسابيع|شهرا?|اشهر|شهور|سنه|سنوات|سنين|عاما?|اعوام)"
_DUAL_AR = r"(?P<dual>يومين|اسبوعين|شهرين|سنتين|عامين)"
_PAST_AR = r"(?:ال)(?:ماضي|فايت|منصرم)(?:ه)?"


def _relative(folded: str, today: date) -> tuple[_Days, tuple[int, int]] | None:
    for pattern, days in _RELATIVE:
        for match in pattern.finditer(folded):
            if (found := days(match, today)) is not None:
                return found, match.span()
    return None


def _back(days: int) -> Callable[[re.Match[str], date], _Days]:
    def found(_: re.Match[str], today: date) -> _Days:
        return today - timedelta(days), today - timedelta(days)

    return found


def _this(match: re.Match[str], today: date) -> _Days | None:
    unit = unit_of(match["unit"])
    return None if unit == "day" else (calendar_unit(unit, today, 0)[0], today)


def _before(match: re.Match[str], today: date) -> _Days | None:
    unit = unit_of(match["unit"])
    return None if unit == "day" else calendar_unit(unit, today, 1)


def _rolling(match: re.Match[str], today: date) -> _Days | None:
    """The last so many days, weeks, months or years, up to today."""
    if (counted := _counted(match)) is None:
        return None
    return steps_back(today, *counted) + timedelta(1), today


def _ago(match: re.Match[str], today: date) -> _Days | None:
    """The day so many days ago, or the calendar's week, month or year so many of them ago."""
    if (counted := _counted(match)) is None:
        return None
    return calendar_unit(counted[1], today, counted[0])


def _since_ago(match: re.Match[str], today: date) -> _Days | None:
    if (counted := _counted(match)) is None:
        return None
    return steps_back(today, *counted), None


def _last_month(match: re.Match[str], today: date) -> _Days:
    month = MONTH_NAMES[match["month"]]
    year = today.year if month < today.month else today.year - 1
    return whole(year, month, None)


def _last_weekday(match: re.Match[str], today: date) -> _Days:
    back = (today.isoweekday() - DAY_NAMES[match["weekday"]] - 1) % 7 + 1
    return today - timedelta(back), today - timedelta(back)


def _counted(match: re.Match[str]) -> tuple[int, str] | None:
    """How many of which unit a match states; None for no number, or one beyond all archives."""
    groups = match.groupdict()
    if dual := groups.get("dual"):
        found = numbers_in(dual)
        return (2, found[0].unit) if found else None
    word = groups.get("count")
    values = [1] if word in (None, "a", "an") else [n.value for n in numbers_in(word or "")]
    if len(values) != 1 or not isinstance(values[0], int) or not 1 <= values[0] <= 500:
        return None
    return values[0], unit_of(match["unit"])


_RELATIVE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], _Days | None]], ...] = (
    (re.compile(r"\bthe day before yesterday\b|\b(?:امس الاول|اول امس)\b"), _back(2)),
    (re.compile(r"\byesterday\b|\b(?:امس|البارحه|مبارح|امبارح)\b"), _back(1)),
    # Elsewhere «اليوم» is as often "the day" of something.
    (re.compile(r"\btoday\b|\bاليوم(?=\W*$)"), _back(0)),
    (re.compile(rf"\b(?P<count>\w+) {_UNIT_EN} ago\b"), _ago),
    # Not the verb: "why did the strike last thirteen days".
    (
        re.compile(
            rf"\b(?:the|in|over|during|for|within) (?:last|past) (?P<count>\w+) {_UNIT_EN}\b(?! of\b)"
        ),
        _rolling,
    ),
    (re.compile(r"\b(?:the )?past (?P<unit>week|month|year)\b(?! of\b)"), _rolling),
    (re.compile(r"\b(?:last|the previous) (?P<unit>week|month|year)\b(?! of\b)"), _before),
    (re.compile(r"\bthis (?P<unit>week|month|year)\b"), _this),
    (re.compile(rf"\blast (?P<month>{_MONTH_RE})\b"), _last_month),
    (re.compile(rf"\blast (?P<weekday>{_DAY_RE})\b"), _last_weekday),
    (re.compile(rf"\b(?:في )?اخر (?:{_DUAL_AR}|(?P<count>\w+) {_UNIT_AR})\b"), _rolling),
    (
        re.compile(
            r"\bال(?P<unit>ايام|اسابيع|اشهر|شهور|سنوات|اعوام) (?:ال)?(?P<count>\w+) ال(?:ماضيه|اخيره|فايته|منصرمه)\b"
        ),
        _rolling,
    ),
    (re.compile(rf"\bال{_DUAL_AR} ال(?:ماضيين|اخيرين|فايتين|منصرمين)\b"), _rolling),
    (re.compile(rf"\b[بل]?ال(?P<unit>اسبوع|شهر|سنه|عام) {_PAST_AR}\b"), _before),
    (re.compile(r"\b[بل]?ال(?P<unit>اسبوع|شهر|سنه|عام) ال(?:حالي|جاري)ه?\b"), _this),
    (re.compile(r"\bهذ[اه] ال(?P<unit>اسبوع|شهر|سنه|عام)\b"), _this),
    (re.compile(rf"\b[بل]?(?P<month>{_MONTH_RE}){AGAIN} {_PAST_AR}\b"), _last_month),
    (re.compile(rf"\b(?P<weekday>{_DAY_RE}) {_PAST_AR}\b"), _last_weekday),
    # Not "two days before the attack" nor "before the year 2018".
    (re.compile(rf"\bقبل (?:{_DUAL_AR}|(?:(?P<count>\w+) )?{_UNIT_AR})\b(?! من\b| \d)"), _ago),
    (re.compile(rf"\bمنذ (?:{_DUAL_AR}|(?:(?P<count>\w+) )?{_UNIT_AR})\b(?! \d)"), _since_ago),
)

# ------------------------------------------------------------------ stated by the calendar

_ROUND = (
    r"(?:(?:the|month|year|شهر|شهري|عام|عامي|سنه|سنتي|العام|يوم|(?:the )?(?:beginning|start|end|middle|course|months?|summer|winter|spring|autumn|fall)"
    rf" of|early|late|mid|بدايه|نهايه|مطلع|اواخر|اوايل|منتصف|صيف|شتاء|ربيع|خريف|(?:{_DAY_RE}),?)[\s-]+)*"
)
_LEADS: tuple[tuple[str, str], ...] = (
    ("between", r"between|from|(?:ما )?بين|(?:ابتداء |اعتبارا )?من"),
    ("since", r"since|منذ"),
    ("after", r"after|بعد"),
    ("until", r"until|till|by|حتي|بحلول"),
    ("before", r"before|قبل"),
    ("in", r"in|on|at|during|throughout|within|في|خلال|اثناء|طوال"),
)
_LEAD = re.compile(
    r"(?:^|(?<=\W))[وف]?(?:" + "|".join(rf"(?P<{name}>{words})" for name, words in _LEADS) + rf")\s+{_ROUND}$"
)
# An Arabic year or day needs no preposition: «كأس الشطرنج عام 2021».
_BARE = re.compile(rf"(?:^|(?<=\W))(?:عام|سنه|العام|يوم|شهر) (?:(?:{_DAY_RE}),? )?$")
# A year alone after these words; a number of something else goes on.
_YEAR_ALONE = re.compile(
    r"\b(?:after|before|between|from|and|to|بعد|قبل|بين|من|الي|و) ?(?P<year>(?:19|20)\d\d)(?= ?(?:[?,.!]|$|and\b|to\b|-|و|الي))"
)
# What belongs to the mention of a year, as ``rag.dates`` finds it, but not to the year.
_INSIDE = re.compile(
    r"^(?:[وف]?(?:ل|ب)?(?:عام|سنه|العام|منذ|حتي)|in|since|by|until|year|of|during)\s+(?=\d{4}\b)"
)
_TO = re.compile(r"^\s?(?:-|and|to|until|till|و|الي|حتي)\s?(?:the |(?:شهر|عام|سنه|يوم) )?$")


def _mentions(question: str, folded: str, places: Sequence[int]) -> list[DateMention]:
    """Dates of ``question`` with a month or year, in order; spans are of ``folded``."""
    found = [
        replace(mention, span=Span(*(bisect_left(places, place) for place in mention.span)))
        for mention in dates_in(question)
        if mention.year or mention.month
    ]
    taken = [mention.span for mention in found]
    for match in _YEAR_ALONE.finditer(folded):
        span = Span(*match.span("year"))
        if not any(span.start < end and start < span.end for start, end in taken):
            found.append(DateMention(None, None, int(match["year"]), None, span))
    return sorted(found, key=lambda mention: mention.span)


def _stated(
    folded: str, mentions: Sequence[DateMention], anchor: date
) -> tuple[_Days, tuple[int, int]] | None:
    """The first date that a preposition makes the time of what is asked; spans are of ``folded``."""
    for at, mention in enumerate(mentions):
        start, end = mention.span
        if inside := _INSIDE.match(folded[start:end]):
            start += inside.end()
        before = folded[:start]
        lead = _LEAD.search(before) or _BARE.search(before)
        if lead is None:
            continue
        kind = next((name for name, _ in _LEADS if lead.groupdict().get(name)), "in")
        following = mentions[at + 1] if at + 1 < len(mentions) else None
        if kind == "between":
            if following is not None and _TO.match(_gap(folded, end, following.span.start)):
                first, last = _range(mention, following, anchor)
                return (first, last), (lead.start(), following.span.end)
            if not before[lead.start() :].startswith(("from", "من", "ابتداء", "اعتبارا")):
                continue
            kind = "since"
        first, last = _resolved(mention, anchor)
        return _side(kind, first, last), (lead.start(), end)
    return None


def _gap(folded: str, end: int, start: int) -> str:
    """What stands between two mentions, with the "and" that Arabic writes onto the second."""
    return folded[end : start + 1 if folded[start] == "و" else start]


def _side(kind: str, first: date, last: date) -> _Days:
    match kind:
        case "since":
            return first, None
        case "after":
            return (last + timedelta(1) if last < date.max else last), None
        case "until":
            return None, last
        case "before":
            return None, first - timedelta(1) if first > date.min else first
    return first, last


def _resolved(mention: DateMention, anchor: date) -> tuple[date, date]:
    """First and last day of a mention; without a year, of the latest that had begun by ``anchor``."""
    if mention.year is not None:
        return whole(mention.year, mention.month, mention.day)
    for year in range(anchor.year, anchor.year - 9, -1):  # a 29 February needs some years
        try:
            found = whole(year, mention.month, mention.day)
        except ValueError:
            continue
        if found[0] <= anchor:
            return found
    return anchor, anchor


def _range(first: DateMention, last: DateMention, anchor: date) -> tuple[date, date]:
    end = _resolved(last, anchor)
    start = _resolved(first, end[0] if first.year is None else anchor)
    return (start[0], end[1]) if start[0] <= end[1] else (end[0], start[1])
