"""Answers and articles as HTML. Pure; the same functions draw an answer while it streams and after.

Everything that comes from an article, a question or a model passes ``escape``: no Markdown, no images,
no links, no tags. Signs that templates or a terminal could act on are escaped or dropped as well.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rag.chat.words import UiLanguage, say
from rag.types import Answer, Article, Citation, Hit, Sentence, Span

# Bidirectional controls could show text in another order than it is; other controls act on terminals.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MARKER = re.compile(r"\[(\d{1,3})\]")
_NUMBER = r"[0-9٠-٩]+(?:[.,:/٫٬–-][0-9٠-٩]+)*[%٪]?"
_LATIN = r"[A-Za-zÀ-ɏ][\w'’.&-]*(?:[ -]+[A-Za-zÀ-ɏ0-9][\w'’&-]*)*"
_ARABIC = r"[\u0620-\u06ff]+(?:[ ،-]+[\u0620-\u06ff]+)*"
_FOREIGN = {"rtl": re.compile(f"({_LATIN}|{_NUMBER})"), "ltr": re.compile(f"({_ARABIC}|{_NUMBER})")}
_LANGUAGE = {"rtl": "ar", "ltr": "en"}
NEAREST = 3  # passages shown under an abstention


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question with its answer, or with what has been written of it so far.

    Attributes:
        told: The pieces so far while ``answer`` is None.
        note: A sentence shown instead of, or under, the answer: stopped, or what went wrong.
    """

    question: str
    told: str = ""
    answer: Answer | None = None
    note: str = ""


def escape(text: str) -> str:
    """``text`` as HTML that shows exactly it, less invisible controls; safe in attributes and templates."""
    safe = html.escape(_UNSEEN.sub("", text), quote=True)
    return safe.replace("$", "&#36;").replace("{", "&#123;").replace("}", "&#125;").replace("`", "&#96;")


def direction(text: str) -> str:
    """``rtl`` or ``ltr``, by the majority of the letters; ``ltr`` without any."""
    kinds = [unicodedata.bidirectional(char) for char in text if char.isalpha()]
    return "rtl" if sum(k in ("R", "AL") for k in kinds) * 2 > len(kinds) else "ltr"


def flow(text: str, way: str) -> str:
    """One line of ``text`` escaped, with numbers and words of the other script isolated."""
    parts = _FOREIGN[way].split(text)
    return "".join(f"<bdi>{escape(part)}</bdi>" if i % 2 else escape(part) for i, part in enumerate(parts))


def paragraph(text: str, name: str = "") -> str:
    """A paragraph in its own direction."""
    way = direction(text)
    kind = f' class="{name}"' if name else ""
    return f'<p{kind} dir="{way}" lang="{_LANGUAGE[way]}">{flow(text, way)}</p>'


# ------------------------------------------------------------------ answers


def within(ui: UiLanguage, body: str) -> str:
    """``body`` in the direction of the interface, whatever the page around it says."""
    return f'<div dir="{"rtl" if ui == "ar" else "ltr"}" lang="{ui}">{body}</div>'


def empty(key: str, ui: UiLanguage) -> str:
    """A place where nothing is shown yet, saying so."""
    return within(ui, f'<div class="sanad-empty">{escape(say(key, ui))}</div>')


def transcript(exchanges: Sequence[Exchange], ui: UiLanguage) -> str:
    """The whole conversation."""
    if not exchanges:
        return empty("empty", ui)
    return within(ui, "".join(exchange_html(exchange, turn, ui) for turn, exchange in enumerate(exchanges)))


def exchange_html(exchange: Exchange, turn: int, ui: UiLanguage) -> str:
    """One exchange; ``turn`` counts from 0 and is what the buttons in it name."""
    question = paragraph(exchange.question)
    answer = exchange.answer
    if answer is not None:
        body = answer_html(answer, turn, ui)
    elif exchange.told:
        body = "".join(_lines((Sentence(exchange.told),), {}, turn, ui))
    elif exchange.note:
        body = ""
    else:
        body = f'<p class="sanad-working" role="status">{escape(say("working", ui))}<span>…</span></p>'
    note = f'<p class="sanad-note" role="alert">{escape(exchange.note)}</p>' if exchange.note else ""
    return (
        f'<section class="sanad-turn"><div class="sanad-question">{question}</div>'
        f'<div class="sanad-answer">{body}{note}</div></section>'
    )


def answer_html(answer: Answer, turn: int, ui: UiLanguage) -> str:
    """The answer with its citations, or the abstention with the nearest passages."""
    by_marker = {citation.marker: citation for citation in answer.citations}
    said = answer.sentences or (Sentence(answer.text),)
    parts = list(_lines(said, by_marker, turn, ui))
    if answer.searched != answer.question:
        way = direction(answer.searched)
        searched = f'<q dir="{way}">{flow(answer.searched, way)}</q>'
        parts.insert(0, f'<p class="sanad-searched">{escape(say("searched", ui))}: {searched}</p>')
    if answer.citations:
        cited = "".join(citation_html(c, answer, turn, ui) for c in answer.citations)
        parts.append(f'<ol class="sanad-sources">{cited}</ol>')
    if answer.abstained and answer.hits:
        near = "".join(_near(hit, i, turn, ui) for i, hit in enumerate(answer.hits[:NEAREST]))
        parts.append(
            f'<p class="sanad-label">{escape(say("nearest", ui))}</p><ul class="sanad-sources">{near}</ul>'
        )
    parts.append(_meta(answer, ui))
    return "".join(parts)


def _lines(said: Sequence[Sentence], known: dict[int, Citation], turn: int, ui: UiLanguage) -> list[str]:
    """Paragraphs of the answer; a line break inside a sentence begins a new one."""
    way = direction(" ".join(_MARKER.sub("", sentence.text) for sentence in said))
    drawn: list[list[str]] = [[]]
    for sentence in said:
        for i, line in enumerate(sentence.text.split("\n")):
            if i:
                drawn.append([])
            if line.strip():
                drawn[-1].append(_sentence(line, sentence, known, turn, ui, way))
    paragraphs = [" ".join(lines) for lines in drawn if lines]
    return [f'<p dir="{way}" lang="{_LANGUAGE[way]}">{lines}</p>' for lines in paragraphs]


def _sentence(
    line: str, sentence: Sentence, known: dict[int, Citation], turn: int, ui: UiLanguage, way: str
) -> str:
    pieces = _MARKER.split(line)
    drawn = [
        chip(int(piece), known.get(int(piece)), turn, ui) if i % 2 else flow(piece, way)
        for i, piece in enumerate(pieces)
    ]
    if sentence.verified:
        return f"<span>{''.join(drawn)}</span>"
    reason = f": {sentence.reason}" if sentence.reason else ""
    label = escape(say("unverified", ui) + reason)
    return f'<span class="sanad-unverified">{"".join(drawn)} <small>({label})</small></span>'


def chip(marker: int, citation: Citation | None, turn: int, ui: UiLanguage) -> str:
    """The numbered button of a citation; plain while the answer streams and it is not known yet."""
    if citation is None:
        return f'<span class="sanad-chip">{marker}</span>'
    label = escape(say("source", ui, marker=marker, source=citation.source))
    return (
        f'<button type="button" class="sanad-chip" data-open="{turn}:c{marker}"'
        f' aria-label="{label}" title="{escape(citation.source)}">{marker}</button>'
    )


def citation_html(citation: Citation, answer: Answer, turn: int, ui: UiLanguage) -> str:
    """The quote in its own direction, its marks, and the rendering beside it."""
    marks = [Span(m.start - citation.start, m.end - citation.start) for m in citation.marks]
    way = direction(citation.quote)
    quote = (
        f'<blockquote dir="{way}" lang="{_LANGUAGE[way]}">{marked(citation.quote, marks, way)}</blockquote>'
    )
    rendering = ""
    if citation.rendering:
        to = direction(citation.rendering)
        label = escape(say("in_answer", "ar" if to == "rtl" else "en"))
        rendering = (
            f'<p class="sanad-rendering" dir="{to}" lang="{_LANGUAGE[to]}">'
            f"<small>{label}</small> {flow(citation.rendering, to)}</p>"
        )
    also = ""
    if citation.also_in:
        names = ", ".join(f"<bdi>{escape(name)}</bdi>" for name in citation.also_in)
        also = f'<p class="sanad-also">{escape(say("also_in", ui))}: {names}</p>'
    head = f"{chip(citation.marker, citation, turn, ui)} {_origin(citation.source, citation.title, citation.date, ui)}"
    return f'<li><div class="sanad-origin">{head}</div><div class="sanad-quote">{quote}{rendering}</div>{also}</li>'


def marked(text: str, marks: Sequence[Span], way: str) -> str:
    """``text`` with ``marks`` (spans of it) highlighted; overlapping ones join, others are cut to fit."""
    drawn, at = [], 0
    for start, end in sorted(marks):
        start, end = max(start, at), min(end, len(text))
        if start < end:
            drawn += [flow(text[at:start], way), f"<mark>{flow(text[start:end], way)}</mark>"]
            at = end
    return "".join([*drawn, flow(text[at:], way)])


def _origin(source: str, title: str, date: str | None, ui: UiLanguage) -> str:
    named = f'<bdi class="sanad-title">{escape(title)}</bdi> ' if title else ""
    when = f"<bdi>{escape(date)}</bdi>" if date else escape(say("undated", ui))
    return f'{named}<bdi class="sanad-file">{escape(source)}</bdi> · <span class="sanad-date">{when}</span>'


def _near(hit: Hit, place: int, turn: int, ui: UiLanguage) -> str:
    text = hit.passage.text
    short = " ".join(text.split())
    short = short if len(short) <= 280 else short[:280].rsplit(" ", 1)[0] + "…"
    label = escape(say("show_passage", ui, source=hit.article.source))
    button = f'<button type="button" class="sanad-chip" data-open="{turn}:h{place}" aria-label="{label}">↗</button>'
    way = direction(short)
    origin = _origin(hit.article.source, hit.article.title, hit.article.date, ui)
    return (
        f'<li><div class="sanad-origin">{button} {origin}</div>'
        f'<div class="sanad-quote"><blockquote dir="{way}" lang="{_LANGUAGE[way]}">{flow(short, way)}</blockquote></div></li>'
    )


def _meta(answer: Answer, ui: UiLanguage) -> str:
    who = say(answer.generator, ui) if answer.generator in ("reader", "rule") else answer.generator
    seconds = f"{answer.timings.get('total', 0.0):.2f}"
    time = say("seconds", ui, seconds=seconds)
    return f'<p class="sanad-meta">{escape(say("by", ui))} <bdi>{escape(who)}</bdi> · <bdi>{escape(time)}</bdi></p>'


# ------------------------------------------------------------------ articles


def article_html(article: Article, span: Span | None, marks: Sequence[Span], ui: UiLanguage) -> str:
    """The whole article, paragraph by paragraph; ``span`` is highlighted, ``marks`` inside it more strongly.

    The first highlighted piece has the id ``sanad-cited``. Offsets are code points of ``article.text``.
    """
    drawn, at, first = [], 0, True
    for text in article.text.split("\n\n"):
        here = _within(span, at, len(text)) if span else None
        inner = [m for m in (_within(mark, at, len(text)) for mark in marks) if m]
        way = direction(text)
        body, first = _cited(text, here, inner, way, first, ui)
        drawn.append(f'<p dir="{way}" lang="{_LANGUAGE[way]}">{body}</p>')
        at += len(text) + 2
    origin = _origin(article.source, article.title, article.date, ui)
    return within(
        ui,
        f'<article class="sanad-article" aria-label="{escape(say("article", ui))}">'
        f'<header class="sanad-origin">{origin}</header>{"".join(drawn)}</article>',
    )


def _within(span: Span, at: int, length: int) -> Span | None:
    """The part of ``span`` inside the paragraph that begins at ``at``, counted from there."""
    start, end = max(span.start - at, 0), min(span.end - at, length)
    return Span(start, end) if start < end else None


def _cited(
    text: str, here: Span | None, marks: Sequence[Span], way: str, first: bool, ui: UiLanguage
) -> tuple[str, bool]:
    if here is None:
        return flow(text, way), first
    inside = [Span(m.start - here.start, m.end - here.start) for m in marks]
    body = marked(text[here.start : here.end], inside, way)
    name = ' id="sanad-cited" tabindex="-1"' if first else ""
    cited = f'<span class="sanad-cited"{name} role="mark">{body}</span>'
    return flow(text[: here.start], way) + cited + flow(text[here.end :], way), False
