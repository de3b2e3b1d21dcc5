"""Spans to answers: merging, lists, differing sources."""

from __future__ import annotations

import pytest

from rag.chunk import chunk
from rag.compose import Found, Writer, found_in, kind_of, select, widen
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


def test_equal_spans_of_two_articles_are_one_statement_with_two_markers() -> None:
    left = found("قال الوزير سيرغي شويغو إن الاتفاق وقع.", "سيرغي شويغو", "a.txt", 0.9, 1)
    right = found("وأكد سيرجي شويجو أن الاتفاق مهم جدا.", "سيرجي شويجو", "b.txt", 0.8, 2)
    groups = select([left, right], "fact", 0.5, lambda a, b: True)
    assert len(groups) == 1
    sentences, citations = Writer("ar", "fact", plain).answer(groups)
    assert [s.markers for s in sentences] == [(1, 2)]
    assert [c.source for c in citations] == ["a.txt", "b.txt"]


def test_differing_articles_are_both_shown() -> None:
    question = "who are the guarantors?"
    two = found("The guarantors are Russia and Turkey.", "Russia and Turkey", "a.txt", 0.9, 1, question)
    three = found(
        "The guarantors: Russia, Turkey and Iran.", "Russia, Turkey and Iran", "b.txt", 0.8, 2, question
    )
    groups = select([two, three], kind_of(question), 0.5, lambda a, b: True)
    sentences, citations = Writer("en", "list", plain).answer(groups)
    assert [s.markers for s in sentences] == [(1,), (2,)]
    assert "Iran" in sentences[1].text
    assert "Another article" in sentences[1].text
    assert citations[1].quote == "The guarantors: Russia, Turkey and Iran."


def test_unrelated_and_weak_statements_are_not_called_differences() -> None:
    main = found("Three documents were signed.", "Three", "a.txt", 0.9, 1)
    other = found("Five documents were signed in Geneva.", "Five", "b.txt", 0.8, 2)
    assert len(select([main, other], "fact", 0.5, lambda a, b: False)) == 1
    weak = found("Five documents were signed in Geneva.", "Five", "b.txt", 0.3, 2)
    assert len(select([main, weak], "fact", 0.5, lambda a, b: True)) == 1


def test_a_span_in_the_other_language_is_rendered_beside_the_original_or_quoted() -> None:
    span = found("ستبدأ المفاوضات في روسيا غدا.", "روسيا", "a.txt", 0.9, 1)
    sentences, citations = Writer("en", "fact", lambda text, to: "Russia").answer([[span]])
    assert sentences[0].text == "Russia (روسيا) [1]."
    assert citations[0].rendering == "Russia"
    sentences, citations = Writer("en", "fact", plain).answer([[span]])
    assert "In the words of the article: “ستبدأ المفاوضات في روسيا غدا”" in sentences[0].text
    assert citations[0].rendering is None
