"""How the index behaves as it grows: build time, memory, recall and latency of the vectors, and the word legs.

Vectors are synthetic with real structure: around vectors that the shipped encoder gave real
passages, displaced along differences of real vectors. Questions are real titles of articles, by the
same encoder. Every row has a process of its own, so that its memory is its own. The kind of search
is what ``rag.vectors`` chooses for the size and this machine, unless ``--kind`` says otherwise. The word legs
are measured on an index of real articles through the project's own build, with synthetic vectors so
that encoding does not count.

    python bench/scale.py --news NEWS.jsonl.xz --vectors 10000 100000 1000000 --passages 10000 100000
    python bench/scale.py --draw docs/images/scale.svg

Rows go into ``--json`` as they end; a row measured again replaces the older one.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rag import machine, vectorfile, vectors  # noqa: E402
from rag.embed import SanadEmbedder  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "scale.json"
DIMENSION = 384
BASE = 800  # real passages whose vectors are the centres
QUESTIONS = 200
STEP = 0.35  # of a difference of two real vectors that is added to a centre
NOISE = 0.25  # length of the random part
DEPTH = 50  # hits that a leg brings to the fusion
RANDOM_BLOCK = 8192  # vectors made at a time

# ------------------------------------------------------------------ data


def articles(news: Path) -> Iterator[dict[str, str]]:
    with lzma.open(news, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def real(news: Path, cache: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Vectors of ``BASE`` passages and of ``QUESTIONS`` titles of other articles, and these titles."""
    passages: list[str] = []
    titles: list[str] = []
    for at, article in enumerate(articles(news)):
        if at % 7 == 0 and len(titles) < QUESTIONS and len(article["title"].split()) >= 4:
            titles.append(article["title"])
        elif len(passages) < BASE and len(article["content"]) > 200:
            passages.append(article["content"][:500])
        if len(passages) == BASE and len(titles) == QUESTIONS:
            break
    embedder = SanadEmbedder()
    file = cache / f"scale-{embedder.id.replace('@', '-')}.npz"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        made = embedder.embed_passages(passages), embedder.embed_questions(titles)
        np.savez(file, passages=made[0], questions=made[1])
    with np.load(file, allow_pickle=False) as held:
        return held["passages"], held["questions"], titles


def mixture(base: np.ndarray, count: int, seed: int) -> np.ndarray:
    """``count`` vectors of length 1 as float16 holds them."""
    random = np.random.default_rng(seed)
    centre, plus, minus = random.integers(len(base), size=(3, count))
    noise = random.standard_normal((count, DIMENSION)).astype(np.float32) * (NOISE / DIMENSION**0.5)
    made = base[centre] + STEP * (base[plus] - base[minus]) + noise
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float16).astype(np.float32)


def blocks(base: np.ndarray, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for at in range(0, count, RANDOM_BLOCK):
        ids = np.arange(at + 1, min(at + RANDOM_BLOCK, count) + 1)
        yield ids, mixture(base, len(ids), seed=at)


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


def memory_mb() -> float:
    """Resident memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def vector_row(count: int, news: Path, cache: Path, kind: str | None) -> dict[str, Any]:
    """One size: made, written, read again as a pipeline would, and asked."""
    base, questions, _ = real(news, cache)
    truth = exact(base, questions, count)
    folder = Path(tempfile.mkdtemp(prefix="sanad-scale-"))
    before = memory_mb()
    started = time.perf_counter()
    made = vectors.make(lambda: blocks(base, count), count, DIMENSION, kind)  # type: ignore[arg-type]
    built = time.perf_counter() - started
    vectorfile.write(made, folder, 1, "bench")
    vectorfile.put(folder)
    peak = peak_mb()
    del made
    before_read = memory_mb()
    started = time.perf_counter()
    store, footer = vectorfile.read(folder, 1, "bench", count, DIMENSION)
    opened = time.perf_counter() - started
    found, _ = store.search(questions, 10)
    hits = sum(len(set(f) & set(t)) for f, t in zip(found.tolist(), truth.tolist(), strict=True))
    row = {
        "what": "vectors", "count": count, "kind": store.setting.kind, "effort": store.setting.effort,
        "recall_at_10": round(hits / truth.size, 4), "build_s": round(built, 1), "open_s": round(opened, 3),
        "file_mb": round(footer.body / 2**20, 1), "peak_build_mb": round(peak - before),
        **milliseconds(lambda at: store.search(questions[at : at + 1], DEPTH), len(questions)),
    }  # fmt: skip
    row["resident_mb"] = round(memory_mb() - before_read)
    (folder / vectorfile.NAME).unlink()
    folder.rmdir()
    return row


def exact(base: np.ndarray, questions: np.ndarray, count: int) -> np.ndarray:
    """Ids of the ten nearest of all vectors, found by NumPy alone."""
    ids = np.zeros((len(questions), 0), np.int64)
    scores = np.zeros((len(questions), 0), np.float32)
    for some, rows in blocks(base, count):
        scores = np.concatenate([scores, questions @ rows.T], axis=1)
        ids = np.concatenate([ids, np.broadcast_to(some, (len(questions), len(some)))], axis=1)
        best = np.argsort(-scores, axis=1)[:, :10]
        scores, ids = np.take_along_axis(scores, best, 1), np.take_along_axis(ids, best, 1)
    return ids


class Mixture:
    """An embedder without a model: a synthetic vector drawn by the text's checksum."""

    id, dimension, max_tokens, tolerance = "mixture@1", DIMENSION, 256, 0.0

    def __init__(self, base: np.ndarray) -> None:
        self._base = base
        self._real = SanadEmbedder()

    def count_tokens(self, text: str) -> int:
        return self._real.count_tokens(text)

    def embed_passages(self, texts: Any) -> np.ndarray:
        return np.concatenate([mixture(self._base, 1, zlib.crc32(text.encode())) for text in texts])

    embed_questions = embed_passages


def word_row(count: int, news: Path, cache: Path) -> dict[str, Any]:
    """The whole index over about ``count`` passages of real articles: every leg asked by itself."""
    from rag.build import build
    from rag.config import Config
    from rag.index import Index
    from rag.lexical import terms
    from rag.lexicon import cross_query, lexicon

    base, questions, titles = real(news, cache)
    with tempfile.TemporaryDirectory(prefix="sanad-scale-") as name:
        folder = Path(name)
        source = folder / "news.jsonl"
        with source.open("w", encoding="utf-8") as file:
            for at, article in enumerate(articles(news)):
                if at >= count / PASSAGES_PER_ARTICLE:
                    break
                file.write(json.dumps(article, ensure_ascii=False) + "\n")
        started = time.perf_counter()
        report = build([source], folder / "index", Mixture(base), Config())
        built = time.perf_counter() - started
        source.unlink()
        words = lexicon()
        size = sum(f.stat().st_size for f in (folder / "index").iterdir())
        with Index.open(folder / "index") as index, index.snapshot() as snapshot:

            def lexical(at: int) -> object:
                return snapshot.lexical(terms(titles[at]), 1000)

            def cross(at: int) -> object:
                return snapshot.cross(*cross_query(titles[at], words), 1000)

            def dense(at: int) -> object:
                return snapshot.dense(questions[at : at + 1], DEPTH)

            return {
                "what": "index", "count": report.passages, "articles": report.articles,
                "build_s_without_encoding": round(built, 1), "size_mb": round(size / 2**20, 1),
                "dense": milliseconds(dense, QUESTIONS), "lexical": milliseconds(lexical, QUESTIONS),
                "cross": milliseconds(cross, QUESTIONS), "peak_mb": round(peak_mb()),
            }  # fmt: skip


PASSAGES_PER_ARTICLE = 4.2  # of the news, at the chunk sizes in Config

# ------------------------------------------------------------------ drawing


def draw(rows: list[dict[str, Any]]) -> str:
    """An SVG: latency over size, both logarithmic; recall and memory beside each point of the vectors."""
    width, height, left, bottom = 760, 420, 70, 50
    span_x, span_y = (3.7, 6.3), (-1.0, 3.0)

    def x(count: float) -> float:
        return left + (np.log10(count) - span_x[0]) / (span_x[1] - span_x[0]) * (width - left - 130)

    def y(ms: float) -> float:
        share = (np.log10(max(ms, 0.1)) - span_y[0]) / (span_y[1] - span_y[0])
        return height - bottom - share * (height - bottom - 30)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="18" font-size="14">Time of one search by size: median, and 95th percentile (thin)</text>',
    ]
    for power in range(-1, 4):
        at = y(10.0**power)
        out.append(f'<path d="M{left} {at:.1f}H{width - 130}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>')
    for count, name in ((10_000, "10 k"), (100_000, "100 k"), (1_000_000, "1 M")):
        out.append(f'<path d="M{x(count):.1f} 30V{height - bottom}" stroke="#eee"/>')
        out.append(f'<text x="{x(count):.1f}" y="{height - bottom + 18}" text-anchor="middle">{name}</text>')
    out.append(f'<text x="{(left + width - 130) / 2}" y="{height - 10}" text-anchor="middle">passages</text>')
    for name, colour, points in _curves(rows):
        for key, thick in (("p50_ms", 2.2), ("p95_ms", 0.8)):
            path = " ".join(f"{x(count):.1f},{y(figures[key]):.1f}" for count, figures, _ in points)
            out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{thick}"/>')
        for count, figures, note in points:
            at = x(count), y(figures["p50_ms"])
            out.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="3.5" fill="{colour}"/>')
            out.append(
                f'<text x="{at[0] + 6:.1f}" y="{at[1] + 15:.1f}" fill="{colour}" font-size="10">{note}</text>'
            )
        end = points[-1]
        out.append(
            f'<text x="{x(end[0]) + 8:.1f}" y="{y(end[1]["p50_ms"]) - 6:.1f}" fill="{colour}" font-weight="bold">{name}</text>'
        )
    return "\n".join([*out, "</svg>", ""])


def _curves(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str, list[tuple[int, dict[str, float], str]]]]:
    made = sorted((row for row in rows if row["what"] == "vectors"), key=lambda row: row["count"])
    for kind, colour in (("flat", "#1f5fa8"), ("hnsw", "#2a8a4a"), ("ivf", "#8a4ab0")):
        points = [
            (row["count"], row, f"recall {row['recall_at_10']:.3f}, {row['resident_mb']} MB")
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
    add("--vectors", type=int, nargs="*", default=[], help="sizes of the vector search alone")
    add("--passages", type=int, nargs="*", default=[], help="sizes of whole indexes of news")
    add("--kind", choices=("flat", "hnsw", "ivf"), help="instead of the kind that is chosen")
    add("--json", type=Path, default=RESULTS)
    add("--cache", type=Path, default=Path(tempfile.gettempdir()) / "sanad-scale")
    add("--draw", type=Path, metavar="SVG", help="draw the rows there are")
    add("--row", nargs=2, metavar=("WHAT", "COUNT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if (asked.vectors or asked.passages or asked.row) and not (asked.news and asked.news.is_file()):
        parser.error("--news must name a file of articles, such as news/saudinewsnet.ar.jsonl.xz of the data")
    if asked.row:
        what, count = asked.row[0], int(asked.row[1])
        row = (
            vector_row(count, asked.news, asked.cache, asked.kind)
            if what == "vectors"
            else word_row(count, asked.news, asked.cache)
        )
        print(json.dumps(row))
        return
    rows = json.loads(asked.json.read_text())["rows"] if asked.json.is_file() else []
    for what, counts in (("vectors", asked.vectors), ("passages", asked.passages)):
        for count in counts:
            rows = _with(rows, _measured(what, count, asked))
            about = {"cores": machine.cores(), "rows": rows}
            asked.json.write_text(json.dumps(about, indent=1) + "\n")
    if asked.draw:
        asked.draw.write_text(draw(rows), encoding="utf-8")


def _measured(what: str, count: int, asked: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, "--row", what, str(count), "--news", str(asked.news)]
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
