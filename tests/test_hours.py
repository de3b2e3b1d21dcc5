"""Times of day in the other language, and what is not one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.hours import clocks_in, hours_in
from rag.render import render
from rag.types import Language


@pytest.mark.parametrize(
    ("text", "to", "rendering"),
    [
        ("الساعة الثامنة مساء", "en", "8 p.m."),
        ("الساعة العاشرة إلا ربعا صباح الأحد", "en", "9:45 a.m. on Sunday"),
        ("في تمام الساعة العاشرة", "en", "at 10 o'clock"),
        ("الساعة الثانية عشرة ليلا", "en", "midnight"),
        ("الساعة 2 ليلا", "en", "2 a.m."),
        ("الساعة العاشرة والعشرين دقيقة", "en", "10:20"),
        ("الساعة 20:00 بتوقيت غرينتش", "en", "20:00 GMT"),
        ("الساعة العاشرة صباحا بتوقيت دمشق", "en", "10 a.m. Damascus time"),
        ("من الساعة الثامنة صباحا حتى الرابعة مساء", "en", "from 8 a.m. until 4 p.m."),
        ("بين الساعة الثامنة والعاشرة مساء", "en", "between 8 o'clock and 10 p.m."),
        ("الجولة الثامنة صباح الاثنين", "en", "the eighth round on Monday morning"),
        ("هجوم فجر السبت", "en", "attack at dawn on Saturday"),
        ("من منتصف ليل اليوم الخميس", "en", "from midnight on Thursday"),
        ("ليلة السبت الأحد", "en", "the night of Saturday to Sunday"),
        ("ليلة الأحد", "en", "the night of Sunday"),
        ("مساء يوم الجمعة 5 آذار", "en", "Friday evening, 5 March"),
        ("مساء 5 آذار", "en", "the evening of 5 March"),
        ("مساء أمس", "en", "yesterday evening"),
        ("صباح اليوم", "en", "this morning"),
        ("8:30 a.m.", "ar", "الساعة الثامنة والنصف صباحا"),
        ("12.30 am", "ar", "الساعة الثانية عشرة والنصف بعد منتصف الليل"),
        ("at 8:10 pm on Friday", "ar", "الساعة 8:10 مساء الجمعة"),
        ("between 8 and 10 p.m.", "ar", "بين الساعة الثامنة مساء والساعة العاشرة مساء"),
        ("last Friday evening", "ar", "مساء الجمعة الماضي"),
        ("early on Friday morning", "ar", "ساعة مبكرة من صباح الجمعة"),
        ("a quarter to four", "ar", "الساعة 3:45"),
        ("1 p.m. Moscow time", "ar", "الساعة الواحدة بعد الظهر بتوقيت موسكو"),
        ("on the evening of 14 July", "ar", "مساء 14 يوليو"),
        ("every Monday", "ar", "كل يوم اثنين"),
    ],
)
def test_a_time_of_day_is_told_as_the_other_language_tells_it(
    text: str, to: Language, rendering: str
) -> None:
    found = render(text, to)
    assert found.text == rendering
    assert found.complete


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("الجولة الثالثة", "en"),
        ("المرتبة الثامنة", "en"),
        ("ثلاث ساعات", "en"),
        ("الساعة 25:00", "en"),
        ("اليوم", "en"),
        ("15 people", "ar"),
        ("10.50 dollars", "ar"),
        ("eight killed", "ar"),
        ("25:10", "ar"),
        ("two hours", "ar"),
    ],
)
def test_what_is_no_time_of_day_is_left(text: str, to: Language) -> None:
    assert hours_in(text, to) == {}


_ARABIC = st.lists(
    st.sampled_from(
        "الساعة الثامنة والنصف إلا ربعا 8 11:30 مساء صباح ليلة ليلا منتصف الليل يوم اليوم أمس الجمعة الأحد الماضي من في حتى و بتوقيت دمشق 5 آذار".split()
    ),
    max_size=9,
).map(" ".join)
_ENGLISH = st.lists(
    st.sampled_from(
        "at 8 10:30 12.30 p.m. am o'clock half past three noon midnight on last Friday evening early the of to GMT local time 5 March".split()
    ),
    max_size=9,
).map(" ".join)


@given(st.one_of(_ARABIC, st.text(max_size=40)), st.one_of(_ENGLISH, st.text(max_size=40)))
def test_stretches_lie_in_the_text_one_after_the_other_and_say_something(arabic: str, english: str) -> None:
    sides: tuple[tuple[str, Language], ...] = ((arabic, "en"), (english, "ar"))
    for text, to in sides:
        end = 0
        for start, hour in sorted(hours_in(text, to).items()):
            assert start == hour.span.start >= end
            assert hour.span.start < hour.span.end <= len(text)
            assert hour.text.strip()
            assert hour.when.strip()
            end = hour.span.end


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("الساعة الثامنة مساء", {20 * 60}),
        ("8 p.m.", {20 * 60}),
        ("20:00", {20 * 60}),
        ("الساعة الثامنة", {8 * 60, 20 * 60}),
        ("8 o'clock", {8 * 60, 20 * 60}),
        ("12 a.m.", {0}),
        ("الساعة الثانية عشرة ليلا", {0}),
        ("12:30 p.m.", {12 * 60 + 30}),
        ("الساعة الواحدة ظهرا", {13 * 60}),
        ("الساعة العاشرة إلا ربعا صباحا", {9 * 60 + 45}),
        ("half past three in the afternoon", {15 * 60 + 30}),
        ("الساعة الثانية ليلا", {2 * 60}),
    ],
)
def test_an_hour_is_the_same_in_both_languages(text: str, minutes: set[int]) -> None:
    assert [set(clock.minutes) for clock in clocks_in(text)] == [minutes]


@given(st.one_of(_ARABIC, _ENGLISH, st.text(max_size=40)))
def test_hours_are_minutes_of_a_day(text: str) -> None:
    for clock in clocks_in(text):
        assert 1 <= len(clock.minutes) <= 2
        assert all(0 <= minute < 24 * 60 for minute in clock.minutes)
        assert 0 <= clock.span.start < clock.span.end <= len(text)
