"""What the replaceable parts promise. ``tests/contracts/`` holds suites for readers, generators and vector stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.types import Filter, Hit, Holding, Language, Reading, VectorRow

Vectors = NDArray[np.float32]


class ToldVectors(NamedTuple):
    """A passage's vector, shape ``(dimension,)``, and those of its words, ``(words, width)``; all of length 1."""

    vector: Vectors
    words: Vectors


class AskedVectors(NamedTuple):
    """A question's vector and those of its words, as of a passage, and how much each word counts: ``(words,)``, over 0."""

    vector: Vectors
    words: Vectors
    weights: Vectors


class Embedder(Protocol):
    """Texts in, unit vectors out; the same text gives the same vector within ``tolerance``.

    Attributes:
        id: Name with the weights' hash (``sanad-encoder@1a2b3c4d``); part of the index's contract.
        dimension: Length of a vector.
        max_tokens: Tokens of a text that count, specials included; what is longer is cut.
        tolerance: Greatest change of a vector's component through other texts in its batch.

    An embedder may also say how it is best used: ``batch`` (texts a call), ``alone`` (texts share no
    batch, see ``rag.stage``). One that has ``width`` gives words vectors of that length, too: ``embed_with_words(texts)``
    a ``ToldVectors`` for each passage, and ``embed_question_with_words(text)`` an ``AskedVectors``, the first part of each as
    ``embed_passages`` and ``embed_questions`` have it; passages are then compared with a question word by word, too.
    """

    @property
    def id(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def tolerance(self) -> float: ...

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` as a passage, specials included, uncut."""
        ...

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Shape ``(len(texts), dimension)``, float32, rows of length 1 (``""`` included)."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """As ``embed_questions``, with the model's passage prompt where it has one."""
        ...


class VectorStore(Protocol):
    """Exact or approximate inner-product search over one immutable generation of vectors."""

    def __len__(self) -> int: ...

    def search(
        self, vectors: Vectors, k: int, only: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Ids and scores, shape ``(len(vectors), k)``, best first; ``only`` restricts it to these ids.

        Rows with fewer than ``k`` vectors to offer end in id -1 and score ``-inf``. Ties go to the
        smaller id.
        """
        ...


class VectorServer(Protocol):
    """The vectors of one index on a server, derived from its SQLite file as a vector file is.

    It may hold passages of the generation before or after for a while: who searches leaves out what
    its own generation has not. Every method may raise ``IndexError_`` with what the server refused;
    every write may be repeated.

    Attributes:
        name: What and where it is, for messages.
    """

    @property
    def name(self) -> str: ...

    def search(
        self, vectors: Vectors, k: int, only: NDArray[np.int64] | None = None, where: Filter = Filter()
    ) -> tuple[NDArray[np.int64], Vectors]:
        """As ``VectorStore.search``, of passages that fit ``where`` and, if given, are in ``only``."""
        ...

    def holding(self) -> Holding | None:
        """What it holds; None for nothing."""
        ...

    def declare(self, holding: Holding, dimension: int) -> None:
        """States what it holds, making the place for vectors of this length where there is none."""
        ...

    def put(self, rows: Sequence[VectorRow]) -> None:
        """Writes passages, over older ones of the same ids."""
        ...

    def remove(self, ids: Sequence[int]) -> None:
        """Deletes passages; ids that are not there are none of its business."""
        ...

    def rows(self, above: int, to: int) -> dict[int, VectorRow]:
        """Its passages with ids over ``above`` up to ``to``, at most 16,384 ids apart."""
        ...

    def last(self) -> int:
        """Its highest id; 0 for none."""
        ...

    def close(self) -> None:
        """Ends the connection."""
        ...


class Reader(Protocol):
    """Finds the words of a passage that answer a question, or none."""

    @property
    def id(self) -> str: ...

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """One reading per passage, in order. A passage longer than the model's window is read in
        overlapping windows; offsets are code points of the passage as given.
        """
        ...


class Generator(Protocol):
    """Writes an answer from hits, piece by piece, with markers such as ``[1]`` for hit 1."""

    @property
    def name(self) -> str: ...

    def stream(self, question: str, hits: Sequence[Hit], language: Language) -> Iterator[str]:
        """Pieces of the answer's text in order. Closing the iterator stops the work.

        Raises:
            ModelError: The model could not be loaded or failed.
        """
        ...
