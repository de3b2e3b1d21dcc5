"""Every metric against its formula written out, and retrieval against pytrec_eval."""

from __future__ import annotations

import random
from math import isclose, log2
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import metrics as m


@pytest.mark.parametrize(
    ("answer", "gold", "exact"),
    [
        ("The Norman Empire!", "norman empire", 1.0),
        ("أَسْتَانَة", "استانه", 1.0),
        ("الرياض", "رياض", 1.0),
        ("١٩٩٥", "1995", 1.0),
        ("Norman", "Normans", 0.0),
    ],
)
def test_exact_match(answer: str, gold: str, exact: float) -> None:
    assert m.exact_match(answer, gold) == exact


def test_token_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    assert isclose(m.token_f1("in the year 1066", "1066 AD"), 2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))
    assert m.token_f1("", "") == 1.0
    assert m.token_f1("the", "x") == 0.0
    assert m.best_match(m.token_f1, "b", ["a", "b"]) == 1.0
    assert m.best_match(m.token_f1, "b", []) == 0.0


def test_recall_counts_what_was_not_found() -> None:
    assert m.recall_at(5, [1, 6, None, 5]) == 2 / 4
    assert m.recall_at(5, []) == 0.0


def test_reciprocal_rank_is_of_the_first() -> None:
    assert m.reciprocal_rank([None, 4, 2]) == 1 / 2
    assert m.reciprocal_rank([None]) == 0.0


def test_ndcg_by_its_formula() -> None:
    got = 1 / log2(1 + 2) + 2 / log2(1 + 3)
    best = 2 / log2(1 + 1) + 1 / log2(1 + 2)
    assert isclose(m.ndcg_at(10, [2, 3], [1, 2]), got / best)
    assert m.ndcg_at(10, [1, 2]) == 1.0
    assert m.ndcg_at(10, [11]) == 0.0
    assert m.ndcg_at(10, []) == 0.0


def test_a_repeated_item_keeps_its_best_rank_and_takes_no_place_twice() -> None:
    assert m.ranks_of(["b", "z"], ["a", "a", "b", "a"]) == [2, None]


def test_retrieval_agrees_with_pytrec_eval() -> None:
    pytrec_eval: Any = pytest.importorskip("pytrec_eval")
    draw = random.Random(3)
    for _ in range(40):
        items = [f"d{number}" for number in range(30)]
        gold = {item: draw.choice([1, 1, 2]) for item in draw.sample(items, draw.randint(1, 6))}
        ranking = draw.sample(items, 20)
        run = {"q": {item: float(100 - place) for place, item in enumerate(ranking)}}
        names = {"recall.5,10", "recip_rank", "ndcg_cut.10"}
        theirs = pytrec_eval.RelevanceEvaluator({"q": gold}, names).evaluate(run)["q"]
        ranks = m.ranks_of(list(gold), ranking)
        assert isclose(m.recall_at(5, ranks), theirs["recall_5"])
        assert isclose(m.recall_at(10, ranks), theirs["recall_10"])
        assert isclose(m.reciprocal_rank(ranks), theirs["recip_rank"])
        assert isclose(m.ndcg_at(10, ranks, list(gold.values())), theirs["ndcg_cut_10"])


def test_precision_and_recall_of_citations() -> None:
    assert m.precision_recall(right=2, cited=3, shown=1, gold=4) == (2 / 3, 1 / 4)
    assert m.precision_recall(right=0, cited=0, shown=0, gold=2) == (0.0, 0.0)
    assert m.precision_recall(right=0, cited=0, shown=0, gold=0) == (1.0, 1.0)


def test_hallucination_and_error_each_over_their_own_questions() -> None:
    answerable = [True, True, True, False, False]
    abstained = [True, False, False, False, True]
    assert m.hallucination_and_error(answerable, abstained) == (1 / 2, 1 / 3)
    assert m.hallucination_and_error([True], [False]) == (0.0, 0.0)


def test_risk_and_coverage() -> None:
    points = m.risk_coverage([0.9, 0.5, 0.5, 0.1], [True, False, True, False])
    assert points == [(1 / 4, 0.0), (3 / 4, 1 / 3), (1.0, 2 / 4)]
    assert isclose(m.area_under_risk(points), 1 / 4 * 0 + 1 / 2 * 1 / 3 + 1 / 4 * 1 / 2)
    assert m.risk_coverage([], []) == []


def test_calibration_error_weighs_each_bin_by_its_size() -> None:
    confidence, right = [0.95, 0.95, 0.15], [True, False, False]
    assert isclose(m.calibration_error(confidence, right), 2 / 3 * abs(0.95 - 0.5) + 1 / 3 * abs(0.15 - 0.0))
    assert m.calibration_error([1.0], [True]) == 0.0
    assert m.calibration_error([], []) == 0.0


def test_percentiles_are_values_that_were_measured() -> None:
    assert m.percentile([4, 1, 3, 2], 0.5) == 2
    assert m.percentile([4, 1, 3, 2], 0.95) == 4
    assert m.percentile([], 0.5) == 0.0


def test_the_interval_is_the_same_each_time_and_holds_the_mean() -> None:
    values = [0.0, 1.0] * 50
    first = m.bootstrap(values)
    assert first == m.bootstrap(values)
    assert first.low < first.value == 0.5 < first.high
    # Normal approximation: 1.96 * 0.5 / sqrt(100) is 0.098 on each side.
    assert isclose(first.high - first.low, 2 * 0.098, rel_tol=0.2)
    assert m.bootstrap([]) == m.Interval(0.0, 0.0, 0.0)


def test_groups_make_the_interval_as_wide_as_their_number_says() -> None:
    values = [value for value in [0.0, 1.0] * 25 for _ in range(4)]
    alone = m.bootstrap(values)
    together = m.bootstrap(values, [place // 4 for place in range(200)])
    assert together.value == alone.value
    assert isclose(together.high - together.low, 2 * (alone.high - alone.low), rel_tol=0.2)


def test_the_permutation_test_by_its_exact_value() -> None:
    # Five pairs, all better by 1: 2 of the 32 sign patterns are as extreme.
    p = m.paired_permutation([0.0] * 5, [1.0] * 5)
    assert isclose(p, 2 / 32, abs_tol=0.01)
    assert m.paired_permutation([1.0, 2.0], [1.0, 2.0]) == 1.0
    grouped = m.paired_permutation([0.0] * 10, [1.0] * 10, [place // 2 for place in range(10)])
    assert isclose(grouped, 2 / 32, abs_tol=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_an_interval_lies_within_the_values(values: list[float]) -> None:
    interval = m.bootstrap(values, rounds=50)
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9


@given(st.lists(st.one_of(st.none(), st.integers(1, 200)), min_size=1, max_size=10, unique=True))
def test_retrieval_metrics_lie_between_0_and_1(ranks: list[int | None]) -> None:
    for value in (m.recall_at(10, ranks), m.reciprocal_rank(ranks), m.ndcg_at(10, ranks)):
        assert 0 <= value <= 1 + 1e-9


@given(st.text(max_size=40), st.text(max_size=40))
def test_f1_is_symmetric_and_equal_answers_match_exactly(left: str, right: str) -> None:
    assert isclose(m.token_f1(left, right), m.token_f1(right, left))
    assert m.exact_match(left, left) == 1.0
