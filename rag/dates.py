"""Dates in a text, in Arabic and English, with months of the Arab east, west and the Gulf.

Not here: which date an article has, but for datelines; events in a text never date it.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.clean import fold_map
from rag.types import Language, Span

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
_BOTH_NAMES = (
    "كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو", "تموز/يوليو",
    "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
)  # fmt: skip
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


# Folded names to their numbers, from 1.
MONTH_NAMES, DAY_NAMES = _table(_MONTHS), _table(_WEEKDAYS)


def any_of(names: dict[str, int]) -> str:
    """A pattern's alternatives for the names of a table, longest first."""
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_MONTH_RE = rf"(?P<month>{any_of(MONTH_NAMES)})"
# The same month once more, as the other tradition calls it: كانون الأول/ديسمبر.
AGAIN = rf"(?:\s?[/(]\s?(?:{any_of(MONTH_NAMES)})\)?)?"
_AR_PREFIX = r"(?:[وف]?[بلك]?)"
# A year of the common era may carry its letter: 2015م.
_YEAR_END = r"(?: ?م)?\b"
_AR_YEAR = rf"(?:,? (?:عام |سنه |من عام |العام |the year )?(?P<year>\d{{4}}){_YEAR_END})?"
_NUMERIC = re.compile(
    r"(?<![\d/.-])(?:(?P<y1>\d{4})[-/](?P<m1>\d{1,2})[-/](?P<d1>\d{1,2})|(?P<d2>\d{1,2})[-/.](?P<m2>\d{1,2})[-/.](?P<y2>\d{4}))(?![\d/-])"
)
_DAY_MONTH = re.compile(
    rf"(?<![\d/.,])(?P<day>[0-3]?\d|الاول من)(?:st|nd|rd|th)?(?: of)? (?:من )?(?:شهر )?{_MONTH_RE}\b{AGAIN}{_AR_YEAR}"
)
_MONTH_DAY = re.compile(
    rf"\b{_MONTH_RE}\.? (?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b(?!\d)(?:,? (?P<year>\d{{4}})\b)?"
)
_MONTH_ONLY = re.compile(rf"\b{_AR_PREFIX}{_MONTH_RE}\b{AGAIN}{_AR_YEAR}")
# The first day of a span of days, right before the second and its month.
_FIRST_DAY = re.compile(r"(?<![\d/.,])(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s?(?:-|الي|حتي|و|to|and|until)\s?$")
_YEAR = re.compile(
    rf"\b(?:[وفبل]?(?:عام|سنه|العام|منذ|حتي)|in|since|by|until|year|of|during)\s+(?P<year>(?:1[5-9]|20)\d{{2}}){_YEAR_END}(?![.,]\d)"
)
_WEEK = re.compile(rf"\b{_AR_PREFIX}(?P<weekday>{any_of(DAY_NAMES)})\b")
# Words that are months only beside a day, a year, or a word that a month follows.
_AMBIGUOUS = frozenset(
    ["may", "mar", "march", "jan", "sep", "dec", "jun", "اب", "ماي", "جوان", "اوت", "مارس"]
)
_BEFORE_MONTH = re.compile(
    r"(?:^|\W)(?:في|شهر|منذ|خلال|بدايه|نهايه|مطلع|اواخر|اوايل|منتصف|حتي|بين|in|since|last|next|until|by|of|this|during|early|late|mid|between|after|before|from)[\s-]$"
)


def dates_in(text: str) -> list[DateMention]:
    """Every date mentioned, in order of place; spans are code points of ``text``, none overlap.

    Days that a month does not have are no dates. Of a span of days both ends are mentioned.
    """
    folded, places = fold_map(text)
    taken: list[tuple[int, int]] = []
    found: list[DateMention] = []

    def add(span: tuple[int, int], mention: DateMention) -> None:
        first, last = span
        if any(first < end and start < last for start, end in taken) or not _possible(mention):
            return
        taken.append((first, last))
        found.append(dataclasses.replace(mention, span=Span(places[first], places[last - 1] + 1)))

    for match in _NUMERIC.finditer(folded):
        add(match.span(), _numeric(match))
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for match in pattern.finditer(folded):
            if (
                pattern is _MONTH_DAY
                and match["month"] in ("may", "march")
                and not text[places[match.start()]].isupper()
            ):
                continue
            day = int(match["day"]) if match["day"].isdigit() else 1
            month, year = MONTH_NAMES[match["month"]], _number(match["year"])
            add(match.span(), _mention(day, month, year))
            if pattern is _DAY_MONTH and (
                start := _FIRST_DAY.search(folded, max(0, match.start() - 12), match.start())
            ):
                add(start.span("day"), _mention(int(start["day"]), month, year))
    for match in _MONTH_ONLY.finditer(folded):
        before = folded[max(0, match.start() - 12) : match.start()]
        if match["month"] not in _AMBIGUOUS or match["year"] or _BEFORE_MONTH.search(before):
            add(match.span(), _mention(None, MONTH_NAMES[match["month"]], _number(match["year"])))
    for match in _YEAR.finditer(folded):
        add(match.span(), _mention(None, None, int(match["year"])))
    for match in _WEEK.finditer(folded):
        add(match.span(), _mention(None, None, None, DAY_NAMES[match["weekday"]]))
    return sorted(found, key=lambda mention: mention.span)


def _mention(day: int | None, month: int | None, year: int | None, weekday: int | None = None) -> DateMention:
    return DateMention(day, month, year, weekday, Span(0, 0))


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _numeric(match: re.Match[str]) -> DateMention:
    """Year, month, day; or day, month, year; or month, day, year where only that can be."""
    if match["y1"]:
        return _mention(int(match["d1"]), int(match["m1"]), int(match["y1"]))
    day, month = int(match["d2"]), int(match["m2"])
    return _mention(*((month, day) if month > 12 else (day, month)), int(match["y2"]))


def _possible(mention: DateMention) -> bool:
    """Whether the calendar has such a day; 29 February without a year may be."""
    try:
        given = (mention.year, mention.month, mention.day)
        # A leap year where none is stated; a stated 0 is no date.
        year, month, day = (
            other if part is None else part for part, other in zip(given, (2000, 1, 1), strict=True)
        )
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


_FIRST_YEAR = 1500


def iso_date(value: str | None) -> str | None:
    """A stated date (ISO, or as written) as ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``; None if it is none."""
    text = (value or "").strip()
    if match := re.match(
        r"(\d{4})(?:(\d{2})(\d{2})(?!\d)|[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)|(?!\d))", text
    ):
        month, day = match[2] or match[4], match[3] or match[5]
        if int(match[1]) < _FIRST_YEAR:
            return None  # most likely of the Hijri calendar
        return _iso(_mention(_number(day), _number(month), int(match[1])))
    return next((_iso(mention) for mention in dates_in(text) if mention.year is not None), None)


def _iso(mention: DateMention) -> str | None:
    if not _possible(mention):
        return None
    shown = [f"{mention.year:04}"]
    shown += [f"{part:02}" for part in (mention.month, mention.day if mention.month else None) if part]
    return "-".join(shown)


def written_date(iso: str, language: Language) -> str:
    """An ISO date as it is written: ``19 June 2022``, ``19 حزيران/يونيو 2022``; parts may be missing."""
    year, *rest = iso.split("-")
    if not rest:
        return year
    at = int(rest[0]) - 1
    month = _BOTH_NAMES[at] if language == "ar" else _MONTHS[at][0].capitalize()
    return " ".join([*(str(int(day)) for day in rest[1:]), month, year])


# Beside a date in a dateline stand a place, an agency, a weekday, an hour or one of these.
_LABELS = frozenset(
    re.findall(
        r"\w+",
        "published updated posted date on at by last gmt am pm utc نشر نشرت النشر تاريخ بتاريخ التاريخ تم اخر تحديث ت م ص "
        "في الساعه جمت غرينتش",
    )
)
_AGENCY = re.compile(
    r"(?i:\b(?:reuters|ap|afp|tass|spa|sana|wam|kuna|anadolu|xinhua|upi|dpa|efe|bbc|agencies|staff)\b)|"
    r"\b(?:واس|سانا|رويترز|ا ?\.?ف ?\.?ب|فرانس برس|وكالات|الاناضول|تاس|سبوتنيك|وام|كونا|قنا|بترا|وات|واج|وفا|شينخوا)\b"
)
_HIJRI = re.compile(
    r"\d{1,2} (?:من )?(?:محرم|صفر|(?:ربيع|جمادي) (?:الاول[ي]?|الثاني[ه]?|الاخر[ه]?)|رجب|شعبان|رمضان|شوال|ذو القعده|ذي القعده|"
    r"ذو الحجه|ذي الحجه),? \d{4}(?: ?ه)?\b|\bالموافق\b"
)
# What a place needs to be told from the first words of a sentence or a title.
_PLACE = re.compile(r"^[^\W\d]+(?: [^\W\d]+){0,2} ?[,/(:-] ?$")


def dateline_date(lines: Sequence[str]) -> str | None:
    """The full date that a dateline states: a short line of its own, or the opening before a dash.

    ``Geneva, 9 September 2016 (Reuters) - …`` states one; a date inside a sentence or a title does not.
    """
    for line in lines:
        segments = re.split(r"\s[-–—]\s", line[:160], maxsplit=2)
        for i, segment in enumerate(segments[:2]):
            whole = len(segments) == 1 or i < len(segments) - 1 or i > 0
            if whole and len(segment) <= 70 and (found := _dateline(segment, alone=i > 0)):
                return found
    return None


def _dateline(opening: str, alone: bool) -> str | None:
    """The date of a dateline's segment; ``alone``: it may hold nothing else."""
    folded = " ".join(fold_map(opening)[0].split())
    plain = " ".join(_HIJRI.sub(" ", folded).split())
    mentions = dates_in(plain)
    full = [mention for mention in mentions if mention.year and mention.month and mention.day]
    if len(full) != 1 or re.search(r"[.!?]\W*$", plain):
        return None
    if any(word[0].islower() and word not in _LABELS for word in re.findall(r"[^\W\d]+", opening)):
        return None
    for mention in mentions:
        span = mention.span
        plain = plain[: span.start] + "\0" * (span.end - span.start) + plain[span.end :]
    before, after = plain[: full[0].span.start], plain[full[0].span.end :]
    if _names(after) or (alone and _names(before)):
        return None
    placed = _PLACE.match(before) or _AGENCY.search(plain) or "\0" in before
    shown = not _names(before) or (len(_names(before)) <= 3 and (placed or _HIJRI.search(folded)))
    return _iso(full[0]) if shown else None


def _names(text: str) -> list[str]:
    """Words that are neither a label, an agency nor a date."""
    return [word for word in re.findall(r"[^\W\d]+", _AGENCY.sub(" ", text)) if word not in _LABELS]
