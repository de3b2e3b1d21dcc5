"""Passages a second: the shipped encoder beside sentence-transformers with the same network, in one run.

All encode the same passages on all cores of this machine, shortest first, as a build does. The peers load the
encoder's fp16 master from a folder: by PyTorch in fp32, and by their ONNX backend where ``optimum`` is
installed. What counts is the ratio: other work on the machine slows all of them, and the systems take turns.

    python bench/encode.py --texts xquad-dev.ar.jsonl.xz xquad-dev.en.jsonl.xz --master train/masters/encoder

With ``--agree`` the cosines of each system's vectors with those of PyTorch are told, too.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import lzma
import os
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rag.embed import SanadEmbedder, as_passage  # noqa: E402
from rag.machine import cores  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "encode.json"
PACKAGES = ("onnxruntime", "sentence-transformers", "transformers", "torch", "optimum-onnx")
Encode = Callable[[list[str]], np.ndarray]


def passages(files: list[Path], count: int) -> list[str]:
    """``count`` paragraphs, taken from each file in turn; shortest first."""
    sources = [_paragraphs(file) for file in files]
    found: list[str] = []
    while sources and len(found) < count:
        for source in list(sources):
            text = next(source, None)
            if text is None:
                sources.remove(source)
            elif len(found) < count:
                found.append(text)
    # What the network gets: Sanad alone reads Arabic in English, which is not what is compared here.
    return sorted(map(as_passage, found), key=len)


def _paragraphs(file: Path) -> Iterator[str]:
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            text = record.get("context") or record.get("content") or record.get("text")
            if text:
                yield text[:1200]


def systems(master: Path) -> Iterator[tuple[str, Encode]]:
    """Name and encoding of each system that can be run here, loaded."""
    together = SanadEmbedder()
    yield "Sanad (int8, texts side by side)", together.embed_passages
    alone = SanadEmbedder()
    yield (
        "Sanad (int8, one text at a time)",
        lambda texts: np.concatenate([alone.embed_passages([t]) for t in texts]),
    )
    if importlib.util.find_spec("sentence_transformers") is None:
        print("sentence-transformers is not installed: left out", file=sys.stderr)
        return
    from sentence_transformers import SentenceTransformer

    def peer(model: Any) -> Encode:
        return lambda texts: np.asarray(
            model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        )

    yield (
        "sentence-transformers (PyTorch, fp32)",
        peer(SentenceTransformer(str(master), device="cpu").float()),
    )
    if importlib.util.find_spec("optimum") is None:
        print("optimum is not installed: the ONNX backend is left out", file=sys.stderr)
        return
    yield (
        "sentence-transformers (ONNX, fp32)",
        peer(SentenceTransformer(str(master), device="cpu", backend="onnx")),
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures passages a second beside sentence-transformers.")
    add = parser.add_argument
    add("--texts", type=Path, nargs="+", required=True, help="JSON lines, xz: context, content or text")
    add("--master", type=Path, required=True, help="folder of the encoder's fp16 master")
    add("--count", type=int, default=256)
    add("--rounds", type=int, default=3, help="turns of each system; the best counts")
    add("--agree", action="store_true")
    add("--json", type=Path, default=RESULTS)
    asked = parser.parse_args()
    for path in (*asked.texts, asked.master):
        if not path.exists():
            parser.error(f"{path} does not exist")
    texts = passages(asked.texts, asked.count)
    loaded = dict(systems(asked.master))
    best = dict.fromkeys(loaded, 0.0)
    vectors: dict[str, np.ndarray] = {}
    for encode in loaded.values():
        encode(texts[:8])
    for _ in range(asked.rounds):
        for name, encode in loaded.items():
            started = time.perf_counter()
            vectors[name] = encode(texts)
            best[name] = max(best[name], len(texts) / (time.perf_counter() - started))
    fastest_peer = max((rate for name, rate in best.items() if not name.startswith("Sanad")), default=0.0)
    rows = [
        {"system": name, "passages_per_s": round(rate, 1),
         **({"of_fastest_peer": round(rate / fastest_peer, 2)} if fastest_peer else {})}
        for name, rate in best.items()
    ]  # fmt: skip
    reference = vectors.get("sentence-transformers (PyTorch, fp32)")
    if asked.agree and reference is not None:
        for row in rows:
            row["cosine_with_pytorch"] = round(
                float((vectors[str(row["system"])] * reference).sum(axis=1).mean()), 4
            )
    packages = {name: _version(name) for name in PACKAGES}
    about = {
        "passages": len(texts), "cores": cores(), "load": round(os.getloadavg()[0], 1),
        "packages": {name: number for name, number in packages.items() if number}, "rows": rows,
    }  # fmt: skip
    asked.json.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
