"""The seeds among forty thousand other articles: building, warm retrieval, and whether the questions still find theirs.

    python bench/news.py build seeds ../shared/data/news/*.jsonl --index FOLDER    # once; .xz files unpacked before
    python bench/news.py ask --index FOLDER --json bench/results/news.json

Many of the seeds' questions do not say which of all the news they mean ("How many were killed?"), so that not
every miss is one of retrieval: the file names each question that misses.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

BUILT = "build.json"  # in the folder of the index: what building it took


def build(paths: list[Path], folder: Path) -> None:
    """Builds the index in a process of its own, and keeps seconds and peak memory beside it."""
    started = time.perf_counter()
    call = [sys.executable, "-m", "rag.build", *map(str, paths), "--index", str(folder)]
    subprocess.run(call, check=True, cwd=ROOT)
    took = {
        "seconds": round(time.perf_counter() - started, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "load": round(os.getloadavg()[0], 1),
    }
    (folder / BUILT).write_text(json.dumps(took) + "\n", encoding="utf-8")


def ask(folder: Path) -> dict[str, Any]:
    """The evaluation's answerable questions about the seeds, asked of the index."""
    from rag.assemble import assemble
    from rag.config import Config
    from rag.evaluation.questions import read_questions
    from rag.metrics import percentile

    asked = [
        q
        for q in read_questions(ROOT / "eval" / "questions.jsonl")
        if q.answerable and q.id.startswith("seed")
    ]
    pipeline = assemble(Config(index=str(folder)))
    pipeline.search(asked[0].question)
    ten, distinct, times, missed = 0, 0, [], []
    for question in asked:
        started = time.perf_counter()
        pipeline.search(question.question)
        times.append(time.perf_counter() - started)
        hits = [hit.article.source.rsplit("/", 1)[-1] for hit in pipeline.search(question.question, k=100)]
        gold = {one.source.rsplit("/", 1)[-1] for one in question.gold}
        found = bool(gold & set(hits[:10]))
        ten += found
        distinct += bool(gold & set(list(dict.fromkeys(hits))[:10]))
        if not found:
            missed.append(question.question)
    pipeline.close()
    return {
        "questions": len(asked),
        "article_among_10_passages": round(ten / len(asked), 4),
        "article_among_10_articles": round(distinct / len(asked), 4),
        "p50_ms": round(percentile(times, 0.5) * 1000, 1),
        "p95_ms": round(percentile(times, 0.95) * 1000, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "load": round(os.getloadavg()[0], 1),
        "missed": missed,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("build", help="build the index, measured")
    made.add_argument("paths", nargs="+", type=Path)
    asking = commands.add_parser("ask", help="ask the questions on the seeds")
    asking.add_argument("--json", type=Path)
    for command in (made, asking):
        command.add_argument("--index", type=Path, required=True)
    options = parser.parse_args()
    if options.command == "build":
        build(options.paths, options.index)
        return
    row = ask(options.index)
    if (options.index / BUILT).exists():
        row["build"] = json.loads((options.index / BUILT).read_text(encoding="utf-8"))
    print(json.dumps({**row, "missed": len(row["missed"])}, indent=1))
    if options.json:
        options.json.write_text(json.dumps(row, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
