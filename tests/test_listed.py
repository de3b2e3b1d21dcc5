"""Articles that name the same list where the reader marked other words."""

from __future__ import annotations

import pytest
from test_compose import found, hit

from rag.listed import named_elsewhere

ASKED = "who are the guarantors?"
TWO = found("The guarantors are Russia and Turkey.", "Russia and Turkey", "a.txt", 0.4, 1, ASKED)
TWO_AR = found("روسيا وتركيا ضامنتان للهدنة.", "روسيا وتركيا", "a.txt", 0.4, 1, ASKED)


def guarantors(text: str) -> float:
    return float("guarant" in text or "ضامن" in text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Turkey and Russia act as guarantors of the truce, the ministry said.", "Turkey and Russia"),
        ("قالت الوزارة اليوم إن تركيا وروسيا ضامنتان للهدنة.", "تركيا وروسيا"),
        ("They met on Monday. The guarantors, Russia and Turkey, spoke.", "Russia and Turkey"),
    ],
)
def test_a_sentence_with_the_same_names_together_counts(text: str, words: str) -> None:
    other = hit(text, "b.txt", 2)
    two = TWO if words.isascii() else TWO_AR
    (more,) = named_elsewhere([two], [two.hit, other], guarantors)
    assert (more.hit, more.text, more.key) == (other, words, two.key)
    assert other.article.text[more.mark.start : more.mark.end] == words
    assert more.sentence.start <= more.mark.start < more.mark.end <= more.sentence.end
    assert 0 < more.probability < TWO.probability


@pytest.mark.parametrize(
    "text",
    [
        "Russia and Turkey signed a contract for gas.",  # not about what is asked
        "The guarantors met: Russia spoke first, and an hour later Turkey left.",  # not together
        "The guarantors are Russia and Iran.",  # other names
        "The guarantors are Russia, Turkey and Qatar.",  # a list that goes on, or began before
        "The guarantors are Qatar, Russia and Turkey.",
        "الدول الضامنة هي قطر وروسيا وتركيا.",
        "قال إن الدول الضامنة هي روسيا وتركيا وقطر.",
        "الدول الضامنة هي قطر، روسيا وتركيا.",
        "The guarantors are Russia, Turkey and Iran.",  # more names, though these two stand together
    ],
)
def test_others_do_not(text: str) -> None:
    longer = "The guarantors are Russia, Turkey and Iran."
    spans = [TWO if text.isascii() else TWO_AR]
    if text == longer:
        spans.append(found(longer, "Russia, Turkey and Iran", "b.txt", 0.3, 2, ASKED))
    other = spans[1].hit if text == longer else hit(text, "b.txt", 2)
    assert named_elsewhere(spans, [spans[0].hit, other], guarantors) == []


def test_an_article_is_counted_once_and_single_names_never() -> None:
    assert named_elsewhere([], [TWO.hit], guarantors) == []
    assert named_elsewhere([TWO], [TWO.hit], guarantors) == []
    one = found("The guarantor is Russia.", "Russia", "c.txt", 0.9, 3, ASKED)
    assert named_elsewhere([one], [hit("Russia guarantees it.", "d.txt", 4)], guarantors) == []
    twice = hit("The guarantors are Turkey and Russia. Russia and Turkey are guarantors.", "e.txt", 5)
    assert len(named_elsewhere([TWO], [twice, twice], guarantors)) == 1
