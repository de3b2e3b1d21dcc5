"""One exchange as HTML. The same functions draw an answer while it streams, when it is done, and when it is
read back after a reload.

Pure: values in, strings out. No text of an article, a model or an asker reaches the page but through
``bidi``; there is no Markdown, no image and no link here, so there is nothing that a browser would fetch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rag.chat.bidi import Direction, attribute, direction, escape, inline, paragraphs, phrase
from rag.chat.shown import Near, Shown
from rag.chat.words import Tongue, words
from rag.gloss import word_by_word
from rag.lexicon import lexicon
from rag.types import Article, Citation, Language, Sentence, Span

_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_QUOTE = re.compile("([“«])(.*)([”»])", re.DOTALL)
_BRACKETS = re.compile(r"“.*”|«.*»|\([^()]*\)", re.DOTALL)  # a quote may hold quotes
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
        + citations_html(turn.citations, tongue, turn.question)
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
        pieces.append(_isolated(part[done : match.start()], base))
        pieces.append(chip(int(match[1])))
        done = match.end()
    pieces.append(_isolated(part[done:], base))
    body = "".join(pieces)
    if sentence.verified:
        return body
    reason = f": {sentence.reason}" if sentence.reason else ""
    note = f"{said['unverified']}{reason}"
    return f'<span class="unverified">{body}<small class="why" dir="auto">{inline(note, base)}</small></span>'


def _isolated(text: str, base: Direction) -> str:
    """``text`` for a paragraph of direction ``base``; a quote of the other direction goes its own way as a whole."""
    found = _QUOTE.search(text)
    if found is None or (way := direction(found[2])) == base:
        return inline(text, base)
    before, after = text[: found.start()] + found[1], found[3] + text[found.end() :]
    return f'{inline(before, base)}<bdi dir="{way}">{inline(found[2], way)}</bdi>{inline(after, base)}'


def chip_html(citation: Citation, tongue: Tongue) -> str:
    """The numbered button that opens a citation in its article."""
    named = ", ".join(part for part in (citation.title or citation.source, citation.date) if part)
    label = words(tongue)["open_source"].format(n=citation.marker, title=named)
    return (
        f'<button type="button" class="chip" {place(citation.article_id, citation.start, citation.end)} '
        f'aria-label="{attribute(label)}" title="{attribute(named)}">{citation.marker}</button>'
    )


def place(article_id: str, start: int, end: int) -> str:
    """Attributes by which the page's script knows what a button opens."""
    return f'data-article="{attribute(article_id)}" data-start="{int(start)}" data-end="{int(end)}"'


def _searched(turn: Shown, said: dict[str, str]) -> Iterator[str]:
    if " ".join(turn.searched.split()) != " ".join(turn.question.split()):
        yield f'<p class="searched"><span>{escape(said["searched"])}: </span>{phrase(turn.searched)}</p>'
    if turn.period:
        yield f'<p class="searched">{phrase(turn.period)}</p>'


def citations_html(citations: Sequence[Citation], tongue: Tongue, question: str) -> str:
    """The quotes, numbered, each in its own direction, its rendering beside it, and what its words mean below."""
    if not citations:
        return ""
    head = escape(words(tongue)["sources"])
    items = "".join(_citation(citation, tongue, question) for citation in citations)
    return f'<section class="sources" aria-label="{head}"><h3>{head}</h3><ol>{items}</ol></section>'


def _citation(citation: Citation, tongue: Tongue, question: str) -> str:
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
    glossed = ""
    if told := word_by_word(citation.quote, question, lexicon()):
        glossed = (
            f'<details class="gloss"><summary>{escape(said["gloss"])}</summary>'
            f'<p dir="ltr" lang="en">{inline(told, "ltr")}</p><p class="also">{escape(said["gloss_more"])}</p></details>'
        )
    also = ""
    if citation.also_in:
        names = "، " if tongue == "ar" else ", "
        listed = names.join(phrase(source) for source in citation.also_in)
        also = f'<p class="also">{escape(said["also_in"])}: {listed}</p>'
    return (
        f'<li>{chip_html(citation, tongue)}<div><p class="where">{where(citation)}</p>'
        f'<div class="pair"><blockquote dir="{base}">{body}</blockquote>{rendering}</div>{glossed}{also}</div></li>'
    )


def where(found: Citation | Near | Article) -> str:
    """Title, source and date of an article, each with its own direction."""
    parts = [f"<strong>{phrase(found.title)}</strong>" if found.title else "", phrase(found.source)]
    if found.date:
        parts.append(f'<time dir="ltr">{attribute(found.date)}</time>')
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
            f'<li><button type="button" class="open" {place(near.article_id, near.start, near.end)} '
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
        f'<button type="submit">{escape(said["send"])}</button></form><span class="thanks" role="status" data-thanks="{escape(said["thanks"])}"></span>'
    )
    return f'<footer class="foot">{facts}<span class="thumbs">{thumbs}</span>{remark}</footer>'
