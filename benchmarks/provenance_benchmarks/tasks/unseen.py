"""The unseen: what a contender that learns within the run makes of generators or domains that it was not shown."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from .. import metrics
from ..metrics import Figure, ScoredItems, figure
from ..samples import Unit
from ..suite import AI, NOT_AI, Suite, SuiteItem
from . import Outcomes, TaskFigures, present
from .detection import MIXED

WITHOUT: Final = "without "

# A generator with fewer items in the test split gives no figure of its own.
FEWEST_ITEMS: Final = 8


class Unseen:
    """Of pictures, one generator is left out at a time; of texts, one fold of domains."""

    name = "unseen"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The left-out items of the test split, beside the real ones; only contenders that learn are asked."""
        for part in _parts(suite, modality):
            for item in suite.of(modality, "test"):
                if item.label and _is_asked(item, part, modality):
                    yield Unit(item.id, WITHOUT + part)

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """By part; of pictures the mean of all with the worst and the best, of texts all parts together."""
        scored: dict[str, ScoredItems] = {}
        for part in _parts(outcomes.suite, outcomes.modality):
            units = [unit for unit in outcomes.rows if unit.variant == WITHOUT + part]
            if units:
                scored[part] = outcomes.scored(units)
        if outcomes.modality == "text" and scored:
            units = [unit for unit in outcomes.rows if unit.variant.startswith(WITHOUT)]
            scored = {"all unseen domains": outcomes.scored(units), **scored}
        figures = []
        for part, part_scores in scored.items():
            group = part if outcomes.modality == "text" else f"generator: {part}"
            figures.append(figure(self.name, "AUC", group, part_scores, metrics.area, outcomes.resamples))
            figures.append(figure(self.name, "TPR at 5 % FPR", group, part_scores, _tpr, outcomes.resamples))
        present_figures = present(figures)
        return TaskFigures(
            (*present_figures, *_means(self.name, present_figures)) if outcomes.modality == "image" else present_figures
        )


def is_left_out(item: SuiteItem, part: str) -> bool:
    """Whether a contender that learns must not be shown this item."""
    return part in (item.generator, _fold(item))


def _fold(item: SuiteItem) -> str:
    return f"domains {item.fold}"


def _parts(suite: Suite, modality: str) -> list[str]:
    tests = [item for item in suite.of(modality, "test") if item.label]
    if modality == "text":
        return sorted({_fold(item) for item in tests if item.fold >= 0})
    made = [item.generator for item in tests if item.label == AI]
    return sorted(name for name in set(made) - {"", MIXED} if made.count(name) >= FEWEST_ITEMS)


def _is_asked(item: SuiteItem, part: str, modality: str) -> bool:
    return is_left_out(item, part) or (modality == "image" and item.label == NOT_AI)


def _tpr(scored: ScoredItems) -> float:
    """At 5 % of the same real items: each part has another model, and the calibration split is asked of none."""
    false, true = metrics.roc(scored)
    return float(np.interp(0.05, false, true))


def _means(task: str, figures: tuple[Figure, ...]) -> Iterator[Figure]:
    for metric in ("AUC", "TPR at 5 % FPR"):
        values = [figure.value for figure in figures if figure.metric == metric]
        if values:
            yield Figure(
                task=task, metric=metric, group="mean of all generators [worst, best]", value=float(np.mean(values)),
                low=min(values), high=max(values), items=len(values),
            )  # fmt: skip
