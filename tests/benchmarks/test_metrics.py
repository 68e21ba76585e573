"""Figures against values worked out by hand, and what an item without a score does to them."""

import math

import numpy as np
import pytest

from provenance_benchmarks import metrics
from provenance_benchmarks.metrics import ScoredItems, figure, share

from ..sweeps import tries


def _scored(real: list[float | None], made: list[float | None], decisions: str = "") -> ScoredItems:
    rows = [(False, score, _chance(score)) for score in real] + [(True, score, _chance(score)) for score in made]
    words = {"a": "ai", "n": "not-ai", "-": "abstain"}
    return ScoredItems.of([(*row, words[decisions[at]] if decisions else "") for at, row in enumerate(rows)])


def _chance(score: float | None) -> float | None:
    return None if score is None else 1 / (1 + math.exp(-score))


def test_areas_and_shares_by_hand() -> None:
    scored = _scored([0, 1, 2, 3], [2.5, 4, 5, -1])
    # Of 16 pairs AI is above in 4 + 4 + 3 + 0.
    assert metrics.area(scored) == 11 / 16
    assert metrics.above(2.0, True)(scored) == 3 / 4
    assert metrics.above(2.0, False)(scored) == 1 / 4
    # Precision at the ranks of 5, 4, 2.5 and -1: 1, 1, 3/4, 4/8.
    assert metrics.precision(scored) == pytest.approx((1 + 1 + 3 / 4 + 4 / 8) / 4)


def test_an_item_without_a_score_counts_as_not_found_and_never_as_a_score() -> None:
    whole, failed = _scored([0, 1, 2, 3], [4, 5, 6, 7]), _scored([0, 1, 2, 3], [4, 5, 6, None])
    assert metrics.area(whole) == 1.0
    assert metrics.area(failed) == 12 / 16
    assert metrics.above(3.5, True)(failed) == 3 / 4
    # A real item without a score is no false alarm.
    assert metrics.above(-9, False)(_scored([None, 1], [1, 1])) == 1 / 2


def test_decisions_by_hand() -> None:
    scored = _scored([0, 0, 0, 0], [0, 0, 0, 0], "nna-aa--")
    assert metrics.decided("ai", True)(scored) == 2 / 4
    assert metrics.decided("ai", False)(scored) == 1 / 4
    assert metrics.accuracy(scored) == (2 / 4 + 2 / 4) / 2


def test_the_threshold_comes_from_the_real_items_of_the_calibration_split() -> None:
    calibration = _scored([float(value) for value in range(100)], [1e6, 1e7])
    threshold = metrics.threshold_for(0.05, calibration)
    real = calibration.scores[~calibration.labels]
    assert threshold is not None
    assert (real > threshold).mean() <= 0.05
    assert (real > threshold).mean() >= 0.04
    assert metrics.threshold_for(0.05, _scored([1, 2], [3])) is None


def test_calibration_by_hand() -> None:
    # Of those who are told 0.9 all are AI, of those who are told 0.1 none: off by 0.1 everywhere.
    rows = [(True, 2.0, 0.9, "")] * 20 + [(False, -2.0, 0.1, "")] * 20
    scored = ScoredItems.of(rows)
    assert metrics.calibration_error(scored) == pytest.approx(0.1)
    assert metrics.brier(scored) == pytest.approx(0.01)
    # Both classes count the same, however many there are.
    assert metrics.calibration_error(ScoredItems.of(rows + rows[:20] * 3)) == pytest.approx(0.1)
    assert metrics.brier(ScoredItems.of(rows + [(True, 0.0, 0.5, "")] * 20)) == pytest.approx(
        (0.01 + (0.01 + 0.25) / 2) / 2
    )


def test_risk_falls_where_the_certain_are_right() -> None:
    rows = [(True, 3.0, 0.95, ""), (False, -3.0, 0.05, ""), (True, -0.1, 0.45, ""), (False, 0.1, 0.55, "")]
    coverage, risk = metrics.risk_coverage(ScoredItems.of(rows))
    assert list(coverage) == [0.25, 0.5, 0.75, 1.0]
    assert list(risk) == [0.0, 0.0, 1 / 3, 0.5]
    # An item without a probability is never covered.
    coverage, _ = metrics.risk_coverage(ScoredItems.of([*rows, (True, None, None, "")]))
    assert coverage[-1] == 0.8


@pytest.mark.slow
@tries(15, 60)
def test_an_interval_holds_the_truth_about_as_often_as_it_says(tries: int) -> None:
    draws = np.random.default_rng(3)
    truth, hits = 0.7602, 0  # of normal scores that are one standard deviation apart
    for _ in range(tries):
        scored = _scored(list(draws.normal(0, 1, 60)), list(draws.normal(1, 1, 60)))
        found = figure("t", "AUC", "all", scored, metrics.area, 200)
        hits += found.low <= truth <= found.high
    assert hits >= 0.85 * tries


def test_without_any_score_there_is_no_figure() -> None:
    nothing = _scored([None] * 6, [None] * 6)
    assert figure("t", "AUC", "all", nothing, metrics.area, 50) is None
    assert figure("t", "AP", "all", nothing, metrics.precision, 50) is None
    assert figure("t", "AUC", "all", _scored([None] * 6, [1.0] * 6), metrics.area, 50).value == 1.0


def test_too_few_items_give_no_figure_and_no_hit_is_not_certainty() -> None:
    assert figure("t", "AUC", "all", _scored([1, 2, 3, 4], [1] * 9), metrics.area, 50) is None
    assert share("t", "s", "g", [], 50) is None
    none = share("t", "s", "g", [False] * 60, 50)
    assert (none.value, none.low, none.high) == (0.0, 0.0, 3 / 60)
    every = share("t", "s", "g", [True] * 60, 50)
    assert (every.value, every.low, every.high) == (1.0, 1 - 3 / 60, 1.0)
    half = share("t", "s", "g", [True, False] * 50, 200)
    assert half.low < 0.5 < half.high
    assert half.high - half.low < 0.25


def test_a_paired_difference_is_tighter_than_two_intervals() -> None:
    draws = np.random.default_rng(5)
    real, made = draws.normal(0, 1, 150), draws.normal(1, 1, 150)
    one = _scored(list(real), list(made))
    # The other sees the same with a little noise: worse, by less than either interval is wide.
    other = _scored(list(real + draws.normal(0, 0.6, 150)), list(made + draws.normal(0, 0.6, 150)))
    value, low, high = metrics.difference(one, other, metrics.area, 300)
    assert value == pytest.approx(metrics.area(one) - metrics.area(other))
    assert low <= value <= high
    alone = figure("t", "AUC", "all", one, metrics.area, 300)
    assert high - low < alone.high - alone.low
    assert metrics.difference(one, one, metrics.area, 50) == (0.0, 0.0, 0.0)
