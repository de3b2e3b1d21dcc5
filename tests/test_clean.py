"""What is shown, what is compared, and where the compared came from."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.clean import clean, fold, fold_map, language_of

# Plain text() rarely draws what hurts here: marks, forms, escapes, odd spaces.
TOUGH = st.lists(
    st.one_of(
        st.characters(),
        st.sampled_from(list("أإآٱىیئةۀؤکپچڤـ\u064b\u0651\u0670٠٩۵٪٫٬…؟،؛“”«»’–—ßİıſ²½ﷺﷲﻻﻼﭐﺀ[m")),
        st.sampled_from(
            [
                "\x1b[31m",
                "\x1b",
                "\x1b]0;t\x07",
                "\u200f",
                "\u202b",
                "\ufeff",
                "\u00ad",
                "\r\n",
                "\u2028",
                "\u00a0",
                " ",
                "\n",
                "\x00",
            ]
        ),
    ),
    max_size=40,
).map("".join)


@given(TOUGH)
@example("\x1b\x1b[0m[0m")
@example("\ufe70\u0301")
@example("e" + "\u0344\u0323" * 40)
def test_clean_is_idempotent(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(TOUGH)
@example("İ")
@example("\u1fbd")
def test_fold_is_idempotent(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(TOUGH)
@example("0\x1f0")
@example("\ud800")
def test_what_is_shown_compares_as_the_raw_text_does(text: str) -> None:
    raw = text.replace("\x1b", "")
    assert fold(clean(raw)) == fold(raw)


@given(TOUGH)
def test_fold_map_agrees_with_fold_and_points_at_the_origin(text: str) -> None:
    folded, places = fold_map(text)
    assert folded == fold(text)
    assert len(places) == len(folded) + 1
    assert places == sorted(places)
    for char, place in zip(folded, places, strict=False):
        assert char in fold(text[place]) or char == " "


@given(TOUGH)
def test_clean_leaves_nothing_that_a_terminal_or_a_layout_obeys(text: str) -> None:
    shown = clean(text)
    assert not any(ord(char) < 32 and char != "\n" for char in shown)
    assert not set(shown) & set(
        "\x7f\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2028"
    )
    assert "\n\n\n" not in shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("كِتَابٌ", "كِتَابٌ"),
        ("محـــمد مـَـد", "محمد مَد"),
        ("الـ 30 من لـ”مفاوضات هـــ.", "الـ 30 من لـ”مفاوضات هـ."),
        ("أحمد إلى آب هدى", "أحمد إلى آب هدى"),
        ("١٢٣ and 456", "١٢٣ and 456"),
        ("\ufefb\ufe8e", "لاا"),
        ("a\u200fb\u202ec", "abc"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("5 m²", "5 m²"),
        ("a\u00a0\u2009b", "a b"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("a\n\n\n\n b ", "a\n\nb"),
        ("“x” «y»", "“x” «y»"),
        ("e\u0301", "é"),
        ("x" + "\u0323\u0301" * 200_000, "x" + "\u0323" * 15 + "\u0301" * 15),
    ],
)
def test_clean_by_class_of_character(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("كِتَابٌ", "كتاب"),
        ("أإآٱ", "اااا"),
        ("هدى علی", "هدي علي"),
        ("مدرسة", "مدرسه"),
        ("سؤال رئيس", "سوال رييس"),
        ("٢٠١٥ ۲۰۱۵", "2015 2015"),
        ("“نعم”، قال؟", '"نعم", قال?'),
        ("Élan  VITAL", "elan vital"),
        ("گ پ چ ڤ ک", "ك ب ج ف ك"),
        ("٣٫٥٪", "3.5%"),
        ("محـمد\n\nعلي", "محمد علي"),
    ],
)
def test_fold_by_class_of_character(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_fold_map_finds_a_word_in_vocalised_text() -> None:
    text = "قال المُتَحَدِّثُ اليوم"
    folded, places = fold_map(text)
    at = folded.index("المتحدث")
    assert text[places[at] : places[at + len("المتحدث")]].strip() == "المُتَحَدِّثُ"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("من هم الضامنون؟", "ar"),
        ("who are the guarantors?", "en"),
        ("guarantors", "en"),
        ("الـ SANA قالت إن الاتفاق ساري المفعول", "ar"),
        ("qui sont les garants de l'accord", "other"),
        ("wer sind die Garanten und was ist das", "other"),
        ("ضامن‌های این توافق چه کسانی هستند و چگونه می‌گویند", "other"),
        ("谁是担保人", "other"),
        ("12345 !!", "other"),
        ("", "other"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language
