"""The shipped reader: for a question and a passage, the words that answer, or none.

A passage is read whole. The likeliest ones are then looked at again, narrowly, around the spans found: the
logits of all looks are averaged, as those of several models would be. The model knows English best, and words of
two languages do not resemble each other; so an Arabic passage is also read word by word in English (``rag.gloss``),
and an Arabic question asked in words of the passage.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.clean import language_of
from rag.onnx import MAX_TOKENS, Trunk, file_hash, tokenizer, weights_file
from rag.sentences import sentences
from rag.types import Reading, ReadSpan, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.gloss import Gloss, Glossary
    from rag.lexicon import Lexicon

LONGEST = 40  # tokens of a span
COST = 0.01  # taken off a span's score for each token after its first: the model draws spans too long
SPANS = 4  # spans kept of a passage
STRIDE = 96  # tokens that windows of a long passage share
AGAIN = 4  # passages that are looked at again
PLACES = 2  # spans of a passage around which it is looked at again
NARROW = 60  # tokens of a narrow look, or one sentence
INSIDE = 3.0  # taken off the logits of tokens inside a word, where its gloss begins or ends
FAR = -30.0  # logit of tokens that a gloss does not tell of


@dataclass(frozen=True, slots=True)
class _Look:
    """Logits of a passage's tokens from ``first`` on: ``spans`` has shape (tokens, 2), start and end."""

    first: int
    spans: NDArray[np.float32]
    null: float
    relevance: float

    @property
    def last(self) -> int:
        return self.first + len(self.spans)

    def margins(self, low: int, high: int) -> NDArray[np.float32]:
        """Logits of the tokens from ``low`` to ``high``, shape (tokens, 2), over those of no answer."""
        return self.spans[low - self.first : high - self.first] - self.null / 2


@dataclass(frozen=True, slots=True)
class _Text:
    """A passage and its tokens: their ids, and where they stand in it."""

    passage: str
    ids: list[int]
    offsets: list[tuple[int, int]]

    def span(self, first: int, last: int, score: float) -> ReadSpan:
        span = _words(self.passage, self.offsets[first][0], self.offsets[last][1])
        return ReadSpan(span, self.passage[span.start : span.end], score)

    def narrow(self, token: int, look: _Look) -> tuple[int, int]:
        """The tokens of the sentence that holds one, with those around it while they are few."""
        starts = [start for start, _ in self.offsets[look.first : look.last]]
        edges = [sum(at < s.start for at in starts) for s in sentences(self.passage)[1:]]
        cuts = sorted({look.first, *(look.first + edge for edge in edges), look.last})
        runs = list(pairwise(cuts))
        low = high = next(i for i, (a, b) in enumerate(runs) if a <= token < b)
        while low > 0 and runs[high][1] - runs[low - 1][0] <= NARROW:
            low -= 1
        while high + 1 < len(runs) and runs[high + 1][1] - runs[low][0] <= NARROW:
            high += 1
        return runs[low][0], runs[high][1]


# Logits of tokens, shape (tokens, 2), start and end; of no answer; and of relevance.
_Ran = tuple["NDArray[np.float32]", float, float]


class _Asked:
    """A question as passages are asked it: token ids, with the special ones."""

    def __init__(self, question: str, lexicon: Lexicon | None) -> None:
        self.question = question
        self.tokens = _question(question)
        self.arabic = language_of(question) == "ar"
        self.ran: dict[tuple[tuple[int, ...], tuple[int, ...]], _Ran] = {}
        self._reworded: dict[str, list[int]] = {}
        self._lexicon = lexicon

    def looks(self, passage: str) -> _Looks:
        """How a passage is looked at; without a lexicon as it is."""
        arabic = language_of(passage) == "ar"
        return LOOKS[self.arabic, arabic] if self._lexicon is not None else AS_IT_IS

    @functools.cached_property
    def glossary(self) -> tuple[list[int], Glossary]:
        """The question in English, and what puts Arabic passages into its words."""
        from rag.gloss import glossary_of

        assert self._lexicon is not None
        english, glossary = glossary_of(self.question, self._lexicon)
        return _question(english), glossary

    def reworded(self, passage: str) -> list[int]:
        """The question in words of the passage."""
        if passage not in self._reworded:
            from rag.gloss import in_english, reworded

            if self._lexicon is not None and self.arabic and language_of(passage) != "ar":
                told = in_english(self.question, self._lexicon, passage)
            else:
                told = reworded(self.question, passage)
            self._reworded[passage] = _question(told)
        return self._reworded[passage]


@dataclass(frozen=True, slots=True)
class _Looks:
    """How a passage is read, whole and narrowly.

    ``plain``, as it is; ``reworded``, the question in words of the passage; ``gloss``, the passage in English.
    """

    whole: str
    narrow: tuple[str, ...]


# By whether question and passage are Arabic.
LOOKS = {
    (False, False): _Looks("plain", ("plain", "reworded")),
    (True, False): _Looks("reworded", ("plain", "reworded")),
    (False, True): _Looks("gloss", ("plain", "gloss")),
    (True, True): _Looks("gloss", ("plain", "reworded", "gloss")),
}
AS_IT_IS = _Looks("plain", ("plain",))


class OnnxReader:
    """Runs the reader's graph on each passage, in windows where it is long.

    The graph gives three logits a token: start, end, relevance. Position 0 stands for "no answer";
    relevance is read there.

    Args:
        words: Puts passages and questions into other words; without it they are read as they are.
    """

    def __init__(self, threads: int = 0, words: Lexicon | None = None) -> None:
        self._threads = threads
        self._lexicon = words
        self._trunk: Trunk | None = None

    @functools.cached_property
    def id(self) -> str:
        return "sanad-reader@" + file_hash(weights_file("reader", "model.onnx"))

    def warm(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        if self._trunk is None:
            self._trunk = Trunk("reader", threads=self._threads)

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One reading per passage, in order; see ``rag.protocols.Reader``."""
        asked = _Asked(question, self._lexicon)
        encodings = tokenizer().encode_batch(list(passages), add_special_tokens=False)
        texts = [_Text(p, e.ids, e.offsets) for p, e in zip(passages, encodings, strict=True)]
        looks = [self._whole(asked, text) for text in texts]
        readings = [_reading(text, found) for text, found in zip(texts, looks, strict=True)]
        likely = sorted(range(len(texts)), key=lambda i: -readings[i].margin)[:AGAIN]
        for i in likely:
            if texts[i].ids:
                readings[i] = self._again(asked, texts[i], looks[i], readings[i])
        return readings

    def _whole(self, asked: _Asked, text: _Text) -> list[_Look]:
        """The whole passage, in overlapping windows where it is long."""
        if not text.ids:
            return []
        how = asked.looks(text.passage).whole
        room = MAX_TOKENS - len(asked.tokens) - 1
        if how == "gloss":
            room = room * 5 // 6  # a hundred tokens of Arabic are 106 in English, seldom more than 120
        return [
            self._look(asked, how, text, first, min(len(text.ids), first + room))
            for first in range(0, max(1, len(text.ids) - STRIDE), max(1, room - STRIDE))
        ]

    def _look(self, asked: _Asked, how: str, text: _Text, first: int, last: int) -> _Look:
        """The tokens from ``first`` to ``last`` read as ``how`` says."""
        if how == "gloss":
            return self._glossed(asked, text, first, last)
        question = asked.reworded(text.passage) if how == "reworded" else asked.tokens
        room = MAX_TOKENS - len(question) - 1  # of a question that grew the last tokens may find none
        inner, null, relevance = self._run(asked, question, text.ids[first : min(last, first + room)])
        return _Look(first, _filled(inner, last - first), null, relevance)

    def _glossed(self, asked: _Asked, text: _Text, first: int, last: int) -> _Look:
        """The logits of a stretch's words in English, set back onto its own tokens."""
        question, glossary = asked.glossary
        gloss = glossary.gloss(text.passage[text.offsets[first][0] : text.offsets[last - 1][1]])
        encoding = tokenizer().encode(gloss.text, add_special_tokens=False)
        inner, null, relevance = self._run(asked, question, encoding.ids[: MAX_TOKENS - len(question) - 1])
        return _Look(first, _set_back(text, first, last, gloss, encoding.offsets, inner), null, relevance)

    def _run(self, asked: _Asked, question: list[int], ids: list[int]) -> _Ran:
        """Logits of the tokens ``ids``; what was read once is remembered, as a short passage is its own narrow look."""
        key = (tuple(question), tuple(ids))
        if key not in asked.ran:
            self.warm()
            assert self._trunk is not None
            row = [*question, *ids, question[-1]]
            out = self._trunk.run(row, [0] * len(question) + [1] * (len(ids) + 1))
            inner = out[len(question) : len(question) + len(ids), :2]
            asked.ran[key] = inner, float(out[0, 0] + out[0, 1]), float(out[0, 2])
        return asked.ran[key]

    def _again(self, asked: _Asked, text: _Text, looks: Sequence[_Look], reading: Reading) -> Reading:
        """The reading with what narrow looks around its best spans say."""
        how = asked.looks(text.passage)
        found: list[ReadSpan] = []
        seen: set[tuple[int, int]] = set()
        for look, token in _places(looks):
            low, high = text.narrow(token, look)
            if (low, high) in seen:
                continue
            seen.add((low, high))
            margins = look.margins(low, high)
            for one in how.narrow:
                margins = margins + self._look(asked, one, text, low, high).margins(low, high)
            margins /= 1 + len(how.narrow)
            spans = best_spans(margins[:, 0], margins[:, 1])
            found += [text.span(low + a, low + b, score) for a, b, score in spans]
        edges = [(text.offsets[low][0], text.offsets[high - 1][1]) for low, high in seen]
        # Of the first look what lies outside.
        found += [
            span
            for span in reading.spans
            if all(span.span.end <= start or end <= span.span.start for start, end in edges)
        ]
        return Reading(_apart(found), max(span.score for span in found), reading.relevance)


def _set_back(
    text: _Text,
    first: int,
    last: int,
    gloss: Gloss,
    offsets: Sequence[tuple[int, int]],
    logits: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Logits of a gloss's tokens as those of the tokens from ``first`` to ``last`` that it stands for.

    A word begins and ends with the best of its gloss's logits; that it is cut inside is less likely.
    """
    import numpy as np

    words = np.full((len(gloss.places), 2), FAR, np.float32)
    at = 0
    for (_, end), told in zip(offsets, logits, strict=False):
        while gloss.places[at][0].end < end:
            at += 1
        words[at] = np.maximum(words[at], told)
    for begin, end in gloss.turned:
        # As a whole they begin and end where the English does: the noun, last in English, is the first in Arabic.
        noun, adjective = words[end - 1], words[begin]
        noun[0], adjective[1] = max(noun[0], adjective[0]), max(adjective[1], noun[1])
    sources = [source for _, source in gloss.places]
    out = np.full((last - first, 2), FAR, np.float32)
    base, token = text.offsets[first][0], first
    for source, told in sorted(zip(sources, words, strict=True), key=lambda item: item[0].start):
        while token < last and text.offsets[token][1] <= base + source.start:
            token += 1
        begin = token
        while token < last and text.offsets[token][0] < base + source.end:
            token += 1
        if token > begin:
            out[begin - first : token - first] = told - INSIDE
            out[begin - first, 0], out[token - 1 - first, 1] = told
    return out


def _filled(logits: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Logits of ``count`` tokens, of which the last ones may not have been read."""
    import numpy as np

    return np.pad(logits, ((0, count - len(logits)), (0, 0)), constant_values=FAR)


def _question(text: str) -> list[int]:
    """Tokens with the special ones; a question may take half of the window at most, its end is cut."""
    ids: list[int] = tokenizer().encode(text).ids
    return ids if len(ids) <= MAX_TOKENS // 2 else [*ids[: MAX_TOKENS // 2 - 1], ids[-1]]


def _reading(text: _Text, looks: Sequence[_Look]) -> Reading:
    """What the first looks say."""
    if not looks:
        return Reading((), -20.0, -20.0)
    found = [
        text.span(look.first + a, look.first + b, score - look.null)
        for look in looks
        for a, b, score in best_spans(look.spans[:, 0], look.spans[:, 1])
    ]
    return Reading(_apart(found), max(s.score for s in found), max(look.relevance for look in looks))


def _places(looks: Sequence[_Look]) -> list[tuple[_Look, int]]:
    """The looks and first tokens of the likeliest spans."""
    found = [
        (score - look.null, look, look.first + a)
        for look in looks
        for a, _, score in best_spans(look.spans[:, 0], look.spans[:, 1], count=PLACES)
    ]
    found.sort(key=lambda item: -item[0])
    return [(look, token) for _, look, token in found[:PLACES]]


def best_spans(
    start: NDArray[np.float32], end: NDArray[np.float32], longest: int = LONGEST, count: int = SPANS
) -> list[tuple[int, int, float]]:
    """``(first, last, score)`` of the best spans that do not overlap, best first.

    The score is the sum of the logits less ``COST`` for each token after the first; a span has at most
    ``longest`` tokens.
    """
    import numpy as np

    place = np.arange(len(start))
    scores = start[:, None] + end[None, :] - COST * (place[None, :] - place[:, None])
    inside = np.triu(np.ones(scores.shape, bool)) & ~np.triu(np.ones(scores.shape, bool), longest)
    scores = np.where(inside, scores, -np.inf)
    found: list[tuple[int, int, float]] = []
    for _ in range(count):
        a, b = (int(i) for i in np.unravel_index(int(scores.argmax()), scores.shape))
        if not np.isfinite(scores[a, b]):
            break
        found.append((a, b, float(scores[a, b])))
        scores[: b + 1, a:] = -np.inf  # every span that shares a token with this one
    return found


_EDGE = " \t\n.,;:،؛:؟?!«»\"'“”()[]/-–—…"


def _words(text: str, start: int, end: int) -> Span:
    """The span grown to whole words, without the marks at its edges."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    while start < end - 1 and text[start] in _EDGE:
        start += 1
    while end > start + 1 and text[end - 1] in _EDGE:
        end -= 1
    # A bracket or quote that opens inside closes inside.
    for opens, closes in ("()", "“”", "«»", "[]"):
        inner = text[start:end]
        if inner.count(opens) == inner.count(closes) + 1 and text[end : end + 1] == closes:
            end += 1
    return Span(start, end)


def _apart(found: Sequence[ReadSpan]) -> tuple[ReadSpan, ...]:
    """Best first; of spans that overlap, the better."""
    kept: list[ReadSpan] = []
    for span in sorted(found, key=lambda item: -item.score):
        if all(span.span.end <= k.span.start or k.span.end <= span.span.start for k in kept):
            kept.append(span)
    return tuple(kept[:SPANS])
