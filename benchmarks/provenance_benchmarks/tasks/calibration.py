"""Calibration: whether a probability of 0.8 means four in five, and how the error falls as less is decided."""

from collections.abc import Iterator

import numpy as np

from .. import metrics
from ..metrics import figure
from ..samples import Unit
from ..suite import Suite
from . import Finding, Outcomes, present
from .detection import ALL, thinned


class Calibration:
    """Expected calibration error, Brier score, and the curve of risk over coverage."""

    name = "calibration"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The test split as it is."""
        return (Unit(item.id) for item in suite.of(modality, "test") if item.label)

    def finding(self, outcomes: Outcomes) -> Finding:
        """Of the items with a probability; a contender that gives none has no such figures."""
        scored = outcomes.scored(list(self.units(outcomes.suite, outcomes.modality)))
        known = scored.only(~np.isnan(scored.probabilities))
        if not known.labels.any() or known.labels.all():
            return Finding(())
        draws = outcomes.resamples
        figures = [
            figure(self.name, "ECE", ALL, known, metrics.calibration_error, draws),
            figure(self.name, "Brier score", ALL, known, metrics.brier, draws),
            figure(self.name, "area of risk over coverage", ALL, scored, metrics.risk_area, draws),
        ]
        coverage, risk = metrics.risk_coverage(scored)
        bins = metrics.reliability(known)
        curves = {
            "reliability": {
                "predicted": [round(each.predicted, 5) for each in bins],
                "observed": [round(each.observed, 5) for each in bins],
            },
            "risk": {"coverage": thinned(coverage), "risk": thinned(risk)},
        }
        return Finding(present(figures), curves)
