"""What an index was made with; questions must be asked with the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from rag.config import Config
from rag.errors import ContractMismatch

if TYPE_CHECKING:
    from rag.protocols import Embedder

REMEDY = "python -m rag.build --rebuild"


@dataclass(frozen=True, slots=True)
class Contract:
    """Whatever, when changed, makes the stored passages, vectors or words wrong.

    Attributes:
        embedder: The encoder's name with the hash of its weights and tokenizer.
        normaliser: Version of what reading does to a text.
        lexicon: Hash of the bilingual lexicon.
        chunking: Version of the rules, with the least and most tokens of a passage.
        width: Length of a word's vector; 0 where the encoder gives none.
    """

    embedder: str
    max_tokens: int
    dimension: int
    normaliser: str
    stemmer: str
    lexicon: str
    chunking: str
    width: int = 0

    def as_text(self) -> dict[str, str]:
        """Its fields as text, as they are stored."""
        return {name: str(value) for name, value in asdict(self).items()}

    def only_words_differ(self, other: Contract) -> bool:
        """Whether they differ, but in nothing that a vector depends on."""
        return self != other and replace(self, stemmer=other.stemmer, lexicon=other.lexicon) == other


def passage_sizes(embedder: Embedder, config: Config) -> tuple[int, int]:
    """Least and most tokens of a passage: those of the settings, within what the encoder reads."""
    most = min(config.chunk_max, embedder.max_tokens)
    return config.chunk_min if most == config.chunk_max else min(config.chunk_min, most // 2), most


def contract_of(embedder: Embedder, config: Config) -> Contract:
    """The contract that an index built now would have."""
    from rag import chunk, clean, lexical
    from rag.lexicon import lexicon

    least, most = passage_sizes(embedder, config)
    return Contract(
        embedder=embedder.id,
        max_tokens=embedder.max_tokens,
        dimension=embedder.dimension,
        normaliser=clean.NORMALISER,
        stemmer=lexical.STEMMER,
        lexicon=lexicon().fingerprint,
        chunking=f"{chunk.CHUNKING} {least}-{most}",
        width=getattr(embedder, "width", 0),
    )


def contract_from(stored: Mapping[str, str]) -> Contract:
    """The inverse of ``Contract.as_text``.

    Raises:
        KeyError, ValueError: A field is missing or not a number.
    """
    values: dict[str, Any] = {
        field.name: stored[field.name] for field in fields(Contract) if field.name != "width"
    }
    values["width"] = stored.get("width", "0")  # not stated before words had vectors
    numbers = {name: int(values[name]) for name in ("max_tokens", "dimension", "width")}
    return Contract(**(values | numbers))


def require_same(stored: Contract, wanted: Contract, folder: object) -> None:
    """Raises:
    ContractMismatch: They differ; names each field with both values, and the remedy.
    """
    had, want = stored.as_text(), wanted.as_text()
    differing = [f"{name} {had[name]!r}, not {want[name]!r}" for name in had if had[name] != want[name]]
    if differing:
        raise ContractMismatch(
            f"The index in {folder} was made with {'; '.join(differing)}. "
            f"Make it anew from its own articles with: {REMEDY} --index {folder}"
        )
