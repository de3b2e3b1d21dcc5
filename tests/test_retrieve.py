"""Fusion of the three legs, on its own and over the seeds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Pipeline
from rag.config import Config
from rag.lexical import terms
from rag.lexicon import cross_query, lexicon
from rag.retrieve import Found, Weights, fuse, likeness, retrieve, search
from rag.snapshot import Snapshot

SHARES = st.dictionaries(st.integers(0, 9), st.floats(0, 1), max_size=10)


def found(cosines, words=None, lexical=None, cross=None) -> Found:
    legs = {"dense": [], "lexical": list((lexical or {}).items()), "cross": list((cross or {}).items())}
    return Found(legs, cosines, words or {})


class TestFuse:
    @given(st.dictionaries(st.integers(0, 9), st.floats(-1, 1), min_size=1), SHARES, SHARES, SHARES)
    def test_every_candidate_gets_a_mean_of_what_is_said_of_it(self, cosines, words, lexical, cross) -> None:
        scores = fuse(found(cosines, words, lexical, cross), Weights(1.0, 1.5, 2.0, 3.0))
        assert scores.keys() == cosines.keys()
        for id_, score in scores.items():
            told = cosines[id_] + 2 * lexical.get(id_, 0.0) + 3 * cross.get(id_, 0.0)
            assert score == pytest.approx((told + 1.5 * words.get(id_, cosines[id_])) / 7.5)

    def test_a_leg_that_found_little_cannot_outvote_one_that_found_much(self) -> None:
        """One word of ten, in a single passage, is little though it is the leg's best."""
        scores = fuse(found({1: 0.7, 2: 0.5}, None, {2: 0.04}, {1: 0.3}), Weights(1.0, 2.0, 2.2, 2.0))
        assert scores[1] > scores[2]

    @given(st.dictionaries(st.integers(0, 9), st.floats(-1, 1), min_size=1), SHARES)
    def test_likeness_lies_between_the_whole_and_its_words(self, cosines, words) -> None:
        for id_, cosine in cosines.items():
            near = words.get(id_, cosine)
            assert (
                min(cosine, near) - 1e-9 <= likeness(found(cosines, words), id_) <= max(cosine, near) + 1e-9
            )

    def test_the_search_heeds_the_weights(self, pipeline: Pipeline) -> None:
        question = "من هي الدول الضامنة؟"
        for config in (Config(), Config(weight_dense=2.0, weight_words=0.5)):
            with pipeline.index.snapshot() as snapshot:
                (first, *_) = retrieve(question, snapshot, pipeline.embedder, lexicon(), config)
                told = search(question, snapshot, pipeline.embedder, lexicon(), config)
            weights = (config.weight_dense, config.weight_words, config.weight_lexical, config.weight_cross)
            assert first.score == pytest.approx(fuse(told, Weights(*weights))[first.passage.id])


@pytest.fixture
def snapshot(pipeline: Pipeline):
    with pipeline.index.snapshot() as opened:
        yield opened


class TestWordLegs:
    def test_scores_are_shares_of_what_could_be_found(self, snapshot: Snapshot) -> None:
        text = snapshot.passages([1])[0].text
        whole = snapshot.lexical(terms(text)[:40], 50)
        assert whole[0][0] == 1
        assert all(0 < score <= 1.0 for _, score in whole)

    def test_words_that_no_passage_holds_lower_the_share(self, snapshot: Snapshot) -> None:
        (first, alone), *_ = snapshot.lexical(["روسي"], 5) or snapshot.lexical(terms("روسيا"), 5)
        (again, mixed), *_ = snapshot.lexical([*terms("روسيا"), "zzyzx", "qwertz"], 5)
        assert first == again and mixed < alone / 2

    def test_a_question_in_the_other_language_scores_low_on_words_and_high_across(
        self, snapshot: Snapshot
    ) -> None:
        question = "Which states are the guarantors of the Astana process?"
        groups, skeletons = cross_query(question, lexicon())
        direct = max((score for _, score in snapshot.lexical(terms(question), 50)), default=0.0)
        across = max(score for _, score in snapshot.cross(groups, skeletons, 50))
        assert direct < 0.05 < 0.2 < across


def test_hits_carry_each_leg_that_found_them_and_come_best_first(pipeline: Pipeline) -> None:
    hits = pipeline.search("من هي الدول الضامنة؟", k=10)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert {"dense", "lexical"} <= set(hits[0].legs)
    config = pipeline.config
    weights = {
        "dense": config.weight_dense,
        "words": config.weight_words,
        "lexical": config.weight_lexical,
        "cross": config.weight_cross,
    }
    for hit in hits:
        if "dense" in hit.legs:
            legs = {name: leg.score for name, leg in hit.legs.items()}
            told = sum(weights[name] * score for name, score in ({"words": legs["dense"]} | legs).items())
            assert hit.score == pytest.approx(told / sum(weights.values()), abs=1e-3)
