"""The settings, frozen, from one TOML file; an unknown key is an error."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from rag.errors import InputError

GeneratorName = Literal["auto", "reader", "llama", "openai"]


@dataclass(frozen=True, slots=True)
class Config:
    """Attributes:
    index: Folder of the index; None finds it (see ``index_folder``).
    embedder: ``sanad`` for the shipped encoder, else a sentence-transformers hub id or folder.
    chunk_min, chunk_max: Tokens of a passage, title and specials included.
    passages: Passages shown to the reader or the LLM.
    candidates: Hits each leg may bring to the fusion.
    weight_dense, weight_words, weight_lexical, weight_cross: Weights in the fusion: of a passage's vector, of those of
        its words (of its own once more, where the encoder gives words none), and of the two legs of words.
    generator: ``auto`` is a configured LLM, else the reader.
    gguf: Path of the GGUF model for ``llama``.
    openai_url, openai_model, openai_key_variable: Server for ``openai``; the key itself is
        read from the named environment variable, never from the file.
    threads: Threads for models; 0 takes all cores.
    context: Tokens of the LLM's window.
    batch: Tokens of its prompt that the LLM reads at a time.
    answer_tokens: Longest answer of an LLM, in tokens.
    template: Chat template of the LLM: Sanad's ChatML, or the one inside the model, in a sandbox.
    lookup: Let the LLM guess its next words from the prompt (prompt-lookup decoding).
    timeout: Seconds that a server may stay silent.
    host, port: Where the chat listens.
    max_upload_mb: Largest upload.
    vectors: ``faiss``, or ``milvus`` at ``milvus_uri``.
    milvus_collection: Name of the index's collection there; one index each.
    ray: Address of a Ray cluster that encodes for a build (``host:6379``, ``ray://…``), or ``local``.
    """

    index: str | None = None
    embedder: str = "sanad"
    chunk_min: int = 120
    chunk_max: int = 220
    passages: int = 10
    candidates: int = 50
    weight_dense: float = 0.6
    weight_words: float = 2.0
    weight_lexical: float = 1.0
    weight_cross: float = 3.0
    generator: GeneratorName = "auto"
    gguf: str | None = None
    openai_url: str | None = None
    openai_model: str | None = None
    openai_key_variable: str = "OPENAI_API_KEY"
    threads: int = 0
    context: int = 4096
    batch: int = 256
    answer_tokens: int = 320
    template: Literal["chatml", "model"] = "chatml"
    lookup: bool = False
    timeout: float = 60.0
    host: str = "127.0.0.1"
    port: int = 7860
    max_upload_mb: int = 50
    vectors: Literal["faiss", "milvus"] = "faiss"
    milvus_uri: str | None = None
    milvus_collection: str = "sanad"
    ray: str | None = None


_RANGES = {
    "threads": (0, 1024),
    "batch": (1, 65_536),
    "context": (512, 10_000_000),
    "answer_tokens": (1, 100_000),
    "timeout": (0.01, 86_400),
    "port": (0, 65_535),
    "max_upload_mb": (1, 100_000),
    "weight_dense": (0, 1000),
    "weight_words": (0, 1000),
    "weight_lexical": (0, 1000),
    "weight_cross": (0, 1000),
    "candidates": (1, 100_000),
}


def load_config(path: str | Path | None = None, **overrides: Any) -> Config:
    """The settings of ``path``, else of ``RAG_CONFIG``, else of ``./sanad.toml`` if there is one.

    ``overrides`` that are None are left out.

    Raises:
        InputError: The file is missing or not TOML; a key is unknown or has the wrong type.
    """
    named = path or os.environ.get("RAG_CONFIG")
    file = Path(named) if named else Path("sanad.toml")
    values: dict[str, Any] = {}
    if named or file.is_file():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"Cannot read the settings in {file}: {error.strerror}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{file} is not TOML: {error}. Mend it or name another.") from error
    config = _checked(Config(), values, str(file))
    return _checked(config, {k: v for k, v in overrides.items() if v is not None}, "the command line")


def _checked(config: Config, values: dict[str, Any], origin: str) -> Config:
    hints = get_type_hints(Config)
    known = sorted(field.name for field in fields(Config))
    for key, value in values.items():
        if key not in hints:
            raise InputError(f"Unknown setting {key!r} in {origin}. Known: {', '.join(known)}.")
        allowed = get_args(hints[key]) or (hints[key],)
        kinds = tuple(kind for kind in allowed if isinstance(kind, type))
        choices = tuple(kind for kind in allowed if isinstance(kind, str))
        if choices:
            if value not in choices:
                raise InputError(f"{key} = {value!r} in {origin}: must be one of {', '.join(choices)}.")
        elif float in kinds and isinstance(value, int) and not isinstance(value, bool):
            values = {**values, key: float(value)}
        elif not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            names = " or ".join(kind.__name__ for kind in kinds if kind is not type(None))
            raise InputError(f"{key} = {value!r} in {origin}: must be {names}.")
    config = replace(config, **values)
    for key, (least, most) in _RANGES.items():
        if not least <= (value := getattr(config, key)) <= most:
            raise InputError(f"{key} = {value!r}: must be between {least:g} and {most:g}.")
    if not config.weight_dense + config.weight_words + config.weight_lexical + config.weight_cross:
        raise InputError("The four weights are 0, so that nothing would be found. Set one of them above 0.")
    if not 16 <= config.chunk_min < config.chunk_max:
        raise InputError(
            f"chunk_min {config.chunk_min} must be at least 16 and below chunk_max {config.chunk_max}."
        )
    if config.passages < 1 or config.candidates < config.passages:
        raise InputError(
            f"passages {config.passages} must be at least 1 and at most candidates {config.candidates}."
        )
    return config


def index_folder(config: Config) -> Path:
    """``config.index``, else ``RAG_INDEX``, else ``./index`` if it is there, else the user's data folder."""
    named = config.index or os.environ.get("RAG_INDEX")
    if named:
        return Path(named).expanduser()
    if Path("index").is_dir():
        return Path("index")
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "sanad" / "index"
