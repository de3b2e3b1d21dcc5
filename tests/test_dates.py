"""Dates as texts state them, in both languages, and the ones an article may be dated by."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import dateline_date, dates_in, iso_date

SEEDS = Path(__file__).parent.parent / "seeds"
Parts = tuple[int | None, int | None, int | None, int | None]


def parts(text: str) -> list[Parts]:
    return [(m.day, m.month, m.year, m.weekday) for m in dates_in(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("في 29 ديسمبر الماضي", [(29, 12, None, None)]),
        ("في ٢٩ كانون الأول/ديسمبر ٢٠١٦", [(29, 12, 2016, None)]),
        ("كانون الثاني/يناير 2017", [(None, 1, 2017, None)]),
        ("29 إلى 30 ديسمبر الماضي", [(29, 12, None, None), (30, 12, None, None)]),
        ("from 9 to 12 September 2016", [(9, 9, 2016, None), (12, 9, 2016, None)]),
        ("في الـ 30 من أيلول عام 2015", [(30, 9, 2015, None)]),
        ("الأول من يناير", [(1, 1, None, None)]),
        ("منذ سبتمبر 2015", [(None, 9, 2015, None)]),
        ("قافلة جاهزة منذ شهر آب الماضي", [(None, 8, None, None)]),
        ("آب الرجل إلى بيته", []),
        ("مارس الوفد ضغوطا", []),
        ("في مارس", [(None, 3, None, None)]),
        ("On September 9th, 2016", [(9, 9, 2016, None)]),
        ("Sept. 9", [(9, 9, None, None)]),
        ("he may 5 times", []),
        ("last May", [(None, 5, None, None)]),
        ("2016-12-29 and 29/12/2016 and 12/29/2016", [(29, 12, 2016, None)] * 3),
        ("31/2/2016", []),
        ("منتصف ليلة الاحد القادم", [(None, None, None, 7)]),
        ("today Thursday", [(None, None, None, 4)]),
        ("in 2015", [(None, None, 2015, None)]),
        ("11 أغسطس 2015م وعام 2014 م", [(11, 8, 2015, None), (None, None, 2014, None)]),
        ("قرار رقم 2254 و/48/ ساعة و62 ألف مقاتل", []),
        ("the 1990s", []),
    ],
)
def test_mentions(text: str, found: list[Parts]) -> None:
    assert parts(text) == found


def test_the_only_year_in_the_seeds_is_2015() -> None:
    texts = [file.read_text(encoding="utf-8") for file in sorted(SEEDS.glob("*.txt"))]
    assert {m.year for text in texts for m in dates_in(text)} == {None, 2015}


def test_spans_are_the_words_meant() -> None:
    text = "قال إن الهدنة بدأت في ٣٠ كانونَ الأوَّل عام ٢٠١٦، يوم الجمعة."
    assert [text[m.span.start : m.span.end] for m in dates_in(text)] == ["٣٠ كانونَ الأوَّل عام ٢٠١٦", "الجمعة"]


WORDS = st.lists(
    st.sampled_from(
        [
            "29",
            "و30",
            "إلى",
            "ديسمبر",
            "كانون الأول",
            "/",
            "-",
            "May",
            "2015",
            "عام",
            "الخميس",
            ".",
            "٣",
            "1/5/2016",
            "of",
        ]
    ),
    max_size=14,
).map(" ".join)


@given(st.one_of(WORDS, st.text(max_size=60)))
def test_mentions_are_in_order_apart_inside_and_possible(text: str) -> None:
    end = 0
    for mention in dates_in(text):
        assert end <= mention.span.start < mention.span.end <= len(text)
        end = mention.span.end
        assert any((mention.day, mention.month, mention.year, mention.weekday))
        assert mention.month is None or 1 <= mention.month <= 12
        assert mention.day is None or 1 <= mention.day <= 31


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2016-09-09T10:00:00Z", "2016-09-09"),
        ("20160909", "2016-09-09"),
        ("2016-9-9", "2016-09-09"),
        ("2016/12/29", "2016-12-29"),
        ("2016-09", "2016-09"),
        ("2016", "2016"),
        ("Fri, 09 Sep 2016 10:00:00 GMT", "2016-09-09"),
        ("9 سبتمبر 2016", "2016-09-09"),
        ("September 2016", "2016-09"),
        ("2016-02-30", None),
        ("2016-13-01", None),
        ("yesterday", None),
        ("29 December", None),
        ("", None),
        (None, None),
    ],
)
def test_stated_dates_become_iso(value: str | None, date: str | None) -> None:
    assert iso_date(value) == date


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Geneva, 9 September 2016 (Reuters) - Ministers met on 8 September 2016 to talk.", "2016-09-09"),
        ("دمشق 29-12-2016 سانا", "2016-12-29"),
        ("الخميس، 29 ديسمبر 2016", "2016-12-29"),
        ("عمان - 5 أيار 2017 - قال الوزير إن", "2017-05-05"),
        ("تاريخ النشر: 29 ديسمبر 2016", "2016-12-29"),
        ("Published: 9 September 2016 10:30", "2016-09-09"),
        ("الباحة 26 شوال 1436هـ الموافق 11 أغسطس 2015م واس", "2015-08-11"),
        ("الخميس 30 ربيع الأول 1438هـ - 29 ديسمبر 2016م", "2016-12-29"),
        ("الرياض الخميس 29 ديسمبر 2016", "2016-12-29"),
        ("29/12/2016 - 14:30", "2016-12-29"),
        ("يوم 23 يناير 2017 موعد المفاوضات", None),
        ("انتخابات 23 يناير 2017", None),
        ("وقع الاتفاق في 29 ديسمبر 2016", None),
        ("Elections on 23 January 2017", None),
        ("GENEVA (Reuters) - On 9 September 2016 he said", None),
        ("The war began on 15 March 2011.", None),
        ("15 March 2011 was the day", None),
        ("قال في 29 ديسمبر 2016 إن", None),
        ("Geneva, 9 September", None),
        ("بدأت روسيا في 30 أيلول 2015 غاراتها", None),
    ],
)
def test_only_datelines_date(line: str, date: str | None) -> None:
    assert dateline_date([line]) == date
