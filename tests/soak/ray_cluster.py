"""Drives a local Ray cluster of two workers, in a process of its own: Ray leaves its children to the end of it.

    python tests/soak/ray_cluster.py ARTICLES INDEX RESULT.npz

Builds an index, encodes texts while one of the workers is killed, and writes what came back.
"""

import os
import signal
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from rag.build import build
from rag.config import Config
from rag.extras import ray_build
from rag.extras.ray_build import RayEmbedder

CONFIG = Config(chunk_min=16, chunk_max=60)
LATER = 0.3  # seconds after the encoding began at which a worker is killed


def texts(articles: Path) -> list[str]:
    """Four times the paragraphs of the articles, each with its number."""
    found = [part for path in sorted(articles.iterdir()) for part in path.read_text("utf-8").split("\n\n")]
    return [f"{at} {text}" for at, text in enumerate(4 * found)]


def main(articles: Path, index: Path, result: Path) -> None:
    with closing(RayEmbedder("sanad", "local", workers=2)) as cluster:
        build([articles], index, cluster, CONFIG)
        victim = cluster.processes[0]

        def kill() -> None:
            time.sleep(LATER)
            os.kill(victim, signal.SIGKILL)

        ray_build._PIECE = 4  # many small pieces, so that some are lost with the worker
        thread = threading.Thread(target=kill)
        thread.start()
        vectors = cluster.embed_passages(texts(articles))
        thread.join()
        after = cluster.embed_passages(["after"])
        now = [id_ for _, id_ in cluster.about()]
        np.savez(result, vectors=vectors, after=after, before=cluster.processes, now=now)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
