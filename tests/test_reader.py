"""The shipped reader: its contract, where its spans come from, and the second, narrow look."""

from __future__ import annotations

import re

import numpy as np
import pytest
from contracts.reader import PASSAGES, QUESTIONS, check_reader
from fakes import KeywordReader
from hypothesis import given, settings
from hypothesis import strategies as st

import rag.reader
from rag.gloss import Glossary
from rag.lexicon import lexicon
from rag.onnx import MAX_TOKENS, Trunk
from rag.reader import AGAIN, FAR, INSIDE, NARROW, OnnxReader, _Asked, best_spans


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


def test_arabic_is_read_in_english_too(reader: OnnxReader, monkeypatch: pytest.MonkeyPatch) -> None:
    english, arabic = "The minister arrived in Geneva.", "وصل الوزير إلى جنيف."
    read: list[str] = []
    run = Trunk.run

    def noted(self: Trunk, ids: list[int], kinds: list[int]) -> object:
        read.append(rag.reader.tokenizer().decode(ids))
        return run(self, ids, kinds)

    monkeypatch.setattr(Trunk, "run", noted)
    asked_en, asked_ar = "where did the minister arrive?", "اين وصل الوزير?"
    # The whole passage is looked at first, and where that is short, narrow looks of the same kind would say no more.
    for question, passage, looks in (
        (
            asked_en,
            english,
            [f"{asked_en} {english.lower()}", f"where did the minister arrived? {english.lower()}"],
        ),
        (
            asked_en,
            arabic,
            [f"{asked_en} arrive the minister to geneva.", f"{asked_en} وصل الوزير الي جنيف."],
        ),
        (
            asked_ar,
            english,
            [f"where arrived the minister? {english.lower()}", f"{asked_ar} {english.lower()}"],
        ),
        (
            asked_ar,
            arabic,
            [
                "where arrived the minister? arrived the minister to geneva.",
                f"{asked_ar} وصل الوزير الي جنيف.",
            ],
        ),
    ):
        read.clear()
        reader.read(question, [passage])
        assert read == looks
    read.clear()
    OnnxReader().read(asked_ar, [arabic])  # without a lexicon all is read as it is
    assert read == [f"{asked_ar} وصل الوزير الي جنيف."]


def test_logits_of_a_gloss_stand_at_the_words_that_it_tells_of() -> None:
    passage = "وقال: وقف إطلاق النار بدأ"
    encoding = rag.reader.tokenizer().encode(passage, add_special_tokens=False)
    text = rag.reader._Text(passage, encoding.ids, encoding.offsets)
    gloss = Glossary("", lexicon()).gloss(passage)
    assert gloss.text == "and said : ceasefire began"
    offsets = [(m.start(), m.end()) for m in re.finditer(r"\S+", gloss.text)]
    logits = np.arange(10, dtype=np.float32).reshape(5, 2)
    out = rag.reader._set_back(text, 0, len(encoding.ids), gloss, offsets, logits)
    words = {passage[a:b]: tuple(row) for (a, b), row in zip(encoding.offsets, out.tolist(), strict=True)}
    assert words[":"] == (4, 5)
    assert words["وقف"] == (6, 7 - INSIDE)
    assert words["إطلاق"] == (6 - INSIDE, 7 - INSIDE)
    assert words["النار"] == (6 - INSIDE, 7)
    # What was cut off tells of nothing.
    cut = rag.reader._set_back(text, 0, len(encoding.ids), gloss, offsets[:3], logits[:3])
    assert (cut[-1] == FAR).all()


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


def test_a_question_that_grows_leaves_the_last_tokens_unread(reader: OnnxReader) -> None:
    asked = _Asked("Who wins?", lexicon())
    passage = "word " * 600 + "winnings"
    encoding = rag.reader.tokenizer().encode(passage, add_special_tokens=False)
    text = rag.reader._Text(passage, encoding.ids, encoding.offsets)
    look = reader._look(asked, "reworded", text, 0, 520)
    assert look.spans.shape == (520, 2)
    assert (look.spans[-20:] == FAR).all()
    assert (look.spans[: MAX_TOKENS - 20] != FAR).all()
    (reading,) = reader.read("Who wins?", [passage])
    assert reading.spans
