"""Hand-made stand-ins, checkable by hand: vectors of hashed words, a reader by keywords, a scripted generator."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from rag.lexical import terms
from rag.protocols import Vectors
from rag.sentences import sentences
from rag.types import Hit, Language, Reading, ReadSpan


class HashEmbedder:
    """Each stem adds 1 at a place given by its checksum; the sum has length 1."""

    id = "hash@1"
    dimension = 384
    max_tokens = 256
    tolerance = 0.0

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        out = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(out, texts, strict=True):
            row[0] = 1e-3
            for term in terms(text):
                row[1 + zlib.crc32(term.encode()) % (self.dimension - 1)] += 1
            row /= np.linalg.norm(row)
        return out

    embed_passages = embed_questions


class KeywordReader:
    """Answers with the sentence that shares most stems with the question; margin is that count less one."""

    id = "keywords@1"

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        asked = set(terms(question))
        readings = []
        for passage in passages:
            found = []
            for span in sentences(passage):
                text = passage[span.start : span.end]
                found.append(ReadSpan(span, text, 3.0 * len(asked & set(terms(text))) - 3.0))
            found.sort(key=lambda item: -item.score)
            margin = found[0].score if found else -20.0
            readings.append(Reading(tuple(found[:4]), margin, margin))
        return readings


class ScriptedGenerator:
    """Says what it was given, in pieces of a few characters."""

    name = "scripted"

    def __init__(self, *scripts: str) -> None:
        self.scripts = list(scripts)
        self.asked: list[str] = []

    def stream(self, question: str, hits: Sequence[Hit], language: Language) -> Iterator[str]:
        self.asked.append(question)
        text = self.scripts[min(len(self.asked), len(self.scripts)) - 1]
        for i in range(0, len(text), 5):
            yield text[i : i + 5]
