"""Fit, for each direction, the probability that a span answers, and the threshold to abstain at.

Questions of the training sets are asked of an index of their paragraphs, among paragraphs of other
articles, through the project's own retrieval and reader. Each question counts twice: with its
paragraph (answerable) and with that paragraph's passages taken out of the hits (unanswerable).
Articles are split into calibration and test.

    python -m train.calibrate collect --questions 200     # train/work/calibration.json
    python -m train.calibrate fit                         # rag/weights/reader/calibration.json
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from rag.metrics import token_f1
from train.data import Example, aqad_aligned, data_root, plausible_span, read_jsonl, squad_format

WORK = Path("train/work")
HITS = 6


def questions(root: Path, count: int, seed: int) -> dict[str, list[tuple[Example, str]]]:
    """``{direction: [(example, title)]}``, one question a paragraph."""
    chance = random.Random(seed)
    rows = [row for row in aqad_aligned(root) if row["sim"] > 0.6 and plausible_span(row)]
    chance.shuffle(rows)
    found: dict[str, list[tuple[Example, str]]] = {d: [] for d in ("en->en", "en->ar", "ar->en", "ar->ar")}
    used: dict[str, set[str]] = {d: set() for d in found}
    for row in rows:
        for name, bucket in found.items():
            asked, read = name.split("->")
            context, answer = row[f"context_{read}"], row[f"answer_{read}"]
            at = context.find(answer)
            if at < 0 or context in used[name] or len(bucket) >= count:
                continue
            used[name].add(context)
            example = Example(row[f"question_{asked}"], context, at, at + len(answer), "aqad")
            bucket.append((example, row["title_en"]))
    return found


def collect(root: Path, count: int, distractors: int, seed: int) -> None:
    from rag.answer import span_features
    from rag.assemble import assemble_over
    from rag.config import Config
    from rag.decide import Asked
    from rag.lexicon import lexicon

    chance = random.Random(seed)
    asked = questions(root, count, seed)
    others = {
        "ar": [
            r["content"]
            for r in read_jsonl(root / "news" / "antcorpus.ar.jsonl.xz")
            if len(r["content"]) > 300
        ],
        "en": list({e.context for e in squad_format(root / "squad" / "squad-v1.1-train.jsonl.xz", "squad")}),
    }
    rows: list[dict[str, Any]] = []
    for read in ("en", "ar"):
        with tempfile.TemporaryDirectory() as folder:
            texts = {e.context for d, items in asked.items() if d.endswith(read) for e, _ in items}
            names = {text: f"{i:05}.txt" for i, text in enumerate(sorted(texts))}
            more = sorted(set(chance.sample(sorted(others[read]), distractors)) - texts)
            for text, name in [*names.items(), *((t, f"x{i:05}.txt") for i, t in enumerate(more))]:
                Path(folder, name).write_text(text, encoding="utf-8")
            pipeline = assemble_over([Path(folder)], Config(generator="reader"))
            for name, items in asked.items():
                if not name.endswith(read):
                    continue
                for number, (example, title) in enumerate(items):
                    hits = pipeline.search(example.question, k=HITS)
                    readings = pipeline.reader.read(example.question, [h.passage.text for h in hits])
                    question = Asked(example.question, lexicon())
                    gold = example.context[example.start : example.end]
                    spans = [
                        {
                            "gold": hit.article.source == names[example.context],
                            "f1": token_f1(span.text, gold),
                            "features": span_features(question, hit, reading, span),
                        }
                        for hit, reading in zip(hits, readings, strict=True)
                        for span in reading.spans
                    ]
                    rows.append(
                        {"direction": name, "title": title, "question": example.question, "spans": spans}
                    )
                    if number % 50 == 0:
                        print(name, number, flush=True)
            pipeline.close()
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "calibration.json").write_text(json.dumps(rows), encoding="utf-8")


def logistic(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, ridge: float = 1.0
) -> tuple[np.ndarray, float]:
    """Weighted logistic regression by Newton's method on standardised features."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.hstack([(x - mean) / spread, np.ones((len(x), 1))])
    beta = np.zeros(z.shape[1])
    penalty = np.diag([ridge] * x.shape[1] + [1e-6])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (weight * (p - y)) + penalty @ beta
        hessian = (z * (weight * p * (1 - p))[:, None]).T @ z + penalty
        beta -= np.linalg.solve(hessian, gradient)
    scale = beta[:-1] / spread
    return scale, float(beta[-1] - scale @ mean)


def tested(title: str) -> bool:
    """Whether an article belongs to the test half; by its title, so that it stays there."""
    return zlib.crc32(title.encode()) % 2 == 1


def outcomes(rows: list[dict[str, Any]], beta: np.ndarray, bias: float) -> list[tuple[float, float, float]]:
    """Of each question: best score with its passage, F1 of that span, best score without."""
    result = []
    for row in rows:
        x = np.array([s["features"] for s in row["spans"]])
        p = 1 / (1 + np.exp(-np.clip(x @ beta + bias, -30, 30)))
        gold = np.array([s["gold"] for s in row["spans"]])
        if not gold.any() or gold.all():
            continue
        best = int(p.argmax())
        result.append((float(p[best]), float(row["spans"][best]["f1"]), float(p[~gold].max())))
    return result


def rates(found: list[tuple[float, float, float]], threshold: float) -> tuple[float, float]:
    """Hallucination (answered without a passage) and error (abstained with one)."""
    without = np.mean([c > threshold for _, _, c in found])
    withheld = np.mean([a <= threshold for a, _, _ in found])
    return float(without), float(withheld)


def fit() -> None:
    from rag.decide import FEATURES

    rows = json.loads((WORK / "calibration.json").read_text(encoding="utf-8"))
    directions = {}
    everything = [s for row in rows if not tested(row["title"]) for s in row["spans"]]
    for name in ("en->en", "en->ar", "ar->en", "ar->ar"):
        own = [row for row in rows if row["direction"] == name]
        train = [row for row in own if not tested(row["title"])]
        test = [row for row in own if tested(row["title"])]
        spans = [s for row in train for s in row["spans"]]
        # The other directions steady the fit at a quarter of the weight.
        x = np.array([s["features"] for s in spans + everything])
        y = np.array([float(s["gold"] and s["f1"] >= 0.5) for s in spans + everything])
        weight = np.array([1.0] * len(spans) + [0.25] * len(everything))
        beta, bias = logistic(x, y, weight)
        found = outcomes(train, beta, bias)
        grid = sorted({a for a, _, _ in found} | {c for _, _, c in found})
        threshold = min(
            grid, key=lambda t: (abs(np.subtract(*rates(found, t))) + 0.5 * sum(rates(found, t)), t)
        )
        held = outcomes(test, beta, bias)
        right = np.mean([f for a, f, _ in held if a > threshold]) if held else 0.0
        hallucination, error = rates(held, threshold)
        print(
            f"{name}: test of {len(held)}+{len(held)} questions: hallucination {hallucination:.1%}, error {error:.1%}, "
            f"F1 of what is answered {right:.1%}; threshold {threshold:.3f}"
        )
        print("   " + "  ".join(f"{f} {w:.2f}" for f, w in zip(FEATURES, beta, strict=True)))
        curve = [
            (round(t, 3), *(round(r, 3) for r in rates(held, t)))
            for t in np.quantile(grid, np.linspace(0.05, 0.95, 10))
        ]
        print("   threshold, hallucination, error:", curve)
        directions[name] = {
            "weights": [round(float(w), 5) for w in beta],
            "bias": round(bias, 5),
            "threshold": round(float(threshold), 5),
        }
    from rag.onnx import WEIGHTS

    text = json.dumps({"features": list(FEATURES), "directions": directions}, indent=1)
    (WEIGHTS / "reader" / "calibration.json").write_text(
        re.sub(r",\n\s+(?=-?\d)", ", ", text) + "\n", encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("collect", "fit"))
    parser.add_argument("--data")
    parser.add_argument("--questions", type=int, default=200, help="questions per direction")
    parser.add_argument("--distractors", type=int, default=300, help="paragraphs of other articles")
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    if args.what == "collect":
        collect(data_root(args.data), args.questions, args.distractors, args.seed)
    else:
        fit()


if __name__ == "__main__":
    main()
