"""Search over the vectors of one generation with FAISS: exact while that is quick, else approximate.

FAISS numbers its vectors 0, 1, 2 …; ``ids`` says which passage each row is. Both ascend.

============  ========================================  =======================================
kind          what it is                                when
============  ========================================  =======================================
``flat``      every float16 vector compared             up to 400,000 vectors of 384 numbers
``ivf_fp16``  cells of float16 vectors                  above, while they fit half of the free
                                                        memory
``ivf_pq``    cells of codes; the best are compared     above that; the float16 vectors stay
              again by their float16 vectors            on the disk, mapped into memory
============  ========================================  =======================================

How many cells an approximate search looks into is found when it is made: the least with which 98 of 100
true neighbours of questions made for the purpose come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from rag import cells
from rag.machine import free_memory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.protocols import Vectors

    Ids = NDArray[np.int64]
    Blocks = Callable[[], Iterable[tuple[Ids, Vectors]]]

Kind = Literal["flat", "ivf_fp16", "ivf_pq"]

RECALL = 0.98  # share of the ten true neighbours that an approximate search must find
EXACT = 400_000 * 384  # numbers that are compared within 50 ms on two cores
_MOST_DEAD = 0.1  # share of deleted rows above which cells are made anew
_ROW = 16  # bytes of a row besides its vector: two numbers
_GROWTH = 2.0  # growth since the cells were learned above which they are made anew
PRECISION = 6  # decimals of a score: float16 vectors carry no more, and equal texts must tie


@dataclass(frozen=True, slots=True)
class Setting:
    """How a store searches.

    Attributes:
        effort: Cells looked into; 0 for ``flat``.
        recall: Recall at 10 measured with it when it was made.
        learned: Vectors there were when it was made.
    """

    kind: Kind = "flat"
    effort: int = 0
    recall: float = 1.0
    learned: int = 0


class FaissStore:
    """A ``VectorStore``. It is not changed once it is searched; ``updated`` makes the next one."""

    def __init__(self, index: Any, ids: Ids, setting: Setting, dead: frozenset[int] = frozenset()) -> None:
        """``dead`` are ids that were deleted but still have a row."""
        self.index = index
        self.ids = ids
        self.setting = setting
        self.dead = dead

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.index.d)

    def __len__(self) -> int:
        return len(self.ids) - len(self.dead)

    def search(self, vectors: Vectors, k: int, only: Ids | None = None) -> tuple[Ids, Vectors]:
        """As ``VectorStore.search``; ``only`` restricts it to these ids."""
        import numpy as np

        questions = np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1, self.dimension)
        mask = self._mask(only)
        total = len(self.ids) if mask is None else int(np.count_nonzero(mask))
        return ranked(lambda wanted: self._raw(questions, wanted, mask, total), len(questions), k, total)

    def _mask(self, only: Ids | None) -> NDArray[np.bool_] | None:
        import numpy as np

        mask = None
        if only is not None:
            mask = np.isin(self.ids, only, assume_unique=True)
        if self.dead:
            alive = np.isin(self.ids, np.fromiter(self.dead, np.int64), invert=True, assume_unique=True)
            mask = alive if mask is None else mask & alive
        return mask

    def _raw(
        self, questions: Vectors, wanted: int, mask: NDArray[np.bool_] | None, total: int
    ) -> tuple[Ids, Vectors]:
        """Ids and rounded scores as FAISS orders them."""
        import faiss
        import numpy as np

        library: Any = faiss
        selector: Any = None
        if mask is not None:
            selector = library.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        if self.setting.kind == "flat":
            exact = library.SearchParameters(sel=selector) if selector is not None else None
            near, rows = self.index.search(questions, wanted, params=exact)
        else:
            # Where few rows count, those that do lie in more cells.
            effort = self.setting.effort * len(self.ids) // total
            compressed = self.setting.kind == "ivf_pq"
            near, rows = cells.search(self.index, compressed, questions, wanted, effort, selector, total)
        ids = np.where(rows < 0, -1, self.ids[rows])
        return ids, np.where(rows < 0, -np.inf, np.round(near, PRECISION)).astype(np.float32)


def ranked(raw: Callable[[int], tuple[Ids, Vectors]], count: int, k: int, total: int) -> tuple[Ids, Vectors]:
    """The ``k`` best of each of ``count`` questions, ties by the smaller id, padded as ``VectorStore.search``.

    Args:
        raw: Ids and rounded scores of at least so many hits, best first, ties in any order.
        total: The most that ``raw`` can give.
    """
    import numpy as np

    ids = np.full((count, max(k, 0)), -1, dtype=np.int64)
    scores = np.full(ids.shape, -np.inf, dtype=np.float32)
    if not ids.size or not total:
        return ids, scores
    wanted = min(k + 1, total)
    found, near = raw(wanted)
    while wanted < total and _tied(near, k):  # equal vectors across the last place: order all of them
        wanted = min(total, 4 * wanted)
        found, near = raw(wanted)
    for row in range(count):
        best = order(found[row], near[row])[:k]
        ids[row, : len(best)] = found[row][best]
        scores[row, : len(best)] = near[row][best]
    return ids, scores


def order(ids: Ids, scores: Vectors) -> Ids:
    """Positions of the real hits (id not -1), best first, ties by the smaller id."""
    import numpy as np

    ranked = np.lexsort((ids, -scores))
    return np.asarray(ranked[ids[ranked] >= 0], dtype=np.int64)


def _tied(near: Vectors, k: int) -> bool:
    import numpy as np

    return bool(np.any((near[:, k] == near[:, k - 1]) & np.isfinite(near[:, k])))


def kind_for(count: int, dimension: int, memory: int | None = None) -> Kind:
    """What fits ``count`` vectors into ``memory`` bytes (None: what is free now)."""
    if count * dimension <= EXACT:
        return "flat"
    free = memory if memory is not None else free_memory()
    full = count * (2 * dimension + _ROW)
    return "ivf_fp16" if free is None or full < free // 2 else "ivf_pq"


def make(blocks: Blocks, count: int, dimension: int, kind: Kind | None = None) -> FaissStore:
    """A store of ``count`` vectors of unit length, given in blocks by ascending id; may be called twice."""
    import faiss

    kind = kind or kind_for(count, dimension)
    if kind == "ivf_pq" and count < cells.CODES:
        kind = "ivf_fp16"
    if kind == "flat" or not count:
        library: Any = faiss
        half = library.ScalarQuantizer.QT_fp16
        index = library.IndexScalarQuantizer(dimension, half, library.METRIC_INNER_PRODUCT)
        return FaissStore(index, _added(index, blocks), Setting(learned=count))
    sample = _sample(blocks, count, cells.enough_to_learn(count))
    index = cells.learned(sample, count, kind == "ivf_pq")
    nearest = cells.Nearest(cells.questions(sample))
    del sample  # a tenth of all, and the rest comes now
    ids = _added(index, blocks, nearest)
    return _tuned(FaissStore(index, ids, Setting(kind, 0, 0.0, count)), nearest)


def _added(index: Any, blocks: Blocks, nearest: cells.Nearest | None = None) -> Ids:
    """Puts all vectors into an index, shows them to ``nearest`` on the way, and gives their ids."""
    import numpy as np

    parts = [np.empty(0, np.int64)]
    for ids, vectors in blocks():
        index.add(np.ascontiguousarray(vectors))
        parts.append(ids)
        if nearest is not None:
            nearest.see(ids, vectors)
    return np.concatenate(parts)


def _sample(blocks: Blocks, count: int, most: int) -> Vectors:
    """About ``most`` vectors at most, spread evenly."""
    import numpy as np

    step = max(1, count // most)
    # Copies: slices would hold on to all of the vectors.
    return np.concatenate([vectors[::step].copy() for _, vectors in blocks()])


def _tuned(store: FaissStore, nearest: cells.Nearest) -> FaissStore:
    """The store with the least effort that reaches ``RECALL``, or with the most there is."""
    for effort in cells.EFFORTS:
        tried = Setting(store.setting.kind, effort, 0.0, store.setting.learned)
        store = FaissStore(store.index, store.ids, tried)
        found, _ = store.search(nearest.asked, cells.NEIGHBOURS)
        recall = nearest.recall(found)
        if recall >= RECALL or effort >= cells.number_of(store.index):
            break
    return FaissStore(store.index, store.ids, replace(tried, recall=round(recall, 4)))


def updated(store: FaissStore, gone: Ids, ids: Ids, vectors: Vectors, kind: Kind) -> FaissStore | None:
    """The next store: without the ids ``gone``, with new vectors, whose ids are above all others.

    Args:
        kind: What would be made for the new number of vectors.

    Returns:
        None when it is better made anew. ``store`` must not be used afterwards.
    """
    import faiss
    import numpy as np

    setting = store.setting
    gone = gone[np.isin(gone, store.ids)]
    dead = store.dead | frozenset(gone.tolist())
    total = len(store.ids) + len(ids)
    if setting.kind == "flat":
        if kind != "flat":
            return None
        rows = np.flatnonzero(np.isin(store.ids, gone))
        if len(rows):
            library: Any = faiss
            store.index.remove_ids(library.IDSelectorBatch(rows))
        kept, dead = np.delete(store.ids, rows), frozenset()
    else:
        grown = total > _GROWTH * setting.learned
        small = kind == "flat" and 2 * total * store.dimension < EXACT
        if grown or small or len(dead) > _MOST_DEAD * total:
            return None
        kept = store.ids
    if len(ids):
        store.index.add(np.ascontiguousarray(vectors))
    return FaissStore(store.index, np.concatenate([kept, ids]), setting, dead)
