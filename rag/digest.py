"""What happened in some days, where a question asks for nothing else: the latest reports, by their titles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rag.articles import cited
from rag.clean import language_of
from rag.dates import written_date
from rag.lexical import terms
from rag.markers import on_one_line
from rag.sentences import sentences
from rag.types import Article, Citation, Language, PartKind, Sentence, Span

MOST = 5  # reports told
_GENERAL = (
    "happen happens happened happening new news headline headlines event events development developments took take "
    "taken place going latest main important recent report reports say said tell "
    "حدث حصل جرى استجد الجديد جديد الأخبار أخبار خبر الأحداث أحداث المستجدات مستجدات التطورات تطورات أهم أبرز آخر"
)


@lru_cache(maxsize=1)
def _general() -> frozenset[str]:
    return frozenset(terms(_GENERAL))


def is_topicless(question: str, words: str) -> bool:
    """Whether ``question``, without its ``words`` of time, asks for the news in general."""
    return not set(terms(question.replace(words, " ", 1))) - _general()


def digest(
    articles: Sequence[Article], language: Language
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """A sentence for each dated article, in the order given: its date and title, or its first sentence."""
    told, citations = [], []
    for marker, article in enumerate(articles, 1):
        citation = cited(article, _head(article), marker)
        flat = on_one_line(citation.quote)
        if language_of(flat) != language:
            flat = f"«{flat}»" if language == "ar" else f"“{flat}”"
        told.append(Sentence(f"{written_date(article.date or '', language)}: {flat} [{marker}].", (marker,)))
        citations.append(citation)
    return tuple(told), tuple(citations)


def _head(article: Article) -> Span:
    """The title, else the first sentence of the body."""
    by_kind = {part.kind: part.span for part in reversed(article.parts)}
    if (title := by_kind.get(PartKind.TITLE)) is not None:
        return title
    start, end = by_kind.get(PartKind.BODY, Span(0, len(article.text)))
    first = next(iter(sentences(article.text[start:end])), Span(0, end - start))
    return Span(start + first.start, start + first.end)
