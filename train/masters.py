"""Masters of the trained models in half precision, without the word embeddings that they share.

The embeddings are frozen in training and lie in ``rag/weights/trunk`` already, so a master is
21 MB, not 61. Unpacking writes a folder that ``train.reader --resume`` and transformers load.

    python -m train.masters pack   --model train/work/reader --master train/masters/reader
    python -m train.masters unpack --model train/work/reader --master train/masters/reader
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from rag.onnx import WEIGHTS

WORDS = "embeddings.word_embeddings.weight"
BESIDE = ("config.json", "head.pt", "state.json")


def pack(model: Path, master: Path) -> None:
    """Writes ``layers.safetensors`` (float16) and the small files beside it."""
    master.mkdir(parents=True, exist_ok=True)
    state = load_file(model / "model.safetensors")
    layers = {name: value.astype(np.float16) for name, value in state.items() if name != WORDS}
    save_file(layers, master / "layers.safetensors")
    for name in BESIDE:
        if (model / name).exists():
            shutil.copy(model / name, master / name)


def unpack(model: Path, master: Path) -> None:
    """Writes a whole model folder in float32, with the shipped tokenizer."""
    model.mkdir(parents=True, exist_ok=True)
    layers = load_file(master / "layers.safetensors")
    words = np.load(WEIGHTS / "trunk" / "words.npy").astype(np.float32)
    words *= np.load(WEIGHTS / "trunk" / "scales.npy")[:, None]
    state = {name: value.astype(np.float32) for name, value in layers.items()} | {WORDS: words}
    save_file(state, model / "model.safetensors", metadata={"format": "pt"})
    for name in BESIDE:
        if (master / name).exists():
            shutil.copy(master / name, model / name)
    shutil.copy(WEIGHTS / "trunk" / "tokenizer.json", model / "tokenizer.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("pack", "unpack"))
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--master", type=Path, required=True)
    args = parser.parse_args()
    (pack if args.what == "pack" else unpack)(args.model, args.master)


if __name__ == "__main__":
    main()
