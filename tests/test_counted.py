"""Counted things: the forms behind a number in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.counted import _NAMES, _UNCLEAR, _rows, accusative, duals, in_arabic, of_arabic, of_english
from rag.render import render
from rag.types import Language


@pytest.mark.parametrize(
    ("text", "to", "rendering"),
    [
        ("eight killed", "ar", "ثمانية قتلى"),
        ("12 injured", "ar", "12 جريحا"),
        ("100 wounded", "ar", "100 جريح"),
        ("103 wounded", "ar", "103 جرحى"),
        ("62,000 fighters", "ar", "62 ألف مقاتل"),
        ("two warplanes", "ar", "طائرتان حربيتان"),
        ("11 ambulances", "ar", "11 سيارة إسعاف"),
        ("25 square kilometres", "ar", "25 كيلومترا مربعا"),
        ("11 judges", "ar", "11 قاضيا"),
        ("five women", "ar", "خمس نساء"),
        ("four rockets", "ar", "أربعة صواريخ"),
        ("100,000 Syrian pounds", "ar", "100 ألف ليرة سورية"),
        ("two soldiers killed", "ar", "مقتل جنديين"),
        ("20 people arrested", "ar", "اعتقال 20 شخصا"),
        ("dozens killed", "ar", "عشرات القتلى"),
        ("at least 12 dead", "ar", "ما لا يقل عن 12 قتيلا"),
        ("three times", "ar", "ثلاث مرات"),
        ("3 others", "ar", "3 آخرين"),
        ("شهيدان و7 جرحى", "en", "two martyrs and 7 wounded"),
        ("إصابة 3 آخرين", "en", "injury of 3 others"),
        ("سقوط 20 قتيلا", "en", "20 dead"),
        ("ما لا يقل عن 30 مدنيا", "en", "at least 30 civilians"),
        ("ثلاث سيارات مفخخة", "en", "three car bombs"),
        ("100 ألف ليرة سورية", "en", "100,000 Syrian pounds"),
        ("مرتين", "en", "twice"),
        ("ثلاث مرات", "en", "three times"),
        ("للمرة الثالثة", "en", "for the third time"),
    ],
)
def test_a_counted_thing_is_told_as_the_other_language_tells_it(
    text: str, to: Language, rendering: str
) -> None:
    found = render(text, to)
    assert found.text == rendering
    assert found.complete


def test_a_participle_before_a_noun_is_no_noun() -> None:
    """Two wounded soldiers are soldiers."""
    assert "جنديان" in render("two wounded soldiers", "ar").text


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row.english}-{row.arabic}")
def test_every_form_of_every_row_is_found_again(row: object) -> None:
    from rag.counted import Counted

    assert isinstance(row, Counted)
    for phrase in (row.english, row.englishes):
        found = of_english(phrase.split())
        assert found is not None
        assert found[0] == len(phrase.split())
    forms = (row.arabic, row.arabics, accusative(row.arabic), *duals(row.arabic))
    for form in forms if row.arabic not in _UNCLEAR else ():
        if form in _NAMES:
            continue
        words = form.replace("_", " ").split()
        again = of_arabic(words)
        assert again is not None
        assert again[0] == len(words)


@pytest.mark.parametrize("name", sorted(_NAMES))
def test_a_name_is_no_dual(name: str) -> None:
    assert "two" not in render(name, "en").text


@given(st.integers(2, 10**9), st.sampled_from(_rows()))
def test_a_number_stays_before_its_noun(value: int, row: object) -> None:
    from rag.counted import Counted

    assert isinstance(row, Counted)
    told = in_arabic(value, str(value), row)
    assert "_" not in told
    if value > 2:
        assert told.startswith(f"{value} ")
