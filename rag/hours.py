"""Times of day in a span, as the other language tells them: hours of the clock, parts of days, and the days they belong to.

Word by word «الساعة الثامنة مساء» is "the eighth hour evening". ``rag.english_units`` and ``rag.arabic_units`` take what is
found here as one unit. A day told twice, as in «اليوم الخميس», is told once, by its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.clean import fold, fold_map
from rag.dates import DAY_NAMES, MONTH_NAMES, any_of
from rag.lexicon import lexicon
from rag.types import Language, Span

_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_AYYAM = "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد".split()


@dataclass(frozen=True, slots=True)
class Hour:
    """A stretch of a span that tells a time of day, in the other language.

    Attributes:
        text: By itself, or behind a preposition: "8 p.m. on Friday", "Friday morning".
        when: As it tells when something was: "at 8 p.m. on Friday", "on Friday morning".
        joined: Whether the stretch begins with a waw that joins it to what stands before.
    """

    span: Span
    text: str
    when: str
    joined: bool = False


def hours_in(text: str, to: Language) -> dict[int, Hour]:
    """By where they begin, the times of day of a text in the other of Arabic and English than ``to``."""
    folded, places = fold_map(text)
    pattern, tell = (_ARABIC, _in_english) if to == "en" else (_ENGLISH, _in_arabic)
    found: dict[int, Hour] = {}
    match = pattern.search(folded)
    while match:
        told = tell(match)
        if told is not None:
            start, end = places[match.start()], places[match.end() - 1] + 1
            found[start] = Hour(Span(start, end), *told)
        match = pattern.search(folded, match.end() if told else match.start() + 1)
    return found


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour of the clock that a text tells.

    Attributes:
        minutes: Of the day, those that it may be: 8 o'clock is one of two.
        zone: As it is written, folded; "" where none is told.
    """

    span: Span
    minutes: frozenset[int]
    zone: str


def clocks_in(text: str) -> list[Clock]:
    """The hours of the clock in a text of either language."""
    folded, places = fold_map(text)
    found = []
    for pattern, read in ((_ARABIC, _read_arabic), (_ENGLISH, _read_english)):
        match = pattern.search(folded)
        while match:
            told = read(match.groupdict()) if match["clock"] and not _is_ordinal(match) else None
            if told is not None:
                span = Span(places[match.start()], places[match.end() - 1] + 1)
                found.append(Clock(span, _minutes(*told), _same_zone(match["zone"])))
            match = pattern.search(folded, match.end() if told else match.start() + 1)
    return found


def _minutes(hour: int, minute: int, part: str) -> frozenset[int]:
    early = hour == 0 if hour > 12 or hour == 0 else _is_early(hour, part)
    first = hour % 12 * 60 + minute
    if early is None:
        return frozenset({first, first + 720})
    return frozenset({first if early or hour == 24 else first + 720})


def _same_zone(name: str | None) -> str:
    if name is None:
        return ""
    if name in (*_GREENWICH, "gmt", "utc"):
        return "gmt"
    return "local" if "محلي" in name or name == "local time" else name


# ---------------------------------------------------------------- Arabic


def _any(names: dict[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(map(fold, names), key=len, reverse=True))


_HOURS = {
    fold(word): number
    for number, words in enumerate(
        (
            "الواحدة|الأولى", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة",
            "الحادية عشرة|الحادية عشر", "الثانية عشرة|الثانية عشر",
        ), 1
    )
    for word in words.split("|")
}  # fmt: skip
_MINUTES = {"نصف": 30, "ربع": 15, "ثلث": 20} | {
    fold(words): number
    for words, number in (
        ("خمس دقائق", 5), ("عشر دقائق", 10), ("خمس عشرة دقيقة", 15), ("عشرين دقيقة", 20), ("خمس وعشرين دقيقة", 25),
        ("ثلاثين دقيقة", 30), ("خمس وثلاثين دقيقة", 35), ("أربعين دقيقة", 40), ("خمس وأربعين دقيقة", 45), ("خمسين دقيقة", 50),
        ("خمس وخمسين دقيقة", 55),
    )
}  # fmt: skip
# Parts of a day as adverbs, and before the day's name.
_PARTS = {
    "صباحا": "morning", "صباح": "morning", "ضحى": "morning", "قبل الظهر": "morning", "قبل ظهر": "morning",
    "فجرا": "dawn", "فجر": "dawn", "ظهرا": "noon", "ظهر": "noon", "ظهيرة": "noon", "بعد الظهر": "afternoon",
    "بعد ظهر": "afternoon", "عصرا": "afternoon", "عصر": "afternoon", "مساء": "evening", "ليلا": "night", "ليل": "night",
    "ليلة": "night", "بعد منتصف الليل": "after midnight", "بعد منتصف ليل": "after midnight",
    "بعد منتصف ليلة": "after midnight", "منتصف ليل": "midnight", "منتصف ليلة": "midnight", "منتصف الليل": "midnight",
    "منتصف نهار": "noon", "منتصف النهار": "noon",
}  # fmt: skip
_PART_OF = {fold(arabic): english for arabic, english in _PARTS.items()}
_ALONE = {fold(word) for word in "صباحا فجرا ظهرا عصرا ليلا".split()} | {
    fold(words) for words in ("بعد الظهر", "قبل الظهر", "منتصف الليل", "منتصف النهار", "بعد منتصف الليل")
}
_RELATIVE = {
    "اليوم": "today", "هذا اليوم": "today", "أمس الأول": "the day before yesterday", "أول أمس": "the day before yesterday",
    "أول من أمس": "the day before yesterday", "أمس": "yesterday", "الأمس": "yesterday", "غد": "tomorrow", "غدا": "tomorrow",
    "الغد": "tomorrow", "بعد غد": "the day after tomorrow", "نفسه": "the same day", "ذاته": "the same day",
}  # fmt: skip
_RELATIVE_OF = {fold(arabic): english for arabic, english in _RELATIVE.items()}
_NEXT = {fold(word): "last" for word in "الماضي الماضية الفائت الفائتة المنصرم المنصرمة".split()} | {
    fold(word): "next" for word in "المقبل المقبلة القادم القادمة".split()
}
_AR_DAYS = {name: number for name, number in DAY_NAMES.items() if not name[0].isascii()}
_DAY = (
    rf"(?:(?:ال)?يوم )?(?:(?P<rel>{_any(_RELATIVE)})(?: (?P<wd1>{any_of(_AR_DAYS)}))?|(?P<wd2>{any_of(_AR_DAYS)}))"
    rf"(?: (?P<next>{'|'.join(_NEXT)}))?"
)


def _day_as(tag: str) -> str:
    return re.sub(r"\?P<(\w+)>", rf"?P<{tag}_\1>", _DAY)


_ZONE = r"(?: (?:بال|ب)توقيت (?P<zone>المحلي|محلي|[^\W\d]+(?: المحلي)?))?"
_CLOCK = (
    rf"(?P<oclock>(?:تمام )?الساعه )?(?:(?P<hour>{'|'.join(sorted(_HOURS, key=len, reverse=True))})|(?:ال)?(?P<digits>\d{{1,2}})(?:[:.](?P<past>\d\d))?)"
    rf"(?:(?P<to> الا)? ?(?P<and>و)? ?(?:ال)?(?P<quarter>{'|'.join(sorted(_MINUTES, key=len, reverse=True))})ا?|"
    r" و(?P<minutes>\d\d?) دقيقه)?(?!\w)"
    rf"(?: (?:من )?(?P<part>{_any(_PARTS)}))?(?: {_day_as('c')})?{_ZONE}"
)
_ARABIC = re.compile(
    r"(?<!\w)(?P<joined>و)?(?P<at>(?:في|عند) )?(?:"
    rf"(?P<clock>{_CLOCK})"
    rf"|(?:ال)?ساعات (?:ال)?(?:اولي|مبكره) (?:من )?(?P<early>صباح|فجر|نهار) {_day_as('e')}"
    rf"|(?P<these>هذا الصباح|هذا المساء|هذه الليله|ليله الماضيه|الليله الماضيه|الليله الفايته|ليله امس|ليل امس|الليله)"
    r"|(?:ليل|ليله) (?P<from>"
    + any_of(_AR_DAYS)
    + r")(?: ?[-–/] ?| الي | )(?P<until>"
    + any_of(_AR_DAYS)
    + r")"
    rf"|(?P<daypart>{_any(_PARTS)}) (?:من )?{_day_as('p')}"
    rf"|{_day_as('a')} (?P<adverb>{'|'.join(sorted(_ALONE | {fold('مساء')}, key=len, reverse=True))})"
    rf"|(?P<dated>{_any(_PARTS)})(?: يوم)?(?= \d{{1,2}} [^\W\d])"
    rf"|(?P<relative>(?:يوم )?(?:{_any(_RELATIVE)}))(?: (?P<named>{any_of(_AR_DAYS)}))?"
    rf"|(?P<alone>{'|'.join(sorted(_ALONE, key=len, reverse=True))})"
    r")(?!\w)"
)
_THESE = {
    fold(arabic): english
    for arabic, english in (
        ("هذا الصباح", "this morning"), ("هذا المساء", "this evening"), ("هذه الليلة", "tonight"), ("الليلة", "tonight"),
        ("ليلة الماضية", "last night"), ("الليلة الماضية", "last night"), ("الليلة الفائتة", "last night"), ("ليلة أمس", "last night"),
        ("ليل أمس", "last night"),
    )
}  # fmt: skip
_ADVERBS = {
    "morning": "in the morning", "dawn": "at dawn", "noon": "at noon", "afternoon": "in the afternoon",
    "evening": "in the evening", "night": "at night", "midnight": "at midnight", "after midnight": "after midnight",
}  # fmt: skip
_GREENWICH = ("غرينتش", "جرينتش", "غرينيتش", "جرينيتش", "غرينتيش")
_Told = tuple[str, str, bool]


# What an hour without its noun may follow: «حتى الرابعة مساء», but not «الجولة الرابعة مساء الأحد».
_BEFORE_HOUR = re.compile(
    rf"(?:^|[،,:(«\"]|(?<!\w)و?(?:{fold('من|حتى|إلى|بين|نحو|حوالي|قرابة|منذ|قبل|بعد|قبيل|بعيد|بحلول')})) *$"
)


def _is_ordinal(match: re.Match[str]) -> bool:
    """Whether an hour's word without "o'clock" belongs to what stands before it."""
    told = match.groupdict()
    bare = told["clock"] and "oclock" in told and not (told["oclock"] or told["at"] or told["joined"])
    return bool(bare and told["hour"] and not _BEFORE_HOUR.search(match.string[: match.start()]))


def _in_english(match: re.Match[str]) -> _Told | None:
    if _is_ordinal(match):
        return None
    told = _english(match.groupdict())
    if told is None:
        return None
    text, when = told
    # A date behind a time is that time's.
    rest = match.string[match.end() :]
    if re.match(r" (?:ال)?(?:يوم )?\d{1,2} (?:من )?(?:شهر )?[^\W\d]{3,}", rest) and not match["dated"]:
        link = "," if re.search(r"day(?: \w+)?$", text) else " on"
        text, when = text + link, when + link
    if match["at"] and match["clock"] is None:
        text = when
    elif match["at"]:
        text = when = when if when.startswith(("at ", "around ")) else f"at {text}"
    return text, when, bool(match["joined"])


def _english(told: dict[str, str | None]) -> tuple[str, str] | None:
    """By itself, and as it tells when."""
    if told["clock"]:
        return _clock(told)
    if told["these"]:
        text = _THESE[told["these"]]
        return text, text
    if told["from"]:
        nights = [_WEEKDAYS[_AR_DAYS[told[name] or ""] - 1] for name in ("from", "until")]
        text = "the night of {} to {}".format(*nights)
        return text, f"on {text}"
    if told["early"]:
        text = f"the early hours of {_day(told, 'e')[0]}"
        return text, f"in {text}"
    if told["dated"]:
        part = _PART_OF[told["dated"]]
        if part in ("dawn", "noon", "midnight", "after midnight"):
            return f"{part} on", f"{'' if part == 'after midnight' else 'at '}{part} on"
        return f"the {part} of", f"on the {part} of"
    if told["relative"]:
        bare = told["relative"].removeprefix("يوم ")
        if told["named"] is None and bare in ("اليوم", "غد", "نفسه", "ذاته"):
            return None  # the day, or tomorrow as a word like others
        text = _RELATIVE_OF[bare]
        if told["named"]:
            day = _WEEKDAYS[_AR_DAYS[told["named"]] - 1]
            return (day, f"on {day}") if text == "today" else (f"{text}, {day}", f"{text}, {day}")
        return text, text
    if told["alone"]:
        part = _PART_OF[told["alone"]]
        return (part if part in ("midnight", "noon") else _ADVERBS[part]), _ADVERBS[part]
    tag, name = ("p", told["daypart"]) if told["daypart"] else ("a", told["adverb"])
    return _part_of_day(_PART_OF[name or ""], *_day(told, tag), name == "ليله")


def _day(told: dict[str, str | None], tag: str) -> tuple[str, str]:
    """Friday, last Friday, today; and as it tells when: on Friday, last Friday, today."""
    number = told[f"{tag}_wd1"] or told[f"{tag}_wd2"]
    if number is None:
        text = _RELATIVE_OF[told[f"{tag}_rel"] or ""]
        return (text, f"on {text}") if text == "the same day" else (text, text)
    name, turn = _WEEKDAYS[_AR_DAYS[number] - 1], told[f"{tag}_next"]
    return (f"{_NEXT[turn]} {name}", f"{_NEXT[turn]} {name}") if turn else (name, f"on {name}")


def _part_of_day(part: str, day: str, on: str, before: bool) -> tuple[str, str]:
    """``before``: the night of Sunday, for many the one that Sunday follows."""
    if part in ("dawn", "noon", "midnight"):
        return f"{part} {on}", f"at {part} {on}"
    if part == "after midnight":
        return f"{part} {on}", f"{part} {on}"
    if day == "today":
        text = "tonight" if part == "night" else f"this {part}"
        return text, text
    if day == "yesterday" and part == "night":
        return "last night", "last night"
    if before or day.startswith("the "):
        return f"the {part} of {day}", f"on the {part} of {day}"
    return f"{day} {part}", f"{on} {part}"


def _read_arabic(told: dict[str, str | None]) -> tuple[int, int, str] | None:
    """Hour, minute and part of the day; None for the third, or 8 of anything."""
    part = _PART_OF.get(told["part"] or "", "")
    if not told["oclock"] and (not part or not (told["hour"] or told["part"] in _ALONE | {"مساء"})):
        return None
    if (told["to"] or told["and"]) and not told["quarter"]:
        return None
    if told["quarter"] and not (told["to"] or told["and"]):
        return None
    hour = _HOURS[told["hour"]] if told["hour"] else int(told["digits"] or 0)
    minute = int(told["past"] or told["minutes"] or _MINUTES.get(told["quarter"] or "", 0))
    if told["to"]:
        hour, minute = (hour - 2) % 12 + 1, 60 - minute
    return None if hour > 24 or minute > 59 else (hour, minute, part)


def _clock(told: dict[str, str | None]) -> tuple[str, str] | None:
    """8 p.m. on Friday, GMT."""
    read = _read_arabic(told)
    if read is None:
        return None
    text = _hour_text(*read)
    day = ""
    if told["c_rel"] or told["c_wd2"]:
        day = f" {_day(told, 'c')[1]}"
    elif told["part"] and told["part"] not in _ALONE | {"مساء"}:
        return None  # the morning of something else
    zone = _zone(told["zone"])
    if zone is None:
        return None
    return f"{text}{zone}{day}", f"at {text}{zone}{day}"


def _hour_text(hour: int, minute: int, part: str) -> str:
    shown = f"{hour}:{minute:02}" if minute else str(hour)
    if hour == 12 and not minute and part in ("night", "midnight", "noon"):
        return "noon" if part == "noon" else "midnight"
    if hour > 12 or hour == 0:
        return f"{hour}:{minute:02}"
    if not part:
        return shown if minute else f"{shown} o'clock"
    early = _is_early(hour, part)
    return f"{shown} {_ADVERBS[part]}" if early is None else f"{shown} {'a.m.' if early else 'p.m.'}"


def _is_early(hour: int, part: str) -> bool | None:
    """Whether an hour of twelve is one before noon; None where its part of the day does not tell, as of twelve in the morning."""
    if not part or (hour == 12 and part in ("evening", "morning")):
        return None
    return (
        part in ("morning", "dawn", "after midnight")
        or (part in ("night", "midnight") and hour in (12, 1, 2, 3, 4, 5))
        or (part == "noon" and hour in (10, 11))
    )


def _zone(name: str | None) -> str | None:
    """None where it is not known."""
    if name is None:
        return ""
    if name in ("المحلي", "محلي"):
        return " local time"
    place = name.removesuffix(" المحلي")
    if place in _GREENWICH:
        return " GMT"
    told = _place(place, "en")
    return f" {told} time" if told else None


def _place(name: str, to: Language) -> str | None:
    return next((e.text for e in lexicon().renderings(name, to) if e.kind.rstrip("+") == "place"), None)


# ---------------------------------------------------------------- English

_EN_DAYS = {name: number for name, number in DAY_NAMES.items() if name[0].isascii()}
_EN_MONTHS = {name: number for name, number in MONTH_NAMES.items() if name[0].isascii()}
_NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_EN_DAY = (
    rf"(?:on )?(?:(?P<next>last|next|this|this past|this coming) )?(?P<wd>{any_of(_EN_DAYS)})"
    r"|(?P<rel>today|yesterday|tomorrow|the day before yesterday|the day after tomorrow)"
)


def _en_day_as(tag: str) -> str:
    return "(?:" + re.sub(r"\?P<(\w+)>", rf"?P<{tag}_\1>", _EN_DAY) + ")"


_OF_DAY = "morning|afternoon|evening|night"
_POINTS = "dawn|daybreak|noon|midday|midnight"
_EN_CLOCK = (
    r"(?:(?P<half>half past|(?:a )?quarter past|(?:a )?quarter to) (?P<halfhour>"
    + "|".join(_NUMBERS)
    + r"|\d\d?)|"
    r"(?:(?P<word>" + "|".join(_NUMBERS) + r")|(?P<digits>\d\d?)(?:(?P<point_>[:.])(?P<past>\d\d))?))"
    r"(?P<mark> ?[ap]\.?m\b\.?|(?= (?:and|to|until|till|or|-) \d\d?(?:[:.]\d\d)? ?(?P<shared>[ap])\.?m\b)| o ?[’']?clock| noon| midnight)?(?: (?:in the|at) (?P<part>morning|afternoon|evening|night|noon|dawn))?"
    rf"(?: (?P<zone>gmt|utc|local time|[a-z]+ time))?"
    rf"(?:,? (?:{_en_day_as('c')}(?: (?P<cpart>{_OF_DAY}))?))?"
)
_ENGLISH = re.compile(
    rf"(?<![\w.:])(?:(?:at|on|in) )?(?:(?P<clock>{_EN_CLOCK})"
    rf"|(?:the )?early hours of (?P<early>{_en_day_as('e')})(?: morning)?"
    rf"|(?P<depth>early |late )?{_en_day_as('p')} (?P<daypart>{_OF_DAY})"
    rf"|(?P<these>(?:early |late )?this (?:morning|afternoon|evening)|tonight|last night)"
    rf"|(?P<point>{_POINTS}) (?:on )?{_en_day_as('q')}"
    rf"|{_en_day_as('r')} at (?P<at>{_POINTS})"
    rf"|(?P<edge>early|late) (?:on )?{_en_day_as('d')}"
    rf"|(?:the )?(?P<of>{_OF_DAY}) of {_en_day_as('o')}"
    rf"|the (?P<dated>{_OF_DAY}) of(?= (?:the )?(?:\d|{any_of(_EN_MONTHS)}))"
    rf"|every (?P<every>{any_of(_EN_DAYS)})"
    rf"|(?P<relative>the day before yesterday|the day after tomorrow|yesterday|tomorrow|today)(?:,? (?P<named>{any_of(_EN_DAYS)}))?"
    rf"|(?P<alone>{_POINTS})"
    r")(?![\w’'])"
)
_AR_OF_DAY = {"morning": "صباح", "afternoon": "بعد ظهر", "evening": "مساء", "night": "ليل"}
_AR_POINT = {
    "dawn": ("فجر", "الفجر"), "daybreak": ("فجر", "الفجر"), "noon": ("ظهر", "الظهر"), "midday": ("ظهر", "الظهر"),
    "midnight": ("منتصف ليل", "منتصف الليل"),
}  # fmt: skip
_AR_AT = {"dawn": "فجرا", "daybreak": "فجرا", "noon": "ظهرا", "midday": "ظهرا", "midnight": "عند منتصف الليل"}
_AR_ADVERB = {
    "morning": "صباحا", "afternoon": "بعد الظهر", "evening": "مساء", "night": "ليلا", "noon": "ظهرا", "dawn": "فجرا",
}  # fmt: skip
_AR_RELATIVE = {
    "today": "اليوم", "yesterday": "أمس", "tomorrow": "غد", "the day before yesterday": "أول أمس",
    "the day after tomorrow": "بعد غد",
}  # fmt: skip
_AR_THESE = {"tonight": "الليلة", "last night": "الليلة الماضية"}
_AR_HOURS = (
    "", "الواحدة", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة",
    "الحادية عشرة", "الثانية عشرة",
)  # fmt: skip
_AR_PAST = {0: "", 15: " والربع", 20: " والثلث", 30: " والنصف"}


def _in_arabic(match: re.Match[str]) -> _Told | None:
    text = _arabic(match.groupdict(), match[0])
    return None if text is None else (text, text, False)


def _ar_day(told: dict[str, str | None], tag: str) -> str:
    if told[f"{tag}_rel"]:
        return _AR_RELATIVE[told[f"{tag}_rel"] or ""]
    name = _AYYAM[_EN_DAYS[told[f"{tag}_wd"] or ""] - 1]
    turn = (told[f"{tag}_next"] or "").split(" ")[-1]
    if turn in ("last", "past"):
        return f"{name} الماضي"
    return f"{name} المقبل" if turn in ("next", "coming") else name


def _arabic(told: dict[str, str | None], whole: str) -> str | None:
    if told["clock"]:
        return _ar_clock(told)
    if told["early"]:
        return f"الساعات الأولى من صباح {_ar_day(told, 'e')}"
    if told["these"]:
        words = told["these"].split()
        if words[0] not in ("early", "late", "this"):
            return _AR_THESE[told["these"]]
        return f"{_depth(words[0])}{_AR_OF_DAY[words[-1]]} اليوم"
    if told["daypart"]:
        day, part = _ar_day(told, "p"), _AR_OF_DAY[told["daypart"]]
        return f"{_depth(told['depth'])}{part} {day}"
    for name, tag in (("point", "q"), ("at", "r")):
        if told[name]:
            return f"{_AR_POINT[told[name] or ''][0]} {_ar_day(told, tag)}"
    if told["edge"]:
        day = _ar_day(told, "d")
        hour = "مبكر" if told["edge"] == "early" else "متأخر"
        return f"في وقت {hour} من {'' if told['d_rel'] else 'يوم '}{day}"
    if told["of"]:
        return f"{_AR_OF_DAY[told['of']]} {_ar_day(told, 'o')}"
    if told["dated"]:
        return _AR_OF_DAY[told["dated"]]
    if told["every"]:
        return f"كل يوم {_AYYAM[_EN_DAYS[told['every']] - 1].removeprefix('ال')}"
    if told["relative"]:
        text = _AR_RELATIVE[told["relative"]]
        text = "غدا" if text == "غد" and not told["named"] else text
        return f"{text} {_AYYAM[_EN_DAYS[told['named']] - 1]}" if told["named"] else text
    alone = told["alone"] or ""
    return _AR_AT[alone] if whole.startswith(("at ", "in ")) else _AR_POINT[alone][1]


def _depth(word: str | None) -> str:
    return {"early": "ساعة مبكرة من ", "late": "ساعة متأخرة من "}.get((word or "").strip(), "")


def _read_english(told: dict[str, str | None]) -> tuple[int, int, str] | None:
    """Hour, minute and part of the day; None for a mere number."""
    mark = f"{told['shared']}m" if told["shared"] else (told["mark"] or "").strip().replace(".", "")
    past = told["past"]
    if not (told["half"] or mark or past or told["part"] or (told["zone"] and told["digits"])):
        return None
    if told["point_"] == "." and not (mark or told["part"]):
        return None
    if told["half"]:
        hour, minute = _number(told["halfhour"]), 30 if "half" in told["half"] else 15
        if told["half"].endswith("to"):
            hour, minute = (hour - 2) % 12 + 1, 45
    else:
        hour, minute = _number(told["word"] or told["digits"]), int(past or 0)
    if hour > 24 or minute > 59:
        return None
    part = told["part"] or told["cpart"] or {"noon": "noon", "midnight": "midnight"}.get(mark, "")
    if mark in ("am", "pm"):
        part = _part_at(hour, mark)
    return hour, minute, part


def _ar_clock(told: dict[str, str | None]) -> str | None:
    read = _read_english(told)
    if read is None:
        return None
    hour, minute, part = read
    if hour > 12 or hour == 0 or minute not in _AR_PAST:
        text = f"الساعة {hour}:{minute:02}"
    else:
        text = f"الساعة {_AR_HOURS[hour]}{_AR_PAST[minute]}"
    zone = _ar_zone(told["zone"])
    if zone is None:
        return None
    day = _ar_day(told, "c") if told["c_wd"] or told["c_rel"] else ""
    if part == "midnight":
        return f"{text} عند منتصف {'ليل ' + day if day else 'الليل'}{zone}"
    if part == "after midnight":
        return f"{text} بعد منتصف {'ليل ' + day if day else 'الليل'}{zone}"
    if not day:
        return f"{text} {_AR_ADVERB[part]}{zone}" if part else f"{text}{zone}"
    if part:
        before = _AR_OF_DAY.get(part) or _AR_POINT[part][0]
        return f"{text} {before} {day}{zone}"
    return f"{text}{zone} {'' if told['c_rel'] else 'يوم '}{day}"


def _number(word: str | None) -> int:
    return _NUMBERS.get(word or "") or int(word or 0)


def _part_at(hour: int, mark: str) -> str:
    if mark == "am":
        return "after midnight" if hour == 12 else "morning"
    if hour == 12:
        return "noon"
    return "afternoon" if hour < 5 else "evening"


def _ar_zone(name: str | None) -> str | None:
    if name is None:
        return ""
    if name in ("gmt", "utc"):
        return " بتوقيت غرينتش"
    if name == "local time":
        return " بالتوقيت المحلي"
    told = _place(name.removesuffix(" time"), "ar")
    return f" بتوقيت {told}" if told else None
