"""Each leg of retrieval alone and fused, with distractors, and the weights of the fusion tuned.

XQuAD's development half is chunked, embedded and indexed by the project's own build, with 5,000
articles of AntCorpus beside its Arabic paragraphs and 5,000 training passages of SQuAD beside its
English ones. A paragraph's rank is that of the best of its passages.

    python -m train.measure_retrieval --json eval/results/retrieval-xquad.json
    python -m train.measure_retrieval --tune          # a grid over the weights of the legs
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rag.build import Progress, build, contract_of
from rag.config import Config
from rag.embed import embedder_of
from rag.evaluation.public import write
from rag.evaluation.sets import Paragraph
from rag.index import Index
from rag.lexicon import lexicon
from rag.protocols import Embedder
from rag.retrieve import Found, Weights, fuse, search
from train.data import data_root, read_jsonl

WORK = Path("train/work")
DIRECTIONS = tuple(itertools.product(("en", "ar"), ("en", "ar")))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found for one question, the word legs for candidates only, and the paragraph that was meant."""

    gold: str
    found: Found


def paragraphs(root: Path, language: str) -> Iterator[Paragraph]:
    for number, row in enumerate(read_jsonl(root / "xquad" / f"xquad-dev.{language}.jsonl.xz")):
        yield Paragraph(f"gold {number}", "", row["context"])


def distractors(root: Path, language: str, count: int) -> Iterator[Paragraph]:
    name, field = (
        ("news/antcorpus.ar.jsonl.xz", "content")
        if language == "ar"
        else ("squad/squad-v1.1-train.jsonl.xz", "context")
    )
    for number, row in zip(range(count), read_jsonl(root / name), strict=False):
        yield Paragraph(f"extra {number}", "", row[field])


def index_of(root: Path, language: str, count: int, embedder: Embedder, config: Config) -> Path:
    """The index of one language, built where its encoder or its size is a new one."""
    folder = WORK / f"retrieval-{language}-{count}-{embedder.id.replace('/', '_')}"
    if (folder / "sanad.db").exists():
        return folder
    texts = WORK / f"texts-{language}-{count}"
    shutil.rmtree(texts, ignore_errors=True)
    texts.mkdir(parents=True)
    write(texts, paragraphs(root, language), distractors(root, language, count))

    def tell(progress: Progress) -> None:
        if progress.done % 500 == 0:
            print(f"{progress.phase} {progress.done}/{progress.total} {progress.rate:.1f}/s", file=sys.stderr)

    report = build([texts], folder, embedder, config, progress=tell)
    print(f"{language}: {report.passages} passages in {report.seconds:.0f} s", file=sys.stderr)
    return folder


def measure(root: Path, count: int, embedder: Embedder, config: Config) -> tuple[dict, dict[str, float]]:
    """What the legs found in each direction, and the paragraph that each passage belongs to."""
    found: dict[str, list[Asked]] = {}
    owners: dict[str, dict[int, str]] = {}
    asked = {
        language: [
            (qa["question"], f"p{number:06d}.txt")
            for number, row in enumerate(read_jsonl(root / "xquad" / f"xquad-dev.{language}.jsonl.xz"))
            for qa in row["qas"]
        ]
        for language in ("en", "ar")
    }
    for read in ("en", "ar"):
        folder = index_of(root, read, count, embedder, config)
        with Index.open(folder, contract_of(embedder, config)) as index, index.snapshot() as snapshot:
            articles = {article.id: article.source.rsplit("/", 1)[-1] for article in snapshot.articles()}
            owner = owners[read] = {}
            for ask in ("en", "ar"):
                rows = []
                for question, gold in asked[ask]:
                    here = search(question, snapshot, embedder, lexicon(), config)
                    unknown = [id for id in here.cosines if id not in owner]
                    owner.update((p.id, articles[p.article_id]) for p in snapshot.passages(unknown))
                    legs = {
                        name: [(id, score) for id, score in leg if id in here.cosines]
                        for name, leg in here.legs.items()
                    }
                    rows.append(Asked(gold, replace(here, legs=legs)))
                found[f"{ask}->{read}"] = rows
    return found, owners


def recall(rankings: Iterator[tuple[list[int], str]], owner: dict[int, str]) -> tuple[float, float]:
    """R@1 and R@10 in per cent, over paragraphs."""
    first = tenth = total = 0
    for ids, gold in rankings:
        names = list(dict.fromkeys(owner[id] for id in ids))[:10]
        first += names[:1] == [gold]
        tenth += gold in names
        total += 1
    return round(100 * first / total, 1), round(100 * tenth / total, 1)


def ranked(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda id: (-scores[id], id))


def table(found: dict[str, list[Asked]], owners: dict, weights: Weights) -> dict[str, dict[str, tuple]]:
    out: dict[str, dict[str, tuple]] = {}
    for name, rows in found.items():
        owner = owners[name[-2:]]
        out[name] = {
            "dense": by_leg(rows, owner, "dense"),
            "words": recall(((ranked(r.found.words), r.gold) for r in rows), owner),
            "lexical": by_leg(rows, owner, "lexical"),
            "cross": by_leg(rows, owner, "cross"),
            "fused": fused(rows, owner, weights),
            "without dense": fused(rows, owner, replace(weights, dense=1e-9)),
            "without words": fused(rows, owner, replace(weights, words=0.0)),
            "without lexical": fused(rows, owner, replace(weights, lexical=0.0)),
            "without cross": fused(rows, owner, replace(weights, cross=0.0)),
        }
    return out


def by_leg(rows: list[Asked], owner: dict[int, str], name: str) -> tuple[float, float]:
    return recall((([id for id, _ in r.found.legs[name]], r.gold) for r in rows), owner)


def fused(rows: list[Asked], owner: dict[int, str], weights: Weights) -> tuple[float, float]:
    return recall(((ranked(fuse(row.found, weights)), row.gold) for row in rows), owner)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data")
    parser.add_argument("--distractors", type=int, default=5000)
    parser.add_argument("--embedder", default="sanad")
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    root, config = data_root(args.data), Config()
    embedder = embedder_of(args.embedder)
    started = time.monotonic()
    found, owners = measure(root, args.distractors, embedder, config)
    weights = Weights(config.weight_dense, config.weight_words, config.weight_lexical, config.weight_cross)
    result = table(found, owners, weights)
    for name, legs in result.items():
        print(name, "  ".join(f"{leg} {one}/{ten}" for leg, (one, ten) in legs.items()))
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    if args.tune:
        grid = itertools.product(
            (0.3, 0.6, 1.0), (0.6, 1.0, 1.5, 2.0, 3.0), (0.7, 1.0, 1.5), (1.0, 1.5, 2.2, 3.0)
        )
        for tried in itertools.starmap(Weights, grid):
            scores = {name: fused(rows, owners[name[-2:]], tried) for name, rows in found.items()}
            told = "  ".join(f"{name} {a}/{b}" for name, (a, b) in scores.items())
            print(*asdict(tried).values(), told)
    if args.json:
        about = {
            "distractors": args.distractors,
            "encoder": embedder.id,
            "weights": asdict(weights),
        }
        args.json.write_text(json.dumps({"about": about, "recall@1, recall@10": result}, indent=1) + "\n")


if __name__ == "__main__":
    main()
