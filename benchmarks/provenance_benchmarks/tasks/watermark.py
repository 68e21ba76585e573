"""Watermark survival: whether a mark is still found after an edit. The question is set; nothing answers it yet."""

from collections.abc import Iterator

from ..metrics import share
from ..samples import Unit
from ..suite import Suite
from . import Finding, Outcomes, present
from .detection import ALL
from .robustness import Robustness

# The question that a contender answers with `yes` or `no`: it marks the file first, edits it, and looks again.
SURVIVED = "watermark"


class WatermarkSurvival:
    """The share of marked files in which the mark is found after each edit."""

    name = "watermark-survival"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The same files as for robustness."""
        return Robustness().units(suite, modality)

    def finding(self, outcomes: Outcomes) -> Finding:
        """Of contenders that answer `watermark`; there is none in this version."""
        hits: dict[str, list[bool]] = {}
        for unit, row in outcomes.rows.items():
            found = row.outcome.answers.get(SURVIVED)
            if found is not None and unit.variant in outcomes.suite.card.edits:
                for group in (ALL, f"edit: {unit.variant}"):
                    hits.setdefault(group, []).append(found == "yes")
        return Finding(
            present([share(self.name, "survived", group, each, outcomes.resamples) for group, each in hits.items()])
        )
