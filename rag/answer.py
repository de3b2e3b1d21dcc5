"""The read path: question → understand → retrieve → read → compose (or generate → cite) → Answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rag.alike import key_of
from rag.articles import found_article, listing, summary
from rag.clean import clean, language_of
from rag.compose import Found, Writer, found_in, kind_of, select, sentence_of
from rag.dated import Dated, dated
from rag.decide import Asked, Calibration, features, order, standing
from rag.digest import MOST, digest, is_topicless
from rag.errors import InputError
from rag.listed import named_elsewhere
from rag.retrieve import direction, retrieve
from rag.suits import Context
from rag.timely import preferred, timely
from rag.types import (
    Answer,
    Article,
    Filter,
    Hit,
    Language,
    Period,
    Reading,
    ReadSpan,
    Sentence,
    Span,
    Turn,
)

if TYPE_CHECKING:
    from rag.build import BuildReport
    from rag.config import Config
    from rag.index import Index
    from rag.lexicon import Lexicon
    from rag.protocols import Embedder, Generator, Reader
    from rag.snapshot import Snapshot

UNVERIFIED: dict[Language, str] = {"en": "(unverified)", "ar": "(غير مؤكد)", "other": "(unverified)"}
LONGEST_QUESTION = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a pipeline is made of; ``rag.assemble`` makes it."""

    config: Config
    index: Index
    embedder: Embedder
    reader: Reader
    lexicon: Lexicon
    generator: Generator | None
    calibration: Callable[[str], Calibration]
    today: Callable[[], date] = date.today


class Clock:
    """Seconds per stage, in order."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[name] = self.spent.get(name, 0.0) + time.perf_counter() - began

    def timings(self) -> dict[str, float]:
        rounded = {name: round(seconds, 4) for name, seconds in self.spent.items()}
        return {**rounded, "total": round(time.perf_counter() - self._start, 4)}


class Pipeline:
    """Asks one collection; safe to use from several threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.reader = parts.reader
        self.embedder = parts.embedder
        self.index = parts.index
        self.config = parts.config

    # -------------------------------------------------------------- asking

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        where: Filter = Filter(),
        passages: int | None = None,
    ) -> Answer:
        """The answer to one question.

        Raises:
            InputError: The question is empty or longer than ``LONGEST_QUESTION`` characters.
            ModelError: A configured LLM failed.
        """
        answer: Answer | None = None
        for piece in self.stream(question, history=history, where=where, passages=passages):
            if isinstance(piece, Answer):
                answer = piece
        assert answer is not None  # stream always ends in one
        return answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        where: Filter = Filter(),
        passages: int | None = None,
    ) -> Iterator[str | Answer]:
        """Pieces of the answer's text, then the whole ``Answer``. Closing the iterator stops the work."""
        clock = Clock()
        question = checked(question)
        with self.index.snapshot() as snapshot:
            if (reply := self._small_talk(question, snapshot, clock)) is not None:
                yield reply.text
                yield reply
                return
            searched = self._standalone(question, history)
            language = language_of(searched)
            with clock.stage("retrieve"):
                hits, period = self._timely(searched, snapshot, where)
            shown = hits[: passages or self.config.passages]
            base = Answer(question, searched, language, "", (), (), shown, False, "reader", {}, period)
            if (told := self._digest(base, snapshot, where)) is not None:
                yield told.text
                yield replace(told, timings=clock.timings())
                return
            if self._parts.generator is not None and shown:
                yield from self._generated(base, self._parts.generator, clock)
                return
            with clock.stage("read"):
                questions, readings = read_all(self.reader, dated(searched, period), shown)
            with clock.stage("compose"):
                texts = dict.fromkeys((searched, *questions))
                asked = {text: Asked(text, self._parts.lexicon, snapshot.rarity) for text in texts}
                answer = self._composed(base, asked, questions, readings, hits)
            answer = replace(answer, timings=clock.timings())
            yield answer.text
            yield answer

    def search(self, question: str, *, where: Filter = Filter(), k: int = 10) -> tuple[Hit, ...]:
        """The ``k`` best hits without reading them; fewer where copies are collapsed or there are no more."""
        # As many candidates of each leg as hits are wanted; asking is content with the settings' number.
        config = replace(self.config, candidates=max(self.config.candidates, k))
        with self.index.snapshot() as snapshot:
            hits = retrieve(checked(question), snapshot, self.embedder, self._parts.lexicon, config, where)
        return hits[:k]

    # -------------------------------------------------------------- stages

    def _timely(
        self, searched: str, snapshot: Snapshot, where: Filter
    ) -> tuple[tuple[Hit, ...], Period | None]:
        def search(words: str, where: Filter) -> tuple[Hit, ...]:
            return retrieve(words, snapshot, self.embedder, self._parts.lexicon, self.config, where)

        return timely(searched, snapshot, search, where, self._parts.today())

    def _standalone(self, question: str, history: Sequence[Turn]) -> str:
        if not history:
            return question
        from rag.followup import standalone

        rewriter = getattr(self._parts.generator, "rewrite", None)
        return standalone(question, history, rewriter)

    def _composed(
        self,
        base: Answer,
        asked: Mapping[str, Asked],
        questions: Sequence[str],
        readings: Sequence[Reading],
        beside: Sequence[Hit],
    ) -> Answer:
        """Spans weighed, the best chosen or withheld, and written in the asker's language.

        Args:
            asked: The words of the question as it was asked of the hits.
            questions: How it was asked of each.
            beside: All hits; ``base`` has those of them that were read.
        """
        kind = kind_of(base.searched)
        found: list[Found] = []
        hits: list[Hit] = []
        over, confidence, least = -1.0, 0.0, 1.0
        near, relevances = [(hit.score, hit.cosine) for hit in beside], [r.relevance for r in readings]
        for hit, question, reading in zip(base.hits, questions, readings, strict=True):
            calibration = self._parts.calibration(direction(base.language, hit.passage))
            weighed = [
                (span, weigh(asked[question], hit, span, reading.relevance, calibration))
                for span in reading.spans
            ]
            best = max((p for _, p in weighed), default=0.0)
            hits.append(replace(hit, relevance=round(best, 4)))
            grown = asked[question].measured
            found.extend(found_in(hits[-1], span, p, kind, grown) for span, p in weighed)
            # How far above its direction's threshold: directions are compared by that. The surest passage tells what a
            # span needs, so that its own reach that.
            stands = standing(near, relevances, (hit.score, hit.cosine))
            sure = calibration.answering(best, stands)
            if sure - calibration.threshold > over:
                over, confidence, least = sure - calibration.threshold, sure, calibration.least(stands)
        hits.sort(key=lambda hit: -order(hit.relevance or 0.0, hit.score))
        base = replace(base, hits=tuple(hits), confidence=round(confidence, 4))
        if over <= 0:
            return abstention(base)
        if base.period is not None:
            found, period = preferred(found, base.period)
            base = replace(base, period=period)
        if kind == "list":
            found.extend(named_elsewhere(found, base.hits, asked[base.searched].covered))
        groups = select(found, kind, least, self._related(base.searched))
        sentences, citations = Writer(base.language, kind, rendered).answer(groups)
        return replace(
            base, text=" ".join(s.text for s in sentences), sentences=sentences, citations=citations
        )

    def _related(self, question: str) -> Callable[[Found, Found], bool]:
        """Sentences speak of the same thing when they share words besides those of the question."""
        asked = key_of(question)

        def related(left: Found, right: Found) -> bool:
            texts = [f.hit.article.text[f.sentence.start : f.sentence.end] for f in (left, right)]
            one, two = (key_of(text) for text in texts)
            return len((one & two) - asked) >= 2

        return related

    def _generated(self, base: Answer, generator: Generator, clock: Clock) -> Iterator[str | Answer]:
        """An LLM writes; what it wrote is cited and verified by code."""
        from rag.cite import cite
        from rag.markers import MarkerFilter

        base = replace(base, generator=generator.name)
        told: list[str] = []
        markers = MarkerFilter(len(base.hits))
        with clock.stage("generate"):
            for piece in generator.stream(base.searched, base.hits, base.language):
                told.append(piece)
                if shown := markers.feed(piece):
                    yield shown
            if rest := markers.end():
                yield rest
        with clock.stage("cite"):
            sentences, citations = cite("".join(told), base.hits, self.embedder, self.reader)
        if not citations:
            answer = abstention(base)
        else:
            mark = UNVERIFIED[base.language]
            text = " ".join(s.text if s.verified else f"{s.text} {mark}" for s in sentences)
            answer = replace(base, text=text, sentences=sentences, citations=citations)
        yield replace(answer, timings=clock.timings())

    def _digest(self, base: Answer, snapshot: Snapshot, where: Filter) -> Answer | None:
        """The reports of the days asked about, where nothing else is asked and there are any."""
        period = base.period
        if period is None or period.use != "only" or not is_topicless(base.searched, period.words):
            return None
        latest = snapshot.latest(replace(where, since=period.since, until=period.until), MOST)
        if not latest:  # the days are named within reports of others
            return None
        sentences, citations = digest(latest, base.language)
        text = "\n".join(sentence.text for sentence in sentences)
        return replace(base, text=text, sentences=sentences, citations=citations, generator="rule")

    # -------------------------------------------------------------- without a search

    def _small_talk(self, question: str, snapshot: Snapshot, clock: Clock) -> Answer | None:
        from rag.smalltalk import small_talk

        reply = small_talk(question)
        if reply is None:
            return None
        base = Answer(question, question, reply.language, reply.text, (), (), (), False, "rule", {})
        if reply.kind == "list_articles":
            base = replace(base, text=listing(snapshot.articles(), reply.language))
        elif reply.kind == "summarise":
            article = found_article(snapshot.articles(), reply.key)
            spans = [span for passage in snapshot.passages_of(article.id) for span in passage.sentences]
            sentences, citations = summary(article, spans, self.embedder)
            text = " ".join(sentence.text for sentence in sentences)
            base = replace(base, text=text, sentences=sentences, citations=citations)
        elif reply.kind == "unsupported_language":
            base = replace(base, abstained=True)
        return replace(base, timings=clock.timings())

    # -------------------------------------------------------------- the collection

    def articles(self, where: Filter = Filter()) -> tuple[Article, ...]:
        """All articles, in order of their sources."""
        with self.index.snapshot() as snapshot:
            return tuple(snapshot.articles(where))

    def article(self, key: str) -> Article:
        """The article of an id, a source, or the start of an id or file name.

        Raises:
            InputError: There is none, or more than one.
        """
        return found_article(self.articles(), key)

    def add(self, paths: Sequence[Path]) -> BuildReport:
        """Adds and updates articles; questions see them once all of them are in."""
        from rag.build import build

        return build(paths, self.index.folder, self.embedder, self.config, server=self.index.server)

    def remove(self, sources: Sequence[str]) -> BuildReport:
        """Deletes the articles of these sources, with every trace in the index."""
        from rag.build import delete

        return delete(sources, self.index.folder, server=self.index.server)

    def close(self) -> None:
        self.index.close()


def read_all(reader: Reader, question: Dated, hits: Sequence[Hit]) -> tuple[list[str], list[Reading]]:
    """How the question is asked of each hit, and what the reader finds."""
    questions = [question.asked_of(hit) for hit in hits]
    readings: dict[int, Reading] = {}
    for text in dict.fromkeys(questions):
        at = [i for i, asked in enumerate(questions) if asked == text]
        found = reader.read(text, [hits[i].passage.text for i in at])
        readings.update(zip(at, found, strict=True))
    return questions, [readings[i] for i in range(len(hits))]


def weigh(asked: Asked, hit: Hit, span: ReadSpan, relevance: float, calibration: Calibration) -> float:
    """The probability that a span answers the question, by itself."""
    probability = calibration.probability(span_features(asked, hit, span, relevance))
    odds = asked.suits(context_of(hit, span)) * probability / max(1 - probability, 1e-9)
    return odds / (1 + odds)


def context_of(hit: Hit, span: ReadSpan) -> Context:
    """A span of a hit with its surroundings."""
    base, text = hit.passage.span.start, hit.article.text
    start, end = base + span.span.start, base + span.span.end
    first, last = sentence_of(hit, Span(start, end))
    passage = f"{hit.article.title or ''}\n{hit.passage.text}"
    return Context(span.text, text[first:start], text[end:last], passage, hit.article.date)


def span_features(asked: Asked, hit: Hit, span: ReadSpan, relevance: float) -> tuple[float, ...]:
    """The features by which a span of a hit is weighed; see ``rag.decide``."""
    passage = hit.passage
    place = Span(passage.span.start + span.span.start, passage.span.start + span.span.end)
    first, last = sentence_of(hit, place)
    sentence = hit.article.text[first:last]
    return features(asked, span, relevance, hit.cosine, hit.article.title or "", passage.text, sentence)


def checked(question: str) -> str:
    """The question cleaned.

    Raises:
        InputError: It holds no word, or is too long.
    """
    if len(question) > LONGEST_QUESTION:
        raise InputError(
            f"The question has {len(question):,} characters; at most {LONGEST_QUESTION:,} are read. Shorten it."
        )
    text = " ".join(clean(question).split())
    if not any(char.isalnum() for char in text):
        raise InputError(
            'The question is empty. Ask something, for example: python -m rag.ask "who are the guarantors?"'
        )
    return text


def abstention(base: Answer) -> Answer:
    """The plain statement that the articles do not say; the hits stay as the nearest passages."""
    from rag.prompts import ABSTENTION

    text = ABSTENTION[base.language]
    return replace(base, text=text, sentences=(Sentence(text, (), True),), citations=(), abstained=True)


def rendered(text: str, to: Language) -> str | None:
    """``text`` in the other language where all of it could be rendered; else None."""
    from rag.render import render

    rendering = render(text, to)
    return rendering.text if rendering.complete else None
