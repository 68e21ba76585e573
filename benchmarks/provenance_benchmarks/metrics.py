"""The figures, each with its 95 % bootstrap interval. Curves and areas are scikit-learn's, intervals are SciPy's.

Items are drawn anew within each class. An item without a score counts against the contender: as one that was not
detected, and never as a score.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy import stats
from sklearn.metrics import auc, average_precision_score, brier_score_loss, roc_auc_score, roc_curve

Floats = NDArray[np.float64]
Measure = Callable[["ScoredItems"], float]

SEED: Final = 20261124
LEVEL: Final = 0.95
BINS: Final = 10

# Fewer items of a class than this give no figure of their own.
FEWEST: Final = 5


class Figure(BaseModel):
    """One figure: of what, for which group, with its interval, from how many items."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    metric: str
    group: str
    value: float
    low: float
    high: float
    items: int


@dataclass(frozen=True)
class ScoredItems:
    """Of the same items: labels (true: AI), scores, probabilities and decisions. NaN where there is none."""

    labels: NDArray[np.bool_]
    scores: Floats
    probabilities: Floats
    decisions: NDArray[np.str_]

    @classmethod
    def of(cls, rows: Sequence[tuple[bool, float | None, float | None, str]]) -> "ScoredItems":
        """From label, score, probability and decision of each item."""
        number = [[np.nan if value is None else value for value in row[1:3]] for row in rows]
        values = np.array(number, float).reshape(-1, 2)
        return cls(
            np.array([row[0] for row in rows], bool),
            values[:, 0],
            values[:, 1],
            np.array([row[3] for row in rows], str),
        )

    def only(self, chosen: NDArray[Any]) -> "ScoredItems":
        """Some of the items, by a mask or by their places."""
        return ScoredItems(self.labels[chosen], self.scores[chosen], self.probabilities[chosen], self.decisions[chosen])

    @property
    def ranked(self) -> Floats:
        """The scores, with the lowest of all for an item that has none."""
        scores = self.scores[~np.isnan(self.scores)]
        return np.where(np.isnan(self.scores), (scores.min() if scores.size else 0.0) - 1.0, self.scores)


def area(scored: ScoredItems) -> float:
    """The area under the ROC curve; not a number where no item has a score."""
    if np.isnan(scored.scores).all():
        return float("nan")
    return float(roc_auc_score(scored.labels, scored.ranked))


def precision(scored: ScoredItems) -> float:
    """The average precision; not a number where no item has a score."""
    if np.isnan(scored.scores).all():
        return float("nan")
    return float(average_precision_score(scored.labels, scored.ranked))


def above(threshold: float, label: bool) -> Measure:
    """The share of one class with a score over a threshold."""
    return lambda scored: float(np.mean(scored.scores[scored.labels == label] > threshold))


def decided(decision: str, label: bool) -> Measure:
    """The share of one class that got this decision."""
    return lambda scored: float(np.mean(scored.decisions[scored.labels == label] == decision))


def accuracy(scored: ScoredItems) -> float:
    """The share of right decisions at the contender's own threshold; both classes count the same."""
    return (decided("ai", True)(scored) + decided("not-ai", False)(scored)) / 2


def abstention(scored: ScoredItems) -> float:
    """The share without a decision."""
    return float(np.mean(~np.isin(scored.decisions, ("ai", "not-ai"))))


def calibration_error(scored: ScoredItems) -> float:
    """The expected calibration error over ten bins of equal count; both classes count the same."""
    likely = _with_probability(scored)
    return float(sum(abs(bin.observed - bin.predicted) * bin.share for bin in reliability(likely)))


def brier(scored: ScoredItems) -> float:
    """The Brier score; both classes count the same."""
    likely = _with_probability(scored)
    return float(brier_score_loss(likely.labels, likely.probabilities, sample_weight=_balanced(likely.labels)))


def risk_area(scored: ScoredItems) -> float:
    """The area under the curve of error over coverage, the most certain items first (Geifman and El-Yaniv 2017)."""
    coverage, risk = risk_coverage(scored)
    return float(auc(coverage, risk)) if len(coverage) > 1 else float("nan")


@dataclass(frozen=True)
class Bin:
    """Items of like probability: what was predicted, what was observed, and their share."""

    predicted: float
    observed: float
    share: float


def reliability(scored: ScoredItems) -> list[Bin]:
    """Predicted and observed shares of AI in ten bins of equal count; both classes count the same."""
    likely = _with_probability(scored)
    weights = _balanced(likely.labels)
    edges = np.unique(np.quantile(likely.probabilities, np.linspace(0, 1, BINS + 1)))
    if len(edges) < 2:
        edges = np.array([edges[0] - 0.5, edges[0] + 0.5])

    def sums(values: Floats) -> Floats:
        return np.asarray(stats.binned_statistic(likely.probabilities, values, "sum", bins=edges).statistic)

    total, predicted, observed = sums(weights), sums(weights * likely.probabilities), sums(weights * likely.labels)
    return [
        Bin(float(predicted[at] / total[at]), float(observed[at] / total[at]), float(total[at] / weights.sum()))
        for at in np.flatnonzero(total)
    ]


def risk_coverage(scored: ScoredItems) -> tuple[Floats, Floats]:
    """The error among the most certain items, for growing shares of all; certain is far from one half."""
    likely = _with_probability(scored)
    if not likely.labels.size:
        return np.array([]), np.array([])
    order = np.argsort(-np.abs(likely.probabilities - 0.5), kind="stable")
    wrong = ((likely.probabilities > 0.5) != likely.labels)[order]
    count = np.arange(1, wrong.size + 1)
    return count / scored.labels.size, np.cumsum(wrong) / count


def roc(scored: ScoredItems) -> tuple[Floats, Floats]:
    """The false and true positive rates of all thresholds."""
    false, true, _ = roc_curve(scored.labels, scored.ranked)
    return false, true


def threshold_for(rate: float, calibration: ScoredItems) -> float | None:
    """The score that at most this share of the real items of the calibration split exceeds; none without such."""
    real = calibration.scores[~calibration.labels]
    real = real[~np.isnan(real)]
    if real.size < FEWEST:
        return None
    return float(np.quantile(real, 1 - rate, method="higher"))


def figure(task: str, metric: str, group: str, scored: ScoredItems, measure: Measure, resamples: int) -> Figure | None:
    """A measure with its interval; none where a class has too few items."""
    classes = [np.flatnonzero(scored.labels == value) for value in (True, False)]
    if min(places.size for places in classes) < FEWEST:
        return None
    return _figure(task, metric, group, scored, measure, resamples, classes)


def share(task: str, metric: str, group: str, hits: Sequence[bool], resamples: int) -> Figure | None:
    """A share of items with its interval; none without items. No hit among n still allows 3 / n (rule of three)."""
    values = np.asarray(hits, float)
    if not values.size:
        return None
    low = high = float(values.mean())
    if 0 < low < 1:
        bootstrapped = stats.bootstrap(
            (values,), np.mean, n_resamples=resamples, method="percentile", rng=SEED, batch=100
        )
        low, high = map(float, bootstrapped.confidence_interval)
    elif low == 0:
        high = min(1.0, 3 / values.size)
    else:
        low = max(0.0, 1 - 3 / values.size)
    return Figure(
        task=task, metric=metric, group=group, value=float(values.mean()), low=low, high=high, items=values.size
    )


def difference(first: ScoredItems, second: ScoredItems, measure: Measure, resamples: int) -> tuple[float, float, float]:
    """How much larger a measure is for one contender than for the other on the same items, with its interval.

    Both are asked about the same drawn items each time (paired bootstrap).
    """
    classes = [np.flatnonzero(first.labels == value) for value in (True, False)]

    def between(*drawn: NDArray[np.int64]) -> float:
        chosen = np.concatenate(drawn)
        return measure(first.only(chosen)) - measure(second.only(chosen))

    limits = _interval(between, classes, resamples)
    return between(*classes), *limits


def _figure(
    task: str,
    metric: str,
    group: str,
    scored: ScoredItems,
    measure: Measure,
    resamples: int,
    classes: list[NDArray[np.int64]],
) -> Figure | None:
    value = measure(scored)
    if not np.isfinite(value):
        return None
    low, high = _interval(lambda *drawn: measure(scored.only(np.concatenate(drawn))), classes, resamples)
    return Figure(task=task, metric=metric, group=group, value=value, low=low, high=high, items=int(scored.labels.size))


def _interval(statistic: Callable[..., float], classes: list[NDArray[np.int64]], resamples: int) -> tuple[float, float]:
    bootstrapped = stats.bootstrap(
        tuple(classes), statistic, n_resamples=resamples, vectorized=False, method="percentile", rng=SEED,
        confidence_level=LEVEL,
    )  # fmt: skip
    low, high = bootstrapped.confidence_interval
    return float(low), float(high)


def _with_probability(scored: ScoredItems) -> ScoredItems:
    return scored.only(~np.isnan(scored.probabilities))


def _balanced(labels: NDArray[np.bool_]) -> Floats:
    share_of_ai = labels.mean() if labels.size else 0.5
    return np.where(labels, 0.5 / max(share_of_ai, 1e-9), 0.5 / max(1 - share_of_ai, 1e-9))
