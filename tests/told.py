"""Small articles and hits written by hand, for the tests of everything that answers from hits."""

from __future__ import annotations

from rag.clean import language_of
from rag.sentences import sentences
from rag.types import Article, Hit, Passage, Span

TALKS_EN = (
    "Maria Keller announced the agreement in Geneva on 14 March. "
    "Seven documents were signed by Norway and Chad. "
    "The agreement does not include the northern provinces."
)
TALKS_AR = (
    "أعلن وزير الدفاع سيرغي شويغو أن 62 ألف مقاتل وقعوا الاتفاق. "
    "ولن يشمل الاتفاق تنظيم داعش. "
    "وتبدأ المفاوضات في أستانا يوم 23 يناير."
)


def hit(text: str, *, title: str = "", date: str | None = None, name: str = "a", number: int = 0) -> Hit:
    """A hit on an article that is one passage."""
    article = Article(f"{name}-id", f"{name}.txt", title, text, language_of(text), date, (), "")
    passage = Passage(number, article.id, number, Span(0, len(text)), text, sentences(text))
    return Hit(passage, article, 1.0)
