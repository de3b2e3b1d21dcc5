"""Fusion of the three legs, on its own and over the seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer import Pipeline
from rag.config import Config
from rag.embed import SanadEmbedder
from rag.lexical import terms
from rag.lexicon import cross_query, lexicon
from rag.protocols import Vectors
from rag.retrieve import Weights, _vector, fuse, retrieve, trust
from rag.snapshot import Snapshot
from tests.fakes import HashEmbedder

SHARES = st.dictionaries(st.integers(0, 9), st.floats(0, 1), max_size=10)


class TestFuse:
    @given(st.dictionaries(st.integers(0, 9), st.floats(-1, 1), min_size=1), SHARES, SHARES)
    def test_every_candidate_gets_a_mean_of_what_the_legs_say(self, cosines, lexical, cross) -> None:
        scores = fuse(cosines, lexical, cross, Weights(1.0, 2.0, 3.0))
        assert scores.keys() == cosines.keys()
        for id_, score in scores.items():
            told = cosines[id_] + 2 * lexical.get(id_, 0.0) + 3 * cross.get(id_, 0.0)
            assert score == pytest.approx(told / 6)

    def test_a_leg_that_found_little_cannot_outvote_one_that_found_much(self) -> None:
        """One word of ten, in a single passage, is little though it is the leg's best."""
        scores = fuse({1: 0.7, 2: 0.5}, {2: 0.04}, {1: 0.3}, Weights(1.0, 2.2, 2.0))
        assert scores[1] > scores[2]

    def test_the_vector_of_an_arabic_question_says_less(self) -> None:
        encoder = SanadEmbedder()
        assert [trust(q, encoder) for q in ("Who came?", "من جاء؟")] == [1.0, encoder.arabic] == [1.0, 0.7]

    def test_that_of_another_encoder_says_as_much_as_the_settings_have_it(self) -> None:
        assert trust("من جاء؟", HashEmbedder()) == 1.0

    def test_the_search_heeds_it(self, pipeline: Pipeline) -> None:
        question, config = "من هي الدول الضامنة؟", Config(weight_dense=2.0)
        trusted = {}
        for share in (1.0, 0.5):
            embedder = Noting(0.0)
            embedder.arabic = share
            with pipeline.index.snapshot() as snapshot:
                hits = retrieve(question, snapshot, embedder, lexicon(), config)
            (first, *_) = hits
            legs = {
                name: first.legs[name].score if name in first.legs else 0.0 for name in ("lexical", "cross")
            }
            weights = Weights(2.0 * share, config.weight_lexical, config.weight_cross)
            told = fuse({1: first.cosine}, {1: legs["lexical"]}, {1: legs["cross"]}, weights)
            trusted[share] = first.score
            assert first.score == pytest.approx(told[1])
        assert trusted[1.0] != trusted[0.5]


class Noting(HashEmbedder):
    def __init__(self, lean: float) -> None:
        self.lean = lean
        self.asked: list[str] = []

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().embed_questions(texts)


class TestLeaning:
    QUESTION = "من هو وزير الدفاع الروسي؟"

    def test_an_arabic_question_leans_towards_its_english_words(self) -> None:
        plain, leaning = Noting(0.0), Noting(0.5)
        (own,) = _vector(self.QUESTION, plain, lexicon())
        (vector,) = _vector(self.QUESTION, leaning, lexicon())
        assert plain.asked == [self.QUESTION]
        english = leaning.asked[1].lower()
        assert "minister" in english and "russia" in english
        (other,) = leaning.embed_questions([english])
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        assert vector @ own > vector @ other > own @ other

    @pytest.mark.parametrize("question", ["Who is the minister of defence?", "кто?", "1945"])
    def test_other_questions_stay_as_they_are(self, question: str) -> None:
        embedder = Noting(0.5)
        np.testing.assert_array_equal(
            _vector(question, embedder, lexicon()), Noting(0.0).embed_questions([question])
        )
        assert embedder.asked == [question]

    @settings(deadline=None)
    @given(st.text(alphabet="ابتنسروي ‏ًُ؟!-3x", min_size=1, max_size=20))
    def test_any_question_has_a_unit_vector(self, question: str) -> None:
        vector = _vector(question, Noting(0.5), lexicon())
        assert vector.shape == (1, 384)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


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
    total = config.weight_dense + config.weight_lexical + config.weight_cross
    for hit in hits:
        if hit.legs.keys() == {"dense", "lexical", "cross"}:
            told = (
                config.weight_dense * hit.legs["dense"].score
                + config.weight_lexical * hit.legs["lexical"].score
                + config.weight_cross * hit.legs["cross"].score
            )
            assert hit.score == pytest.approx(told / total, abs=1e-3)
