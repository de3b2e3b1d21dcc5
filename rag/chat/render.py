"""One exchange, or one article, as HTML. The same functions draw an answer while it streams, when it is
done, and when it is read back after a reload.

Pure: values in, strings out. No text of an article, a model or an asker reaches the page but through
``bidi``; there is no Markdown, no image and no link here, so there is nothing that a browser would fetch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rag.chat.bidi import Direction, attribute, direction, escape, inline, paragraphs, phrase
from rag.chat.shown import Near, Shown
from rag.chat.words import Tongue, words
from rag.types import Article, Citation, Language, PartKind, Sentence, Span

_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_BRACKETS = re.compile(r"\([^()]*\)|“[^“”]*”|«[^«»]*»")
WINDOW = 60_000  # characters of a long article drawn on each side of what is cited
EXAMPLES = {
    "en": ("Who are the guarantors?", "When will the talks be held?", "ماذا قال كيري عن الاتفاق؟"),
    "ar": ("من هي الدول الضامنة؟", "متى تعقد المفاوضات؟", "Who announced the ceasefire?"),
}

Chip = Callable[[int], str]


# ------------------------------------------------------------------ an answer


def turn_html(turn: Shown, tongue: Tongue, key: str = "") -> str:
    """A finished exchange; ``key`` names it for thumbs (``conversation:position``)."""
    return (
        f'<article class="turn" data-turn="{attribute(key)}">{question_html(turn.question, tongue)}'
        f'<div class="answer {turn.state}{" abstained" if turn.abstained else ""}">{_answer(turn, tongue)}'
        f"{_foot(turn, tongue, key)}</div></article>"
    )


def draft_html(question: str, text: str, tongue: Tongue) -> str:
    """An exchange while it is written: markers are inert, and it says that nothing was checked yet."""
    said = words(tongue)
    state = said["draft"] if text else said["searching"]
    body = flowing([Sentence(text)], lambda n: f'<span class="chip inert">{n}</span>', said) if text else ""
    return (
        f'<article class="turn">{question_html(question, tongue)}<div class="answer draft" aria-busy="true">'
        f'{body}<p class="state" role="status"><span class="pulse" aria-hidden="true"></span>{escape(state)}</p>'
        "</div></article>"
    )


def question_html(question: str, tongue: Tongue) -> str:
    """What was asked."""
    you = escape(words(tongue)["you"])
    return f'<div class="asked"><span class="sr">{you}: </span>{paragraphs(question)}</div>'


def welcome_html(tongue: Tongue) -> str:
    """What an empty conversation shows; the examples fill the question box."""
    said = words(tongue)
    examples = "".join(
        f'<button type="button" class="example" dir="{direction(text)}" data-example="{attribute(text)}">'
        f"{inline(text, direction(text))}</button>"
        for text in EXAMPLES[tongue]
    )
    return (
        f'<div class="welcome"><h2>{escape(said["welcome"])}</h2><p>{escape(said["welcome_more"])}</p>'
        f'<div class="examples">{examples}</div></div>'
    )


def error_html(message: str, tongue: Tongue) -> str:
    """What went wrong, as its error says it."""
    head = escape(words(tongue)["failed"])
    return f'<div class="notice" role="alert"><strong>{head}</strong>{paragraphs(message)}</div>'


def _answer(turn: Shown, tongue: Tongue) -> str:
    said = words(tongue)
    if turn.state == "failed":
        return error_html(turn.text, tongue)
    by_marker = {citation.marker: citation for citation in turn.citations}

    def chip(number: int) -> str:
        citation = by_marker.get(number)
        return chip_html(citation, tongue) if citation else ""

    # What was stopped was never cited: its markers are the model's own.
    sentences = turn.sentences or (Sentence(turn.text),)
    if turn.state == "stopped":
        note = f'<p class="state">{escape(said["stopped"])}</p>'
        return flowing([Sentence(turn.text)], lambda _: "", said, turn.language) + note
    return (
        flowing(sentences, chip, said, turn.language)
        + "".join(_searched(turn, said))
        + citations_html(turn.citations, tongue)
        + (nearest_html(turn.nearest, tongue) if turn.abstained else "")
    )


def flowing(
    sentences: Sequence[Sentence], chip: Chip, said: dict[str, str], language: Language = "en"
) -> str:
    """Sentences as paragraphs, each with the direction of most of its letters.

    What stands in brackets or is quoted does not count: ``62,000 (62 ألف)`` is an English answer with its
    original.
    Without other letters the answer's ``language`` decides.
    """
    lines: list[list[tuple[str, Sentence]]] = [[]]
    for sentence in sentences:
        for i, part in enumerate(sentence.text.split("\n")):
            if i:
                lines.append([])
            if part.strip():
                lines[-1].append((part, sentence))
    out = []
    for line in lines:
        if line:
            base = _direction(" ".join(part for part, _ in line), language)
            body = " ".join(_sentence(part, sentence, base, chip, said) for part, sentence in line)
            out.append(f'<p dir="{base}">{body}</p>')
    return "".join(out)


def _direction(text: str, language: Language) -> Direction:
    bare = _BRACKETS.sub("", _MARKER.sub("", text))
    if any(char.isalpha() for char in bare):
        return direction(bare)
    return "rtl" if language == "ar" else "ltr"


def _sentence(part: str, sentence: Sentence, base: Direction, chip: Chip, said: dict[str, str]) -> str:
    pieces: list[str] = []
    done = 0
    for match in _MARKER.finditer(part):
        pieces.append(inline(part[done : match.start()], base))
        pieces.append(chip(int(match[1])))
        done = match.end()
    pieces.append(inline(part[done:], base))
    body = "".join(pieces)
    if sentence.verified:
        return body
    reason = f": {sentence.reason}" if sentence.reason else ""
    note = f"{said['unverified']}{reason}"
    return f'<span class="unverified">{body}<small class="why" dir="auto">{inline(note, base)}</small></span>'


def chip_html(citation: Citation, tongue: Tongue) -> str:
    """The numbered button that opens a citation in its article."""
    named = ", ".join(part for part in (citation.title or citation.source, citation.date) if part)
    label = words(tongue)["open_source"].format(n=citation.marker, title=named)
    return (
        f'<button type="button" class="chip" {_place(citation.article_id, citation.start, citation.end)} '
        f'aria-label="{attribute(label)}" title="{attribute(named)}">{citation.marker}</button>'
    )


def _place(article_id: str, start: int, end: int) -> str:
    return f'data-article="{attribute(article_id)}" data-start="{int(start)}" data-end="{int(end)}"'


def _searched(turn: Shown, said: dict[str, str]) -> Iterator[str]:
    if " ".join(turn.searched.split()) != " ".join(turn.question.split()):
        yield f'<p class="searched"><span>{escape(said["searched"])}: </span>{phrase(turn.searched)}</p>'
    if turn.period:
        yield f'<p class="searched">{phrase(turn.period)}</p>'


def citations_html(citations: Sequence[Citation], tongue: Tongue) -> str:
    """The quotes, numbered, each in its own direction, its rendering beside it."""
    if not citations:
        return ""
    head = escape(words(tongue)["sources"])
    items = "".join(_citation(citation, tongue) for citation in citations)
    return f'<section class="sources" aria-label="{head}"><h3>{head}</h3><ol>{items}</ol></section>'


def _citation(citation: Citation, tongue: Tongue) -> str:
    said = words(tongue)
    base = direction(citation.quote)
    body = marked(citation.quote, citation.start, citation.marks, base)
    rendering = ""
    if citation.rendering:
        other = direction(citation.rendering)
        rendering = (
            f'<p class="rendering" dir="{other}"><span class="label">{escape(said["rendering"])}</span> '
            f"{inline(citation.rendering, other)}</p>"
        )
    also = ""
    if citation.also_in:
        names = "، " if tongue == "ar" else ", "
        listed = names.join(phrase(source) for source in citation.also_in)
        also = f'<p class="also">{escape(said["also_in"])}: {listed}</p>'
    return (
        f'<li>{chip_html(citation, tongue)}<div><p class="where">{where(citation)}</p>'
        f'<div class="pair"><blockquote dir="{base}">{body}</blockquote>{rendering}</div>{also}</div></li>'
    )


def where(place: Citation | Near | Article) -> str:
    """Title, source and date of an article, each with its own direction."""
    parts = [f"<strong>{phrase(place.title)}</strong>" if place.title else "", phrase(place.source)]
    if place.date:
        parts.append(f'<time dir="ltr">{attribute(place.date)}</time>')
    return " · ".join(part for part in parts if part)


def marked(text: str, offset: int, marks: Sequence[Span], base: Direction) -> str:
    """``text`` with the words of ``marks`` marked; it begins at ``offset`` of the marks' text."""
    out: list[str] = []
    done = 0
    for start, end in sorted(marks):
        first, last = max(start - offset, done), min(end - offset, len(text))
        if first < last:
            out += [inline(text[done:first], base), f"<mark>{inline(text[first:last], base)}</mark>"]
            done = last
    return "".join([*out, inline(text[done:], base)])


def nearest_html(nearest: Sequence[Near], tongue: Tongue) -> str:
    """What an abstention shows instead of sources."""
    if not nearest:
        return ""
    said = words(tongue)
    items = []
    for near in nearest:
        text = " ".join(near.text.split())
        short = text if len(text) <= 260 else f"{text[:260].rsplit(' ', 1)[0]}…"
        base = direction(short)
        label = said["open_passage"].format(title=near.title or near.source)
        items.append(
            f'<li><button type="button" class="open" {_place(near.article_id, near.start, near.end)} '
            f'aria-label="{attribute(label)}"><span class="where">{where(near)}</span>'
            f'<span class="passage" dir="{base}">{inline(short, base)}</span></button></li>'
        )
    head = escape(said["nearest"])
    return f'<section class="nearest"><h3>{head}</h3><ul>{"".join(items)}</ul></section>'


def _foot(turn: Shown, tongue: Tongue, key: str) -> str:
    said = words(tongue)
    by = attribute(said.get(f"by_{turn.generator}", turn.generator))
    took = escape(said["seconds"].format(n=f"{turn.seconds:.2f}")) if turn.seconds else ""
    facts = " · ".join(f"<span>{fact}</span>" for fact in (by, f"<bdi>{took}</bdi>" if took else "") if fact)
    if not key or turn.state != "done":
        return f'<footer class="foot">{facts}</footer>'
    thumbs = "".join(
        f'<button type="button" class="thumb" data-thumb="{kind}" aria-pressed="{str(turn.thumb == kind).lower()}" '
        f'aria-label="{escape(said[kind])}" title="{escape(said[kind])}">{sign}</button>'
        for kind, sign in (("up", "👍"), ("down", "👎"))
    )
    remark = (
        f'<form class="remark" hidden><input type="text" maxlength="1000" dir="auto" '
        f'aria-label="{escape(said["remark"])}" placeholder="{escape(said["remark"])}">'
        f'<button type="submit">{escape(said["send"])}</button></form><span class="thanks" role="status"></span>'
    )
    return f'<footer class="foot">{facts}<span class="thumbs">{thumbs}</span>{remark}</footer>'


# ------------------------------------------------------------------ an article


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


def articles_html(articles: Sequence[tuple[Article, int]], tongue: Tongue) -> str:
    """The list of articles, each with the number of its passages."""
    said = words(tongue)
    if not articles:
        return f'<p class="state">{escape(said["no_articles"])}</p>'
    heads = "".join(
        f'<th scope="col">{escape(said[h])}</th>' for h in ("title", "language", "date", "passages")
    )
    rows = "".join(_row(article, count, said) for article, count in articles)
    return (
        f'<table class="list"><thead><tr>{heads}<th><span class="sr">{escape(said["view"])}</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(article: Article, passages: int, said: dict[str, str]) -> str:
    title = article.title or opening(article)
    return (
        f'<tr data-source="{attribute(article.source)}"><td>{phrase(title)}<br><small>{phrase(article.source)}'
        f"</small></td><td>{escape(said[article.language])}</td>"
        f'<td><time dir="ltr">{attribute(article.date or "–")}</time></td><td class="number">{passages}</td>'
        f'<td class="actions"><button type="button" class="view" {_place(article.id, 0, 0)}>{escape(said["view"])}'
        f'</button><button type="button" class="remove" data-remove="{attribute(article.id)}" '
        f'aria-label="{attribute(said["delete"] + ": " + title)}">{escape(said["delete"])}</button></td></tr>'
    )


def opening(article: Article, length: int = 90) -> str:
    """The first words of an article's body, for one that states no title."""
    body = next((part.span for part in article.parts if part.kind is PartKind.BODY), Span(0, length))
    text = " ".join(article.text[body.start : body.end].split())
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]}…"
