"""The encoder's last step, in closed form: a linear map that whitens within-pair variation.

What differs between a question and the passage that answers it, in either language (length, form,
language itself), is noise for retrieval. With ``S`` the covariance of the differences between
vectors of paired texts (questions and passages in all four directions, a text and its translation), the map is ``S**-0.5``
(within-class covariance normalisation, Hatch et al. 2006), shrunk towards the identity.

    python -m train.head vectors --rows 700           # pooled vectors of training pairs, cached
    python -m train.head fit --shrink 0.5            # rag/weights/encoder/head.npz, with --model's words.npz
    python -m train.head measure                      # R@1, R@10 over XQuAD's passages, dense alone
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embed import SanadEmbedder, as_passage, as_question
from rag.onnx import WEIGHTS
from train.data import aqad_aligned, data_root, read_jsonl, read_pairs

WORK = Path("train/work")
Array = NDArray[np.float32]


def vectors(root: Path, rows: int, seed: int) -> None:
    """Pooled vectors of ``rows`` aligned questions and passages in both languages, and of sentence pairs."""
    chance = random.Random(seed)
    aligned = aqad_aligned(root)
    chance.shuffle(aligned)
    seen: set[str] = set()
    kept = []
    for row in aligned:
        if row["context_ar"] not in seen and row["sim"] > 0.6:
            seen.add(row["context_ar"])
            kept.append(row)
    kept = kept[:rows]
    pairs = list(read_pairs(root / "parallel" / "tatoeba.ar-en.tsv.xz"))
    chance.shuffle(pairs)
    embedder = SanadEmbedder()
    found: dict[str, Array] = {}
    for name, texts in {
        "question_en": [r["question_en"] for r in kept],
        "question_ar": [as_question(r["question_ar"]) for r in kept],
        # 600 characters around the answer: enough for a passage's direction, at half the cost.
        "context_en": [_around(r["context_en"], r["answer_en"]) for r in kept],
        "context_ar": [as_passage(_around(r["context_ar"], r["answer_ar"])) for r in kept],
        "sentence_ar": [as_passage(a) for a, _ in pairs[:rows]],
        "sentence_en": [e for _, e in pairs[:rows]],
    }.items():
        found[name] = embedder.pooled(texts)
        print(name, found[name].shape, flush=True)
    WORK.mkdir(parents=True, exist_ok=True)
    np.savez(WORK / "pooled.npz", **found)


def _around(context: str, answer: str, width: int = 600) -> str:
    at = max(0, context.find(answer) - width // 2)
    return context[at : at + width]


def fit(pooled: dict[str, Array], shrink: float) -> tuple[Array, Array]:
    """The map (384, 384) and the mean that is taken off first."""
    everything = np.concatenate(list(pooled.values()))
    bias = everything.mean(axis=0)

    def unit(x: Array) -> Array:
        x = x - bias
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    differences = [
        unit(pooled[f"question_{q}"]) - unit(pooled[f"context_{c}"])
        for q in ("en", "ar")
        for c in ("en", "ar")
    ]
    differences.append(unit(pooled["question_en"]) - unit(pooled["question_ar"]))
    differences.append(unit(pooled["context_en"]) - unit(pooled["context_ar"]))
    stacked = np.concatenate(differences).astype(np.float64)
    covariance = stacked.T @ stacked / len(stacked)
    values, basis = np.linalg.eigh(covariance)
    values = (1 - shrink) * values + shrink * values.mean()
    return (basis * values**-0.5 @ basis.T).astype(np.float32), bias.astype(np.float32)


def measure(root: Path, weight: Array, bias: Array) -> dict[str, tuple[float, float]]:
    """``{direction: (R@1, R@10)}`` in per cent over XQuAD's development passages, dense alone."""
    cache = WORK / "xquad-pooled.npz"
    if not cache.exists():
        embedder = SanadEmbedder()
        saved = {}
        for language in ("en", "ar"):
            rows = list(read_jsonl(root / "xquad" / f"xquad-dev.{language}.jsonl.xz"))
            saved[f"p_{language}"] = embedder.pooled([as_passage(row["context"]) for row in rows])
            asked = [as_question(qa["question"]) for row in rows for qa in row["qas"]]
            saved[f"q_{language}"] = embedder.pooled(asked)
            saved["gold"] = np.array([i for i, row in enumerate(rows) for _ in row["qas"]])
        np.savez(cache, **saved)
    data = np.load(cache)

    def embed(x: Array) -> Array:
        x = (x - bias) @ weight
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    result = {}
    for q in ("en", "ar"):
        for p in ("en", "ar"):
            scores = embed(data[f"q_{q}"]) @ embed(data[f"p_{p}"]).T
            own = scores[np.arange(len(scores)), data["gold"]]
            rank = (scores > own[:, None]).sum(axis=1)
            result[f"{q}->{p}"] = (
                round(100 * float((rank < 1).mean()), 1),
                round(100 * float((rank < 10).mean()), 1),
            )
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("vectors", "fit", "measure"))
    parser.add_argument("--data")
    parser.add_argument("--rows", type=int, default=1500)
    parser.add_argument("--shrink", type=float, default=0.3)
    parser.add_argument("--model", type=Path, default=Path("train/masters/encoder"), help="fit: the encoder")
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    root = data_root(args.data)
    if args.what == "vectors":
        vectors(root, args.rows, args.seed)
    elif args.what == "fit":
        weight, bias = fit(dict(np.load(WORK / "pooled.npz")), args.shrink)
        words = np.load(args.model / "words.npz")
        np.savez(
            WEIGHTS / "encoder" / "head.npz",
            weight=weight, bias=bias,
            centre=words["centre"], project=words["project"].T, weigh=words["weigh"][0], weigh_bias=words["bias"][0],
        )  # fmt: skip
        print(measure(root, weight, bias))
    else:
        head = np.load(WEIGHTS / "encoder" / "head.npz")
        identity = np.eye(len(head["bias"]), dtype=np.float32)
        print("without the map", measure(root, identity, np.zeros_like(head["bias"])))
        print("with the map", measure(root, head["weight"], head["bias"]))


if __name__ == "__main__":
    main()
