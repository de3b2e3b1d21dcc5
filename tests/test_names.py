"""Spellings of a name in both scripts share a skeleton; other words seldom do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.clean import fold
from rag.names import skeleton, skeletons, stripped


@pytest.mark.parametrize(
    "spellings",
    [
        "Shoigu شويغو شويجو",
        "Zakharova زاخاروفا",
        "Lavrov لافروف",
        "Astana أستانا أستانة استانا",
        "Kerry كيري",
        "Mistura ميستورا",
        "Erdogan Erdoğan أردوغان",
        "Nazarbayev نزارباييف",
        "Hmeimim حميميم",
        "Tartus طرطوس",
        "Peskov بيسكوف",
        "Hijab حجاب",
        "Putin بوتين",
        "Alexander ألكسندر",
        "al-Abadi العبادي Abadi",
        "Sergei Sergey سيرغي سيرجي",
        "Mohammed محمد",
    ],
)
def test_spellings_agree(spellings: str) -> None:
    found = {skeleton(word) for word in spellings.split()}
    assert len(found) == 1
    assert found != {""}


@pytest.mark.parametrize("word", ["Ki", "كي", "a", "", "2254", "-", "وا"])
def test_too_little_is_no_skeleton(word: str) -> None:
    assert skeleton(word) == ""


def test_two_consonants_keep_their_vowels_in_view() -> None:
    assert skeleton("Kerry") != skeleton("كرة")
    assert skeleton("Omar") != skeleton("Merry")


def test_different_names_differ() -> None:
    names = "Lavrov Shoigu Putin Kerry Peskov Trump Erdogan Nazarbayev Zakharova Hijab Ramadan".split()
    assert len({skeleton(name) for name in names}) == len(names)


@given(st.text(max_size=20))
def test_any_text_has_a_skeleton_of_letters(word: str) -> None:
    found = skeleton(word)
    assert found == "" or (found.isascii() and found.isalpha() and len(found) >= 2)


@given(st.text(alphabet="ابتجدرسشفقكلمنوي أإىة", min_size=1, max_size=15))
def test_folding_does_not_change_an_arabic_skeleton(word: str) -> None:
    assert skeleton(fold(word).replace(" ", "")) == skeleton(word.replace(" ", ""))


def test_an_arabic_word_is_indexed_without_its_clitic_too() -> None:
    assert skeleton("موسكو") in skeletons("سافر لموسكو")
    assert skeleton("أستانا") in skeletons("وأستانا")
    assert skeleton("برونكوس") in skeletons("خسر للبرونكوس")
    assert skeleton("لبنان") in skeletons("سافر للبنان")


def test_other_readings_come_after_the_words() -> None:
    """So that the parts of a name stand side by side, as a phrase is looked for."""
    found = skeletons("بوتين فلاديمير Denver Broncos won")
    assert found[:4] == [skeleton(word) for word in ("بوتين", "فلاديمير", "Denver", "Broncos")]
    assert skeleton("Bronco") in found[4:]
    assert skeleton("وتين") in found[4:]
    assert skeletons("شُويْغُو") == [skeleton("شويغو")]


@pytest.mark.parametrize("word", ["class", "Paris's", "bus", "دين", "ذات", "يون"])
def test_an_ending_leaves_a_name(word: str) -> None:
    assert stripped(word) in ("", "Paris")
