"""The words of a text: the same for asking as for indexing, whatever clitics, case or digits."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexical import is_stop, match_query, stem, terms

TEXTS = st.text(alphabet="الوبكسفيرنتهموadeginrst0123456789 ,.-'/\"", max_size=60)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("الهدنة", "والهدنة"),
        ("ضامن", "الضامنين"),
        ("دولة", "الدول"),
        ("روسيا", "الروسية"),
        ("أستانا", "أستانة"),
        ("بوتين", "وبوتين"),
        ("اتفاق", "لاتفاق"),
        ("وزير", "والوزير"),
        ("guarantor", "guarantors"),
        ("Russia", "Russia's"),
    ],
)
def test_forms_of_a_word_share_a_term(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


@pytest.mark.parametrize(("one", "other"), [("وزير", "زير"), ("كيري", "ير"), ("سوريا", "روسيا")])
def test_letters_of_the_word_itself_are_not_taken_for_clitics(one: str, other: str) -> None:
    assert terms(one) != terms(other)


def test_a_question_keeps_its_content_words() -> None:
    assert terms("من هي الدول الضامنة؟") == terms("الدول الضامنة")
    assert terms("Who are the guarantors?") == ["guarantor"]


def test_a_code_is_found_whole_and_in_parts() -> None:
    assert terms("F-16") == terms("F16") == ["f16", "f", "16"]
    assert terms("سو-24") == ["سو24", "سو", "24"]
    assert "covid19" in terms("COVID-19")


@pytest.mark.parametrize(
    ("text", "term"),
    [("٢٢٥٤", "2254"), ("1,200", "1200"), ("و1,200", "1200"), ("ال24", "24"), ("23rd", "23")],
)
def test_numbers_are_plain_digits(text: str, term: str) -> None:
    assert terms(text) == [term]


def test_initials_are_one_term() -> None:
    assert terms("U.S.") == terms("US") == ["us"]


def test_stop_words_hide_behind_waw() -> None:
    assert is_stop("وقال") and is_stop("هي") and is_stop("who")
    assert not is_stop("وزير")


@given(st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=3, max_size=12))
def test_an_arabic_stem_keeps_three_letters_of_the_word(word: str) -> None:
    found = stem(word)
    assert len(found) >= 3
    assert found in word


@given(TEXTS)
def test_every_term_is_one_token_of_fts5(text: str) -> None:
    assert all(term.isalnum() and term == term.lower() for term in terms(text))


@given(TEXTS, TEXTS)
def test_terms_of_two_texts_are_the_terms_of_both(one: str, other: str) -> None:
    assert terms(one + "\n" + other) == terms(one) + terms(other)


@given(TEXTS)
def test_a_text_is_found_by_its_own_terms(text: str) -> None:
    query = match_query(terms(text))
    if not query:
        return
    db = sqlite3.connect(":memory:")
    try:
        db.execute("CREATE VIRTUAL TABLE words USING fts5(body)")
        db.execute("INSERT INTO words VALUES (?)", (" ".join(terms(text)),))
        assert db.execute("SELECT count(*) FROM words WHERE words MATCH ?", (query,)).fetchone() == (1,)
    finally:
        db.close()


def test_a_query_quotes_and_does_not_repeat() -> None:
    assert match_query(["a", 'b"c', "a", ""]) == '"a" OR "b""c"'
    assert match_query([]) == ""
