"""From the spans that a reader found to an answer in the asker's language. Pure functions.

A span is shown with its sentence as citation; equal spans of different articles are merged; where
articles differ on the same thing, each side is shown with its sources; questions for reasons,
manners and summaries are answered by whole sentences. Nothing is written that is not a span, its
rendering, or one of the fixed phrases below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.alike import alike, amounts, key_of, told_apart
from rag.changed import has_changed, last_date
from rag.clean import fold, language_of
from rag.counted import alike as same_kind
from rag.counted import counted_there
from rag.dates import written_date
from rag.markers import on_one_line
from rag.types import Citation, Hit, Language, ReadSpan, Sentence, Span

Kind = Literal["fact", "list", "sentence"]
NEARLY = 0.6  # share of the main statement's probability from which another one is told as its other side
# Of the likeliest span's probability, what one that says the same needs to be told beside it.
BEARS = 0.1
LISTED = 0.3  # the same for a list that has two members of the main one's: it tells of the same thing
DOUBTFUL = 0.15  # probability under which a span is shown inside its sentence

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "quote": "In the words of the article: “{text}”",
        "differ": "Another article says: {text}",
        "differ_quote": "Another article, in its own words: “{text}”",
        "fewer": "Another article names {text} only",
        "fewer_2": "Two other articles name {text} only",
        "fewer_more": "Other articles name {text} only",
        "later": "As of {date}: {text}",
        "later_quote": "As of {date}, in the words of the article: “{text}”",
        "earlier": "Earlier, as of {date}: {text}",
        "earlier_quote": "Earlier, as of {date}, in the words of the article: “{text}”",
    },
    "ar": {
        "quote": "بنص المقال: «{text}»",
        "differ": "وفي مقال آخر: {text}",
        "differ_quote": "وفي مقال آخر بنصه: «{text}»",
        "fewer": "ويذكر مقال آخر {text} فقط",
        "fewer_2": "ويذكر مقالان آخران {text} فقط",
        "fewer_more": "وتذكر مقالات أخرى {text} فقط",
        "later": "بتاريخ {date}: {text}",
        "later_quote": "بتاريخ {date}، بنص المقال: «{text}»",
        "earlier": "وقبل ذلك بتاريخ {date}: {text}",
        "earlier_quote": "وقبل ذلك بتاريخ {date}، بنص المقال: «{text}»",
    },
}
FEWER = {1: "fewer", 2: "fewer_2"}  # by articles


@dataclass(frozen=True, slots=True)
class Found:
    """A span that may answer.

    Attributes:
        probability: That it answers, calibrated (0 to 1).
        sentence: Its sentence, as a span of the article's text.
        mark: The words themselves, as a span of the article's text.
        key: What is compared between spans: stems, and skeletons of names.
    """

    hit: Hit
    probability: float
    sentence: Span
    mark: Span
    text: str
    key: frozenset[str]


_SENTENCE_KINDS = re.compile(
    r"^\W*(?:why|how(?! many| much| long| old| far| often| big| tall)|explain|describe|summari[sz]e|tell me|what happened|what did .* (?:say|announce|"
    r"declare|state|add|confirm|call for|stress)|is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|"
    r"هل|لماذا|لم |كيف|لخص|اشرح|صف|اذكر ما|ماذا (?:قال|اعلن|حدث|صرح|اكد|اضاف|يقول)|ما (?:سبب|اسباب|الذي))\b"
)
_LISTS = re.compile(
    r"^\W*(?:who are|which .*s\b|what are|list|name|من هم|من هي|ما هي|ما هم|اي (?:الدول|الفصائل|المجموعات)|اذكر|عدد)\b"
)


def kind_of(question: str) -> Kind:
    """Whether whole sentences answer best, or a list, or a short fact."""
    folded = fold(question)
    if _SENTENCE_KINDS.match(folded):
        return "sentence"
    return "list" if _LISTS.match(folded) else "fact"


Grown = Callable[[str, Span, Span], Span]  # a span of a text within bounds, and what it grows to


def found_in(
    hit: Hit, span: ReadSpan, probability: float, kind: Kind, measured: Grown | None = None
) -> Found:
    """A reader's span placed in its article; for a list grown to all of its members.

    Args:
        measured: Grows a number over its unit, where the question asks for a measure.
    """
    base = hit.passage.span.start
    mark = Span(base + span.span.start, base + span.span.end)
    sentence = sentence_of(hit, mark)
    mark = whole_number(hit.article.text, mark, sentence)
    if measured is not None:
        mark = measured(hit.article.text, mark, sentence)
    if kind == "list":
        mark = places_alone(hit.article.text, widen(hit.article.text, mark, sentence))
    else:
        mark = bare_name(hit.article.text, unsaid(hit.article.text, mark))
    text = hit.article.text[mark.start : mark.end]
    return Found(hit, probability, sentence, mark, text, key_of(text))


def sentence_of(hit: Hit, mark: Span) -> Span:
    """The sentences of the passage that ``mark`` touches, from the first's start to the last's end."""
    touched = [s for s in hit.passage.sentences if s.start < mark.end and mark.start < s.end]
    if not touched:
        return mark
    return Span(min(touched[0].start, mark.start), max(touched[-1].end, mark.end))


_SAID = re.compile(
    r"[وف]?(?:قال|قالت|أضاف|اضاف|أضافت|تابع|تابعت|أكد|اكد|أكدت|أعلن|اعلن|أعلنت|أوضح|اوضح|أوضحت|ذكر|ذكرت|صرح|صرحت|أشار|اشار|أشارت|لفت|لفتت|شدد|شددت|"
    r"كشف|كشفت|اعتبر|اعتبرت|رأى|رأت|(?:he |she )?(?:said|added|told|stressed|announced|declared)) (?!أن |إن |ان |that )(?=\w+(?: \w+){0,4}$)"
)


def unsaid(text: str, mark: Span) -> Span:
    """A short span without the verb of saying before its name: "وتابع بوتين"."""
    verb = _SAID.match(text[mark.start : mark.end])
    return Span(mark.start + verb.end(), mark.end) if verb else mark


_NAMING = ("name", "person", "place", "title", "org", "group")


def bare_name(text: str, mark: Span) -> Span:
    """A span without the particle that is written onto its first word, where the rest of that is a name or title."""
    from rag.lexicon import lexicon

    word = re.match(r"[^\W\d_]+", text[mark.start : mark.end])
    if word is None or len(word[0]) < 5 or word[0][0] not in "ولبكف":
        return mark

    def names(written: str) -> bool:
        return any(entry.kind.rstrip("+") in _NAMING for entry in lexicon().renderings(written, "en"))

    return Span(mark.start + 1, mark.end) if names(word[0][1:]) and not names(word[0]) else mark


def whole_number(text: str, mark: Span, limit: Span) -> Span:
    """A span that cuts a number ("62" of "62 thousand", "25" of "25 per cent") grown to all of it."""
    from rag.numbers import numbers_in

    if not any(char.isdigit() for char in text[mark.start : mark.end]):
        return mark
    for number in numbers_in(text[limit.start : limit.end]):
        start, end = limit.start + number.span.start, limit.start + number.span.end
        if start < mark.end and mark.start < end:
            mark = Span(min(mark.start, start), max(mark.end, limit.start + number.whole.end))
    return mark


_NO_NAME = r"(?!(?:إلى|الى|في|من|على|أن|عن|مع|التي|الذي|قال|كما|بعد|قبل)\b)"
_MORE_AR = re.compile(
    # " و" with a name of up to three words that a mark or the next member ends, else with one word
    rf"\s+و[^\W\d_]{{3,}}(?:\s+{_NO_NAME}[^\W\d_]+){{1,2}}(?=\s+و|[”\"،.,؛)])|\s+و[^\W\d_]{{3,}}"
    r"|(?:”\s*)?(?:،\s*|\s+)و?“[^”\n]{2,40}"
)
_MORE_EN = re.compile(r"(?:,? and|,)\s+(?:the )?[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*){0,3}")
_BEFORE_AR = re.compile(r"[^\W\d_]{3,}\s+$")


def widen(text: str, mark: Span, limit: Span) -> Span:
    """A span that is one member of a list, grown over the members after it (and before a leading و)."""
    start, end = mark
    more = _MORE_AR if language_of(text[start:end]) == "ar" else _MORE_EN
    while (match := more.match(text, end, limit.end)) and end - mark.end < 160:
        end = match.end()
    while (
        text[start] == "و"
        and (match := _BEFORE_AR.search(text[limit.start : start]))
        and mark.start - start < 80
    ):
        start = limit.start + match.start()
    return Span(start, end)


_MEMBER = re.compile(r"(?P<joint>[\s,،]*(?:\band\s+)?)(?P<word>\w+)")


def places_alone(text: str, mark: Span) -> Span:
    """Of a span that begins with several places and goes on with something else, the places alone."""
    from rag.places import names_place

    at, count = mark.start, 0
    while (match := _MEMBER.match(text, at, mark.end)) and names_place(match["word"]):
        if count and not (match["joint"].strip() or match["word"].startswith("و")):
            break
        at, count = match.end(), count + 1
    return Span(mark.start, at) if count > 1 else mark


def same(left: Found, right: Found, kind: Kind) -> bool:
    """Whether two spans say the same: equal, or for a single fact one within the other."""
    one_place = left.hit.article.id == right.hit.article.id and left.sentence == right.sentence
    if one_place and (kind != "list" or left.key == right.key):
        return True
    return alike(left.text, right.text, within=kind != "list")


def group(found: Sequence[Found], kind: Kind) -> list[list[Found]]:
    """Spans that say the same, the best group first; the best span leads each group."""
    groups: list[list[Found]] = []
    for item in sorted(found, key=lambda f: (-f.probability, f.hit.passage.id)):
        for members in groups:
            if same(members[0], item, kind) and not any(told_apart(m.text, item.text) for m in members):
                members.append(item)
                break
        else:
            groups.append([item])

    def weight(members: list[Found]) -> float:
        articles = {f.hit.article.id: f.probability for f in reversed(members)}
        best = max(articles.values())
        return best + 0.15 * (sum(articles.values()) - best)

    return sorted(groups, key=lambda members: -weight(members))


def select(
    found: Sequence[Found], kind: Kind, threshold: float, related: Callable[[Found, Found], bool]
) -> list[list[Found]]:
    """The groups to show: the best, and those by which other articles differ from it.

    Where the facts have changed, the later report comes first.

    Args:
        related: Whether the sentences of two spans speak of the same thing.
    """
    groups = [_bearing(members) for members in group(found, kind)]
    if not groups:
        return []
    main = groups[0]
    if kind == "sentence":
        best = main[0].probability
        more = [
            g
            for g in groups[1:]
            if g[0].probability >= max(threshold, 0.75 * best) and g[0].sentence != main[0].sentence
        ]
        return [main, *more[:1]]
    named = {f.hit.article.id for f in main}
    shown = _two_lists(main, groups[1:], named) if kind == "list" else []
    if not shown:
        # A difference is claimed only by a statement nearly as likely as the main one.
        enough = max(threshold, NEARLY * main[0].probability)
        others = [
            [f for f in members if f.hit.article.id not in named]
            for members in groups[1:]
            if members[0].probability >= enough
            and related(main[0], members[0])
            and bool(amounts(members[0].text)) == bool(amounts(main[0].text))
            and not _of_others(main[0], members[0])
        ]
        shown = [main, *[members for members in others if members][:1]]
    return shown[::-1] if len(shown) == 2 and has_changed(shown[1], shown[0]) else shown


def _bearing(members: list[Found]) -> list[Found]:
    """Without those that are far less likely than the first: words that happen to stand there bear nothing out."""
    enough = BEARS * members[0].probability
    return [found for found in members if found.probability >= enough]


def _of_others(one: Found, other: Found) -> bool:
    """Whether two numbers count different things: three mediators, 1,400 workers."""
    if not amounts(one.text):
        return False
    nouns = [counted_there(f.text, f.hit.article.text[f.mark.end : f.sentence.end]) for f in (one, other)]
    return nouns[0] is not None and nouns[1] is not None and not same_kind(nouns[0], nouns[1])


def _two_lists(main: list[Found], others: Sequence[list[Found]], named: Collection[str]) -> list[list[Found]]:
    """The main list and the best one of other articles that has all of its members and more, or some of them.

    Two members in common tell that both lists are of the same thing, so one is as likely as the other. The
    longer one comes first. Empty where there is no such list.
    """
    best = main[0]
    for members in others:
        key = members[0].key
        apart = [replace(f, probability=best.probability) for f in members if f.hit.article.id not in named]
        likely = members[0].probability >= LISTED * best.probability
        if apart and likely and len(best.key & key) >= 2 and (key < best.key or best.key < key):
            return [main, apart] if key < best.key else [apart, main]
    return []


class Writer:
    """Numbers the citations and writes the sentences of one answer."""

    def __init__(self, language: Language, kind: Kind, render: Callable[[str, Language], str | None]) -> None:
        self.language: Language = language if language in ("ar", "en") else "en"
        self.kind = kind
        self._render = render
        self._citations: dict[tuple[str, Span], Citation] = {}

    def answer(self, groups: Sequence[Sequence[Found]]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
        roles = ["plain", "plain" if self.kind == "sentence" else "differ"]
        if self.kind != "sentence" and len(groups) == 2 and has_changed(*groups):
            roles = ["later", "earlier"]
        elif self.kind == "list" and len(groups) == 2 and groups[1][0].key < groups[0][0].key:
            roles = ["plain", "fewer"]
        sentences = tuple(self._sentence(*pair) for pair in zip(groups, roles, strict=False))
        return sentences, tuple(self._citations.values())

    def _sentence(self, members: Sequence[Found], role: str) -> Sentence:
        """``role``: ``plain``, or how it stands to another side: ``differ``, ``fewer``, ``later``, ``earlier``."""
        cited = _one_per_article(members)
        markers = tuple(dict.fromkeys(map(self._cite, cited)))
        phrases = PHRASES[self.language]
        text, quoted = self._words(members[0])
        if role == "fewer":
            role = "differ" if quoted else FEWER.get(len(cited), "fewer_more")
        if role != "plain":
            dated = role in ("later", "earlier")
            date = written_date(last_date(members) or "", self.language) if dated else ""
            text = phrases[f"{role}_quote" if quoted else role].format(text=text, date=date)
        elif quoted:
            text = phrases["quote"].format(text=text)
        shown = "".join(f"[{marker}]" for marker in markers)
        return Sentence(f"{text} {shown}.", markers)

    def _words(self, found: Found) -> tuple[str, bool]:
        """What is said of a span, and whether it is a quotation in the article's language."""
        article = found.hit.article
        sentence = on_one_line(article.text[found.sentence.start : found.sentence.end])
        original = on_one_line(found.text)
        # A long or doubtful span says less than its sentence, in which it is marked.
        long = self.kind == "sentence" or len(original.split()) > 14
        if language_of(original) == self.language or not re.search(r"[^\W\d_]", original):
            return (sentence if long or found.probability < DOUBTFUL else original), False
        # A sentence in the article's language tells the asker less than doubtful words in their own.
        rendering = None if long else self._render(found.text, self.language)
        if rendering and fold(rendering) != fold(original):
            return f"{rendering} ({original})", False
        return sentence, language_of(sentence) != self.language

    def _cite(self, found: Found) -> int:
        key = (found.hit.article.id, found.sentence)
        if key in self._citations:
            return self._citations[key].marker
        article, (start, end) = found.hit.article, found.sentence
        rendering = None
        if article.language != self.language:
            rendering = self._render(found.text, self.language)
        self._citations[key] = Citation(
            marker=len(self._citations) + 1,
            article_id=article.id,
            source=article.source,
            title=article.title,
            date=article.date,
            start=start,
            end=end,
            quote=article.text[start:end],
            score=round(found.probability, 4),
            marks=(found.mark,),
            rendering=rendering,
            also_in=found.hit.also_in,
        )
        return len(self._citations)


def _one_per_article(members: Sequence[Found]) -> list[Found]:
    """The best span of each article, of at most four articles."""
    kept: list[Found] = []
    for found in members:
        if found.hit.article.id not in {k.hit.article.id for k in kept}:
            kept.append(found)
    return kept[:4]
