"""The values that travel through Sanad. All are frozen; each stage makes new ones.

Offsets are code points of ``Article.text``, end exclusive, so that
``article.text[span.start:span.end]`` is always exactly the words meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Language = Literal["ar", "en", "other"]


class Span(NamedTuple):
    """Code points ``start`` (inclusive) to ``end`` (exclusive) of one text."""

    start: int
    end: int


class PartKind(StrEnum):
    """What a stretch of an article is. Only ``BODY`` and ``TITLE`` are answered from."""

    TITLE = "title"
    BODY = "body"
    REPEAT = "repeat"  # says again what an earlier paragraph of the same article says
    BOILERPLATE = "boilerplate"  # subscription lines, links, teasers, captions


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an article with its kind; the parts of an article are its paragraphs."""

    kind: PartKind
    span: Span


@dataclass(frozen=True, slots=True)
class Article:
    """One article, cleaned.

    Attributes:
        id: First 12 hexadecimal digits of the SHA-256 of source and text; stable across builds.
        source: Where it came from, as a path relative to the folder that was given, with ``/``;
            an entry of an archive or a record of a table is ``file.zip!entry`` or ``file.csv!3``.
        title: Its title, or ``""`` when it states none.
        text: Everything that is shown, after ``clean()``; paragraphs are divided by ``\\n\\n``.
        language: By the majority of its letters.
        date: ISO date (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``) that the article or its metadata
            states as its own; None when it states none. Never guessed from the text's events.
        parts: Its paragraphs in order, with their kinds.
        content_hash: SHA-256 of the bytes that it was read from, hexadecimal.
    """

    id: str
    source: str
    title: str
    text: str
    language: Language
    date: str | None
    parts: tuple[Part, ...]
    content_hash: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A passage before it has an id: a run of whole sentences of one article.

    Attributes:
        span: Where it lies in ``Article.text``.
        text: ``article.text[span.start:span.end]``.
        sentences: Its sentences as spans of ``Article.text``, in order, inside ``span``.
    """

    span: Span
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored draft. ``id`` is never used again, not even after the passage was deleted."""

    id: int
    article_id: str
    ordinal: int
    span: Span
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """What one leg of retrieval said of a hit: its rank there (from 1) and its raw score."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score; higher is better.

    Attributes:
        legs: By name (``dense``, ``lexical``, ``cross``, and ``words`` for the nearness of words); absent where the leg did not find it.
        cosine: Of the question with the passage, in the mean with how near their words are; whichever leg found it.
        also_in: Sources of other articles that hold nearly the same passage.
        relevance: The reader's probability (0 to 1) that the passage answers; None before it read.
    """

    passage: Passage
    article: Article
    score: float
    legs: Mapping[str, Leg] = field(default_factory=dict)
    cosine: float = 0.0
    also_in: tuple[str, ...] = ()
    relevance: float | None = None


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """An answer inside a passage's text: code points of that text, and a score (higher is better)."""

    span: Span
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found in one passage for one question.

    Attributes:
        spans: Best first, not overlapping; empty only for an empty passage.
        margin: Score of the best span minus that of "no answer"; above 0 favours an answer.
        relevance: Logit that the passage answers the question at all.
    """

    spans: tuple[ReadSpan, ...]
    margin: float
    relevance: float


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words of an article that carry a sentence of the answer.

    Attributes:
        marker: The number shown as ``[1]``.
        start, end: The quote in ``Article.text``.
        quote: ``article.text[start:end]``: a whole sentence (or its cited part).
        marks: The words inside the quote that carry the answer, as spans of ``Article.text``.
        rendering: Those words in the language of the answer, where that could be made; else None.
        score: Support, 0 to 1.
        also_in: Sources of copies of the same sentence.
    """

    marker: int
    article_id: str
    source: str
    title: str
    date: str | None
    start: int
    end: int
    quote: str
    score: float
    marks: tuple[Span, ...] = ()
    rendering: str | None = None
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer with the markers that support it; unverified without any.

    ``reason`` says in a few words why it is not verified (``number 1,200 not in the passage``).
    """

    text: str
    markers: tuple[int, ...] = ()
    verified: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a question asks about, and what the search made of them.

    Attributes:
        words: The words of the question that state them.
        since, until: First and last day, ISO, inclusive; None where that side is open.
        use: ``only``: nothing but reports of these days, and passages that name one of them, was
            searched; ``first``: these were preferred; ``others``: they were, but other days answer better;
            ``none``: nothing is of these days, so everything was searched; ``undated``: no article
            states a date.
    """

    words: str
    since: str | None
    until: str | None
    use: Literal["only", "first", "others", "none", "undated"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole outcome of one question.

    Attributes:
        searched: The standalone question that was searched, after follow-ups were resolved.
        language: The language answered in.
        text: The sentences with their markers, as shown.
        generator: ``reader``, ``llama``, ``openai``, or ``rule`` for greetings and the like.
        timings: Seconds per stage, in order, with ``total``.
        period: The days that the question asks about; None when it names none.
        confidence: How surely (0 to 1) the articles answer; None where the reader did not judge it.
    """

    question: str
    searched: str
    language: Language
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    abstained: bool
    generator: str
    timings: Mapping[str, float]
    period: Period | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation, oldest first where several are given."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Restricts what is searched; every condition given must hold.

    ``since`` and ``until`` are ISO dates, inclusive; an article without a date fails both.
    """

    sources: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    language: Language | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What a vector server says that it holds.

    Attributes:
        index: Random name of the index.
        generation, stamp: Whose vectors are all there.
        pending: A write has begun and not ended: others may be there too.
    """

    index: str
    generation: int
    stamp: str
    pending: bool


@dataclass(frozen=True, slots=True, eq=False)
class VectorRow:
    """A passage as a vector server keeps it: its vector, and what a ``Filter`` asks about its article.

    Attributes:
        id: Of the passage, above 0.
        owner: Name of the source that a build read; ``source`` is the article's own.
    """

    id: int
    vector: NDArray[np.float32]
    owner: str
    source: str
    article_id: str
    language: str
    date: str | None

    def equals(self, other: VectorRow) -> bool:
        """Whether the other is the same, its vector bit for bit."""
        import numpy as np

        return bool(np.array_equal(self.vector, other.vector)) and self._fields() == other._fields()

    def _fields(self) -> tuple[object, ...]:
        return self.id, self.owner, self.source, self.article_id, self.language, self.date
