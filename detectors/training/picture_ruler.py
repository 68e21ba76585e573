"""The ruler of the picture detectors: whole sources and whole families of generators that the model asked has not seen.

`docs/picture-ruler.md` says why. A model is compared by `rounds`, which split the sources for selection; the sources
named `final` in the manifest are measured once, by the finished model, at the threshold that was chosen before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]
Names = NDArray[np.str_]

FOLDS: Final = 5
REPEATS: Final = 3
SEED: Final = 20261128

# The share of the real pictures of any one source that may be called AI.
MOST_FALSE_ALARMS: Final = 0.005

# Pictures by people that are never to be called AI.
DRAWN: Final = frozenset({"painting", "drawing", "digital-drawing"})

# Sources with fewer pictures give no figure of their own.
FEWEST: Final = 8

_DRAWS: Final = 1000


@dataclass(frozen=True)
class Pictures:
    """What is known of n pictures, each array of shape (n,)."""

    ai: Mask
    source: Names
    group: Names
    family: Names
    kind: Names
    final: Mask

    def weights(self, chosen: Mask, labels: Mask | None = None) -> Scores:
        """Both classes (AI or not, unless said otherwise) count the same, and a source by the root of its size."""
        source, label = self.source[chosen], (self.ai if labels is None else labels)[chosen]
        _, place, counts = np.unique(source, return_inverse=True, return_counts=True)
        weights = counts[place] ** -0.5
        for value in (True, False):
            weights[label == value] /= weights[label == value].sum()
        return np.asarray(weights)


def rounds(pictures: Pictures, repeats: int = REPEATS) -> Iterator[tuple[int, Mask, Mask]]:
    """The repeat, the pictures to train on and those to measure, of every fold of every repeat.

    A fold holds whole families of generators, and whole owners of real pictures. Nothing trains that shares its owner
    or its family with a picture of the fold.
    """
    open_ = ~pictures.final
    unit = np.where(pictures.ai, np.char.add("family ", pictures.family), np.char.add("owner ", pictures.group))
    for repeat in range(repeats):
        draws = np.random.default_rng(SEED + repeat)
        fold_of = {
            name: place % FOLDS
            for label in (True, False)
            for place, name in enumerate(draws.permutation(np.unique(unit[open_ & (pictures.ai == label)])))
        }
        fold = np.array([fold_of.get(name, -1) for name in unit])
        for number in range(FOLDS):
            test = open_ & (fold == number)
            near = np.isin(pictures.group, pictures.group[test]) | (
                pictures.ai & np.isin(pictures.family, pictures.family[test & pictures.ai])
            )
            yield repeat, open_ & ~near, test


def out_of_fold(pictures: Pictures, fit: Callable[[Mask, Mask], Scores], repeats: int = REPEATS) -> NDArray[np.float64]:
    """Scores of shape (repeats, n) by models that saw neither source nor family; NaN for the final sources.

    `fit` trains on the first mask and scores the second.
    """
    scores = np.full((repeats, len(pictures.ai)), np.nan)
    for repeat, train, test in rounds(pictures, repeats):
        scores[repeat, test] = fit(train, test)
    return scores


def threshold(scores: Scores, pictures: Pictures, real: Mask, most: float = MOST_FALSE_ALARMS) -> float:
    """The lowest threshold that keeps each source of real pictures to this rate; nothing drawn is called by default."""
    highest = -np.inf
    for name in np.unique(pictures.source[real]):
        of_source = real & (pictures.source == name)
        never = pictures.kind[of_source][0] in DRAWN and most <= MOST_FALSE_ALARMS
        highest = max(highest, float(np.quantile(scores[of_source], 1 - most * (not never), method="higher")))
    return float(np.nextafter(highest, np.inf))


@dataclass(frozen=True)
class SourceFigure:
    """One source: how many pictures, its AUC against the real pictures (AI only), and the share called AI."""

    source: str
    ai: bool
    items: int
    auc: float
    called: float


def by_source(scores: Scores, pictures: Pictures, chosen: Mask, at: float) -> list[SourceFigure]:
    """The figures of each source among the chosen pictures; every real source counts the same in the AUC."""
    real = chosen & ~pictures.ai
    _, place, counts = np.unique(pictures.source[real], return_inverse=True, return_counts=True)
    real_weights = 1 / counts[place]
    figures = []
    for name in np.unique(pictures.source[chosen]):
        own = chosen & (pictures.source == name)
        ai = bool(pictures.ai[own][0])
        if own.sum() < FEWEST:
            continue
        auc = np.nan
        if ai:
            values = np.concatenate([scores[own], scores[real]])
            weights = np.concatenate([np.full(own.sum(), 1 / own.sum()), real_weights / real_weights.sum()])
            auc = float(roc_auc_score(np.arange(values.size) < own.sum(), values, sample_weight=weights))
        figures.append(SourceFigure(str(name), ai, int(own.sum()), auc, float((scores[own] >= at).mean())))
    return figures


@dataclass(frozen=True)
class Summary:
    """A figure over sources: mean with its 95 % interval (sources drawn anew), lower quartile, worst."""

    mean: float
    low: float
    high: float
    quartile: float
    worst: float
    worst_source: str


def summary(
    figures: list[SourceFigure], measure: Callable[[SourceFigure], float], worst: Callable[..., int]
) -> Summary:
    """Mean, quartile and worst of a measure; `worst` is `np.argmin` or `np.argmax`, as small or large is bad."""
    values = np.array([measure(each) for each in figures])
    means = np.random.default_rng(0).choice(values, (_DRAWS, values.size)).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    at, quarter = int(worst(values)), 25 if worst is np.argmin else 75
    return Summary(
        float(values.mean()), float(low), float(high), float(np.percentile(values, quarter)), float(values[at]),
        figures[at].source,
    )  # fmt: skip
