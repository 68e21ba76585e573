"""Robustness: how well AI is still told apart after everyday edits, with the thresholds of the unedited files."""

from collections.abc import Iterator

from .. import metrics
from ..metrics import figure, share
from ..samples import Unit
from ..suite import NOT_AI, Suite
from . import Outcomes, TaskFigures, present
from .detection import has_decisions, thresholds_of


class Robustness:
    """AUC, TPR and false alarms, for each edit of the suite's card."""

    name = "robustness"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The calibration split as it is, and the test split as it is and in each edit; pictures only."""
        if modality != "image" or not suite.card.edits:
            return
        for item in suite.of(modality, "calibration"):
            if item.label:
                yield Unit(item.id)
        for item in suite.of(modality, "test"):
            if item.label:
                yield Unit(item.id)
                for edit in suite.card.edits:
                    yield Unit(item.id, edit)

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """One group an edit."""
        items = [item for item in outcomes.suite.of(outcomes.modality, "test") if item.label]
        thresholds, draws, figures = thresholds_of(outcomes), outcomes.resamples, []
        for edit in outcomes.suite.card.edits if outcomes.modality == "image" else ():
            group = f"edit: {edit}"
            scored = outcomes.scored([Unit(item.id, edit) for item in items])
            figures.append(figure(self.name, "AUC", group, scored, metrics.area, draws))
            for name, threshold in thresholds.items():
                measure = metrics.above(threshold, True)
                figures.append(figure(self.name, f"TPR at {name} FPR", group, scored, measure, draws))
            if has_decisions(scored):
                real = outcomes.scored([Unit(item.id, edit) for item in items if item.label == NOT_AI])
                figures.append(share(self.name, "real called ai", group, list(real.decisions == "ai"), draws))
        return TaskFigures(present(figures))
