"""Fixtures shared by the tests of the read path: one index of the seeds for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answer import Pipeline
from rag.assemble import assemble
from rag.build import build
from rag.config import Config
from rag.embed import SanadEmbedder

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds") / "index"
    build([SEEDS], folder, SanadEmbedder(), Config())
    return folder


@pytest.fixture(scope="session")
def pipeline(seeds_index: Path) -> Iterator[Pipeline]:
    made = assemble(Config(index=str(seeds_index), generator="reader"))
    yield made
    made.close()
