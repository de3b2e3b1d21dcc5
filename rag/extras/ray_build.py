"""The encoding step of a build on a Ray cluster: the same encoder in one process per core of it.

Set ``ray`` to the cluster's address, or to ``local`` for the cores of this machine, and build as always:
reading, chunking, SQLite and publishing stay here, texts go out and vectors come back. Every
text is run by one process alone, so the index is the one that a build without Ray makes, bit for bit with the
shipped encoder. A worker that dies is started again and gets its texts again. The package and its
weights must be installed on every machine of the cluster.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rag.embed import embedder_of
from rag.errors import ContractMismatch, ExtraMissing, ModelError

if TYPE_CHECKING:
    from rag.protocols import Embedder, Vectors

_PIECE = 32  # texts that a worker takes at a time
_QUEUED = 2  # pieces of each worker in one batch, so that none waits for the next
_TRIES = 3  # a busy machine's own cluster may not start within Ray's half a minute, and then does
_START = 300.0  # seconds for the workers to start and load the encoder


class _Worker:
    """Runs in a process of the cluster."""

    def __init__(self, name: str) -> None:
        self._embedder = embedder_of(name, threads=1)

    def about(self) -> tuple[str, int]:
        """Id of its encoder, and its process."""
        return self._embedder.id, os.getpid()

    def embed(self, texts: list[str], method: str) -> Sequence[Vectors]:
        found: Sequence[Vectors] = getattr(self._embedder, method)(texts)
        return found


class RayEmbedder:
    """An ``Embedder`` whose passages are encoded by a cluster; questions and tokens stay here.

    Attributes:
        batch: Texts that one call is best given.
        processes: Ids of the workers' processes, each on its own machine.
    """

    def __init__(self, name: str, address: str, workers: int = 0) -> None:
        """Joins the cluster and starts its workers.

        Args:
            name: Of the encoder, as in the settings.
            address: ``host:port``, ``ray://host:port``, or ``local``.
            workers: Processes; 0 is one per core of the cluster.

        Raises:
            ExtraMissing: ray is not installed.
            ModelError: The cluster cannot be reached, or its workers cannot load the encoder.
            ContractMismatch: A worker has another version of the encoder.
        """
        self._here: Embedder = embedder_of(name)
        self._ray = _joined(address, workers)
        count = workers or int(self._ray.cluster_resources().get("CPU", 1)) or 1
        # -1: started again, and given the same texts again, however often that is needed.
        remote = self._ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=-1)(_Worker)
        self._workers: list[Any] = [remote.remote(name) for _ in range(count)]
        self.batch = _PIECE * _QUEUED * count
        self.width: int = getattr(self._here, "width", 0)
        if hasattr(self._here, "embed_with_words"):
            self.embed_with_words = functools.partial(self._embedded, method="embed_with_words")
        about = self.about()
        self.processes = tuple(process for _, process in about)
        for id_, _ in about:
            if id_ != self._here.id:
                self.close()
                raise ContractMismatch(
                    f"A worker of the cluster has the encoder {id_}, this machine {self._here.id}. "
                    "Install the same version of Sanad on all of them."
                )

    @property
    def id(self) -> str:
        return self._here.id

    @property
    def dimension(self) -> int:
        return self._here.dimension

    @property
    def max_tokens(self) -> int:
        return self._here.max_tokens

    @property
    def tolerance(self) -> float:
        return self._here.tolerance

    def count_tokens(self, text: str) -> int:
        return self._here.count_tokens(text)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self._here.embed_questions(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return np.stack(self._embedded(texts, "embed_passages"))

    def _embedded(self, texts: Sequence[str], method: str) -> list[Vectors]:
        """What ``method`` of the encoder gives for each text."""
        pieces = [list(texts[at : at + _PIECE]) for at in range(0, len(texts), _PIECE)]
        waits = [
            self._workers[at % len(self._workers)].embed.remote(piece, method)
            for at, piece in enumerate(pieces)
        ]
        return [one for piece in self._got(waits) for one in piece]

    def about(self) -> list[tuple[str, int]]:
        """Of each worker the encoder's id and the process, as they are now."""
        return self._got([worker.about.remote() for worker in self._workers], _START)

    def close(self) -> None:
        """Ends the workers and leaves the cluster."""
        for worker in self._workers:
            self._ray.kill(worker)
        self._workers = []
        self._ray.shutdown()

    def _got(self, waits: list[Any], patience: float | None = None) -> list[Any]:
        try:
            return list(self._ray.get(waits, timeout=patience))
        except self._ray.exceptions.RayError as error:
            self.close()
            raise ModelError(
                f"The Ray cluster did not encode ({type(error).__name__}: {str(error)[-300:].strip()}). Check it "
                "with: ray status. The same command goes on from what was encoded."
            ) from error


def _joined(address: str, workers: int) -> Any:
    """Ray, joined to the cluster."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it reports its use to its maker otherwise
    try:
        import ray
    except ImportError as error:
        raise ExtraMissing("ray", "ray") from error
    where: dict[str, Any] = {"address": address}
    if address == "local":
        where |= {"include_dashboard": False, "num_cpus": workers or None, "_node_ip_address": "127.0.0.1"}
    for left in reversed(range(_TRIES if address == "local" else 1)):
        try:
            ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
            break
        except Exception as error:  # Ray raises anything here, bare Exception included
            ray.shutdown()
            if not left:
                raise ModelError(
                    f"The Ray cluster at {address} cannot be joined ({error}). Start it with: ray start --head"
                ) from error
    return ray
