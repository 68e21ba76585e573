"""Retrieval: whether an edited copy is led back to its original. The question is set; nothing answers it yet."""

from collections.abc import Iterator

from ..metrics import share
from ..samples import Unit
from ..suite import Suite
from . import Finding, Outcomes, present
from .detection import ALL
from .robustness import Robustness

# The question that a contender answers: the id of the nearest item of the suite.
NEAREST = "nearest"


class Retrieval:
    """The share of edited copies whose nearest item is their original, for each edit."""

    name = "retrieval"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The same files as for robustness."""
        return Robustness().units(suite, modality)

    def finding(self, outcomes: Outcomes) -> Finding:
        """Of contenders that answer `nearest`; there is none in this version."""
        hits: dict[str, list[bool]] = {}
        for unit, row in outcomes.rows.items():
            nearest = row.outcome.answers.get(NEAREST)
            if nearest is not None and unit.variant in outcomes.suite.card.edits:
                for group in (ALL, f"edit: {unit.variant}"):
                    hits.setdefault(group, []).append(nearest == unit.item)
        return Finding(
            present([share(self.name, "led back", group, each, outcomes.resamples) for group, each in hits.items()])
        )
