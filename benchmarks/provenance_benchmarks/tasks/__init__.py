"""Tasks: what is asked, and which figures come of the outcomes. One task, one module."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..errors import SuiteError
from ..metrics import Figure, ScoredItems, share
from ..rows import Row
from ..samples import Unit
from ..suite import AI, Suite, SuiteItem


@dataclass(frozen=True)
class Outcomes:
    """The rows of a run, with the items that they are about."""

    suite: Suite
    modality: str
    rows: Mapping[Unit, Row]
    resamples: int = 500
    items: Mapping[str, SuiteItem] = field(default_factory=dict)

    def scored(self, units: "list[Unit]") -> ScoredItems:
        """Labels, scores, probabilities and decisions of these units, as far as they were asked and did not fail."""
        rows = [self.rows[unit] for unit in units if unit in self.rows]
        return ScoredItems.of(
            [
                (
                    self.items[row.unit.item].label == AI,
                    row.outcome.score,
                    row.outcome.probability,
                    row.outcome.decision,
                )
                for row in rows
            ]
        )


@dataclass(frozen=True)
class TaskFigures:
    """What a task gives: figures, and curves to draw."""

    figures: tuple[Figure, ...]
    curves: Mapping[str, Any] = field(default_factory=dict)


class Task(Protocol):
    """One question of a suite."""

    name: str

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """What has to be asked for it."""
        ...

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """The figures."""
        ...


def task_named(name: str) -> Task:
    """The task of this name. Raises `SuiteError`."""
    tasks = all_tasks()
    if name not in tasks:
        raise SuiteError(f"no task called {name}; there are: {', '.join(tasks)}")
    return tasks[name]


def all_tasks() -> dict[str, Task]:
    """All tasks by their names."""
    from .calibration import CalibrationTask
    from .cost import Cost
    from .detection import Detection
    from .retrieval import Retrieval
    from .robustness import Robustness
    from .stability import Stability
    from .unseen import Unseen
    from .verification import Verification
    from .watermark import WatermarkSurvival

    tasks: list[Task] = [
        Detection(), CalibrationTask(), Unseen(), Robustness(), Stability(), Verification(), Cost(), Retrieval(),
        WatermarkSurvival(),
    ]  # fmt: skip
    return {task.name: task for task in tasks}


def shares_by_edit(
    outcomes: Outcomes, task: str, metric: str, question: str, is_right: Callable[[Unit, str], bool]
) -> tuple[Figure, ...]:
    """Of contenders that answer a question about edited files: how often rightly, over all edits and for each."""
    hits: dict[str, list[bool]] = {}
    for unit, row in outcomes.rows.items():
        answer = row.outcome.answers.get(question)
        if answer is not None and unit.variant in outcomes.suite.card.edits:
            for group in ("all", f"edit: {unit.variant}"):
                hits.setdefault(group, []).append(is_right(unit, answer))
    return present([share(task, metric, group, group_hits, outcomes.resamples) for group, group_hits in hits.items()])


def present(figures: "list[Figure | None]") -> tuple[Figure, ...]:
    """Those that there are."""
    return tuple(figure for figure in figures if figure is not None)
