"""Questions about some days, over articles with dates and without, and what is told of the search."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag.answer import Pipeline
from rag.ask import as_json, sources
from rag.chat.render import turn_html
from rag.chat.shown import from_json, shown, to_json
from rag.timely import told
from rag.types import Filter, Period
from tests.answering import answering

TODAY = date(2019, 2, 6)


def dated(day: str, title: str, text: str) -> str:
    return f"---\ntitle: {title}\ndate: {day}\n---\n\n{text}"


HARBOUR = {
    "november.md": dated("2018-11-20", "Grain ships wait", "Eleven grain ships waited before the harbour of Latakia for the pilot strike to end. Traders complained."),
    "december.md": dated("2018-12-14", "Harbour reopens", "The harbour of Latakia reopened and seven grain ships were unloaded by the dockers. Traders were glad."),
    "january.md": dated("2019-01-03", "A look back", "The harbour of Latakia counted its ships: on 30 December 2018 a tanker ran aground there. Nobody was hurt."),
    "يناير.md": dated("2019-01-28", "حصيلة ميناء اللاذقية", "قال مدير ميناء اللاذقية إن الحبوب وصلت على متن تسع سفن في الشهر كله. ولم تقع حوادث."),
}  # fmt: skip


@contextmanager
def asking(folder: Path, articles: Mapping[str, str] = HARBOUR) -> Iterator[Pipeline]:
    with answering(folder, articles) as pipeline:
        yield Pipeline(replace(pipeline._parts, today=lambda: TODAY))


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with asking(tmp_path_factory.mktemp("harbour")) as pipeline:
        yield pipeline


def test_news_of_a_month_comes_from_its_reports_and_from_passages_that_name_it(harbour: Pipeline) -> None:
    answer = harbour.ask("What happened in the harbour of Latakia in December?")
    assert {hit.article.source for hit in answer.hits} == {"december.md", "january.md"}
    assert answer.period == Period("in December", "2018-12-01", "2018-12-31", "only")


def test_the_news_alone_are_the_reports_by_date_and_title(harbour: Pipeline) -> None:
    answer = harbour.ask("What happened last month?")
    assert answer.generator == "rule"
    assert [c.source for c in answer.citations] == ["يناير.md", "january.md"]
    assert answer.text == "28 January 2019: “حصيلة ميناء اللاذقية” [1].\n3 January 2019: A look back [2]."
    for citation in answer.citations:
        article = harbour.article(citation.article_id)
        assert article.text[citation.start : citation.end] == citation.quote
    assert harbour.ask("ماذا حدث الشهر الماضي؟").text.startswith("28 كانون الثاني/يناير 2019: حصيلة")


def test_a_fact_prefers_its_days_and_hides_nothing(harbour: Pipeline) -> None:
    answer = harbour.ask("How many grain ships came to the harbour of Latakia in November 2018?")
    assert answer.citations[0].source == "november.md"
    assert answer.period is not None
    assert answer.period.use == "first"
    assert {hit.article.source for hit in answer.hits} == set(HARBOUR)


def test_days_without_reports_are_said_and_everything_is_searched(harbour: Pipeline) -> None:
    asked = "How many grain ships were unloaded in the harbour of Latakia in 2011?"
    answer = harbour.ask(asked)
    assert not answer.abstained
    assert answer.period == Period("in 2011", "2011-01-01", "2011-12-31", "none")
    assert next(iter(sources(answer, False))) == "No report of 2011 (“in 2011”); searched all dates"
    assert harbour.ask("What happened in 2011?").period == answer.period


def test_an_answer_of_other_days_is_given_and_said(harbour: Pipeline) -> None:
    answer = harbour.ask("When did the tanker run aground, and did traders complain, in January 2019?")
    assert answer.period is not None
    assert answer.period.use == "first"
    answer = harbour.ask("Who complained about the pilot strike in January 2019?")
    assert answer.citations[0].source == "november.md"
    assert answer.period is not None
    assert answer.period.use == "others"


def test_days_that_are_only_named_within_other_reports_are_read_like_any(tmp_path: Path) -> None:
    told = dated(
        "2018-09-09",
        "Uprising",
        "The uprising in Dorveh began in March 2015 when teachers marched to the palace.",
    )
    with asking(tmp_path, {"a.md": told}) as pipeline:
        answer = pipeline.ask("What happened in March 2015?")
        assert answer.text
        assert answer.abstained or answer.citations


@pytest.mark.parametrize(
    "question",
    ["What happened in April 2015?", "What happened after December 9999?", "ماذا حدث قبل كانون الثاني 0001؟"],
)
def test_the_ends_of_the_calendar_are_days_like_others(tmp_path: Path, question: str) -> None:
    told = dated(
        "9999-12-31", "No date", "On 5 March the bridge opened, and by April it was crossed by thousands."
    )
    with asking(tmp_path, {"a.md": told, **HARBOUR}) as pipeline:
        assert pipeline.ask(question).text


def test_without_dates_the_words_of_time_narrow_nothing(tmp_path: Path) -> None:
    plain = {name: text.split("---\n\n")[1] for name, text in HARBOUR.items()}
    with asking(tmp_path, plain) as pipeline:
        timed = pipeline.ask("How many grain ships were unloaded in the harbour in December?")
        assert timed.period is not None
        assert timed.period.use == "undated"
        assert timed.citations[0].source == "december.md"
        assert "did not narrow" in told(timed.period, "en")


def test_a_question_without_words_of_time_has_no_period(harbour: Pipeline) -> None:
    answer = harbour.ask("How many grain ships were unloaded in the harbour of Latakia?")
    assert answer.period is None
    assert as_json(answer)["period"] is None
    assert next(iter(sources(answer, False))) == ""


def test_dates_set_by_the_asker_go_before_those_in_the_question(harbour: Pipeline) -> None:
    answer = harbour.ask("What happened in the harbour in December?", where=Filter(until="2018-11-30"))
    assert answer.period is None
    assert {hit.article.source for hit in answer.hits} == {"november.md"}


def test_the_days_searched_are_shown_everywhere(harbour: Pipeline) -> None:
    answer = harbour.ask("ماذا حدث في ميناء اللاذقية في كانون الثاني؟")
    line = "جرى البحث في 1 إلى 31 كانون الثاني/يناير 2019 («في كانون الثاني»)"
    out = io.StringIO()
    print(*sources(answer, False), sep="\n", file=out)
    assert line in out.getvalue()
    assert as_json(answer)["period"] == {
        "words": "في كانون الثاني", "since": "2019-01-01", "until": "2019-01-31", "use": "only", "told": line,
    }  # fmt: skip
    kept = from_json(to_json(shown(answer)))
    assert kept.period == line
    assert line in re.sub(r"<[^>]*>", "", turn_html(kept, "ar"))


@pytest.mark.parametrize(
    ("since", "until", "line"),
    [
        ("2018-12-01", "2018-12-31", "Searched 1–31 December 2018 (“w”)"),
        ("2018-12-05", "2018-12-05", "Searched 5 December 2018 (“w”)"),
        ("2018-01-01", "2018-12-31", "Searched 2018 (“w”)"),
        ("2018-11-26", "2018-12-02", "Searched 26 November – 2 December 2018 (“w”)"),
        ("2018-12-31", "2019-01-06", "Searched 31 December 2018 – 6 January 2019 (“w”)"),
        ("2018-03-01", None, "Searched the days since 1 March 2018 (“w”)"),
        (None, "2017-12-31", "Searched the days until 31 December 2017 (“w”)"),
    ],
)
def test_days_are_told_shortly(since: str | None, until: str | None, line: str) -> None:
    assert told(Period("w", since, until, "only"), "en") == line
