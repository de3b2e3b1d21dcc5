"""English put into something like Arabic: order, particles, and the answer's place."""

from __future__ import annotations

import lzma
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.arabise import Arabiser
from train.data import Example

WORDNET = """\
سورية	syrian	a	x	1
جيش	army	n	x	2
أعلن	announce	v	x	3
هدنة	truce	n	x	4
رئيس	president	n	x	5
وقع	sign	v	x	6
اتفاق	agreement	n	x	7
"""
NAMES = "سامرين\tsamrin\nزيدون\tzaydun\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "lexicon").mkdir()
    for name, text in (("wordnet", WORDNET), ("names-transliteration", NAMES)):
        with lzma.open(folder / "lexicon" / f"{name}.ar-en.tsv.xz", "wt", encoding="utf-8") as file:
            file.write(text)
    return folder


@pytest.fixture
def arabiser(root: Path) -> Arabiser:
    return Arabiser(root, random.Random(1))


def drawn(root: Path, text: str, times: int = 30) -> set[str]:
    """What chance makes of a text."""
    arabiser = Arabiser(root, random.Random(2))
    return {arabiser.text(text) for _ in range(times)}


def asked(text: str, answer: str) -> Example:
    start = text.index(answer)
    return Example("", text, start, start + len(answer), "")


def test_a_noun_comes_before_what_describes_it_and_both_have_the_article(root: Path) -> None:
    for text in drawn(root, "The Syrian army announced a truce."):
        assert re.search(r"ال(جيش|جيوش) السوري", text), text


def test_of_and_the_owners_s_become_the_construct_state(root: Path) -> None:
    for text in drawn(root, "Samrin's president signed the agreement."):
        assert re.search(r"(رئيس|رؤساء|رئيسة|رئاسة) سامرين", text), text
    whole = drawn(root, "the president of Samrin")
    assert any(re.fullmatch(r"(رئيس|رؤساء|رئيسة|رئاسة) سامرين", text) for text in whole), whole


def test_a_verb_may_come_before_its_subject(root: Path) -> None:
    starts = {text.split()[0] for text in drawn(root, "Zaydun signed the agreement.")}
    assert "زيدون" in starts
    assert len(starts) > 1


def test_particles_are_written_onto_the_next_word(root: Path) -> None:
    made = drawn(root, "Russia and Turkey")
    assert made == {"روسيا وتركيا"}
    assert drawn(root, "for the United States") == {"للولايات المتحدة", "من أجل الولايات المتحدة"}


def test_a_question_asks_in_arabic(root: Path) -> None:
    for text in drawn(root, "In what year did Zaydun sign the agreement?"):
        assert re.match(r"(في |ب)أي \w+ ", text), text
        assert text.endswith("؟")
    for text in drawn(root, "How many people died in 2016?"):
        assert re.match(r"كم|ما عدد", text), text
        assert "2016" in text


def test_the_answer_is_where_its_words_went(arabiser: Arabiser) -> None:
    text = "The Syrian army announced a truce in Samrin on 30 December 2016."
    for answer, wanted in (("Samrin", "سامرين"), ("30 December 2016", r"30 (ديسمبر|كانون الأول) 2016")):
        made = arabiser.context(asked(text, answer))
        assert made is not None
        assert re.fullmatch(wanted, made.context[made.start : made.end])


def test_an_answer_whose_words_part_is_not_kept(root: Path) -> None:
    arabiser = Arabiser(root, random.Random(3))
    question = asked("The president of Samrin signed the agreement.", "Samrin signed")
    made = [arabiser.context(question) for _ in range(40)]
    assert None in made  # "signed the president of Samrin"
    kept = [one.context[one.start : one.end] for one in made if one is not None]
    assert all("سامرين" in text and "رئيس" not in text for text in kept)


def test_without_an_answer_there_is_none(arabiser: Arabiser) -> None:
    made = arabiser.context(Example("who?", "The army signed the agreement.", -1, -1, ""))
    assert made is not None
    assert (made.start, made.end, made.question) == (-1, -1, "who?")


@given(
    text=st.text(st.sampled_from("The army of Samrin's 12th 30 May, (US) signed it? é."), max_size=60),
    data=st.data(),
)
def test_any_text_keeps_its_answer_in_bounds(root: Path, text: str, data: st.DataObject) -> None:
    arabiser = Arabiser(root, random.Random(4))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    made = arabiser.context(Example("", text, start, end, ""))
    if made is not None and end > start:
        assert 0 <= made.start < made.end <= len(made.context)
        answer = made.context[made.start : made.end]
        assert answer == answer.strip()
