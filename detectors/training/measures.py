"""The figures of the recipes, each with its 95 % bootstrap interval. Metrics are scikit-learn's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score, roc_curve

from provenance_detectors.card import CalibrationBin, Interval, Metric

_REPEATS: Final = 1000
_BINS: Final = 10


@dataclass(frozen=True)
class Scored:
    """Labels (true: AI) and scores of the same items."""

    labels: NDArray[np.bool_]
    scores: NDArray[np.float64]

    @property
    def auc(self) -> float:
        """The area under the ROC curve."""
        return float(roc_auc_score(self.labels, self.scores))

    def tpr(self, fpr: float) -> float:
        """The true positive rate at a false positive rate, on these same items."""
        false, true, _ = roc_curve(self.labels, self.scores)
        return float(np.interp(fpr, false, true))


def figure(name: str, group: str, scored: Scored, measure: Callable[[Scored], float]) -> Metric:
    """A measure with its interval; items are drawn anew within each class."""
    draws = np.random.default_rng(0)
    classes = [np.flatnonzero(scored.labels == value) for value in (True, False)]
    values = []
    for _ in range(_REPEATS // 2):
        drawn = np.concatenate([draws.choice(each, each.size) for each in classes])
        values.append(measure(Scored(scored.labels[drawn], scored.scores[drawn])))
    low, high = np.percentile(values, [2.5, 97.5])
    return Metric(name=name, group=group, value=measure(scored), low=low, high=high, items=scored.labels.size)


def interval(hits: NDArray[np.bool_]) -> Interval:
    """A share with its interval."""
    draws = np.random.default_rng(0).choice(hits, (_REPEATS, hits.size)).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    # No hit among n items still allows 3 / n (the rule of three).
    return Interval(value=hits.mean(), low=low, high=max(high, 3 / hits.size))


def expected_error(labels: NDArray[np.bool_], chances: NDArray[np.float64]) -> Interval:
    """Expected calibration error over ten bins of equal count, both classes counting the same."""

    def error(labels: NDArray[np.bool_], chances: NDArray[np.float64]) -> float:
        weights, parts = _binned(labels, chances)
        return sum(abs(np.sum(weights[part] * (labels[part] - chances[part]))) for part in parts) / float(weights.sum())

    draws = np.random.default_rng(0)
    drawn = [draws.integers(0, labels.size, labels.size) for _ in range(_REPEATS // 2)]
    low, high = np.percentile([error(labels[each], chances[each]) for each in drawn], [2.5, 97.5])
    return Interval(value=error(labels, chances), low=low, high=high)


def calibration_bins(labels: NDArray[np.bool_], chances: NDArray[np.float64]) -> tuple[CalibrationBin, ...]:
    """The bins of `expected_error`: the mean of the chances in each, and the share that is AI."""
    weights, parts = _binned(labels, chances)
    return tuple(
        CalibrationBin(
            predicted=np.average(chances[part], weights=weights[part]),
            observed=np.average(labels[part], weights=weights[part]),
            items=part.size,
        )
        for part in parts
        if part.size
    )


def _binned(
    labels: NDArray[np.bool_], chances: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[NDArray[np.intp]]]:
    """Weights with which both classes count the same, and the places of the items of each bin."""
    weights = np.where(labels, 0.5 / max(labels.mean(), 1e-9), 0.5 / max(1 - labels.mean(), 1e-9))
    return weights, np.array_split(np.argsort(chances), _BINS)
