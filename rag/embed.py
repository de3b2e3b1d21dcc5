"""Texts to vectors: the shipped encoder, or any sentence-transformers model."""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ExtraMissing, ModelError
from rag.machine import cores
from rag.onnx import MAX_TOKENS, Trunk, file_hash, rows_hash, tokenizer, weights_file
from rag.protocols import Embedder
from rag.sentences import sentences

if TYPE_CHECKING:
    from rag.protocols import Vectors


LEAST = 4  # tokens of a sentence that has a vector of its own
_FEW = 4  # texts up to which one after the other by all cores is quicker than each by one core


class SanadEmbedder:
    """The shipped bilingual encoder: mean of the trunk's vectors, a linear map, unit length.

    A passage is run once; the means over the tokens of each of its sentences are their vectors, which know the
    passage around them ("late chunking", Günther et al. 2024).

    The map (``head.npz``) whitens the mean against the variation within question–passage pairs;
    ``train/encoder.py`` computes it.

    A few texts, as questions are, run one after the other on all cores; many, as a build has, run side by side
    on one core each, which wastes nothing on waiting. The vectors are the same to the last bit.
    """

    dimension = 384
    max_tokens = MAX_TOKENS
    tolerance = 0.0
    lean = 1.0  # see ``rag.retrieve``; 0.5 to 2 do alike
    arabic = 0.7  # see ``rag.retrieve.trust``; 0.5 to 0.7 do alike
    alone = True  # texts share no batch, so it does not matter which are given together

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads or cores()
        self._trunk: Trunk | None = None
        self._side_by_side: Trunk | None = None

    @functools.cached_property
    def id(self) -> str:
        own = [file_hash(weights_file("encoder", name)) for name in ("model.onnx", "head.npz", "words.npy")]
        # The rest of the shared table is the reader's alone. 2: with vectors of sentences.
        return "sanad-encoder2@" + "".join(part[:4] for part in [*own, rows_hash("trunk", "encoder")])

    @functools.cached_property
    def _head(self) -> tuple[Any, Any]:
        import numpy as np

        with np.load(weights_file("encoder", "head.npz"), allow_pickle=False) as head:
            return head["weight"], head["bias"]

    def warm(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        if self._trunk is None:
            self._trunk = Trunk("encoder", own=True, threads=self._threads)

    def count_tokens(self, text: str) -> int:
        return len(tokenizer().encode_batch_fast([text])[0].ids)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def embed_with_sentences(self, texts: Sequence[str]) -> list[Vectors]:
        encodings = tokenizer().encode_batch(list(texts))
        spans = [
            tokens_of_sentences(text, e.offsets[:MAX_TOKENS])
            for text, e in zip(texts, encodings, strict=True)
        ]
        return [self._mapped(means) for means in self._means([e.ids for e in encodings], spans)]

    def pooled(self, texts: Sequence[str]) -> Vectors:
        """Means of the trunk's vectors before the map, shape ``(len(texts), 384)``."""
        import numpy as np

        encodings = tokenizer().encode_batch_fast(list(texts))  # without offsets
        means = self._means([encoding.ids for encoding in encodings], [[]] * len(texts))
        return np.concatenate(means) if means else np.zeros((0, self.dimension), np.float32)

    def _means(self, texts: Sequence[list[int]], parts: Sequence[Sequence[range]]) -> list[Vectors]:
        """Of each text's tokens the mean of all, and of each part, shape ``(1 + parts, 384)``."""
        import numpy as np

        rows = [_cut(ids) for ids in texts]

        def means(hidden: Vectors, own: Sequence[range]) -> Vectors:
            every = [hidden, *(hidden[part.start : part.stop] for part in own)]
            return np.stack([some.mean(axis=0) for some in every])

        if len(rows) <= _FEW or self._threads == 1:
            self.warm()
            assert self._trunk is not None
            return [means(self._trunk.run(row), own) for row, own in zip(rows, parts, strict=True)]
        if self._side_by_side is None:
            self._side_by_side = Trunk("encoder", own=True, threads=1)
        run = self._side_by_side.run  # may be called by several threads, and lets go of Python while it runs
        longest = sorted(range(len(rows)), key=lambda i: -len(rows[i]))  # a long one last would run alone
        out: list[Vectors] = [np.empty(0, np.float32)] * len(rows)
        with ThreadPoolExecutor(self._threads) as pool:
            for i, hidden in zip(longest, pool.map(run, [rows[i] for i in longest]), strict=True):
                out[i] = means(hidden, parts[i])
        return out

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        return self._mapped(self.pooled(texts)) if texts else np.zeros((0, self.dimension), np.float32)

    def _mapped(self, means: Vectors) -> Vectors:
        import numpy as np

        weight, bias = self._head
        # Row by row: a product of several rows rounds otherwise than that of one.
        vectors = np.stack([row @ weight for row in means - bias])
        unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        return unit


def _cut(ids: list[int]) -> list[int]:
    """At most ``MAX_TOKENS``, the last special one kept."""
    return ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]


def tokens_of_sentences(text: str, offsets: Sequence[tuple[int, int]]) -> list[range]:
    """The tokens of each sentence of a text that has several; of one with fewer than ``LEAST`` none.

    Args:
        offsets: Of the text's tokens, the special ones first and last.
    """
    spans = sentences(text)
    starts = [start for start, _ in offsets[1:-1]]
    found = [range(1 + bisect_left(starts, span.start), 1 + bisect_left(starts, span.end)) for span in spans]
    return [tokens for tokens in found if len(tokens) >= LEAST] if len(spans) > 1 else []


class HubEmbedder:
    """Any sentence-transformers model, by hub id or folder, with its own prompts and length."""

    tolerance = 1e-3

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ExtraMissing("sentence-transformers", "hub") from error
        self._name = name
        try:
            self._model: Any = SentenceTransformer(name, device="cpu")
        except Exception as error:  # hub, network and format errors share no base class
            raise ModelError(
                f"The embedder {name} cannot be loaded ({type(error).__name__}). If this machine is offline, "
                f"run on one with a network: huggingface-cli download {name} --local-dir {Path(name).name}, "
                f"copy the folder here and pass --embedder {Path(name).name}."
            ) from error
        self._model.float()
        self._question_prompt, self._passage_prompt = self._prompts()

    def _prompts(self) -> tuple[str, str]:
        """The model's own prompts; e5 names its in its card only."""
        prompts = {key: value for key, value in self._model.prompts.items() if value}
        question = prompts.get("query") or prompts.get("question") or ""
        passage = prompts.get("passage") or prompts.get("document") or ""
        if not prompts and "e5" in Path(self._name).name.lower():
            return "query: ", "passage: "
        return question, passage

    @property
    def id(self) -> str:
        import hashlib

        state = self._model.state_dict()
        digest = hashlib.sha256()
        for key in sorted(state):
            digest.update(key.encode())
            digest.update(state[key].flatten()[:64].numpy().tobytes())
        return f"{self._name}@{digest.hexdigest()[:12]}"

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        return int(self._model.max_seq_length or 512)

    def count_tokens(self, text: str) -> int:
        # Not verbose: a text over the model's length is measured here in order to be cut.
        return len(self._model.tokenizer(self._passage_prompt + text, verbose=False)["input_ids"])

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, self._question_prompt)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, self._passage_prompt)

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        import numpy as np

        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors = self._model.encode(
            [prompt + text for text in texts], normalize_embeddings=True, show_progress_bar=False
        )
        result: Vectors = np.asarray(vectors, np.float32)
        return result


def embedder_of(name: str, threads: int = 0) -> Embedder:
    """``sanad`` is the shipped encoder; anything else a sentence-transformers id or folder."""
    return SanadEmbedder(threads) if name == "sanad" else HubEmbedder(name)
