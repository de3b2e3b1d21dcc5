"""Factors of a span's odds: the office beside a name, the year, the thing counted."""

from __future__ import annotations

import pytest

from rag.decide import Asked
from rag.lexicon import lexicon
from rag.suits import (
    ANOTHER_THING,
    BODY,
    ECHO,
    NO_OFFICE,
    OTHER_KIND,
    OTHER_MINISTRY,
    OTHER_STATE,
    OTHER_THING,
    OTHER_UNIT,
    OTHER_YEAR,
    SEVERAL,
    WHOLE_OFFICE,
    Context,
    Suits,
)
from rag.types import Span


def around(sentence: str, span: str, date: str | None = None) -> Context:
    before, _, after = sentence.partition(span)
    return Context(span, before, after, sentence, date)


def share(*wanted: str):  # type: ignore[no-untyped-def]
    """The share of some words that stand in a text."""
    return lambda text: sum(word in text for word in wanted) / len(wanted)


def nothing(_: str) -> float:
    return 0.0


def everything(_: str) -> float:
    return 1.0


SENTENCE = "Putin met foreign minister Orlova and defence minister Petrov in the capital."


@pytest.mark.parametrize(("name", "likelier"), [("Petrov", True), ("Orlova", False), ("Putin", False)])
def test_the_office_beside_a_name_decides(name: str, likelier: bool) -> None:
    asked = Suits("Who is the defence minister?")
    factor = asked.factor(around(SENTENCE, name), share("defence", "minister"), 0.5, nothing, everything)
    assert (factor > 1) is likelier
    assert NO_OFFICE * OTHER_MINISTRY <= factor <= WHOLE_OFFICE


def test_in_arabic_the_next_name_has_its_own_office() -> None:
    sentence = "اجتمع مع وزير الخارجية نادر سالم ووزير الدفاع هاني قاسم أمس"
    asked = Suits("من هو وزير الدفاع؟")
    covered = share("وزير الدفاع")
    right = asked.factor(around(sentence, "هاني قاسم"), covered, 0.5, nothing, everything)
    wrong = asked.factor(around(sentence, "نادر سالم"), covered, 0.5, nothing, everything)
    assert right == pytest.approx(WHOLE_OFFICE)
    assert wrong == pytest.approx(NO_OFFICE * OTHER_MINISTRY)


@pytest.mark.parametrize(
    ("span", "times"),
    [
        ("Petrov", 1.0),  # both ministries stand before him
        ("Orlova", OTHER_MINISTRY),
        ("foreign minister Orlova", OTHER_MINISTRY),
        ("Sidorov", 1.0),
        ("the foreign ministry", OTHER_MINISTRY * BODY),
        ("Ministry of Defence", BODY),
    ],
)
def test_the_ministry_beside_a_name_is_the_one_asked_for(span: str, times: float) -> None:
    sentence = (
        "Putin met foreign minister Orlova. The ministers of foreign affairs and defence Petrov and others spoke. "
        "Sidorov, the defence minister, left. So did the foreign ministry. The Ministry of Defence said so."
    )
    asked = Suits("Who is the defence minister?")
    factor = asked.factor(around(sentence, span), everything, 0.5, nothing, everything)
    assert factor == pytest.approx(WHOLE_OFFICE * times)


def test_a_government_is_no_minister_and_a_spokesman_needs_no_ministry() -> None:
    asked = Suits("من هو وزير الخارجية؟")
    body = asked.factor(
        around("قالت وزارة الخارجية أمس", "وزارة الخارجية"), everything, 0.5, nothing, everything
    )
    assert body == pytest.approx(WHOLE_OFFICE * BODY)
    asked = Suits("Who is the spokesman of the presidency?")
    person = asked.factor(
        around("said Peskov of the oil firm", "Peskov"), everything, 0.5, nothing, everything
    )
    assert person == pytest.approx(WHOLE_OFFICE)


def test_another_states_minister_and_the_question_itself_answer_no_who() -> None:
    asked = Suits("من هو وزير الدفاع التركي؟")
    sentence = "قال وزير الدفاع الروسي هاني قاسم"
    other = asked.factor(around(sentence, "هاني قاسم"), everything, 0.5, nothing, everything)
    assert other == pytest.approx(WHOLE_OFFICE * OTHER_STATE)
    echo = asked.factor(around(sentence, "وزير الدفاع"), everything, 0.5, everything, everything)
    assert echo == pytest.approx(WHOLE_OFFICE * OTHER_STATE * ECHO)


@pytest.mark.parametrize(
    "question",
    ["Who was the first to cross the bridge?", "من هو أول من عبر الجسر؟", "Who are the guarantors?"],
)
def test_what_is_no_office_is_left_alone(question: str) -> None:
    assert Suits(question).factor(around(SENTENCE, "Petrov"), nothing, 0.5, nothing, everything) == 1.0


def test_several_states_are_wanted_where_states_are_asked_for() -> None:
    asked = Suits("من هي الدول الضامنة؟")
    factors = [
        asked.factor(around(text, text), nothing, 0.0, nothing, everything)
        for text in ("الهدنة", "مصر", "روسيا وتركيا وإيران")
    ]
    assert factors == sorted(factors)
    assert factors[1] < 1 < factors[2]


def test_the_year_asked_about_must_be_somewhere() -> None:
    asked = Suits("Who won the cup in 2022?")
    sentence = "Zaydun won the cup."
    assert (
        asked.factor(around(sentence, "Zaydun", "2021-05-03"), nothing, 0.5, nothing, everything)
        == OTHER_YEAR
    )
    for date in ("2022-05-03", None):
        assert asked.factor(around(sentence, "Zaydun", date), nothing, 0.5, nothing, everything) == 1.0
    told = around("Zaydun won the cup of ٢٠٢٢.", "Zaydun", "2023-01-01")
    assert asked.factor(told, nothing, 0.5, nothing, everything) == 1.0


def test_the_thing_counted_stands_by_its_number() -> None:
    asked = Suits("How many hospitals were cleared?")
    sentence = "They cleared nine mosques and four schools."
    assert asked.factor(around(sentence, "nine"), nothing, 1.0, nothing, share("hospital")) == pytest.approx(
        OTHER_THING * ANOTHER_THING
    )
    assert asked.factor(around(sentence, "nine"), nothing, 1.0, nothing, share("mosque")) == 1.0
    assert (
        Suits("How many people came?").factor(around(sentence, "nine"), nothing, 1.0, nothing, nothing) == 1.0
    )


@pytest.mark.parametrize(
    ("question", "sentence", "fits", "fails"),
    [
        (
            "How long is the new bridge?",
            "After eight months the 640-metre bridge opened",
            "640-metre",
            "eight months",
        ),
        ("How long is the bridge?", "It took 8 months and is 640 metres long", "640", "8 months"),
        ("كم يبلغ طول جسر الزان؟", "بعد ثمانية أشهر افتتح الجسر البالغ 640 مترا", "640", "ثمانية أشهر"),
        (
            "How long did the strike last?",
            "The 12 km march ended a strike of thirteen days",
            "thirteen days",
            "12 km",
        ),
        ("كم استمرت المفاوضات؟", "استمرت المفاوضات شهرين بحضور 20 وفدا", "شهرين", "20 وفدا"),
        ("What percentage voted?", "Of 1,200 members 62 per cent voted", "62", "1,200"),
        ("ما نسبة المشاركة؟", "شارك 1200 عضو أي 62 في المئة", "62", "1200"),
    ],
)
def test_what_is_measured_has_its_unit(question: str, sentence: str, fits: str, fails: str) -> None:
    asked = Suits(question)
    told = [asked.factor(around(sentence, s), everything, 1.0, nothing, everything) for s in (fits, fails)]
    assert told == [1.0, OTHER_UNIT]


@pytest.mark.parametrize(
    ("question", "sentence", "span", "another"),
    [
        ("كم وسيطا كان في الإضراب؟", "توقف 1400 عامل عن العمل", "1400 عامل", True),
        ("How many hospitals were cleared of mines?", "Nine mosques were cleared of mines.", "Nine", True),
        ("How many armed groups joined?", "وتضم 62 ألف مقاتل من المعارضة", "62 ألف مقاتل", True),
        ("How many homes burnt?", "وأتى الحريق على 12 منزلا", "12 منزلا", False),
        ("How many dead were there?", "وسقط 12 شهيدا", "12 شهيدا", False),
        ("How many planes were seen?", "Two helicopters crossed the border.", "Two", False),
        ("How many zebras were seen?", "Two helicopters crossed the border.", "Two", False),
        ("How many mosques were hit?", "The number was nine.", "nine", False),
    ],
)
def test_another_thing_that_is_counted_there_is_hardly_what_was_asked_for(
    question: str, sentence: str, span: str, another: bool
) -> None:
    factor = Suits(question).factor(around(sentence, span), nothing, 1.0, nothing, nothing)
    assert factor == pytest.approx(OTHER_THING * (ANOTHER_THING if another else 1.0))


def test_things_are_not_counted_in_per_cent() -> None:
    sentence = "Wages rise by 8 per cent, as three mediators had proposed"
    asked = Suits("How many mediators were there?")
    told = [
        asked.factor(around(sentence, s), everything, 1.0, nothing, everything)
        for s in ("8 per cent", "8", "three")
    ]
    assert told == [OTHER_UNIT, OTHER_UNIT, 1.0]


@pytest.mark.parametrize("question", ["كم نسبة المشاركة؟", "كم عمر الجسر؟", "How many per cent voted?"])
def test_a_measure_asked_for_by_its_name_is_no_thing_to_count(question: str) -> None:
    factor = Suits(question).factor(around("62 per cent", "62"), everything, 1.0, nothing, nothing)
    assert factor == 1.0


@pytest.mark.parametrize(
    "question", ["How long is the wait?", "How far has it come?", "كم عدد المدارس؟", "How old is he?"]
)
def test_other_questions_want_no_unit(question: str) -> None:
    factor = Suits(question).factor(around("It took 8 of them", "8"), everything, 1.0, nothing, everything)
    assert factor == (OTHER_UNIT if "far" in question else 1.0)


def test_another_kind_is_less_likely() -> None:
    assert (
        Suits("When did it end?").factor(around(SENTENCE, "Petrov"), nothing, -1.0, nothing, everything)
        == OTHER_KIND
    )


@pytest.mark.parametrize("question", ["Who are the guarantors?", "من هم الضامنون؟"])
def test_who_are_asks_for_several(question: str) -> None:
    one = around("Russia will watch over the truce.", "Russia")
    several = around("Russia and Turkey will watch over the truce.", "Russia")
    found = [Suits(question).factor(c, everything, 0.5, nothing, everything) for c in (one, several)]
    assert found[1] == SEVERAL * found[0]
    single = [
        Suits("Who is the guarantor?").factor(c, everything, 0.5, nothing, everything) for c in (one, several)
    ]
    assert single[0] == single[1]


def test_a_city_answers_no_who() -> None:
    asked = Asked("Who are the guarantors?", lexicon(), lambda words: [1.0] * len(words))
    assert asked.fits("موسكو") == asked.fits("Moscow") == -1.0
    assert asked.fits("روسيا") == asked.fits("Moscow State University") == 0.5


@pytest.mark.parametrize(
    ("question", "sentence", "span", "whole"),
    [
        ("How long is the bridge?", "The bridge is 640 metres long.", "640", "640 metres"),
        ("How long is the bridge?", "The bridge is 640m long.", "640", "640m"),
        ("How long is the bridge?", "The bridge is 640 metres long.", "640 metres", "640 metres"),
        ("ما طول الجسر؟", "يبلغ طول الجسر 640 مترا فوق النهر.", "640", "640 مترا"),
        ("How long did the talks last?", "The talks lasted three days in all.", "three", "three days"),
        # No unit of what is asked for, or the question names it.
        ("How long is the bridge?", "The bridge has 640 lamps.", "640", "640"),
        ("How many days did the talks last?", "The talks lasted three days.", "three", "three"),
        # Not beyond the sentence.
        ("How long is the bridge?", "It is 640", "640", "640"),
    ],
)
def test_a_measure_is_told_with_its_unit(question: str, sentence: str, span: str, whole: str) -> None:
    start = sentence.index(span)
    limit = Span(0, len(sentence))
    grown = Suits(question).measured(sentence, Span(start, start + len(span)), limit)
    assert sentence[grown.start : grown.end] == whole
    inside = Span(0, start + len(span))
    assert Suits(question).measured(sentence, Span(start, start + len(span)), inside).end == inside.end


@pytest.mark.parametrize(
    ("span", "times"), [("الروسي", ECHO), ("الروسي والتركي", ECHO), ("روسيا", 1.0), ("الروسي شويغو", 1.0)]
)
def test_an_adjective_alone_is_nobody(span: str, times: float) -> None:
    sentence = "قال وزير الدفاع الروسي والتركي وقالت روسيا وقال الروسي شويغو"
    asked = Suits("من هو وزير الدفاع؟")
    factor = asked.factor(around(sentence, span), everything, 0.5, nothing, everything)
    assert factor == pytest.approx(WHOLE_OFFICE * times)
