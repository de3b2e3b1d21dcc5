"""What every generator must do; run on a scripted one and on the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.protocols import Generator
from rag.types import Hit, Language


def check_generator(
    make: Callable[[], Generator], question: str, hits: Sequence[Hit], language: Language
) -> str:
    """Asserts the contract and returns the answer that was streamed."""
    generator = make()
    assert generator.name in ("llama", "openai", "reader", "scripted")
    pieces = list(generator.stream(question, hits, language))
    assert all(isinstance(piece, str) for piece in pieces)
    answer = "".join(pieces)
    # The same question again says the same, and an answer that was broken off harms no later one.
    half = generator.stream(question, hits, language)
    next(half, None)
    half.close()
    assert "".join(generator.stream(question, hits, language)) == answer
    return answer
