"""CalibrationTask: whether a probability of 0.8 means four in five, and how the error falls as less is decided."""

from collections.abc import Iterator

import numpy as np

from .. import metrics
from ..metrics import figure
from ..samples import Unit
from ..suite import Suite
from . import Outcomes, TaskFigures, present
from .detection import ALL, thinned


class CalibrationTask:
    """Expected calibration error, Brier score, and the curve of risk over coverage."""

    name = "calibration"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The test split as it is."""
        return (Unit(item.id) for item in suite.of(modality, "test") if item.label)

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """Of the items with a probability; a contender that gives none has no such figures."""
        scored = outcomes.scored(list(self.units(outcomes.suite, outcomes.modality)))
        likely = scored.only(~np.isnan(scored.probabilities))
        if not likely.labels.any() or likely.labels.all():
            return TaskFigures(())
        draws = outcomes.resamples
        figures = [
            figure(self.name, "ECE", ALL, likely, metrics.calibration_error, draws),
            figure(self.name, "Brier score", ALL, likely, metrics.brier, draws),
            figure(self.name, "area of risk over coverage", ALL, scored, metrics.risk_area, draws),
        ]
        coverage, risk = metrics.risk_coverage(scored)
        bins = metrics.reliability(likely)
        curves = {
            "reliability": {
                "predicted": [round(bin.predicted, 5) for bin in bins],
                "observed": [round(bin.observed, 5) for bin in bins],
            },
            "risk": {"coverage": thinned(coverage), "risk": thinned(risk)},
        }
        return TaskFigures(present(figures), curves)
