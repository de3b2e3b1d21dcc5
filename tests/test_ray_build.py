"""Encoding on a Ray cluster: two workers on this machine, the same index, and a killed worker survived."""

import importlib.util
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shelf
from soak import ray_cluster

from rag import store
from rag.build import build
from rag.embed import SanadEmbedder
from rag.errors import ModelError
from rag.extras.ray_build import RayEmbedder

ROOT = Path(__file__).resolve().parents[1]
pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the ray extra is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="a process is killed by POSIX signals"),
]


@pytest.fixture(scope="module")
def driven(tmp_path_factory) -> Path:
    """A folder of articles, the index that the cluster built of them, and what it gave while a worker died."""
    folder = tmp_path_factory.mktemp("ray")
    articles = shelf.write(folder / "articles", *range(12))
    script = ROOT / "tests" / "soak" / "ray_cluster.py"
    command = [sys.executable, str(script), str(articles), str(folder / "index"), str(folder / "result.npz")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def vectors_of(folder: Path) -> list[tuple[str, int, bytes]]:
    with closing(store.open_to_read(folder)) as db:
        return db.execute(
            "SELECT p.article_id, p.ordinal, v.vector FROM passages AS p "
            "JOIN vectors AS v ON v.passage_id = p.id ORDER BY 1, 2"
        ).fetchall()


@pytest.mark.soak
def test_the_index_is_the_one_that_is_built_without_it(driven, tmp_path):
    build([driven / "articles"], tmp_path / "here", SanadEmbedder(), ray_cluster.CONFIG)
    assert len(vectors_of(tmp_path / "here")) >= 24
    assert vectors_of(driven / "index") == vectors_of(tmp_path / "here")


@pytest.mark.soak
def test_a_killed_worker_costs_time_but_no_vector(driven):
    texts = ray_cluster.texts(driven / "articles")
    with np.load(driven / "result.npz") as result:
        assert len(set(result["before"].tolist())) == 2
        assert result["now"][0] != result["before"][0]
        assert result["now"][1] == result["before"][1]
        assert np.array_equal(result["vectors"], SanadEmbedder().embed_passages(texts))
        assert np.array_equal(result["after"], SanadEmbedder().embed_passages(["after"]))


def test_an_address_that_is_none_is_named():
    with pytest.raises(ModelError, match="ray start --head"):
        RayEmbedder("sanad", "no port here")
