"""The figures of the recipes, on scores for which they are known."""

import numpy as np
import pytest

from measures import calibration_bins, expected_error


def test_the_bins_of_a_well_calibrated_detector_lie_on_the_diagonal() -> None:
    draws = np.random.default_rng(0)
    chances = draws.uniform(0, 1, 20_000)
    labels = draws.uniform(0, 1, chances.size) < chances
    bins = calibration_bins(labels, chances)
    assert [each.items for each in bins] == [2000] * 10
    assert [each.predicted for each in bins] == sorted(each.predicted for each in bins)
    for each in bins:
        assert each.observed == pytest.approx(each.predicted, abs=0.04)


def test_both_classes_count_the_same_in_the_bins() -> None:
    draws = np.random.default_rng(0)
    # One AI item among ten, and scores that tell nothing: in each bin both classes weigh the same.
    labels = np.arange(10_000) % 10 == 0
    for each in calibration_bins(labels, draws.uniform(0.2, 0.8, labels.size)):
        assert each.observed == pytest.approx(0.5, abs=0.1)


def test_bins_and_expected_error_tell_the_same() -> None:
    labels = np.arange(1000) % 2 == 0
    chances = np.where(labels, 0.7, 0.1) + np.arange(1000) * 1e-5
    error = sum(abs(each.observed - each.predicted) * each.items / 1000 for each in calibration_bins(labels, chances))
    assert expected_error(labels, chances).value == pytest.approx(error)


def test_fewer_items_than_bins_leave_no_empty_bin() -> None:
    assert len(calibration_bins(np.array([True, False, True]), np.array([0.9, 0.2, 0.8]))) == 3
