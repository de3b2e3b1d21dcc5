"""A whole pipeline without models: the real index and read path over hashed words and keywords."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rag.answer import Parts, Pipeline
from rag.build import build
from rag.config import Config
from rag.contract import contract_of
from rag.decide import FEATURES, Calibration
from rag.index import Index
from rag.lexicon import lexicon
from rag.protocols import Generator
from rag.types import Hit, Language
from tests.fakes import HashEmbedder, KeywordReader

# Two stems of the question in one sentence are enough.
_ENOUGH = Calibration((1.0, *(0.0 for _ in FEATURES[1:])), 0.0, 0.5)

ARTICLES = {
    "bridge.txt": "The bridge of Qatana was opened on Monday by minister Salma Haddad.\n\n"
    "It cost 40 million dollars and is 812 metres long, engineers of the city said. Nobody was hurt.",
    "جسر.txt": "افتتحت الوزيرة سلمى حداد جسر قطنا يوم الاثنين.\n\nوكلف الجسر 40 مليون دولار كما قال مهندسو المدينة.",
    "wheat.txt": "Farmers of the Ghab plain harvested 300 thousand tonnes of wheat this summer.\n\n"
    "The price of wheat rose by 12.5 percent, traders in Hama said.",
}


def write(folder: Path, articles: Mapping[str, str] = ARTICLES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in articles.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@contextmanager
def answering(
    folder: Path, articles: Mapping[str, str] = ARTICLES, generator: Generator | None = None
) -> Iterator[Pipeline]:
    """A pipeline over ``articles``, its index in ``folder``."""
    config = Config(index=str(folder / "index"), chunk_min=16, chunk_max=60)
    embedder = HashEmbedder()
    build([write(folder / "articles", articles)], folder / "index", embedder, config)
    index = Index.open(folder / "index", contract_of(embedder, config))
    calibration: Callable[[str], Calibration] = lambda _: _ENOUGH  # noqa: E731
    pipeline = Pipeline(Parts(config, index, embedder, KeywordReader(), lexicon(), generator, calibration))
    try:
        yield pipeline
    finally:
        pipeline.close()


class Slow:
    """A generator that says one piece, then waits until it is let go or closed."""

    name = "slow"

    def __init__(self, *more: str) -> None:
        self.more = more
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.closed = threading.Event()

    def stream(self, question: str, hits: Sequence[Hit], language: Language) -> Iterator[str]:
        try:
            self.begun.set()
            yield "The bridge "
            self.go_on.wait(20)
            yield from self.more
        finally:
            self.closed.set()
