"""Spans to answers: merging, lists, differing sources."""

from __future__ import annotations

import pytest

from rag.chunk import chunk
from rag.compose import Found, Writer, found_in, kind_of, places_alone, select, widen
from rag.read import read_text
from rag.types import Hit, Language, Passage, ReadSpan, Span


def hit(text: str, source: str, number: int) -> Hit:
    article = read_text(text, source)
    draft = chunk(article, lambda t: len(t.split()) + 2, 20, 200)[0]
    passage = Passage(number, article.id, 0, draft.span, draft.text, draft.sentences)
    return Hit(passage, article, 1.0)


def found(
    text: str, words: str, source: str, probability: float, number: int, question: str = "who?"
) -> Found:
    made = hit(text, source, number)
    at = made.passage.text.index(words)
    return found_in(made, ReadSpan(Span(at, at + len(words)), words, 1.0), probability, kind_of(question))


def plain(text: str, to: Language) -> str | None:
    return None


def test_kinds_of_questions() -> None:
    assert kind_of("why did he leave?") == "sentence"
    assert kind_of("لماذا غادر؟") == "sentence"
    assert kind_of("How many people died?") == "fact"
    assert kind_of("who are the guarantors?") == "list"
    assert kind_of("من هي الدول الضامنة؟") == "list"
    assert kind_of("Who said it?") == "fact"


@pytest.mark.parametrize(
    ("text", "word", "whole"),
    [
        ("قالت روسيا وتركيا إلى الصحافة", "روسيا", "روسيا وتركيا"),
        ("ولفت إلى أن روسيا وإيران وتركيا أخذت", "روسيا", "روسيا وإيران وتركيا"),
        ("وهي “فيلق الشام” و”أحرار الشام” و“جيش الإسلام”.", "“فيلق الشام", "“فيلق الشام"),
        ("the talks of Russia, Turkey and Iran began", "Russia", "Russia, Turkey and Iran"),
    ],
)
def test_lists_are_grown_to_all_members(text: str, word: str, whole: str) -> None:
    at = text.index(word)
    grown = widen(text, Span(at, at + len(word)), Span(0, len(text)))
    assert text[grown.start : grown.end].startswith(whole)


@pytest.mark.parametrize(
    ("text", "word", "whole"),
    [
        ("It cost 62 thousand dinars.", "62", "62 thousand"),
        ("ارتفعت الأسعار بنسبة 25 في المئة أمس.", "25", "25 في المئة"),
        ("Prices rose 3.5 per cent.", "3.5", "3.5 per cent"),
        ("It was -5 degrees.", "5", "-5"),
        ("It cost $3.5m in all.", "3.5", "3.5m"),
    ],
)
def test_a_number_is_told_whole(text: str, word: str, whole: str) -> None:
    assert found(text, word, "a.txt", 0.9, 1).text == whole


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("لفلاديمير بوتين", "فلاديمير بوتين"),
        ("ومدير الميناء يونس باردي", "مدير الميناء يونس باردي"),
        ("وزير الدفاع", "وزير الدفاع"),
        ("لافروف", "لافروف"),
        ("بوتين", "بوتين"),
        ("لبنان", "لبنان"),
    ],
)
def test_a_name_is_told_without_the_particle_before_it(words: str, told: str) -> None:
    assert found(f"المكالمتان الأخيرتان {words} مع الرئيس.", words, "a.txt", 0.9, 1).text == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("وتابع بوتين", "بوتين"),
        ("قال وزير الدفاع الروسي", "وزير الدفاع الروسي"),
        ("added Lavrov", "Lavrov"),
        ("وقال", "وقال"),
        ("told", "told"),
        ("قالب السكر", "قالب السكر"),
        ("أكد أن الأطراف الثلاثة ستلتزم بالاتفاق", "أكد أن الأطراف الثلاثة ستلتزم بالاتفاق"),
    ],
)
def test_a_speaker_is_told_without_the_verb_of_saying(words: str, told: str) -> None:
    assert found(f"يوم الخميس {words} في المؤتمر.", words, "a.txt", 0.9, 1).text == told


def test_equal_spans_of_two_articles_are_one_statement_with_two_markers() -> None:
    left = found("قال الوزير سيرغي شويغو إن الاتفاق وقع.", "سيرغي شويغو", "a.txt", 0.9, 1)
    right = found("وأكد سيرجي شويجو أن الاتفاق مهم جدا.", "سيرجي شويجو", "b.txt", 0.8, 2)
    groups = select([left, right], "fact", 0.5, lambda a, b: True)
    assert len(groups) == 1
    sentences, citations = Writer("ar", "fact", plain).answer(groups)
    assert [s.markers for s in sentences] == [(1, 2)]
    assert [c.source for c in citations] == ["a.txt", "b.txt"]


GUARANTORS = "who are the guarantors?"
TWO = ("The guarantors are Russia and Turkey.", "Russia and Turkey")
THREE = ("The guarantors: Russia, Turkey and Iran.", "Russia, Turkey and Iran")


@pytest.mark.parametrize(("two", "three"), [(0.9, 0.3), (0.3, 0.9)])
def test_of_two_lists_of_one_thing_the_longer_is_told_first(two: float, three: float) -> None:
    lists = [
        found(*TWO, "a.txt", two, 1, GUARANTORS),
        found(*THREE, "b.txt", three, 2, GUARANTORS),
        found(*TWO, "c.txt", two, 3, GUARANTORS),
    ]
    groups = select(lists, kind_of(GUARANTORS), 0.5, lambda a, b: False)
    sentences, citations = Writer("en", "list", plain).answer(groups)
    assert [sentence.text for sentence in sentences] == [
        "Russia, Turkey and Iran [1].",
        "Two other articles name Russia and Turkey only [2][3].",
    ]
    assert citations[0].quote == THREE[0]
    sentences, _ = Writer("ar", "list", lambda text, to: "روسيا وتركيا").answer(groups)
    assert sentences[1].text == "ويذكر مقالان آخران روسيا وتركيا (Russia and Turkey) فقط [2][3]."


@pytest.mark.parametrize(
    ("words", "source", "probability"),
    [
        ("Russia and Egypt", "b.txt", 0.3),  # one member in common
        ("Russia, Turkey and Iran", "b.txt", 0.2),  # too unlikely
    ],
)
def test_other_lists_are_not_called_lists_of_the_same(words: str, source: str, probability: float) -> None:
    main = found(*TWO, "a.txt", 0.9, 1, GUARANTORS)
    other = found(f"It is said of {words} that they met.", words, source, probability, 2, GUARANTORS)
    assert len(select([main, other], "list", 0.25, lambda a, b: False)) == 1


def test_two_lists_of_one_article_are_no_two_sides() -> None:
    text = f"{TWO[0]} {THREE[0]}"
    lists = [found(text, words, "a.txt", p, 1, GUARANTORS) for words, p in ((TWO[1], 0.9), (THREE[1], 0.8))]
    assert len(select(lists, "list", 0.25, lambda a, b: False)) == 1


def test_differing_articles_are_both_shown() -> None:
    one = found("The talks took place in Geneva.", "Geneva", "a.txt", 0.9, 1)
    other = found("The talks took place in Astana.", "Astana", "b.txt", 0.8, 2)
    sentences, citations = Writer("en", "fact", plain).answer(
        select([one, other], "fact", 0.5, lambda a, b: True)
    )
    assert [s.markers for s in sentences] == [(1,), (2,)]
    assert sentences[1].text == "Another article says: Astana [2]."
    assert citations[1].quote == "The talks took place in Astana."


def test_unrelated_and_weak_statements_are_not_called_differences() -> None:
    main = found("Three documents were signed.", "Three", "a.txt", 0.9, 1)
    other = found("Five documents were signed in Geneva.", "Five", "b.txt", 0.8, 2)
    assert len(select([main, other], "fact", 0.5, lambda a, b: False)) == 1
    weak = found("Five documents were signed in Geneva.", "Five", "b.txt", 0.3, 2)
    assert len(select([main, weak], "fact", 0.5, lambda a, b: True)) == 1


def test_words_that_happen_to_stand_there_bear_nothing_out() -> None:
    main = found("The truce began at midnight on Thursday.", "midnight on Thursday", "a.txt", 0.8, 1)
    likely = found("At midnight the truce began.", "midnight", "b.txt", 0.3, 2)
    chance = found("The talks begin on Thursday.", "Thursday", "c.txt", 0.01, 3)
    [members] = select([main, likely, chance], "fact", 0.5, lambda a, b: False)
    assert [one.hit.article.source for one in members] == ["a.txt", "b.txt"]


def test_a_span_in_the_other_language_is_rendered_beside_the_original_or_quoted() -> None:
    span = found("ستبدأ المفاوضات في روسيا غدا.", "روسيا", "a.txt", 0.9, 1)
    sentences, citations = Writer("en", "fact", lambda text, to: "Russia").answer([[span]])
    assert sentences[0].text == "Russia (روسيا) [1]."
    assert citations[0].rendering == "Russia"
    sentences, citations = Writer("en", "fact", plain).answer([[span]])
    assert "In the words of the article: “ستبدأ المفاوضات في روسيا غدا”" in sentences[0].text
    assert citations[0].rendering is None


COST_2021 = "---\ntitle: The cost of the Zan bridge rises\ndate: 2021-09-30\n---\n\nThe bridge over the Zan will cost 47 million dinars, the town said."
COST_2022 = "---\ntitle: جسر الزان: الكلفة النهائية\ndate: 2022-06-19\n---\n\nبلغت كلفة جسر الزان 55 مليون دينار كما قال ديوان المحاسبة في تقريره."
ROAD_2023 = "---\ntitle: Road to the border is ready\ndate: 2023-01-02\n---\n\nThe road to the border cost 60 million dinars, the ministry said."


def costs(*articles: tuple[str, str, float]) -> list[Found]:
    made = []
    for number, (text, words, probability) in enumerate(articles, 1):
        title, stated, body = plain_markdown(text)
        article = read_text(body, f"{number}.md", date=stated, title=title)
        draft = chunk(article, lambda t: len(t.split()) + 2, 20, 200)[0]
        passage = Passage(number, article.id, 0, draft.span, draft.text, draft.sentences)
        at = draft.text.index(words)
        span = ReadSpan(Span(at, at + len(words)), words, 1.0)
        made.append(found_in(Hit(passage, article, 1.0), span, probability, "fact"))
    return made


def plain_markdown(text: str) -> tuple[str, str, str]:
    _, head, body = text.split("---\n")
    fields = dict(line.split(": ", 1) for line in head.strip().split("\n"))
    return fields["title"], fields["date"], body.strip()


def test_where_facts_changed_the_later_report_is_told_first_with_both_dates() -> None:
    sides = costs((COST_2021, "47 million dinars", 0.9), (COST_2022, "55 مليون دينار", 0.7))
    groups = select(sides, "fact", 0.5, lambda a, b: True)
    assert [group[0].hit.article.date for group in groups] == ["2022-06-19", "2021-09-30"]
    told, citations = Writer("en", "fact", lambda text, to: "55 million dinars").answer(groups)
    assert told[0].text == "As of 19 June 2022: 55 million dinars (55 مليون دينار) [1]."
    assert told[1].text == "Earlier, as of 30 September 2021: 47 million dinars [2]."
    assert [citation.date for citation in citations] == ["2022-06-19", "2021-09-30"]
    told, _ = Writer("ar", "fact", lambda text, to: "47 مليون دينار").answer(groups)
    assert told[0].text == "بتاريخ 19 حزيران/يونيو 2022: 55 مليون دينار [1]."
    assert told[1].text.startswith("وقبل ذلك بتاريخ 30 أيلول/سبتمبر 2021: 47 مليون دينار (")


@pytest.mark.parametrize(
    ("other", "words", "sides"),
    [
        ("Some 1,400 workers of the port went on strike.", "1,400 workers", 1),
        ("Four mediators of the port ended the strike.", "Four", 2),
        ("وانهى أربعة وسطاء إضراب الميناء أمس.", "أربعة", 2),
        ("The port was closed for 13 days by the strike.", "13", 1),
    ],
)
def test_numbers_of_other_things_are_no_other_side(other: str, words: str, sides: int) -> None:
    question = "How many mediators were there?"
    spans = [
        found("Three mediators of the port ended the strike.", "Three", "a.txt", 0.9, 1, question),
        found(other, words, "b.txt", 0.85, 2, question),
    ]
    assert len(select(spans, "fact", 0.2, lambda *_: True)) == sides


def test_a_later_report_of_another_matter_only_differs() -> None:
    sides = costs((COST_2021, "47 million dinars", 0.9), (ROAD_2023, "60 million dinars", 0.8))
    groups = select(sides, "fact", 0.5, lambda a, b: True)
    assert groups[0][0].hit.article.date == "2021-09-30"
    told, _ = Writer("en", "fact", plain).answer(groups)
    assert told[1].text == "Another article says: 60 million dinars [2]."


def test_reports_of_one_day_only_differ() -> None:
    same_day = COST_2022.replace("2022-06-19", "2021-09-30")
    groups = select(
        costs((COST_2021, "47 million", 0.9), (same_day, "55 مليون", 0.8)), "fact", 0.5, lambda a, b: True
    )
    told, _ = Writer("en", "fact", plain).answer(groups)
    assert groups[0][0].hit.article.source == "1.md"
    assert told[1].text.startswith("Another article")


def test_a_share_is_no_later_word_on_a_number() -> None:
    share = COST_2022.replace("55 مليون دينار", "8 في المئة من الموازنة")
    groups = select(
        costs((COST_2021, "47 million", 0.9), (share, "8 في المئة", 0.8)), "fact", 0.5, lambda a, b: True
    )
    assert groups[0][0].hit.article.date == "2021-09-30"


def test_where_a_list_has_changed_the_later_is_told_first_though_it_is_shorter() -> None:
    head = "---\ntitle: The guarantors of the Zan truce\ndate: {date}\n---\n\nThe guarantors of the Zan truce are {names}, the town said."
    before = head.format(date="2021-09-30", names="Russia, Turkey and Iran")
    after = head.format(date="2022-06-19", names="Russia and Turkey")
    sides = costs((before, "Russia, Turkey and Iran", 0.9), (after, "Russia and Turkey", 0.7))
    told, _ = Writer("en", "list", plain).answer(select(sides, "list", 0.5, lambda a, b: True))
    assert [sentence.text for sentence in told] == [
        "As of 19 June 2022: Russia and Turkey [1].",
        "Earlier, as of 30 September 2021: Russia, Turkey and Iran [2].",
    ]


@pytest.mark.parametrize(
    ("span", "kept"),
    [
        ("روسيا وتركيا وإيران أخذت على عاتقها الرقابة", "روسيا وتركيا وإيران"),
        ("روسيا، تركيا وإيران", "روسيا، تركيا وإيران"),
        ("Norway, Chad and Sweden promised to watch it", "Norway, Chad and Sweden promised to watch it"),
        ("Norway, Sweden and Oman promised to watch it", "Norway, Sweden and Oman"),
        ("Norway promised to watch it", "Norway promised to watch it"),
        ("Syria Iraq war", "Syria Iraq war"),
        ("الروسي سيرغي لافروف والتركي", "الروسي سيرغي لافروف والتركي"),
    ],
)
def test_a_list_of_places_is_told_without_what_follows(span: str, kept: str) -> None:
    mark = places_alone(f"And {span}.", Span(4, 4 + len(span)))
    assert f"And {span}."[mark.start : mark.end] == kept
    text = f"The guarantors were: {span}."
    if kept != span:
        assert found(text, span, "a.txt", 0.5, 1, "who are the guarantors?").text == kept
