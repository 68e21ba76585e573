"""Retrieval: whether an edited copy is led back to its original."""

from collections.abc import Iterator

from ..samples import Unit
from ..suite import Suite
from . import Outcomes, TaskFigures, shares_by_edit
from .robustness import Robustness

# The question that a contender answers: the id of the nearest item of the suite; nothing where none is near.
NEAREST = "nearest"


class Retrieval:
    """The share of edited copies whose nearest item is their original, for each edit."""

    name = "retrieval"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The same files as for robustness."""
        return Robustness().units(suite, modality)

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """Of contenders that answer `nearest`."""
        return TaskFigures(
            shares_by_edit(outcomes, self.name, "led back", NEAREST, lambda unit, answer: answer == unit.item)
        )
