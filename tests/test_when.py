"""The days that a question asks about, for a fixed today: Wednesday, 25 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import iso_date, written_date
from rag.days import calendar_unit, days_of, steps_back, whole
from rag.when import When, when_in

TODAY = date(2026, 11, 25)
NEWEST = date(2025, 6, 30)


def days(question: str, newest: date | None = NEWEST) -> str | None:
    found = when_in(question, TODAY, newest)
    return found and f"{found.since or ''}..{found.until or ''}"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        # a month without a year is the latest that the articles reach
        ("What happened in December?", "2024-12-01..2024-12-31"),
        ("ماذا حدث في ديسمبر؟", "2024-12-01..2024-12-31"),
        ("من فاز في كانون الأول؟", "2024-12-01..2024-12-31"),
        ("ماذا حدث في كانون الأول/ديسمبر؟", "2024-12-01..2024-12-31"),
        ("What was signed in May?", "2025-05-01..2025-05-31"),
        ("ماذا حدث في آذار؟", "2025-03-01..2025-03-31"),
        # stated with a year
        ("what happened in December 2018?", "2018-12-01..2018-12-31"),
        ("who won in 2018?", "2018-01-01..2018-12-31"),
        ("من فاز بالكأس عام 2021؟", "2021-01-01..2021-12-31"),
        ("ماذا حدث في سنة ٢٠١٨م؟", "2018-01-01..2018-12-31"),
        ("What happened on 29 December 2016?", "2016-12-29..2016-12-29"),
        ("ماذا حدث يوم الجمعة 30 كانون الأول 2016؟", "2016-12-30..2016-12-30"),
        ("What was said at the end of December 2016?", "2016-12-01..2016-12-31"),
        # open and closed ranges
        ("What has changed since March?", "2025-03-01.."),
        ("ماذا تغير منذ عام 2018؟", "2018-01-01.."),
        ("Who resigned after 5 May 2020?", "2020-05-06.."),
        ("What happened after December 9999?", "9999-12-31.."),
        ("What happened before January 0001?", "..0001-01-01"),
        ("What happened before 2018?", "..2017-12-31"),
        ("ماذا حدث قبل عام 2018؟", "..2017-12-31"),
        ("Did it reopen by 2025?", "..2025-12-31"),
        ("what happened between March and May 2018?", "2018-03-01..2018-05-31"),
        ("ماذا حدث بين مارس ومايو 2018؟", "2018-03-01..2018-05-31"),
        ("what happened from 3 to 9 May 2018?", "2018-05-03..2018-05-09"),
        ("ماذا حدث من 3 إلى 9 مايو 2018؟", "2018-05-03..2018-05-09"),
        # counted from today
        ("What did Putin say yesterday?", "2026-11-24..2026-11-24"),
        ("ماذا قال بوتين أمس؟", "2026-11-24..2026-11-24"),
        ("ماذا قال أول أمس؟", "2026-11-23..2026-11-23"),
        ("ماذا حدث اليوم؟", "2026-11-25..2026-11-25"),
        ("What did Putin say last week?", "2026-11-16..2026-11-22"),
        ("ماذا حدث الأسبوع الماضي؟", "2026-11-16..2026-11-22"),
        ("ماذا حدث الشهر الماضي؟", "2026-10-01..2026-10-31"),
        ("ماذا حدث العام الماضي في حلب؟", "2025-01-01..2025-12-31"),
        ("ما الجديد هذا الأسبوع؟", "2026-11-23..2026-11-25"),
        ("ماذا جرى قبل يومين؟", "2026-11-23..2026-11-23"),
        ("what happened two months ago?", "2026-09-01..2026-09-30"),
        ("ماذا جرى قبل ثلاثة أسابيع؟", "2026-11-02..2026-11-08"),
        ("ماذا تغير منذ أسبوعين؟", "2026-11-11.."),
        ("What was said in the last three days?", "2026-11-23..2026-11-25"),
        ("ما أخبار الأيام الثلاثة الماضية؟", "2026-11-23..2026-11-25"),
        ("what happened last December?", "2025-12-01..2025-12-31"),
        ("ماذا حدث في ديسمبر الماضي؟", "2025-12-01..2025-12-31"),
        ("what happened last Friday?", "2026-11-20..2026-11-20"),
        ("ماذا حدث الجمعة الماضية؟", "2026-11-20..2026-11-20"),
    ],
)
def test_words_of_time_are_days(question: str, expected: str) -> None:
    assert days(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who are the guarantors?",
        # a date that names a thing
        "What was the price in the bridge contract of 2019?",
        "من قاد ثورة 25 يناير؟",
        "Who crossed the 6 October bridge?",
        # told from another event's day
        "ما حدث قبل يومين من الهجوم؟",
        "What happened on the last day of the talks?",
        "ماذا حدث في اليوم الأول؟",
        "What did Putin discuss on Friday?",
        # a length of time
        "Why did the strike last thirteen days?",
        "How many mosques were cleared in the last 24 hours?",
        # ahead
        "What will happen in December?",
        "متى ستعقد المفاوضات في ديسمبر؟",
        "What is planned for next week?",
        # asks for the time
        "In which year was the ceasefire announced?",
        "في أي شهر افتتح الجسر؟",
    ],
)
def test_other_times_do_not_narrow_a_search(question: str) -> None:
    assert days(question) is None


def test_a_month_without_articles_is_counted_from_today() -> None:
    assert days("What happened in December?", None) == "2025-12-01..2025-12-31"
    assert days("What happened on 29 February?", None) == "2024-02-29..2024-02-29"


def test_a_future_verb_is_told_from_a_name_that_begins_alike() -> None:
    assert days("ماذا قال سيرغي لافروف في مارس؟") == "2025-03-01..2025-03-31"


@pytest.mark.parametrize(
    ("question", "news", "relative"),
    [
        ("What happened last week?", True, True),
        ("ما أخبار حلب في ديسمبر؟", True, False),
        ("Who won in 2018?", False, False),
        ("ماذا قال بوتين أمس؟", False, True),
    ],
)
def test_news_and_words_counted_from_today_are_marked(question: str, news: bool, relative: bool) -> None:
    found = when_in(question, TODAY)
    assert found is not None
    assert (found.news, found.relative) == (news, relative)


def test_the_span_is_of_the_question_as_written() -> None:
    question = "«مـاذا قالَ» بوتين فِي دِيسمبر ٢٠١٨؟"
    found = when_in(question, TODAY)
    assert found is not None
    assert question[found.span.start : found.span.end] == "فِي دِيسمبر ٢٠١٨"


_WORDS = (
    "what happened in since between and last past the of ago before two week month year days December May 2018 29 5 "
    "0 9999 0001 ماذا حدث في منذ قبل بين و من إلى يومين أسبوع الشهر الماضي ديسمبر شباط كانون الثاني عام 2016 آخر ثلاثة أيام"
).split()


@given(
    st.lists(st.sampled_from(_WORDS), max_size=9).map(" ".join) | st.text(max_size=60),
    st.dates(date(1990, 1, 1)),
)
def test_any_words_give_days_in_order_or_none(question: str, today: date) -> None:
    found = when_in(question, today, None)
    assert found is None or isinstance(found, When)
    if found is not None:
        assert 0 <= found.span.start < found.span.end <= len(question)
        if found.since and found.until:
            assert found.since <= found.until


def test_calendar_units() -> None:
    assert calendar_unit("week", date(2026, 1, 1), 0) == (date(2025, 12, 29), date(2026, 1, 4))
    assert steps_back(date(2024, 3, 31), 1, "month") == date(2024, 2, 29)
    assert whole(9999, 12, None)[1] == date.max
    assert days_of("2016") == (date(2016, 1, 1), date(2016, 12, 31))
    assert days_of("2016-02") == (date(2016, 2, 1), date(2016, 2, 29))


@given(st.dates(date(1000, 1, 1)), st.sampled_from(["en", "ar"]))
def test_a_written_date_is_read_back(day: date, language: str) -> None:
    assert iso_date(written_date(day.isoformat(), language)) == day.isoformat()  # type: ignore[arg-type]
    assert days_of(day.isoformat()) == (day, day)


@pytest.mark.parametrize("empty", ["0000-00-00", "0000", "2016-00-00 00:00:00"])
def test_a_date_of_zeros_is_none(empty: str) -> None:
    assert iso_date(empty) is None
