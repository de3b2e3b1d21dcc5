"""The shipped reader: for a question and a passage, the words that answer, or none."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.onnx import MAX_TOKENS, Trunk, file_hash, tokenizer, weights_file
from rag.types import Reading, ReadSpan, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST = 40  # tokens of a span
SPANS = 4  # spans kept of a passage
STRIDE = 96  # tokens that windows of a long passage share


class OnnxReader:
    """Runs the reader's graph on each passage, in windows where it is long.

    The graph gives three logits a token: start, end, relevance. Position 0 stands for "no answer";
    relevance is read there.
    """

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads
        self._trunk: Trunk | None = None

    @functools.cached_property
    def id(self) -> str:
        return "sanad-reader@" + file_hash(weights_file("reader", "model.onnx"))

    def warm(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        if self._trunk is None:
            self._trunk = Trunk(weights_file("reader", "model.onnx"), self._threads)

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One reading per passage, in order; see ``rag.protocols.Reader``."""
        asked = tokenizer().encode(question).ids
        # A question may take half of the window at most; its end is cut.
        asked = asked if len(asked) <= MAX_TOKENS // 2 else [*asked[: MAX_TOKENS // 2 - 1], asked[-1]]
        texts = tokenizer().encode_batch(list(passages), add_special_tokens=False)
        return [
            self._read(asked, text.ids, text.offsets, passage)
            for text, passage in zip(texts, passages, strict=True)
        ]

    def _read(
        self, asked: list[int], ids: list[int], offsets: list[tuple[int, int]], passage: str
    ) -> Reading:
        self.warm()
        assert self._trunk is not None
        if not ids:
            return Reading((), -20.0, -20.0)
        room = MAX_TOKENS - len(asked) - 1
        found: list[ReadSpan] = []
        margin = relevance = -1e9
        for first in range(0, max(1, len(ids) - STRIDE), max(1, room - STRIDE)):
            window = ids[first : first + room]
            row = [*asked, *window, asked[-1]]
            kinds = [0] * len(asked) + [1] * (len(window) + 1)
            out = self._trunk.run(row, kinds)
            null = float(out[0, 0] + out[0, 1])
            inner = out[len(asked) : len(asked) + len(window)]
            for a, b, score in best_spans(inner[:, 0], inner[:, 1]):
                span = _words(passage, offsets[first + a][0], offsets[first + b][1])
                found.append(ReadSpan(span, passage[span.start : span.end], score - null))
            margin = max(margin, *(span.score for span in found))
            relevance = max(relevance, float(out[0, 2]))
        return Reading(_apart(found), margin, relevance)


def best_spans(
    start: NDArray[np.float32], end: NDArray[np.float32], longest: int = LONGEST, count: int = SPANS
) -> list[tuple[int, int, float]]:
    """``(first, last, score)`` of the best spans that do not overlap, best first.

    The score is the sum of the logits; a span has at most ``longest`` tokens.
    """
    import numpy as np

    scores = start[:, None] + end[None, :]
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
