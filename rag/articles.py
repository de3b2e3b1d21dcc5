"""Articles as a whole: finding one by its name, listing them, summing one up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.clean import fold
from rag.errors import InputError
from rag.markers import on_one_line
from rag.types import Article, Citation, Language, PartKind, Sentence, Span

if TYPE_CHECKING:
    from rag.protocols import Embedder


def found_article(articles: Sequence[Article], key: str) -> Article:
    """The article of an id, a source, or the start of an id or file name; "3" means 003.

    Raises:
        InputError: None or several fit.
    """
    wanted = fold(key)
    exact = [a for a in articles if wanted in (fold(a.id), fold(a.source))]
    near = exact or [
        a
        for a in articles
        if wanted and (fold(a.id).startswith(wanted) or fold(a.source.rsplit("/", 1)[-1]).startswith(wanted))
    ]
    if not near and wanted.isdigit():  # "article 3" means 003
        near = [a for a in articles if (m := re.match(r"\d+", a.source)) and int(m[0]) == int(wanted)]
    if len(near) == 1:
        return near[0]
    names = ", ".join(a.source for a in (near or articles)[:8])
    if near:
        raise InputError(f"{key!r} fits {len(near)} articles: {names}. Name one of them.")
    raise InputError(f"There is no article {key!r}. There are: {names or 'none'}.")


def listing(articles: Sequence[Article], language: Language) -> str:
    """One line for each article."""
    head = "المقالات:" if language == "ar" else "The articles:"
    lines = []
    for article in articles:
        first = next((p.span for p in article.parts if p.kind is PartKind.BODY), Span(0, 80))
        label = article.title or article.text[first.start : first.end][:80].rsplit(" ", 1)[0] + "…"
        lines.append(f"- {article.source}{f' ({article.date})' if article.date else ''}: {label}")
    return "\n".join([head, *lines])


def summary(
    article: Article, spans: Sequence[Span], embedder: Embedder
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """The three sentences of an article that say most: nearest to the mean of all, the first kept, in order.

    Args:
        spans: Its sentences, as its passages have them.

    Raises:
        InputError: It has none.
    """
    spans = list(dict.fromkeys(spans))
    if not spans:
        raise InputError(f"{article.source} holds no sentence that could be summed up.")
    title = [part.span for part in article.parts if part.kind is PartKind.TITLE]
    spans = [s for s in spans if s not in title and s.end - s.start > 30] or spans
    vectors = embedder.embed_passages([article.text[s.start : s.end] for s in spans])
    centre = vectors.mean(axis=0)
    rest = sorted(range(1, len(spans)), key=lambda i: -float(vectors[i] @ centre))
    citations = tuple(cited(article, spans[i], marker) for marker, i in enumerate(sorted([0, *rest[:2]]), 1))
    told = (Sentence(f"{on_one_line(c.quote)} [{c.marker}].", (c.marker,)) for c in citations)
    return tuple(told), citations


def cited(article: Article, span: Span, marker: int) -> Citation:
    """A citation of words that are all told."""
    return Citation(
        marker, article.id, article.source, article.title, article.date, *span,
        article.text[span.start : span.end], 1.0, (span,),
    )  # fmt: skip
