"""What an article of the days asked about is asked, and what the others are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import read_all
from rag.assemble import assemble_over
from rag.config import Config
from rag.dated import dated
from rag.types import Period
from rag.when import when_in
from tests.fakes import KeywordReader
from tests.told import hit

TODAY = date(2020, 5, 1)
REGATTA = "Ines Farah won the Orontes regatta on Sunday. Eleven boats reached the finish."


def bare(question: str) -> str:
    """What is left of a question once its time is known, as the pipeline finds that."""
    asked = when_in(question, TODAY)
    period = None
    if asked is not None:
        since, until = (day and day.isoformat() for day in (asked.since, asked.until))
        period = Period(question[slice(*asked.span)], since, until, "first")
    return dated(question, period).bare


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Who won the Orontes regatta in 2018?", "Who won the Orontes regatta?"),
        ("In March 2018, who won the regatta?", "who won the regatta?"),
        ("من فاز بسباق العاصي عام 2018؟", "من فاز بسباق العاصي؟"),
        ("كم بلغت كلفة السد في عام 2018؟", "كم بلغت كلفة السد؟"),
        ("What does the contract of 2018 say?", "What does the contract say?"),
        ("Who was elected in February 2018 as mayor?", "Who was elected as mayor?"),
        ("How many boats sank last month?", "How many boats sank?"),
    ],
)
def test_words_of_time_that_a_date_can_state_are_left_out(question: str, left: str) -> None:
    assert bare(question) == left


@pytest.mark.parametrize(
    "question",
    [
        "Who won the Orontes regatta?",
        "Who has won the regatta since 2015?",
        "How many boats sank between 2011 and 2018?",
        "How did 2017 differ from 2018?",
        "What happened in 2018?",
        "ماذا حدث عام 2018؟",
    ],
)
def test_other_times_stay(question: str) -> None:
    assert bare(question) == question


def test_only_an_article_of_those_days_is_asked_without_them() -> None:
    question = "Who won the Orontes regatta in 2018?"
    asked = dated(question, Period("in 2018", "2018-01-01", "2018-12-31", "first"))
    assert asked.asked_of(hit(REGATTA, date="2018-07-02")) == "Who won the Orontes regatta?"
    # Of the year's last days the new year's first reports tell.
    assert asked.asked_of(hit(REGATTA, date="2019-01-02")) == "Who won the Orontes regatta?"
    for other in ("2017-07-03", "2019-07-01", None):
        assert asked.asked_of(hit(REGATTA, date=other)) == question
    # What a passage says of the year by itself, the reader can find in it.
    assert asked.asked_of(hit(f"{REGATTA} It was the first of 2018.", date="2018-07-02")) == question
    # A year tells nothing of a month.
    march = dated("Who won in March 2018?", Period("in March 2018", "2018-03-01", "2018-03-31", "first"))
    assert march.asked_of(hit(REGATTA, date="2018")) == "Who won in March 2018?"
    assert march.asked_of(hit(REGATTA, date="2018-03")) == "Who won?"


def test_readings_come_in_the_order_of_the_hits() -> None:
    question = "Who won the Orontes regatta in 2018?"
    texts = ("Nobody won.", REGATTA, "Ines Farah trained for the regatta.")
    hits = [
        hit(text, date=day, number=i)
        for i, (text, day) in enumerate(zip(texts, ("2017", "2018", "2019-09"), strict=True))
    ]
    questions, readings = read_all(KeywordReader(), dated(question, None), hits)
    assert questions == [question, "Who won the Orontes regatta?", question]
    for one, asked, found in zip(hits, questions, readings, strict=True):
        assert found == KeywordReader().read(asked, [one.passage.text])[0]


@given(st.text(max_size=60), st.sampled_from(["in 2018", "of 2018", "عام 2018", "since 2018", "2018"]))
def test_what_is_left_is_of_the_question(text: str, time: str) -> None:
    question = f"{text} {time}"
    left = dated(question, None).bare
    rest = iter(question)
    assert all(char.isspace() or char in rest for char in left)


def test_the_report_of_the_year_asked_about_answers(tmp_path: Path) -> None:
    winners = {"2016-07-04": "Bassam Idris", "2018-07-02": "Ines Farah", "2019-07-01": "Rami Tawil"}
    for day, name in winners.items():
        text = f"{name} won the Orontes regatta on Sunday. The boats needed two hours to the old bridge."
        tmp_path.joinpath(f"{day}.md").write_text(
            f"---\ntitle: The regatta\ndate: {day}\n---\n\n{text}\n", encoding="utf-8"
        )
    pipeline = assemble_over([tmp_path], Config(generator="reader"))
    try:
        for day, name in winners.items():
            answer = pipeline.ask(f"Who won the Orontes regatta in {day[:4]}?")
            assert name.split()[1] in answer.text
            assert answer.citations[0].source == f"{day}.md"
        assert "Farah" in pipeline.ask("Who won the Orontes regatta of 2018?").text
    finally:
        pipeline.close()
