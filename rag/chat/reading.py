"""Articles as HTML: one with what is cited highlighted, and the list of them. Pure, as ``render``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.chat.bidi import attribute, direction, escape, inline, phrase
from rag.chat.render import place
from rag.chat.words import Tongue, words
from rag.types import Article, PartKind, Span

WINDOW = 60_000  # characters of a long article drawn on each side of what is cited


def article_html(article: Article, tongue: Tongue, span: Span | None = None) -> str:
    """The whole article with ``span`` highlighted; the text is cut at code points, here and not in the page."""
    said = words(tongue)
    start, end = _within(article, span)
    low, high = _window(len(article.text), start, end)
    body = "".join(_article_parts(article, Span(start, end), low, high))
    note = f'<p class="state">{escape(said["part"])}</p>' if high - low < len(article.text) else ""
    language = escape(said[article.language])
    title = article.title or opening(article)
    base = direction(title)
    date = f' · <time dir="ltr">{attribute(article.date)}</time>' if article.date else ""
    return (
        f'<header class="panel-head"><div><h2 tabindex="-1" dir="{base}">{inline(title, base)}</h2>'
        f'<p class="where">{phrase(article.source)}{date} · {language}</p></div>'
        f'<button type="button" class="close" aria-label="{escape(said["close"])}">×</button></header>'
        f'<div class="text">{note}{body}</div>'
    )


def _within(article: Article, span: Span | None) -> tuple[int, int]:
    if span is None:
        return 0, 0
    start = max(0, min(span.start, len(article.text)))
    return start, max(start, min(span.end, len(article.text)))


def _window(length: int, start: int, end: int) -> tuple[int, int]:
    if length <= 2 * WINDOW:
        return 0, length
    return max(0, start - WINDOW), min(length, end + WINDOW)


def _article_parts(article: Article, span: Span, low: int, high: int) -> Iterator[str]:
    first = True
    for part, kind in _stretches(article):
        start, end = max(part.start, low), min(part.end, high)
        if start >= end or not article.text[start:end].strip():
            continue
        base = direction(article.text[start:end])
        pieces = []
        for a, b, inside in _cut(start, end, span):
            text = inline(article.text[a:b], base).replace("\n", "<br>")
            if inside and a < b:
                # The first of several marked pieces is the one that is scrolled to.
                text = f'<mark class="cited"{" data-first" if first else ""}>{text}</mark>'
                first = False
            pieces.append(text)
        yield f'<p class="{kind}" dir="{base}">{"".join(pieces)}</p>'


def _stretches(article: Article) -> Iterator[tuple[Span, str]]:
    """The parts with their kinds, and what lies between them, so that no character is left out."""
    done = 0
    for part in sorted(article.parts, key=lambda part: part.span.start):
        start, end = max(part.span.start, done), part.span.end
        if start >= end:
            continue
        if done < start:
            yield Span(done, start), PartKind.BODY.value
        yield Span(start, end), part.kind.value
        done = end
    if done < len(article.text):
        yield Span(done, len(article.text)), PartKind.BODY.value


def _cut(start: int, end: int, span: Span) -> list[tuple[int, int, bool]]:
    first, last = max(start, span.start), min(end, span.end)
    if first >= last:
        return [(start, end, False)]
    return [(start, first, False), (first, last, True), (last, end, False)]


def articles_html(
    articles: Sequence[tuple[Article, int]], tongue: Tongue, offset: int = 0, total: int | None = None
) -> str:
    """One page of the list of articles, each with the number of its passages.

    Args:
        offset: Of its first article in the whole list.
        total: Articles of the whole list; None where this page is all.
    """
    said = words(tongue)
    if not articles:
        return f'<p class="state">{escape(said["no_articles"])}</p>'
    end = offset + len(articles)
    total = end if total is None else total
    heads = "".join(
        f'<th scope="col">{escape(said[h])}</th>' for h in ("title", "language", "date", "passages")
    )
    rows = "".join(_row(article, count, said) for article, count in articles)
    return (
        f'<table class="list"><thead><tr>{heads}<th><span class="sr">{escape(said["view"])}</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{_pages(offset, end, total, said)}"
    )


def _pages(offset: int, end: int, total: int, said: dict[str, str]) -> str:
    """Which part of the list is shown, and buttons to the parts before and after."""
    count = end - offset
    steps = [("earlier", max(0, offset - count))] if offset else []
    if end < total:
        steps.append(("later", end))
    buttons = "".join(
        f'<button type="button" data-offset="{start}">{escape(said[name])}</button>' for name, start in steps
    )
    shown = escape(said["of_articles"].format(first=offset + 1, last=end, total=total))
    return f'<p class="state pages"><span>{shown}</span>{buttons}</p>'


def _row(article: Article, passages: int, said: dict[str, str]) -> str:
    title = article.title or opening(article)
    return (
        f'<tr data-source="{attribute(article.source)}"><td>{phrase(title)}<br><small>{phrase(article.source)}'
        f"</small></td><td>{escape(said[article.language])}</td>"
        f'<td><time dir="ltr">{attribute(article.date or "–")}</time></td><td class="number">{passages}</td>'
        f'<td class="actions"><button type="button" class="view" {place(article.id, 0, 0)}>{escape(said["view"])}'
        f'</button><button type="button" class="remove" data-remove="{attribute(article.id)}" '
        f'aria-label="{attribute(said["delete"] + ": " + title)}">{escape(said["delete"])}</button></td></tr>'
    )


def opening(article: Article, length: int = 90) -> str:
    """The first words of an article's body, for one that states no title."""
    body = next((part.span for part in article.parts if part.kind is PartKind.BODY), Span(0, length))
    text = " ".join(article.text[body.start : body.end].split())
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]}…"
