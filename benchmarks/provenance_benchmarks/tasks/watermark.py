"""Watermark survival: whether a mark is still found after an edit. The question is set; nothing answers it yet."""

from collections.abc import Iterator

from ..samples import Unit
from ..suite import Suite
from . import Outcomes, TaskFigures, shares_by_edit
from .robustness import Robustness

# The question that a contender answers with `yes` or `no`: it marks the file first, edits it, and looks again.
SURVIVED = "watermark"


class WatermarkSurvival:
    """The share of marked files in which the mark is found after each edit."""

    name = "watermark-survival"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The same files as for robustness."""
        return Robustness().units(suite, modality)

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """Of contenders that answer `watermark`; there is none in this version."""
        return TaskFigures(shares_by_edit(outcomes, self.name, "survived", SURVIVED, lambda _, answer: answer == "yes"))
