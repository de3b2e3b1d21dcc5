"""Text of a PDF back in the order of reading, and left alone where it stands in it already."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.formats.pdf import in_order, paragraphs
from rag.formats.visual import mend

LINES = [
    "توصلت روسيا وتركيا إلى اتفاق لوقف إطلاق النار في جميع الأراضي السورية عام 2016 (سانا)",
    "وقال مصدر في SANA News إن النسبة 3.5% خلال الأشهر الثلاثة وفق وسائل الإعلام والسلام.",
]


def as_seen(line: str) -> str:
    """A line with its glyphs from left to right, numbers and Latin words in their own order."""
    return re.sub(r"[A-Za-z0-9%][A-Za-z0-9. ]*[A-Za-z0-9]", lambda match: match[0][::-1], line[::-1])


def exchanged(line: str) -> str:
    """A line whose lam-alef was taken apart in the wrong order."""
    return re.sub("ل([اأإآ])", r"\1ل", line)


def test_lines_in_reading_order_stay_as_they_are() -> None:
    assert mend(LINES) == LINES
    assert mend(["Plain English (with brackets), 3.5% of it."]) == [
        "Plain English (with brackets), 3.5% of it."
    ]


def test_backward_lines_are_turned_but_for_numbers_and_latin_words() -> None:
    assert mend([as_seen(line) for line in LINES]) == LINES


def test_brackets_that_face_the_wrong_way_are_turned() -> None:
    turned = LINES[0].translate(str.maketrans("()", ")("))
    assert mend([turned, LINES[1]]) == LINES


def test_exchanged_lam_alef_is_put_right() -> None:
    assert "اإلعالم" in exchanged(LINES[1])
    assert mend([exchanged(line) for line in LINES]) == LINES


def test_words_that_only_look_exchanged_are_kept_where_nothing_shows_it() -> None:
    line = "الحالة العالمية في السالمية"
    assert mend([line]) == [line]


@pytest.mark.parametrize("form", ["\ufefb", "\ufef7"])
def test_lam_alef_of_one_glyph_is_mended_in_both_orders(form: str) -> None:
    word = "الا" if form == "\ufefb" else "الأ"
    line = f"أعلن الوزير ا{form}ن عن الهدنة في القرية"
    expected = f"أعلن الوزير {word}ن عن الهدنة في القرية"
    assert mend([line]) == [expected]
    assert mend([line[::-1]]) == [expected]


def test_marks_drawn_apart_are_put_to_their_words() -> None:
    assert mend(["وأضاف “ سوف تلتزم ” ، ثم غادر ."]) == ["وأضاف “سوف تلتزم”، ثم غادر."]


@given(st.lists(st.text(alphabet="الأإةى لاسمن()«»“” 12aB.ﻻﺀ", max_size=40), max_size=5))
def test_mending_loses_no_letter(lines: list[str]) -> None:
    def letters(text: str) -> list[str]:
        return sorted(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())

    mended = mend(lines)
    assert len(mended) == len(lines)
    for line, result in zip(lines, mended, strict=True):
        assert letters(line) == letters(result)


def test_runs_of_a_line_are_ordered_though_spaces_stand_at_other_places() -> None:
    runs = [(15.0, " ألف مقاتل"), (344.0, "62"), (364.0, " "), (360.0, "أن مجموعات تمثل")]
    assert "".join(in_order(runs)) == "أن مجموعات تمثل 62 ألف مقاتل"


def test_runs_of_an_english_line_keep_their_order() -> None:
    runs = [(10.0, "The word "), (60.0, "سلام"), (90.0, " means peace.")]
    assert in_order(runs) == [text for _, text in runs]


def test_lines_of_print_are_joined_to_paragraphs() -> None:
    lines = [
        "A headline of it",
        "The ministers met in Geneva on Monday and agreed to an inter-",
        "national truce that both of the sides are expected to keep up.",
        "It ends soon.",
        "A second paragraph begins here and runs on to the next line of",
        "print.",
    ]
    assert paragraphs(lines) == [
        "A headline of it",
        "The ministers met in Geneva on Monday and agreed to an international truce that both of the sides are "
        "expected to keep up. It ends soon.",
        "A second paragraph begins here and runs on to the next line of print.",
    ]
