"""Approximate search by cells: each vector lies in the cell of its nearest centre, and a question looks into a few.

Full cells hold the float16 vectors themselves. Compressed ones hold product-quantised codes, and the best
candidates by code are compared again by their float16 vectors, which may stay on the disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.protocols import Vectors

    Ids = NDArray[np.int64]

# Cells that are tried: 1, 2, 3, 4, 6 … 4096.
EFFORTS = (1, *(cells for power in range(1, 12) for cells in (2**power, 3 * 2 ** (power - 1))), 4096)
CODES = 256  # vectors that product quantisation needs to learn from
NEIGHBOURS = 10
_PER_CELL = 32  # vectors that a centre is learned from
_ROUNDS = 10  # of k-means
_AGAIN = 1600  # candidates by code that are compared exactly, at least: half as many lose 1 % at a million
_ROOM = 4  # times as many vectors as are asked for lie in the cells looked at
_QUESTIONS = 256
_BETWEEN = 6  # passages that a question for tuning lies between
_LENGTH = 2.0  # of its noise, in lengths of their mean


def learned(sample: Vectors, count: int, compressed: bool) -> Any:
    """An empty FAISS index for ``count`` vectors, its centres and codes learned from ``sample``."""
    import faiss

    library: Any = faiss
    product, half = library.METRIC_INNER_PRODUCT, library.ScalarQuantizer.QT_fp16
    dimension = sample.shape[1]
    coarse = library.IndexFlatIP(dimension)
    if compressed:
        codes = max(m for m in range(1, dimension // 4 + 1) if dimension % m == 0 and m <= dimension // 6 + 1)
        index = library.IndexIVFPQ(coarse, dimension, cells_for(count), codes, 8, product)
        index.pq.cp.niter, index.pq.cp.min_points_per_centroid = _ROUNDS, 1
    else:
        # Not the differences from the centres: these would be rounded once more.
        index = library.IndexIVFScalarQuantizer(coarse, dimension, cells_for(count), half, product, False)
    index.cp.niter, index.cp.min_points_per_centroid = _ROUNDS, 1
    _give(coarse, index, "own_fields")
    index.train(sample)
    if not compressed:
        return index
    fine = library.IndexScalarQuantizer(dimension, half, product)
    both = library.IndexRefine(index, fine)
    _give(index, both, "own_fields")
    _give(fine, both, "own_refine_index")
    return both


def _give(part: Any, owner: Any, flag: str) -> None:
    part.this.disown()  # else Python frees it when the caller ends
    setattr(owner, flag, True)


def cells_for(count: int) -> int:
    """Cells of ``count`` vectors: four times the root, about 4,000 of a million, and 40 vectors in each at least."""
    return max(1, min(65_536, int(4 * count**0.5), count // 40))


def enough_to_learn(count: int) -> int:
    """Vectors of a sample from which the cells of ``count`` vectors can be learned."""
    return max(_PER_CELL * cells_for(count), 20_000)


def number_of(index: Any) -> int:
    """Cells of an index that ``learned`` made."""
    import faiss

    library: Any = faiss
    inner = library.downcast_index(index)
    return int(library.downcast_index(getattr(inner, "base_index", inner)).nlist)


def search(
    index: Any, compressed: bool, questions: Vectors, wanted: int, looked_at: int, selector: Any, total: int
) -> tuple[Vectors, Ids]:
    """Scores and rows as FAISS orders them, row -1 for none.

    Args:
        looked_at: Cells; more where they hold fewer than ``wanted`` vectors.
        selector: FAISS's, of the rows that count; None for all.
        total: Rows that count.
    """
    import faiss

    library: Any = faiss
    cells = number_of(index)
    looked_at = min(cells, max(looked_at, -(-_ROOM * wanted * cells // total)))
    while True:
        parameters = library.SearchParametersIVF(sel=selector, nprobe=looked_at)
        if compressed:
            parameters = library.IndexRefineSearchParameters(
                k_factor=max(4.0, _AGAIN / wanted), base_index_params=parameters
            )
        near, rows = index.search(questions, wanted, params=parameters)
        if looked_at == cells or wanted > total or (rows >= 0).all():
            return near, rows
        looked_at = min(cells, 4 * looked_at)


def questions(sample: Vectors) -> Vectors:
    """Questions to tune with, of unit length: about as many cells are needed for them as for real titles.

    Each is the mean of a few passages plus noise of twice its length. A passage plus noise would not do: it
    lies near the middle of the passages that it is to find, and half as many cells would seem enough.
    """
    import numpy as np

    random = np.random.default_rng(0)
    middle = _unit(sample[random.integers(len(sample), size=(_QUESTIONS, _BETWEEN))].mean(axis=1))
    noise = _unit(random.standard_normal(middle.shape).astype(np.float32))
    return _unit(middle + _LENGTH * noise)


def _unit(rows: Vectors) -> Vectors:
    import numpy as np

    made: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return made


class Nearest:
    """The ids of the true neighbours of some questions, in any order, gathered while the vectors go by."""

    def __init__(self, asked: Vectors) -> None:
        import numpy as np

        self.asked = asked
        self.ids: Ids = np.empty((len(asked), 0), np.int64)
        self._scores: Vectors = np.empty((len(asked), 0), np.float32)

    def see(self, ids: Ids, vectors: Vectors) -> None:
        """Takes in a block of vectors with their ids."""
        import numpy as np

        scores = np.concatenate([self._scores, self.asked @ vectors.T], axis=1)
        every = np.concatenate([self.ids, np.broadcast_to(ids, (len(self.asked), len(ids)))], axis=1)
        if scores.shape[1] > NEIGHBOURS:
            best = np.argpartition(-scores, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
            scores, every = np.take_along_axis(scores, best, 1), np.take_along_axis(every, best, 1)
        self._scores, self.ids = scores, every

    def recall(self, found: Ids) -> float:
        """Share of the neighbours that are among ``found``, one row a question."""
        hits = sum(len(set(t) & set(f)) for t, f in zip(self.ids.tolist(), found.tolist(), strict=True))
        return hits / self.ids.size
