"""The shipped trunk run by ONNX Runtime: tokens in, hidden vectors or logits out.

Encoder and reader share one tokenizer and one table of word embeddings (``rag/weights/trunk``:
int8 rows with a scale each, memory-mapped); each has its own graph, and the encoder its own rows of
Arabic. Not here: what the numbers mean; see ``rag.embed`` and ``rag.reader``.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ModelError
from rag.machine import cores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "weights"
MAX_TOKENS = 256


def weights_file(*parts: str) -> Path:
    """A file under ``rag/weights``.

    Raises:
        ModelError: It is not there.
    """
    path = WEIGHTS.joinpath(*parts)
    if not path.is_file():
        raise ModelError(
            f"The weights {path} are missing. Install the package again, or git checkout rag/weights."
        )
    return path


@functools.cache
def file_hash(path: Path) -> str:
    """First 12 hexadecimal digits of the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:12]


def rows_hash(folder: str, below: str) -> str:
    """As ``file_hash``, of a table's rows that the last ones of ``below`` do not stand in place of."""
    words, others = _table(folder)[0], _table(below)[0]
    rows = words[: len(words) - len(others)]
    return hashlib.sha256(memoryview(rows).cast("B")).hexdigest()[:12]


@functools.cache
def tokenizer() -> Any:
    """The shipped tokenizer, uncut and unpadded; it folds Arabic by itself."""
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(weights_file("trunk", "tokenizer.json")))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


@functools.cache
def _table(folder: str) -> tuple[Any, Any]:
    """Rows of a table of word embeddings, int8 of shape (words, 384), and their scales."""
    import numpy as np

    words = np.load(weights_file(folder, "words.npy"), mmap_mode="r", allow_pickle=False)
    scales = np.load(weights_file(folder, "scales.npy"), allow_pickle=False)
    return words, scales


def session(path: Path, threads: int = 0) -> Any:
    """An ONNX Runtime session on the processor.

    Raises:
        ModelError: The file is damaged.
    """
    import onnxruntime

    # Recent releases report sessions to their maker unless told not to.
    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or cores()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own errors share no base class
        raise ModelError(
            f"The model {path} cannot be loaded ({error}). Install the package again."
        ) from error


class Trunk:
    """The graph of one of the models (``encoder`` or ``reader``) over the shared table.

    Args:
        model: Its folder under ``rag/weights``.
        own: Whether its folder has rows that stand in place of the last ones of the shared table.
        threads: As many as there are cores when 0.
    """

    def __init__(self, model: str, *, own: bool = False, threads: int = 0) -> None:
        self._session = session(weights_file(model, "model.onnx"), threads)
        self._own = model if own else None

    def run(self, ids: Sequence[int], kinds: Sequence[int] | None = None) -> NDArray[np.float32]:
        """Outputs of one text, shape ``(len(ids), width)``.

        One text at a time: the activations are quantised with one scale per call, so a text that
        shared its call with others would depend on them; and on a processor nothing is gained by
        sharing.
        """
        import numpy as np

        row = np.asarray(ids, np.int64)
        kind = np.zeros_like(row) if kinds is None else np.asarray(kinds, np.int64)
        feed = {
            "embeds": self._embeds(row)[None],
            "mask": np.ones((1, len(row)), np.int32),
            "kinds": kind[None],
        }
        out: NDArray[np.float32] = self._session.run(None, feed)[0][0]
        return out

    def _embeds(self, row: NDArray[np.int64]) -> NDArray[np.float32]:
        words, scales = _table("trunk")
        embeds: NDArray[np.float32] = words[row].astype("float32") * scales[row][:, None]
        if self._own:
            others, their_scales = _table(self._own)
            first = len(words) - len(others)
            at = row >= first
            own = row[at] - first
            embeds[at] = others[own].astype("float32") * their_scales[own][:, None]
        return embeds
