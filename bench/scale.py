"""How the index behaves as it grows: build time, memory, recall and latency of the vectors, and the word legs.

Vectors are synthetic with real structure (``bench/mixture.py``); questions are real titles. Every row has a process
of its own, so that its memory is its own. The kind of search is what ``rag.vectors`` chooses for the size and this
machine, unless ``--kind`` says otherwise. Whole indexes are existing ones, of real articles; ``--own`` is the
one that the mixture was fitted on.

    python bench/scale.py --news NEWS.jsonl.xz --vectors 10000 100000 400000 1000000 --own
    python bench/scale.py --news NEWS.jsonl.xz --vectors 1000000 --kind ivf_pq --index FOLDER
    python bench/scale.py --draw docs/images/scale.svg

Rows go into ``--json`` as they end; a row measured again replaces the older one.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.mixture import DIMENSION, Mixture, Real, blocks, cells_needed, likeness, real  # noqa: E402
from rag import machine, vectorfile, vectors  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "scale.json"
DEPTH = 50  # hits that a leg brings to the fusion

# ------------------------------------------------------------------ measuring


def milliseconds(ask: Callable[[int], object], count: int) -> dict[str, float]:
    """Median and 95th percentile of ``count`` calls, each timed by itself."""
    ask(0)
    taken = []
    for at in range(count):
        started = time.perf_counter()
        ask(at)
        taken.append(1000 * (time.perf_counter() - started))
    return {
        "p50_ms": round(float(np.percentile(taken, 50)), 2),
        "p95_ms": round(float(np.percentile(taken, 95)), 2),
    }


def memory_mb() -> dict[str, float]:
    """Resident memory of this process: its own and pages of mapped files now, and the most of both so far.

    Not ``getrusage``, whose peak begins with the parent's.
    """
    names = {"RssAnon": "own", "RssFile": "mapped", "VmHWM": "peak"}
    lines = (line.partition(":") for line in Path("/proc/self/status").read_text().splitlines())
    return {names[name]: int(rest.split()[0]) / 1024 for name, _, rest in lines if name in names}


def vector_row(count: int, questions: np.ndarray, file: Path, kind: str | None) -> dict[str, Any]:
    """One size: made, written, read again as a pipeline would, and asked."""
    truth = exact(file, questions, count)
    folder = Path(tempfile.mkdtemp(prefix="sanad-scale-"))
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is of no interest
    before = memory_mb()["peak"]
    started = time.perf_counter()
    made = vectors.make(lambda: blocks(file, count), count, DIMENSION, kind)  # type: ignore[arg-type]
    built = time.perf_counter() - started
    vectorfile.write(made, folder, 1, "bench")
    vectorfile.put(folder)
    peak = memory_mb()["peak"]
    del made
    with contextlib.suppress(OSError, AttributeError):  # else what is read lands in memory that was given up
        ctypes.CDLL(None).malloc_trim(0)
    before_read = memory_mb()
    started = time.perf_counter()
    store, footer = vectorfile.read(folder, 1, "bench", count, DIMENSION)
    opened = time.perf_counter() - started
    found, _ = store.search(questions, 10)
    hits = sum(len(set(f) & set(t)) for f, t in zip(found.tolist(), truth.tolist(), strict=True))
    row = {
        "what": "vectors", "count": count, "kind": store.setting.kind, "effort": store.setting.effort,
        "recall_at_10": round(hits / truth.size, 4), "recall_when_tuned": store.setting.recall,
        "build_s": round(built, 1), "open_s": round(opened, 3),
        "file_mb": round(footer.body / 2**20, 1), "peak_build_mb": round(peak - before),
        **milliseconds(lambda at: store.search(questions[at : at + 1], DEPTH), len(questions)),
    }  # fmt: skip
    now = memory_mb()
    row |= {f"{name}_mb": round(now[name] - before_read[name]) for name in ("own", "mapped")}
    (folder / vectorfile.NAME).unlink()
    folder.rmdir()
    return row


def exact(file: Path, questions: np.ndarray, count: int) -> np.ndarray:
    """Ids of the ten nearest of all vectors, found by NumPy alone."""
    ids = np.zeros((len(questions), 0), np.int64)
    scores = np.zeros((len(questions), 0), np.float32)
    for some, rows in blocks(file, count):
        scores = np.concatenate([scores, questions @ rows.T], axis=1)
        ids = np.concatenate([ids, np.broadcast_to(some, (len(questions), len(some)))], axis=1)
        best = np.argsort(-scores, axis=1)[:, :10]
        scores, ids = np.take_along_axis(scores, best, 1), np.take_along_axis(ids, best, 1)
    return ids


def index_row(folder: Path, held: Real) -> dict[str, Any]:
    """An existing index, every leg asked by itself."""
    from rag.index import Index
    from rag.lexical import terms
    from rag.lexicon import cross_query, lexicon

    words = lexicon()
    count = len(held.titles)
    with Index.open(folder) as index, index.snapshot() as snapshot:

        def lexical(at: int) -> object:
            return snapshot.lexical(terms(held.titles[at]), 1000)

        def cross(at: int) -> object:
            return snapshot.cross(*cross_query(held.titles[at], words), 1000)

        def dense(at: int) -> object:
            return snapshot.dense(held.questions[at : at + 1], DEPTH)

        size = sum(file.stat().st_size for file in folder.iterdir())
        return {
            "what": "index", "count": len(snapshot), "articles": len(snapshot.articles()),
            "size_mb": round(size / 2**20, 1), "dense": milliseconds(dense, count),
            "lexical": milliseconds(lexical, count), "cross": milliseconds(cross, count),
            "peak_mb": round(memory_mb()["peak"]),
            **({"build_s": round(held.build_s, 1)} if folder == held.folder else {}),
        }  # fmt: skip


# ------------------------------------------------------------------ drawing


def draw(rows: list[dict[str, Any]]) -> str:
    """An SVG: latency over size, both logarithmic; recall and memory beside each point of the vectors."""
    width, height, left, bottom = 760, 420, 70, 50
    curves = list(_curves(rows))
    most = max(figures["p95_ms"] for _, _, points in curves for _, figures, _ in points)
    span_x, span_y = (3.7, 6.3), (-1, int(np.ceil(np.log10(most))))

    def x(count: float) -> float:
        return left + (np.log10(count) - span_x[0]) / (span_x[1] - span_x[0]) * (width - left - 130)

    def y(ms: float) -> float:
        share = (np.log10(max(ms, 0.1)) - span_y[0]) / (span_y[1] - span_y[0])
        return height - bottom - share * (height - bottom - 30)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="18" font-size="14">Time of one search by size: median, and 95th percentile (thin). Beside a point: recall@10, memory</text>',
    ]
    for power in range(span_y[0], span_y[1] + 1):
        at = y(10.0**power)
        out.append(f'<path d="M{left} {at:.1f}H{width - 130}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>')
    for count, name in ((10_000, "10 k"), (100_000, "100 k"), (1_000_000, "1 M")):
        out.append(f'<path d="M{x(count):.1f} 30V{height - bottom}" stroke="#eee"/>')
        out.append(f'<text x="{x(count):.1f}" y="{height - bottom + 18}" text-anchor="middle">{name}</text>')
    out.append(f'<text x="{(left + width - 130) / 2}" y="{height - 10}" text-anchor="middle">passages</text>')
    names: list[tuple[float, float]] = []
    for name, colour, points in curves:
        for key, thick in (("p50_ms", 2.2), ("p95_ms", 0.8)):
            path = " ".join(f"{x(count):.1f},{y(figures[key]):.1f}" for count, figures, _ in points)
            out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{thick}"/>')
        for count, figures, note in points:
            at = x(count), y(figures["p50_ms"])
            out.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="3.5" fill="{colour}"/>')
            out.append(
                f'<text x="{at[0] + 6:.1f}" y="{at[1] + 15:.1f}" fill="{colour}" font-size="10">{note}</text>'
            )
        end = x(points[-1][0]) + 8, y(points[-1][1]["p50_ms"]) - 6
        while any(abs(end[0] - other[0]) < 90 and abs(end[1] - other[1]) < 13 for other in names):
            end = end[0], end[1] - 1
        names.append(end)
        out.append(
            f'<text x="{end[0]:.1f}" y="{end[1]:.1f}" fill="{colour}" font-weight="bold">{name}</text>'
        )
    return "\n".join([*out, "</svg>", ""])


def _curves(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str, list[tuple[int, dict[str, float], str]]]]:
    made = sorted((row for row in rows if row["what"] == "vectors"), key=lambda row: row["count"])
    for kind, colour in (("flat", "#1f5fa8"), ("ivf_fp16", "#2a8a4a"), ("ivf_pq", "#8a4ab0")):
        points = [
            (row["count"], row, f"{row['recall_at_10']:.3f}, {row['own_mb'] + row['mapped_mb']} MB")
            for row in made
            if row["kind"] == kind
        ]
        if points:
            yield f"vectors: {kind}", colour, points
    built = sorted((row for row in rows if row["what"] == "index"), key=lambda row: row["count"])
    for leg, colour in (("lexical", "#c2571a"), ("cross", "#a02c4a")):
        if built:
            yield f"words: {leg}", colour, [(row["count"], row[leg], "") for row in built]


# ------------------------------------------------------------------ command


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the index at several sizes.")
    add = parser.add_argument
    add("--news", type=Path, help="articles as JSON lines, xz: title, content")
    add("--articles", type=int, default=2500, help="articles that the mixture is fitted on")
    add("--vectors", type=int, nargs="*", default=[], help="sizes of the vector search alone")
    add("--kind", choices=get_args(vectors.Kind), help="instead of the kind that is chosen")
    add(
        "--index",
        type=Path,
        nargs="*",
        default=[],
        help="folders of whole indexes made by the shipped encoder",
    )
    add("--own", action="store_true", help="the index that the mixture is fitted on")
    add("--json", type=Path, default=RESULTS)
    add("--cache", type=Path, default=Path(tempfile.gettempdir()) / "sanad-scale")
    add("--draw", type=Path, metavar="SVG", help="draw the rows there are")
    add("--row", metavar="COUNT_OR_FOLDER", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    wanted = [*map(str, asked.vectors), *map(str, asked.index), *([""] if asked.own else [])]
    if (wanted or asked.row is not None) and not (asked.news and asked.news.is_file()):
        parser.error("--news must name a file of articles, such as news/saudinewsnet.ar.jsonl.xz of the data")
    about = json.loads(asked.json.read_text()) if asked.json.is_file() else {"rows": []}
    if wanted or asked.row is not None:
        held = real(asked.news, asked.cache, asked.articles)
        if asked.row is not None:
            print(json.dumps(_row(asked.row, held, asked)))
            return
        mixture = Mixture(held.passages, held.article)
        mixture.write(held.folder.with_suffix(".f16"), max(asked.vectors, default=0))
        about |= {
            "cores": machine.cores(),
            "likeness": likeness(held, mixture),
            "cells_needed": cells_needed(held),
        }
        asked.json.write_text(json.dumps(about, indent=1) + "\n")
    for row in wanted:
        about["rows"] = _with(about["rows"], _measured(row, asked))
        asked.json.write_text(json.dumps(about, indent=1) + "\n")
    if asked.draw:
        asked.draw.write_text(draw(about["rows"]), encoding="utf-8")


def _row(what: str, held: Real, asked: argparse.Namespace) -> dict[str, Any]:
    if what.isdigit():
        return vector_row(int(what), held.questions, held.folder.with_suffix(".f16"), asked.kind)
    return index_row(Path(what) if what else held.folder, held)


def _measured(what: str, asked: argparse.Namespace) -> dict[str, Any]:
    command = [
        sys.executable,
        __file__,
        "--row",
        what,
        "--news",
        str(asked.news),
        "--articles",
        str(asked.articles),
    ]
    command += ["--cache", str(asked.cache), *(["--kind", asked.kind] if asked.kind else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    row = {**json.loads(done.stdout.splitlines()[-1]), "load": round(os.getloadavg()[0], 1)}
    print(json.dumps(row), flush=True)
    return row


def _with(rows: list[dict[str, Any]], row: dict[str, Any]) -> list[dict[str, Any]]:
    def key(other: dict[str, Any]) -> tuple[Any, ...]:
        size = round(np.log10(other["count"]), 1)  # the number of passages moves a little with chunking
        return other["what"], size, other.get("kind")

    return [*(other for other in rows if key(other) != key(row)), row]


if __name__ == "__main__":
    main()
