"""Texts to vectors: the shipped encoder, or any sentence-transformers model."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag.clean import language_of
from rag.errors import ExtraMissing, ModelError
from rag.gloss import GLOSS, Glossary, asked_in_english
from rag.lexicon import lexicon
from rag.machine import cores
from rag.onnx import MAX_TOKENS, Trunk, file_hash, rows_hash, tokenizer, weights_file
from rag.protocols import AskedVectors, Embedder, ToldVectors

if TYPE_CHECKING:
    from rag.protocols import Vectors

T = TypeVar("T")

OWN = 0.5  # what an Arabic question's own vector counts beside that of its words in English
_FEW = 4  # texts up to which one after the other by all cores is quicker than each by one core
Run = Callable[[list[int]], "Vectors"]


class SanadEmbedder:
    """The shipped encoder: mean of the trunk's vectors, a linear map, unit length; and a short vector for each word.

    It began as an English model and knows English best, so Arabic is read word by word in English (``rag.gloss``),
    and a question as it is, too. A text is run once. The means over the tokens of its words, projected, are the words' vectors: a passage is
    compared with a question by the nearest word of each of the question's ("late interaction", Khattab and Zaharia 2020).

    ``head.npz`` holds the map, which whitens the mean against the variation within question–passage pairs
    (``train/head.py``), and the projection of words with how much each counts in a question (``train/encoder.py``).

    A few texts, as questions are, run one after the other on all cores; many, as a build has, run side by side
    on one core each, which wastes nothing on waiting. The vectors are the same to the last bit.
    """

    dimension = 384
    width = 64
    max_tokens = MAX_TOKENS
    tolerance = 0.0
    alone = True  # texts share no batch, so it does not matter which are given together

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads or cores()
        self._trunk: Trunk | None = None
        self._side_by_side: Trunk | None = None

    @functools.cached_property
    def id(self) -> str:
        own = [file_hash(weights_file("encoder", name)) for name in ("model.onnx", "head.npz", "words.npy")]
        # The rest of the shared table is the reader's alone.
        parts = [*own, rows_hash("trunk", "encoder"), lexicon().fingerprint]
        return f"sanad-encoder{GLOSS}@" + "".join(part[:4] for part in parts)

    @functools.cached_property
    def _head(self) -> dict[str, Any]:
        import numpy as np

        with np.load(weights_file("encoder", "head.npz"), allow_pickle=False) as head:
            return {name: head[name] for name in head.files}

    def warm(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        if self._trunk is None:
            self._trunk = Trunk("encoder", own=True, threads=self._threads)

    def count_tokens(self, text: str) -> int:
        return len(tokenizer().encode_batch_fast([text])[0].ids)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self._with_own(texts, self._each([as_question(text) for text in texts], _mean))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._mapped(self._each(texts, lambda text, run: _mean(as_passage(text), run)))

    def embed_question_with_words(self, text: str) -> AskedVectors:
        mean, words = _means(as_question(text), self._run_alone)
        unit, vectors = self._words(words)
        weights: Vectors = _softplus(unit @ self._head["weigh"] + self._head["weigh_bias"])
        return AskedVectors(self._with_own([text], [mean])[0], vectors, weights)

    def embed_with_words(self, texts: Sequence[str]) -> list[ToldVectors]:
        found = self._each(texts, lambda text, run: _means(as_passage(text), run))
        vectors = self._mapped([mean for mean, _ in found])
        return [
            ToldVectors(vector, self._words(words)[1])
            for vector, (_, words) in zip(vectors, found, strict=True)
        ]

    def pooled(self, texts: Sequence[str]) -> Vectors:
        """Means of the trunk's vectors before the map, of texts as they are, shape ``(len(texts), 384)``."""
        import numpy as np

        means = self._each(texts, _mean)
        return np.stack(means) if means else np.zeros((0, self.dimension), np.float32)

    def _run_alone(self, ids: list[int]) -> Vectors:
        self.warm()
        assert self._trunk is not None
        return self._trunk.run(ids)

    def _each(self, texts: Sequence[str], work: Callable[[str, Run], T]) -> list[T]:
        """What ``work`` makes of each text by running the trunk."""
        if len(texts) <= _FEW or self._threads == 1:
            return [work(text, self._run_alone) for text in texts]
        if self._side_by_side is None:
            self._side_by_side = Trunk("encoder", own=True, threads=1)
        run = self._side_by_side.run  # may be called by several threads, and lets go of Python while it runs
        longest = sorted(range(len(texts)), key=lambda i: -len(texts[i]))  # a long one last would run alone
        with ThreadPoolExecutor(self._threads) as pool:
            made = dict(zip(longest, pool.map(lambda i: work(texts[i], run), longest), strict=True))
        return [made[i] for i in range(len(texts))]

    def _with_own(self, questions: Sequence[str], means: Sequence[Vectors]) -> Vectors:
        """Vectors of questions from their means as read; those of Arabic ones lean to their own as they are."""
        vectors = self._mapped(means)
        arabic = [i for i, text in enumerate(questions) if language_of(text) == "ar"]
        if arabic:
            own = self._mapped(self._each([questions[i] for i in arabic], _mean))
            vectors[arabic] = _unit(vectors[arabic] + OWN * own)
        return vectors

    def _mapped(self, means: Sequence[Vectors]) -> Vectors:
        import numpy as np

        if not len(means):
            return np.zeros((0, self.dimension), np.float32)
        weight, bias = self._head["weight"], self._head["bias"]
        # Row by row: a product of several rows rounds otherwise than that of one.
        return _unit(np.stack([(row - bias) @ weight for row in means]))

    def _words(self, means: Vectors) -> tuple[Vectors, Vectors]:
        """Of words' means their directions, shape ``(words, 384)``, and their vectors, ``(words, width)``."""
        unit = _unit(means - self._head["centre"])
        return unit, _unit(unit @ self._head["project"])


def as_question(question: str) -> str:
    """A question as the encoder reads it: word by word in English where it is Arabic."""
    return asked_in_english(question, lexicon())


def as_passage(passage: str) -> str:
    """A passage as the encoder reads it: word by word in English where it is Arabic."""
    return Glossary("", lexicon()).gloss(passage).text if language_of(passage) == "ar" else passage


def _mean(text: str, run: Run) -> Vectors:
    (encoding,) = tokenizer().encode_batch_fast([text])  # without offsets
    mean: Vectors = run(_cut(encoding.ids)).mean(axis=0)
    return mean


def _means(text: str, run: Run) -> tuple[Vectors, Vectors]:
    """Means of the trunk's vectors over all tokens of a text, and over those of each word, one row each."""
    import numpy as np

    (encoding,) = tokenizer().encode_batch([text])
    hidden = run(_cut(encoding.ids))
    words = [tokens for tokens in tokens_of_words(text, encoding) if tokens.stop < len(hidden)]
    if not words:
        return hidden.mean(axis=0), np.zeros((0, hidden.shape[1]), np.float32)
    edges = np.array([(tokens.start, tokens.stop) for tokens in words])
    sums = np.add.reduceat(hidden, edges.ravel(), axis=0)[::2]
    return hidden.mean(axis=0), sums / (edges[:, 1] - edges[:, 0])[:, None].astype(np.float32)


def _unit(rows: Vectors) -> Vectors:
    import numpy as np

    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _softplus(x: Vectors) -> Vectors:
    import numpy as np

    positive: Vectors = np.log1p(np.exp(x)).astype(np.float32)
    return positive


def _cut(ids: list[int]) -> list[int]:
    """At most ``MAX_TOKENS``, the last special one kept."""
    return ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]


def tokens_of_words(text: str, encoding: Any) -> list[range]:
    """The tokens of each word of a text; punctuation is none.

    Args:
        encoding: The text's, of the ``tokenizers`` package.
    """
    found: list[range] = []
    last = None
    offsets = encoding.offsets
    for at, word in enumerate(encoding.word_ids):
        if word is None:
            continue
        if word == last:
            found[-1] = range(found[-1].start, at + 1)
        elif any(char.isalnum() for char in text[slice(*offsets[at])]):
            found.append(range(at, at + 1))
            last = word
    return found


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
