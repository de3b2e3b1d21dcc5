"""Masters of the trained models in half precision.

The encoder's is whole, with its linear map as a last layer: plain sentence-transformers loads the
folder, and ``train.encoder --resume`` goes on with it. The reader's is without the word embeddings,
which lie in ``rag/weights/trunk`` already (``train.export table``), as int8 rows: 22 MB, not 61. Unpacking writes a
folder that ``train.reader --resume`` and transformers load.

    python -m train.masters encoder --model train/work/encoder --master train/masters/encoder
    python -m train.masters pack    --model train/work/reader --master train/masters/reader
    python -m train.masters unpack  --model train/work/reader --master train/masters/reader
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from rag.onnx import WEIGHTS

WORDS = "embeddings.word_embeddings.weight"
TOKENIZER = {
    "tokenizer_class": "TokenizersBackend",
    "model_max_length": 256,
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
    "pad_token": "[PAD]",
    "sep_token": "[SEP]",
    "unk_token": "[UNK]",
}
BESIDE = ("config.json", "head.pt", "state.json")


def encoder(model: Path, master: Path) -> None:
    """Writes trunk, mean, linear map (the shipped ``head.npz``) and unit length as float16."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

    with np.load(WEIGHTS / "encoder" / "head.npz", allow_pickle=False) as head:
        weight, bias = torch.from_numpy(head["weight"]), torch.from_numpy(head["bias"])
    width = len(bias)
    linear = Dense(width, width, bias=True, activation_function=None)
    linear.linear.weight.data = weight.T.contiguous()
    linear.linear.bias.data = -(bias @ weight)
    whole = SentenceTransformer(
        modules=[Transformer(str(model)), Pooling(width, "mean"), linear, Normalize()], device="cpu"
    )
    whole.max_seq_length = 256
    shutil.rmtree(master, ignore_errors=True)
    whole.half().save(str(master), create_model_card=False)
    # The library would write a tokenizer of its own making, which does not fold Arabic.
    shutil.copy(WEIGHTS / "trunk" / "tokenizer.json", master / "tokenizer.json")
    (master / "tokenizer_config.json").write_text(json.dumps(TOKENIZER, indent=1) + "\n", encoding="utf-8")
    for name in ("state.json", "words.npz"):
        shutil.copy(model / name, master / name)


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
    parser.add_argument("what", choices=("encoder", "pack", "unpack"))
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--master", type=Path, required=True)
    args = parser.parse_args()
    {"encoder": encoder, "pack": pack, "unpack": unpack}[args.what](args.model, args.master)


if __name__ == "__main__":
    main()
