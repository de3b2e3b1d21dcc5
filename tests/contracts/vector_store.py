"""What every vector store must do. Subclass, give ``make``, and pytest runs the rest."""

from collections.abc import Sequence

import numpy as np

DIMENSION = 24


class ExactStore:
    """The plain answer: every inner product, sorted."""

    def __init__(self, ids: Sequence[int], vectors: np.ndarray) -> None:
        self.ids = np.asarray(ids, np.int64)
        self.vectors = vectors.astype(np.float16).astype(np.float32)

    def __len__(self) -> int:
        return len(self.ids)

    def search(self, vectors, k, only=None):
        ids = np.full((len(vectors), k), -1, np.int64)
        scores = np.full((len(vectors), k), -np.inf, np.float32)
        rows = np.arange(len(self)) if only is None else np.flatnonzero(np.isin(self.ids, only))
        for at, question in enumerate(vectors):
            products = np.round(self.vectors[rows] @ question, 6)
            best = np.lexsort((self.ids[rows], -products))[:k]
            ids[at, : len(best)] = self.ids[rows][best]
            scores[at, : len(best)] = products[best]
        return ids, scores


def unit(count: int, seed: int = 0, dimension: int = DIMENSION) -> np.ndarray:
    """Random vectors of length 1 around a few centres, as passages lie around topics."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(1, count // 50), dimension))
    vectors = centres[random.integers(len(centres), size=count)] + 0.7 * random.standard_normal(
        (count, dimension)
    )
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class VectorStoreContract:
    """The suite. ``least`` is the share of true neighbours that must come back."""

    least = 1.0

    def make(self, ids: Sequence[int], vectors: np.ndarray):
        raise NotImplementedError

    def test_knows_how_many_it_holds(self) -> None:
        assert len(self.make([], unit(0))) == 0
        assert len(self.make(range(1, 8), unit(7))) == 7

    def test_answers_as_the_exact_store_does(self) -> None:
        ids = list(range(5, 2005, 2))
        vectors, questions = unit(1000), unit(20, seed=1)
        store, exact = self.make(ids, vectors), ExactStore(ids, vectors)
        found, scores = store.search(questions, 10)
        true, best = exact.search(questions, 10)
        shared = sum(len(set(f) & set(t)) for f, t in zip(found.tolist(), true.tolist(), strict=True))
        assert shared >= self.least * true.size
        if self.least == 1.0:
            assert found.tolist() == true.tolist()
            np.testing.assert_allclose(scores, best, atol=2e-6)

    def test_scores_are_the_inner_products_of_the_ids(self) -> None:
        ids, vectors, questions = [3, 4, 9, 20], unit(4), unit(2, seed=1)
        found, scores = self.make(ids, vectors).search(questions, 4)
        for row, question in enumerate(questions):
            for id_, score in zip(found[row], scores[row], strict=True):
                assert abs(float(vectors[ids.index(int(id_))] @ question) - float(score)) < 2e-3
            assert sorted(scores[row], reverse=True) == list(scores[row])

    def test_pads_where_there_are_fewer_than_asked_for(self) -> None:
        found, scores = self.make([7, 8], unit(2)).search(unit(3, seed=1), 5)
        assert found.shape == scores.shape == (3, 5)
        assert found.dtype == np.int64
        assert scores.dtype == np.float32
        assert (found[:, 2:] == -1).all()
        assert np.isneginf(scores[:, 2:]).all()
        assert sorted(found[0, :2].tolist()) == [7, 8]

    def test_gives_ties_to_the_smaller_id(self) -> None:
        same = np.repeat(unit(1), 30, axis=0)
        store = self.make(range(100, 130), same)
        for k in (1, 4, 30):
            found, scores = store.search(same[:1], k)
            assert found[0].tolist() == list(range(100, 100 + k))
            assert len(set(scores[0].tolist())) == 1

    def test_gives_ties_to_the_smaller_id_below_better_hits(self) -> None:
        vectors = np.concatenate([np.repeat(unit(1, seed=3), 12, axis=0), unit(1)])
        found, _ = self.make([*range(1, 13), 50], vectors).search(unit(1), 4)
        assert found[0].tolist() == [50, 1, 2, 3]

    def test_answers_nothing_for_nothing(self) -> None:
        store = self.make([1, 2], unit(2))
        for questions, k in ((unit(0), 3), (unit(2), 0)):
            found, scores = store.search(questions, k)
            assert found.shape == scores.shape == (len(questions), k)

    def test_answers_a_batch_as_it_answers_each(self) -> None:
        store, questions = self.make(range(1, 301), unit(300)), unit(25, seed=2)
        together, _ = store.search(questions, 5)
        assert [store.search(question[None], 5)[0][0].tolist() for question in questions] == together.tolist()

    def test_searches_only_what_it_is_told_to(self) -> None:
        ids = list(range(1, 401))
        vectors, questions, only = unit(400), unit(5, seed=4), np.array([2, 3, 250, 251, 390, 999])
        found, _ = self.make(ids, vectors).search(questions, 10, only)
        true, _ = ExactStore(ids, vectors).search(questions, 10, only)
        assert found.tolist() == true.tolist()

    def test_finds_nothing_where_nothing_is_allowed(self) -> None:
        found, _ = self.make([1, 2], unit(2)).search(unit(1), 2, np.array([], np.int64))
        assert found.tolist() == [[-1, -1]]
