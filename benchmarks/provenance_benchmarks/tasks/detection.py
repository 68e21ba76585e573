"""Detection: how well AI is told from what people made, overall and for each generator, language and size."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from .. import metrics
from ..metrics import Figure, Floats, ScoredItems, figure, share
from ..samples import Unit
from ..suite import AI, NOT_AI, Suite, SuiteItem
from . import Outcomes, TaskFigures, present

# False positive rates at which the true positive rate is given; RAID uses the second.
RATES: Final = {"1 %": 0.01, "5 %": 0.05}

ALL: Final = "all"

# Items of several generators in one gallery: no generator of its own.
MIXED: Final = "mixed"


class Detection:
    """AUC, AP, TPR at fixed false positive rates, and what is decided at the contender's own threshold."""

    name = "detection"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The calibration and test splits as they are; the thresholds come from the former."""
        for split in ("calibration", "test"):
            for item in suite.of(modality, split):
                if item.label:
                    yield Unit(item.id)

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """Overall, and by generator, language, kind of real item, and size of the original."""
        items = [item for item in outcomes.suite.of(outcomes.modality, "test") if item.label]
        thresholds = thresholds_of(outcomes)
        everything = _scored(outcomes, items)
        figures = [*ranking(self.name, ALL, everything, thresholds, outcomes.resamples)]
        figures += _decisions(self.name, everything, outcomes.resamples)
        for group, members in groups_of(items):
            figures += ranking(self.name, group, _scored(outcomes, members), thresholds, outcomes.resamples)
        for group, members in _real_groups(items):
            part = _scored(outcomes, members)
            if has_decisions(part):
                figures.append(share(self.name, "called ai", group, list(part.decisions == "ai"), outcomes.resamples))
        return TaskFigures((*present(figures), *_worst(present(figures))), _curves(everything))


def ranking(
    task: str, group: str, scored: ScoredItems, thresholds: dict[str, float], resamples: int
) -> Iterator[Figure | None]:
    """What follows from the order of the scores, with thresholds from the calibration split."""
    yield figure(task, "AUC", group, scored, metrics.area, resamples)
    yield figure(task, "AP", group, scored, metrics.precision, resamples)
    for name, threshold in thresholds.items():
        yield figure(task, f"TPR at {name} FPR", group, scored, metrics.above(threshold, True), resamples)
        if group == ALL:
            kept = metrics.above(threshold, False)
            yield figure(task, f"FPR at the threshold for {name}", group, scored, kept, resamples)
    if has_decisions(scored):
        yield figure(task, "found at its threshold", group, scored, metrics.decided("ai", True), resamples)


def thresholds_of(outcomes: Outcomes) -> dict[str, float]:
    """For each false positive rate the threshold that keeps to it on the calibration split."""
    calibration = _scored(
        outcomes, [item for item in outcomes.suite.of(outcomes.modality, "calibration") if item.label]
    )
    thresholds = {name: metrics.threshold_for(rate, calibration) for name, rate in RATES.items()}
    return {name: value for name, value in thresholds.items() if value is not None}


def groups_of(items: list[SuiteItem]) -> Iterator[tuple[str, list[SuiteItem]]]:
    """The generators (each beside all real items), the languages, and the sizes of the originals."""
    yield from _by_generator(items)
    yield from _by_language(items)
    yield from _by_size(items)


def _by_generator(items: list[SuiteItem]) -> Iterator[tuple[str, list[SuiteItem]]]:
    real = [item for item in items if item.label == NOT_AI]
    for generator in sorted({item.generator for item in items if item.label == AI} - {"", MIXED}):
        yield f"generator: {generator}", [item for item in items if item.generator == generator] + real


def _by_language(items: list[SuiteItem]) -> Iterator[tuple[str, list[SuiteItem]]]:
    languages = sorted({item.language for item in items if item.language})
    for language in languages if len(languages) > 1 else ():
        yield f"language: {language}", [item for item in items if item.language == language]


def _by_size(items: list[SuiteItem]) -> Iterator[tuple[str, list[SuiteItem]]]:
    sized = [item for item in items if item.bytes]
    if sized:
        middle = float(np.median([item.bytes for item in sized]))
        yield "original: smaller half of the files", [item for item in sized if item.bytes <= middle]
        yield "original: larger half of the files", [item for item in sized if item.bytes > middle]


def has_decisions(scored: ScoredItems) -> bool:
    """Whether the contender decides, or only scores."""
    return bool((scored.decisions != "").any())


def thinned(values: Floats, most: int = 200) -> list[float]:
    """At most so many points of a curve, rounded, for drawing."""
    chosen = values if len(values) <= most else values[np.linspace(0, len(values) - 1, most).round().astype(int)]
    return [round(float(value), 5) for value in chosen]


def _decisions(task: str, scored: ScoredItems, resamples: int) -> Iterator[Figure | None]:
    if has_decisions(scored):
        yield figure(task, "accuracy at its threshold", ALL, scored, metrics.accuracy, resamples)
        undecided = list(~np.isin(scored.decisions, ("ai", "not-ai")))
        yield share(task, "no decision", ALL, undecided, resamples)


def _real_groups(items: list[SuiteItem]) -> Iterator[tuple[str, list[SuiteItem]]]:
    real = [item for item in items if item.label == NOT_AI]
    yield "real: all", real
    for kind in sorted({item.kind for item in real if item.kind}):
        members = [item for item in real if item.kind == kind]
        if len(members) >= metrics.FEWEST:
            yield f"real: {kind}", members


def _worst(figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
    of_generators = [figure for figure in figures if figure.metric == "AUC" and figure.group.startswith("generator")]
    if not of_generators:
        return ()
    worst = min(of_generators, key=lambda figure: figure.value)
    return (worst.model_copy(update={"metric": "AUC of the worst generator"}),)


def _curves(scored: ScoredItems) -> dict[str, dict[str, list[float]]]:
    if not scored.labels.any() or scored.labels.all():
        return {}
    false, true = metrics.roc(scored)
    return {"roc": {"fpr": thinned(false), "tpr": thinned(true)}}


def _scored(outcomes: Outcomes, items: list[SuiteItem]) -> ScoredItems:
    return outcomes.scored([Unit(item.id) for item in items])
