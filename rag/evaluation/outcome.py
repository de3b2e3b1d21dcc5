"""What became of one question: its answer, held against the gold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.evaluation.gold import locate, supports
from rag.evaluation.judge import Accepted, gives_any, words
from rag.evaluation.questions import Gold, Question, Side
from rag.metrics import precision_recall
from rag.types import Answer, Article, Citation, Hit, Span

Verdict = Literal["right", "in quote", "wrong", "missed", "abstained", "corrected", "hallucinated"]
FIRST = 5  # hits that passage recall looks at
Find = Callable[[str], Article | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question's answer with what is true of it.

    Attributes:
        direction: Language of the question and of the articles it is about, ``en→ar``; ``en→–`` off topic.
        verdict: ``right``: in the answer's words; ``in quote``: only in the sentences it cites;
            ``wrong``; ``missed``: abstained though answerable. For unanswerable questions
            ``abstained``, ``corrected`` (a false premise, answered by how it is) or ``hallucinated``.
        articles: Share of the gold articles among the hits; None without gold.
        passages: Whether one of the first five hits holds a gold quote (share of the sides, where
            articles disagree); None without gold.
        precision, recall: Of the citations, by span (see ``metrics.precision_recall``); recall counts
            sides where articles disagree, else one gold quote shown is enough. None without gold.
        coverage: Share of all gold quotes that are cited; None without gold.
        said: Whether the answer's text gives an accepted answer in either language, so in the article's own
            words too; the sentences under it do not count. None where nothing is to be answered.
        first: Whether the answer's first sentence, or a quote under it, gives an accepted answer; None
            where nothing is to be answered.
        sides: Share of the sides of a disagreement that the answer or its quotes give; None without.
        confidence: 0 to 1: the answer's own, else the best citation's score.
        seconds: From question to answer.
    """

    question: Question
    answer: Answer
    direction: str
    verdict: Verdict
    articles: float | None
    passages: float | None
    precision: float | None
    recall: float | None
    coverage: float | None
    said: bool | None
    first: bool | None
    sides: float | None
    confidence: float
    seconds: float

    @property
    def good(self) -> bool:
        """Whether what the answer itself says is right, or rightly nothing."""
        return bool(self.said) or self.verdict in ("abstained", "corrected")


class GoldPlaces:
    """The gold quotes of a question as spans of the articles that are indexed."""

    def __init__(self, golds: Sequence[Gold], find: Find) -> None:
        self._places: list[tuple[str, tuple[Span, ...]]] = []
        for gold in golds:
            article = find(gold.source)
            self._places.append((article.id, locate(gold.quote, article.text)) if article else ("", ()))

    def __len__(self) -> int:
        return len(self._places)

    def shown_by(self, article_id: str, span: Span) -> frozenset[int]:
        """Numbers of the quotes that a stretch of an article shows."""
        return frozenset(
            number
            for number, (article, spans) in enumerate(self._places)
            if article == article_id and any(supports(span, place) for place in spans)
        )


def judge(question: Question, answer: Answer, find: Find, seconds: float) -> Outcome:
    """Holds an answer against the gold; ``find`` gives the article of a source."""
    cited = cited_text(answer.citations)
    verdict = _verdict(question, answer, cited, find)
    retrieved = _retrieval(question, answer.hits, find) if question.gold else (None, None)
    precision, recall, coverage = _citations(question, answer, find) if question.gold else (None, None, None)
    sides = [_side_shown(side, answer.text + " \n " + cited) for side in question.must_differ]
    return Outcome(
        question=question, answer=answer, direction=direction(question, find), verdict=verdict,
        articles=retrieved[0], passages=retrieved[1], precision=precision, recall=recall, coverage=coverage,
        said=gives_any(_accepted(question.answers), answer.text) if question.answerable else None,
        first=_first(question, answer) if question.answerable else None,
        sides=sum(sides) / len(sides) if sides else None, confidence=confidence_of(answer), seconds=seconds,
    )  # fmt: skip


def cited_text(citations: Sequence[Citation]) -> str:
    """The quotes under an answer, one a line."""
    return " \n ".join(citation.quote for citation in citations)


def _accepted(answers: Mapping[str, Sequence[Accepted]]) -> list[Accepted]:
    return [answer for language in answers.values() for answer in language]


def _side_shown(side: Side, text: str) -> bool:
    return gives_any(_accepted(side.answers), text)


def _verdict(question: Question, answer: Answer, cited: str, find: Find) -> Verdict:
    if answer.abstained:
        return "missed" if question.answerable else "abstained"
    if not question.answerable:
        return "corrected" if _corrects(question, answer, find) else "hallucinated"
    accepted = _accepted(question.answers)
    own = question.answers.get(answer.language, ())
    if gives_any(own, answer.text):
        return "right"
    return "in quote" if gives_any(accepted, f"{answer.text} \n {cited}") else "wrong"


def _first(question: Question, answer: Answer) -> bool:
    if answer.abstained or not answer.sentences:
        return False
    first = answer.sentences[0]
    under = [citation for citation in answer.citations if citation.marker in first.markers]
    return gives_any(_accepted(question.answers), f"{first.text} \n {cited_text(under)}")


def _corrects(question: Question, answer: Answer, find: Find) -> bool:
    """Whether the answer tells how it is: it cites that, and is no mere name or number out of it."""
    places = GoldPlaces(question.corrected_by, find)
    shown = {n for c in answer.citations for n in places.shown_by(c.article_id, Span(c.start, c.end))}
    told = len(words(answer.text))
    return any(2 * told >= len(words(question.corrected_by[number].quote)) for number in shown)


def _retrieval(question: Question, hits: Sequence[Hit], find: Find) -> tuple[float, float]:
    wanted = question.sources
    found = {hit.article.source for hit in hits} | {source for hit in hits for source in hit.also_in}
    places = GoldPlaces(question.gold, find)
    shown: set[int] = set()
    for hit in hits[:FIRST]:
        shown |= places.shown_by(hit.article.id, hit.passage.span)
    return len(wanted & found) / len(wanted), _enough(question, shown)


def _enough(question: Question, shown: set[int]) -> float:
    """1 when a gold quote is shown; where articles disagree, the share of the sides that are."""
    if not question.must_differ:
        return float(bool(shown))
    sources = {question.gold[number].source for number in shown}
    return sum(bool(sources & set(side.sources)) for side in question.must_differ) / len(question.must_differ)


def _citations(question: Question, answer: Answer, find: Find) -> tuple[float, float, float]:
    places = GoldPlaces(question.gold, find)
    shown = [places.shown_by(c.article_id, Span(c.start, c.end)) for c in answer.citations]
    every = {number for numbers in shown for number in numbers}
    precision, coverage = precision_recall(sum(map(bool, shown)), len(shown), len(every), len(places))
    return precision, _enough(question, every), coverage


def confidence_of(answer: Answer) -> float:
    if answer.confidence is not None:
        return answer.confidence
    return min(1.0, max((c.score for c in answer.citations), default=0.0))


def direction(question: Question, find: Find) -> str:
    """``en→ar``: an English question about Arabic articles; ``+`` joins several languages."""
    languages = sorted({article.language for source in question.near if (article := find(source))})
    return f"{question.language}→{'+'.join(languages) or '–'}"
