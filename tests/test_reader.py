"""The shipped reader: its contract, where its spans come from, and the second, narrow look."""

from __future__ import annotations

import numpy as np
import pytest
from contracts.reader import PASSAGES, QUESTIONS, check_reader
from fakes import KeywordReader
from hypothesis import given, settings
from hypothesis import strategies as st

import rag.reader
from rag.lexicon import lexicon
from rag.reader import AGAIN, NARROW, OnnxReader, best_spans


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    return OnnxReader(words=lexicon())


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_readers_keep_the_contract(reader: OnnxReader, question: str) -> None:
    assert check_reader(reader, question, PASSAGES)[2].spans == ()
    check_reader(KeywordReader(), question, PASSAGES)
    assert reader.read(question, []) == []


@pytest.mark.parametrize(
    ("question", "passage", "answer"),
    [
        ("When did the truce begin?", 0, "Monday"),
        ("متى بدأت الهدنة؟", 0, "Monday"),
        ("متى بدأت الهدنة؟", 1, "الخميس"),
        ("When did the truce begin?", 1, "الخميس"),
    ],
)
def test_the_words_that_answer_are_found_in_either_language(
    reader: OnnxReader, question: str, passage: int, answer: str
) -> None:
    (reading,) = reader.read(question, [PASSAGES[passage]])
    assert answer in reading.spans[0].text
    assert len(reading.spans[0].text) < 40


def test_the_likeliest_passages_alone_are_looked_at_again(
    reader: OnnxReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = "The delegation left on {}. The talks went on for a week in the capital, and nobody spoke of it. "
    passages = [day.format(d) * 3 for d in ("Monday", "Tuesday", "4 May", "Friday", "7 June", "Sunday")]
    twice = reader.read("متى غادر الوفد؟", passages)
    monkeypatch.setattr(rag.reader, "AGAIN", 0)
    once = reader.read("متى غادر الوفد؟", passages)
    best = sorted(range(len(passages)), key=lambda i: -once[i].margin)[:AGAIN]
    assert {i for i in range(len(passages)) if once[i] != twice[i]} == set(best)
    assert [reading.relevance for reading in once] == [reading.relevance for reading in twice]


def test_words_of_the_other_language_are_asked_where_something_is_arabic(
    reader: OnnxReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    english, arabic = "The minister arrived in Geneva.", "وصل الوزير إلى جنيف."
    asked: list[list[int]] = []
    look = OnnxReader._look

    def noted(self: OnnxReader, question: list[int], ids: list[int], first: int, last: int) -> object:
        asked.append(question)
        return look(self, question, ids, first, last)

    monkeypatch.setattr(OnnxReader, "_look", noted)
    for question, passage, looks in (
        ("Where did the minister arrive?", english, 1),  # the narrow look would be the same
        ("Where did the minister arrive?", arabic, 2),
        ("أين وصل الوزير؟", english, 2),
        ("أين وصل الوزير؟", arabic, 2),
        ("Where?", arabic, 1),  # no word of content
    ):
        asked.clear()
        reader.read(question, [passage])
        assert len(asked) == looks
        assert asked[1:] == [other for other in [reader._other_words(question)] if looks > 1]
    asked.clear()
    OnnxReader().read("أين وصل الوزير؟", [english])
    assert len(asked) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([t for t in PASSAGES if t]), min_size=1, max_size=4).map(" ".join),
    st.integers(0, 10_000),
)
def test_a_narrow_look_is_one_sentence_or_short_and_holds_its_token(text: str, place: int) -> None:
    encoding = rag.reader.tokenizer().encode(text, add_special_tokens=False)
    whole = rag.reader._Text(text, encoding.ids, encoding.offsets)
    first = min(3, len(encoding.ids) - 1)
    last = min(len(encoding.ids), first + 200)
    look = rag.reader._Look(first, np.zeros((last - first, 2), np.float32), 0.0, 0.0)
    token = first + place % (last - first)
    low, high = whole.narrow(token, look)
    assert first <= low <= token < high <= last
    if high - low > NARROW:
        inner = text[encoding.offsets[low][0] : encoding.offsets[high - 1][1]]
        assert len(rag.reader.sentences(inner)) == 1


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(
            *[st.lists(st.floats(-9, 9, width=32), min_size=n, max_size=n).map(np.float32) for _ in "se"]
        )
    )
)
def test_best_spans_do_not_overlap_and_come_best_first(logits: tuple[np.ndarray, np.ndarray]) -> None:
    start, end = logits
    found = best_spans(start, end, longest=5, count=3)
    assert 1 <= len(found) <= 3
    assert all(0 <= a <= b < min(a + 5, len(start)) for a, b, _ in found)
    taken = [token for a, b, _ in found for token in range(a, b + 1)]
    assert len(taken) == len(set(taken))
    assert [score for *_, score in found] == sorted((score for *_, score in found), reverse=True)


def test_of_two_spans_alike_the_shorter_is_the_better() -> None:
    start, end = np.float32([5, 0, 0]), np.float32([0, 5, 5])
    assert best_spans(start, end, count=1)[0][:2] == (0, 1)
