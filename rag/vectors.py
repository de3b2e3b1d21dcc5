"""Search over the vectors of one generation with FAISS: exact while that is quick, else approximate.

FAISS numbers its vectors 0, 1, 2 …; ``ids`` says which passage each row is. Both ascend.

============  ========================================  =======================================
kind          what it is                                when
============  ========================================  =======================================
``flat``      every float16 vector compared             up to 200,000 vectors of 384 numbers
``hnsw``      a graph over the float16 vectors          above, while it fits half of the memory
``ivf``       product-quantised cells; the best are     above that; the float16 vectors stay
              compared again by their float16 vectors   on the disk, mapped into memory
============  ========================================  =======================================

How many nodes or cells an approximate search looks at is found when it is made: the least with which
98 of 100 true neighbours of a sample come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rag.machine import free_memory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.protocols import Vectors

    Ids = NDArray[np.int64]
    Blocks = Callable[[], Iterable[tuple[Ids, Vectors]]]

Kind = Literal["flat", "hnsw", "ivf"]

RECALL = 0.98  # share of the ten true neighbours that an approximate search must find
EXACT = 200_000 * 384  # numbers that are compared within 50 ms on two cores
_LINKS = 32  # of a node of the graph
_EFFORTS: dict[Kind, tuple[int, ...]] = {
    "hnsw": (32, 64, 128, 256, 512, 1024),  # nodes looked at
    "ivf": (8, 16, 32, 64, 128, 256, 512, 1024),  # cells looked at
}
_AGAIN = 400  # candidates of ``ivf`` that are compared exactly, at least
_MOST_DEAD = 0.1  # share of deleted rows above which a graph is made anew
_GROWTH = 2.0  # growth since its cells were learned above which ``ivf`` is made anew
PRECISION = 6  # decimals of a score: float16 vectors carry no more, and equal texts must tie


@dataclass(frozen=True, slots=True)
class Setting:
    """How a store searches.

    Attributes:
        effort: Nodes or cells looked at; 0 for ``flat``.
        recall: Recall at 10 measured with it.
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
        # A graph walked through many nodes that do not count has to look at more of them.
        effort = self.setting.effort * len(self.ids) // total
        parameters = _parameters(self.setting.kind, effort, wanted, selector)
        near, rows = self.index.search(questions, wanted, params=parameters)
        ids = np.where(rows < 0, -1, self.ids[rows])
        return ids, np.where(rows < 0, -np.inf, np.round(near, PRECISION)).astype(np.float32)


def _parameters(kind: Kind, effort: int, wanted: int, selector: Any) -> Any:
    import faiss

    library: Any = faiss
    if kind == "hnsw":
        return library.SearchParametersHNSW(sel=selector, efSearch=max(effort, wanted))
    if kind == "ivf":
        cells = library.SearchParametersIVF(sel=selector, nprobe=effort)
        return library.IndexRefineSearchParameters(
            k_factor=max(4.0, _AGAIN / wanted), base_index_params=cells
        )
    return library.SearchParameters(sel=selector) if selector is not None else None


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
    graph = count * (2 * dimension + 4 * 2 * _LINKS)
    return "hnsw" if free is None or graph < free // 2 else "ivf"


def make(blocks: Blocks, count: int, dimension: int, kind: Kind | None = None) -> FaissStore:
    """A store of ``count`` vectors of unit length, given in blocks by ascending id; may be called twice."""
    import numpy as np

    kind = kind or kind_for(count, dimension)
    index = _untrained(kind, blocks, count, dimension)
    parts = [np.empty(0, np.int64)]
    for ids, vectors in blocks():
        index.add(np.ascontiguousarray(vectors))
        parts.append(ids)
    return _tuned(FaissStore(index, np.concatenate(parts), Setting(kind, 0, 1.0, count)))


def _untrained(kind: Kind, blocks: Blocks, count: int, dimension: int) -> Any:
    import faiss

    library: Any = faiss
    product = library.METRIC_INNER_PRODUCT
    half = library.ScalarQuantizer.QT_fp16
    if kind == "hnsw":
        graph = library.IndexHNSWSQ(dimension, half, _LINKS, product)
        graph.hnsw.efConstruction = 100
        graph.is_trained = True  # float16 has nothing to learn
        return graph
    if kind == "ivf":
        cells = max(1, min(65_536, int(4 * count**0.5), count // 40))
        codes = max(m for m in range(1, dimension // 4 + 1) if dimension % m == 0 and m <= dimension // 6 + 1)
        coarse = library.IndexFlatIP(dimension)
        rough = library.IndexIVFPQ(coarse, dimension, cells, codes, 8, product)
        rough.train(_sample(blocks, count, max(64 * cells, 10_000)))
        fine = library.IndexScalarQuantizer(dimension, half, product)
        index = library.IndexRefine(rough, fine)
        for part, owner, flag in (
            (coarse, rough, "own_fields"),
            (rough, index, "own_fields"),
            (fine, index, "own_refine_index"),
        ):
            part.this.disown()  # else Python frees it when this function ends
            setattr(owner, flag, True)
        return index
    return library.IndexScalarQuantizer(dimension, half, product)


def _sample(blocks: Blocks, count: int, most: int) -> Vectors:
    """At most ``most`` vectors, spread evenly."""
    import numpy as np

    step = max(1, count // most)
    return np.ascontiguousarray(np.concatenate([vectors[::step] for _, vectors in blocks()]))


def _tuned(store: FaissStore) -> FaissStore:
    """The store with the least effort that reaches ``RECALL``, or with the most there is."""
    import numpy as np

    setting = store.setting
    if setting.kind == "flat" or not len(store):
        return store
    exact = _exact_part(store.index)
    rows = np.linspace(0, exact.ntotal - 1, min(200, exact.ntotal)).astype(np.int64)
    noise = np.random.default_rng(0).standard_normal((len(rows), store.dimension)).astype(np.float32)
    # Questions lie near passages, not on them: about 45 degrees away.
    questions = np.stack([exact.reconstruct(int(row)) for row in rows])
    questions += noise / np.linalg.norm(noise, axis=1, keepdims=True)
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    _, true = exact.search(questions, 10)
    for effort in _EFFORTS[setting.kind]:
        _, found = store.index.search(questions, 10, params=_parameters(setting.kind, effort, 10, None))
        hits = [len(set(t.tolist()) & set(f.tolist())) for t, f in zip(true, found, strict=True)]
        recall = sum(hits) / true.size
        setting = Setting(setting.kind, effort, round(recall, 4), setting.learned)
        if recall >= RECALL:
            break
    return FaissStore(store.index, store.ids, setting, store.dead)


def _exact_part(index: Any) -> Any:
    import faiss

    library: Any = faiss
    inner = library.downcast_index(index)
    return library.downcast_index(inner.refine_index if hasattr(inner, "refine_index") else inner.storage)


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
        grown = setting.kind == "ivf" and total > _GROWTH * setting.learned
        small = kind == "flat" and 2 * total * store.dimension < EXACT
        if grown or small or len(dead) > _MOST_DEAD * total:
            return None
        kept = store.ids
    if len(ids):
        store.index.add(np.ascontiguousarray(vectors))
    return FaissStore(store.index, np.concatenate([kept, ids]), setting, dead)
