"""Vectors by the million that lie as real ones do: a mixture fitted on passages that the project encoded itself.

News articles are built into an index with the shipped encoder. Their passages' vectors are taken apart: topics
(k-means over the articles' means), articles around a topic, passages around an article. A synthetic article lies
around a topic as its real articles do, its passages around it as real passages around theirs. ``likeness`` tells
how near synthetic neighbours are to each other beside real ones. Questions are titles of other articles.
"""

from __future__ import annotations

import json
import lzma
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag import cells, store
from rag.build import build
from rag.config import Config
from rag.embed import SanadEmbedder
from rag.vectors import RECALL

DIMENSION = 384
QUESTIONS = 400
_TOPICS = 500
_SMOOTH = 0.3  # share of an article's variance that all topics have in common
_TOGETHER = 4_000  # articles drawn at a time
_BLOCK = 8_192  # vectors read at a time


@dataclass(frozen=True, slots=True)
class Real:
    """What was encoded.

    Attributes:
        folder: The index of the articles.
        passages: Their vectors, shape ``(passages, 384)``.
        article: Of each passage the number of its article, from 0.
        questions: Vectors of the titles.
        titles: Titles of articles that are not in the index.
        build_s: Seconds that the index took, encoding included.
    """

    folder: Path
    passages: np.ndarray
    article: np.ndarray
    questions: np.ndarray
    titles: list[str]
    build_s: float


def real(news: Path, cache: Path, articles: int) -> Real:
    """``articles`` articles, evenly spread over the file, and titles of others; encoded once, then read from ``cache``.

    Args:
        news: JSON lines, xz: title, content.
    """
    embedder = SanadEmbedder()
    folder = cache / f"news-{articles}-{embedder.id}"
    held = folder.with_suffix(".npz")
    if not held.is_file():
        _encode(news, articles, embedder, folder, held)
    with np.load(held, allow_pickle=False) as kept:
        return Real(
            folder, kept["passages"], kept["article"], kept["questions"], kept["titles"].tolist(), float(kept["build_s"])
        )  # fmt: skip


def _encode(news: Path, articles: int, embedder: SanadEmbedder, folder: Path, held: Path) -> None:
    with lzma.open(news, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    picked = {int(at * len(found) / articles) for at in range(articles)}
    others = [a["title"] for at, a in enumerate(found) if at not in picked and len(a["title"].split()) >= 4]
    titles = [others[int(at * len(others) / QUESTIONS)] for at in range(QUESTIONS)]
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "news.jsonl"
        chosen = (json.dumps(found[at], ensure_ascii=False) + "\n" for at in sorted(picked))
        source.write_text("".join(chosen), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        started = time.perf_counter()
        build([source], folder, embedder, Config())
        build_s = time.perf_counter() - started
    with closing(store.open_to_read(folder)) as db:
        rows = db.execute(
            "SELECT p.article_id, v.vector FROM passages AS p JOIN vectors AS v ON v.passage_id = p.id ORDER BY p.id"
        ).fetchall()
    passages = np.stack([np.frombuffer(vector, "<f2") for _, vector in rows]).astype(np.float32)
    article = np.unique([article for article, _ in rows], return_inverse=True)[1]
    asked = embedder.embed_questions(titles)
    np.savez(held, passages=passages, article=article, questions=asked, titles=titles, build_s=build_s)


class Mixture:
    """The mixture fitted on real passages; draws articles with their passages, always the same ones."""

    def __init__(self, passages: np.ndarray, article: np.ndarray) -> None:
        import faiss

        self.sizes = np.bincount(article)  # passages of each real article
        means = np.zeros((len(self.sizes), DIMENSION), np.float32)
        np.add.at(means, article, passages)
        means /= self.sizes[:, None]
        # A passage is nearer to a mean that it is part of than to its article's true middle.
        many = self.sizes[article] > 1
        of = self.sizes[article][many]
        around = (passages - means[article])[many] * np.sqrt(of / (of - 1))[:, None]
        within = np.cov(around.T)
        self._within = np.linalg.cholesky(within + 1e-6 * np.eye(DIMENSION)).astype(np.float32)
        length = np.linalg.norm(around, axis=1)
        self._spread = (length / np.sqrt((length**2).mean())).astype(np.float32)

        topics = faiss.Kmeans(
            DIMENSION, min(_TOPICS, len(means)), niter=15, seed=1, min_points_per_centroid=1
        )
        topics.train(means)
        self._topics: np.ndarray = topics.centroids
        self._topic = topics.index.search(means, 1)[1].ravel()
        self._members = means - self._topics[self._topic]
        # The means' scatter holds some of the passages': only the rest is the articles' own.
        common = np.cov(self._members.T) - within * np.mean(1 / self.sizes)
        values, axes = np.linalg.eigh(common)
        self._common = (axes * np.sqrt(np.maximum(values, 1e-6))).astype(np.float32)

    def articles(self, seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """``count`` synthetic articles: vectors of their passages, as float16 holds them, and each one's article."""
        random = np.random.default_rng(seed)
        topic = random.choice(self._topic, count)
        own = random.standard_normal((count, DIMENSION)).astype(np.float32) @ self._common.T
        own *= _SMOOTH**0.5
        for one in np.unique(topic):
            members = self._members[self._topic == one]
            at = np.flatnonzero(topic == one)
            weights = random.standard_normal((len(at), len(members))).astype(np.float32)
            own[at] += ((1 - _SMOOTH) / len(members)) ** 0.5 * (weights @ members)
        article = np.repeat(np.arange(count), random.choice(self.sizes, count))
        noise = random.standard_normal((len(article), DIMENSION)).astype(np.float32) @ self._within.T
        noise *= random.choice(self._spread, len(article))[:, None]
        made = (self._topics[topic] + own)[article] + noise
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        return made.astype(np.float16), article

    def write(self, path: Path, count: int) -> None:
        """Writes at least ``count`` vectors of float16; a smaller number is the beginning of a larger."""
        size = 2 * DIMENSION * count
        if path.is_file() and path.stat().st_size >= size:
            return
        with open(path, "wb") as file:
            seed = 0
            while file.tell() < size:
                file.write(self.articles(seed, _TOGETHER)[0].tobytes())
                seed += 1


def blocks(path: Path, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The first ``count`` vectors of a file with their ids, from 1, in blocks, as an index's database gives them."""
    with open(path, "rb") as file:
        for at in range(0, count, _BLOCK):
            size = min(_BLOCK, count - at)
            rows = np.frombuffer(file.read(2 * DIMENSION * size), "<f2").reshape(size, DIMENSION)
            yield np.arange(at + 1, at + size + 1), rows.astype(np.float32)


def likeness(real: Real, mixture: Mixture) -> dict[str, Any]:
    """Cosines with the first and the tenth neighbour, of real passages and of as many synthetic ones."""
    made, _ = mixture.articles(0, len(mixture.sizes))
    sets = {"real": real.passages, "synthetic": made.astype(np.float32)}
    about = {}
    for name, rows in sets.items():
        of_passages = rows @ rows.T
        np.fill_diagonal(of_passages, -1.0)
        of_titles = real.questions @ rows.T
        about[name] = {
            f"{which} {place}": [round(float(v), 3) for v in np.percentile(near[:, place - 1], (10, 50, 90))]
            for which, products in (("passage", of_passages), ("title", of_titles))
            for near in [-np.sort(-products, axis=1)[:, :10]]
            for place in (1, 10)
        }
    return {"percentiles": [10, 50, 90], "passages": len(real.passages), **about}


def cells_needed(real: Real) -> dict[str, int]:
    """Cells of the real passages in which 98 of 100 neighbours lie: for titles, for the questions that ``rag.cells``
    tunes with, and for passages with noise of their own length."""
    import faiss

    passages = real.passages
    index = cells.learned(passages, len(passages), compressed=False)
    centres = faiss.downcast_index(index.quantizer).reconstruct_n(0, index.nlist)
    home = (passages @ centres.T).argmax(axis=1)
    random = np.random.default_rng(0)
    noise = random.standard_normal((QUESTIONS, DIMENSION)).astype(np.float32)
    noisy = passages[random.choice(len(passages), QUESTIONS, replace=False)]
    noisy = noisy + noise / np.linalg.norm(noise, axis=1, keepdims=True)
    needed = {"cells": int(index.nlist)}
    for name, asked in (
        ("titles", real.questions),
        ("made up", cells.questions(passages)),
        ("passages with noise", noisy),
    ):
        nearest = np.argsort(-(asked @ passages.T), axis=1)[:, : cells.NEIGHBOURS]
        place = np.argsort(
            np.argsort(-(asked @ centres.T), axis=1), axis=1
        )  # of each cell, for each question
        looked_at = np.take_along_axis(place, home[nearest], axis=1) + 1
        needed[name] = int(np.ceil(np.percentile(looked_at, 100 * RECALL)))
    return needed
