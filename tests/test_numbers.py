"""Numbers have one value however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.numbers import number_value, numbers_in


def values(text: str) -> list[float]:
    return [number.value for number in numbers_in(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("62 ألف مقاتل", 62_000),
        ("62,000 fighters", 62_000),
        ("sixty-two thousand", 62_000),
        ("اثنان وستون ألفا", 62_000),
        ("٦٢٬٠٠٠", 62_000),
        ("1.200", 1200),
        ("3.5", 3.5),
        ("٣٫٥", 3.5),
        ("10.180 million", 10_180_000),
        ("one hundred and five", 105),
        ("مئة وخمسة وعشرون ألفا", 125_000),
        ("ثلاثة آلاف ومئتين", 3200),
        ("ألفين وستة عشر", 2016),
        ("ثلاثمائة", 300),
        ("ثلاث مئة", 300),
        ("مائتي ألف", 200_000),
        ("مليون ونصف المليون", 1_500_000),
        ("half a million", 500_000),
        ("two million three hundred thousand", 2_300_000),
        ("nineteen hundred", 1900),
        ("أحد عشر", 11),
        ("ستة وسبعين", 76),
        ("$3.5m", 3_500_000),
        ("£250m on", 250_000_000),
        ("5m people", 5_000_000),
        ("5m tall", 5),  # metres
        ("10k people", 10_000),
        ("€1.2tn", 1_200_000_000_000),
        ("$1.625-billion", 1_625_000_000),
        ("3.125 percent", 3.125),
        ("1.250 ملايين", 1_250_000),
        ("3,5 مليون", 3_500_000),
        ("12,50 في المئة", 12.5),
        ("-5 degrees", -5),
        ("three and a half million", 3_500_000),
        ("two and a half years", 2.5),
        ("مليونا لاجئ", 2_000_000),
        ("ألفا شخص", 2000),
        ("خمسين مليونا من الدولارات", 50_000_000),
        ("مليونا و500 ألف", 1_500_000),
        ("ملياري دولار", 2_000_000_000),
    ],
)
def test_one_value(text: str, value: float) -> None:
    assert values(text) == [value]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("three, four and five", [3, 4, 5]),
        ("one and two", [1, 2]),
        ("five to ten", [5, 10]),
        ("تسعة مساجد وأربع مدارس", [9, 4]),
        ("29 إلى 30 ديسمبر", [29, 30]),
        ("48 ساعة ثم تمديدها ل/48/ ساعة", [48, 48]),
        ("2016-2017", [2016, 2017]),
        ("10-15 people", [10, 15]),
        ("3,5", [3, 5]),
    ],
)
def test_neighbours_stay_apart(text: str, found: list[float]) -> None:
    assert values(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "F-16",
        "سو-24",
        "يوم الاثنين",
        "كانون الثاني",
        "آلاف الأشخاص",
        "thousands",
        "",
        "ربع النهائي",
        "9" * 320 + ".5 million",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert values(text) == []


def test_duals_and_units() -> None:
    assert [(n.value, n.unit) for n in numbers_in("لمدة شهرين")] == [(2, "month")]
    assert [(n.value, n.unit) for n in numbers_in("48 hours")] == [(48, "hour")]
    assert [(n.value, n.unit) for n in numbers_in("سبعة أيام")] == [(7, "day")]
    assert values("دولتين ضامنتين") == [2]


def test_ordinals_and_percentages() -> None:
    assert [(n.value, n.ordinal) for n in numbers_in("the twenty-third")] == [(23, True)]
    assert [(n.value, n.ordinal) for n in numbers_in("الخامس والعشرين")] == [(25, True)]
    assert [(n.value, n.percent) for n in numbers_in("مئة بالمئة")] == [(100, True)]
    assert [(n.value, n.percent) for n in numbers_in("50 في المئة")] == [(50, True)]
    assert [(n.value, n.percent) for n in numbers_in("12.5%")] == [(12.5, True)]


def test_spans_are_the_words_of_the_text() -> None:
    text = "قال إن ٦٢ ألف مقاتل وقّعوا، and twenty-three others."
    assert [text[slice(*n.span)] for n in numbers_in(text)] == ["٦٢ ألف", "twenty-three"]


@given(st.integers(0, 10**12))
def test_digits_keep_their_value_with_separators_and_in_arabic(value: int) -> None:
    grouped = f"{value:,}"
    arabic = grouped.translate(str.maketrans("0123456789,", "٠١٢٣٤٥٦٧٨٩٬"))
    assert values(str(value)) == values(grouped) == values(arabic) == [value]


@given(st.integers(1, 999), st.sampled_from([(1000, "thousand", "ألف"), (10**6, "million", "مليون")]))
def test_a_scale_multiplies(count: int, scale: tuple[int, str, str]) -> None:
    assert values(f"{count} {scale[1]}") == values(f"{count} {scale[2]}") == [count * scale[0]]


@given(st.text(alphabet="واحد اثنان مئة ألف خمسة three-and hundred 0123456789,.%/", max_size=60))
def test_spans_are_in_order_and_apart(text: str) -> None:
    end = 0
    for number in numbers_in(text):
        assert end <= number.span.start < number.span.end <= len(text)
        end = number.span.end


def test_a_point_before_three_digits_divides_thousands_unless_nothing_is_before_it() -> None:
    assert number_value("1.200") == 1200
    assert number_value("0.125") == 0.125
    assert number_value("1,234.5") == 1234.5


def test_a_hundred_behind_a_number_is_its_share() -> None:
    for text, value in (("ثلاثة بالمئة", 3), ("عشرة بالمئة", 10), ("خمسين بالمئة", 50)):
        [number] = numbers_in(text)
        assert (number.value, number.percent) == (value, True)
    assert values("ثلاثة بالألف") == [3]


def test_thousands_may_stand_apart_and_weekdays_are_no_numbers() -> None:
    assert values("50 000 dead and 12 500 000 refugees") == [50_000, 12_500_000]
    assert values("in 2015 000") == [2015, 0]
    assert values("الأحد والاثنين") == []
