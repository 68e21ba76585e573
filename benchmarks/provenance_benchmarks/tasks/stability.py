"""Stability: how often a decision turns into its opposite because the file was edited in an everyday way."""

from collections.abc import Iterator

from ..metrics import share
from ..samples import Unit
from ..suite import Suite
from . import Outcomes, TaskFigures, present
from .detection import ALL
from .robustness import Robustness

_OPPOSITES = frozenset({"ai", "not-ai"})


class Stability:
    """Flips from `ai` to `not-ai` or back; an abstention is no flip, and is counted apart."""

    name = "stability"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The same files as for robustness."""
        return Robustness().units(suite, modality)

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """Over all edits, and for each."""
        flips: dict[str, list[bool]] = {}
        changes: dict[str, list[bool]] = {}
        for unit, row in outcomes.rows.items():
            before = outcomes.rows.get(Unit(unit.item))
            if unit.variant not in outcomes.suite.card.edits or before is None:
                continue
            pair = (before.outcome.decision, row.outcome.decision)
            if "" in pair:
                continue
            for group in (ALL, f"edit: {unit.variant}"):
                flips.setdefault(group, []).append(set(pair) == _OPPOSITES)
                changes.setdefault(group, []).append(pair[0] != pair[1])
        draws = outcomes.resamples
        figures = [share(self.name, "flips", group, hits, draws) for group, hits in sorted(flips.items())]
        figures += [share(self.name, "changed or withdrawn", group, hits, draws) for group, hits in changes.items()]
        return TaskFigures(present(figures))
