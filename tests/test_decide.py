"""Whether anything answers: how what was found stands out, and the threshold moved by it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.decide import STEPS, Calibration, Standing, calibrations, standing

_scores = st.floats(0, 1, allow_nan=False)
_hits = st.lists(st.tuples(_scores, _scores), max_size=20)
_relevances = st.lists(st.floats(-30, 30, allow_nan=False), max_size=6)


def test_what_breaks_off_stands_out_and_what_goes_down_evenly_does_not() -> None:
    alone = standing([(0.6, 0.7), (0.3, 0.4), (0.29, 0.39), (0.28, 0.38)], [3.0], (0.6, 0.7))
    group = standing([(0.6, 0.7), (0.59, 0.69), (0.58, 0.68), (0.28, 0.38)], [3.0], (0.6, 0.7))
    even = standing([(0.36, 0.46), (0.34, 0.44), (0.32, 0.42), (0.30, 0.40)], [3.0], (0.36, 0.46))
    assert alone.steps == pytest.approx((0.3, 0.3))
    assert group.steps == pytest.approx((0.3, 0.3))
    assert even.steps == pytest.approx((0.02, 0.02))


def test_one_hit_or_none_stands_out_from_nothing() -> None:
    assert standing([(0.9, 0.9)], [1.0], (0.9, 0.9)) == Standing(None, 1.0)
    assert standing([], [], (0.0, 0.0)).steps is None


def test_a_hit_lies_behind_the_first_and_behind_the_nearest() -> None:
    hits = [(0.6, 0.5), (0.5, 0.7), (0.4, 0.4)]
    behind = [standing(hits, [1.0], own).behind for own in hits]
    assert behind == [pytest.approx(far) for far in ((0.0, -0.2), (-0.1, 0.0), (-0.2, -0.3))]


def test_a_step_further_down_the_list_says_nothing() -> None:
    near = [(0.5 - 0.01 * i, 0.5 - 0.01 * i) for i in range(STEPS + 1)]
    assert standing([*near, (0.1, 0.1)], [0.0], near[0]).steps == pytest.approx((0.01, 0.01))


@given(_hits, _relevances, st.tuples(_scores, _scores))
def test_standing_is_bounded_and_the_same_in_any_order(
    hits: list[tuple[float, float]], relevances: list[float], own: tuple[float, float]
) -> None:
    found = standing(hits, relevances, own)
    assert found.steps is None or all(0 <= step <= 1 for step in found.steps)
    assert -15 <= found.relevance <= 15
    assert all(-1 <= far <= 0 for far in found.behind)
    assert standing(hits[::-1], relevances[::-1], own) == found


@given(
    st.floats(0.001, 0.999),
    st.builds(
        Standing,
        st.tuples(_scores, _scores),
        st.floats(-15, 15),
        st.tuples(st.floats(-1, 0), st.floats(-1, 0)),
    ),
    st.sampled_from(sorted(calibrations())),
)
def test_the_least_probability_is_the_one_that_reaches_the_threshold(
    probability: float, found: Standing, direction: str
) -> None:
    calibration = calibrations()[direction]
    least = calibration.least(found)
    if 0.001 < least < 0.999:
        assert calibration.answering(least, found) == pytest.approx(calibration.threshold, abs=1e-4)
    if abs(probability - least) > 1e-4:
        assert (calibration.answering(probability, found) > calibration.threshold) == (probability > least)


@pytest.mark.parametrize("direction", ["en->en", "en->ar", "ar->en", "ar->ar"])
def test_what_was_fitted_says_more_where_more_stands_out(direction: str) -> None:
    calibration = calibrations()[direction]
    weights = calibration.answers[:6]
    assert all(weight > 0 for weight in weights)
    low, high = Standing((0.01, 0.01), -3.0, (-0.1, -0.1)), Standing((0.2, 0.2), 4.0)
    assert calibration.answering(0.3, low) < calibration.answering(0.3, high)
    assert calibration.least(low) > calibration.least(high)


def test_without_weights_of_its_own_a_probability_stays_what_it_is() -> None:
    plain = Calibration((), 0.0, 0.3)
    assert plain.answering(0.42, Standing((0.5, 0.5), 9.0)) == pytest.approx(0.42)
    assert plain.least(Standing((0.5, 0.5), 9.0)) == pytest.approx(0.3)


def test_one_hit_is_judged_as_if_it_stood_out_as_usual() -> None:
    calibration = Calibration((), 0.0, 0.3, (1.0, 5.0, 5.0, 0.5, 2.0, 2.0, -1.0), (0.1, 0.2))
    assert calibration.answering(0.4, Standing(None, 2.0)) == calibration.answering(
        0.4, Standing((0.1, 0.2), 2.0)
    )
    assert calibration.answering(0.4, Standing((0.0, 0.0), 2.0)) < calibration.answering(
        0.4, Standing(None, 2.0)
    )
