"""The rows of the leaderboard, from results."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..metrics import Figure
from ..result import Result

AS_IS: Final = "as-is"


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it means, and whether more is better."""

    key: str
    heading: str
    meaning: str
    percent: bool = False


DETECTION: Final = (
    Column("auc", "AUC", "Area under the ROC curve: 1 is perfect, 0.5 is chance."),
    Column("tpr1", "TPR at 1 % FPR", "Share of AI found while one real item in a hundred is called AI.", True),
    Column("tpr5", "TPR at 5 % FPR", "Share of AI found while one real item in twenty is called AI.", True),
    Column("worst", "AUC, worst generator", "The generator that it knows least."),
    Column("unseen", "AUC, unseen", "Trained within the run without the generator or the domains asked about."),
    Column("false", "real called AI", "At its own threshold.", True),
    Column("found", "AI found", "At its own threshold.", True),
    Column("undecided", "no decision", "Share of items on which it abstains.", True),
    Column("flips", "flips", "Decisions that turn into their opposite after an everyday edit.", True),
    Column("ece", "calibration error", "How far its probabilities are from what happens."),
    Column("speed", "items a second", "On one process."),
    Column("energy", "Wh for 1,000", "See the page of the detector for where the figure comes from."),
    Column("failures", "failures", "Items to which it gave no answer."),
)

VERIFICATION: Final = (
    Column("integrity", "unchanged? right", "Of files with a signature.", True),
    Column("signer", "by whom? right", "Of files with a signature.", True),
    Column("time", "when? right", "Of files with a signature.", True),
    Column("history", "history? right", "Of files with a signature.", True),
    Column("misread", "unchanged, called altered", "What a newsroom suffers from most.", True),
    Column("missed", "altered, called unchanged", "", True),
    Column("absent", "all files: unchanged? right", "With those that carry no manifest.", True),
    Column("speed", "items a second", "On one process."),
    Column("failures", "failures", "Files to which it gave no answer."),
)

_ON_ALL: Final = {
    "auc": "AUC", "tpr1": "TPR at 1 % FPR", "tpr5": "TPR at 5 % FPR",
    "found": "found at its threshold", "undecided": "no decision", "flips": "flips", "ece": "ECE",
    "misread": "unchanged, called altered or broken", "missed": "altered or broken, called unchanged",
}  # fmt: skip
_ON_EDIT: Final = {
    "auc": "AUC",
    "tpr1": "TPR at 1 % FPR",
    "tpr5": "TPR at 5 % FPR",
    "false": "real called ai",
    "flips": "flips",
}
_SIGNED: Final = "files with a signature"


@dataclass(frozen=True)
class Cell:
    """A value with its interval, as text and as a number to sort by."""

    text: str = ""
    value: float | None = None
    interval: str = ""


@dataclass(frozen=True)
class Line:
    """A result, as it is or after one edit."""

    result: Result
    slug: str
    variant: str
    cells: dict[str, Cell]

    @property
    def suite(self) -> str:
        """The suite's name, and that it is a part where it is."""
        part = "" if self.result.suite.most is None else f" (part: {self.result.suite.most})"
        return self.result.suite.name + part


def slug_of(result: Result) -> str:
    """The name of a result's page."""
    text = f"{result.suite.name}-{result.suite.modality}-{result.contender.name}".lower()
    return re.sub(r"[^a-z0-9.]+", "-", text).strip("-")


def is_verification(result: Result) -> bool:
    """Whether it is about verifiers."""
    return result.suite.modality == "manifest"


def lines_of(results: Sequence[Result]) -> list[Line]:
    """Every result as it is and after each edit, the best first."""
    lines = []
    for result in results:
        lines.append(Line(result, slug_of(result), AS_IS, _cells(result)))
        edits = {figure.group for figure in result.figures if figure.group.startswith("edit: ")}
        lines += [
            Line(result, slug_of(result), edit.removeprefix("edit: "), _edit_cells(result, edit))
            for edit in sorted(edits)
        ]
    return sorted(lines, key=lambda line: (line.suite, line.variant != AS_IS, line.variant, -_rank(line)))


def columns_for(results: Sequence[Result]) -> tuple[Column, ...]:
    """The columns in which any of these results has a value."""
    columns = VERIFICATION if results and is_verification(results[0]) else DETECTION
    filled = {key for line in lines_of(results) for key, cell in line.cells.items() if cell.value is not None}
    return tuple(column for column in columns if column.key in filled)


def _cells(result: Result) -> dict[str, Cell]:
    cells = {key: _cell(result.figure(metric), key) for key, metric in _ON_ALL.items()}
    worst = (figure for figure in result.figures if figure.metric == "AUC of the worst generator")
    cells["worst"] = _cell(next(worst, None), "worst")
    cells["false"] = _cell(result.figure("called ai", "real: all"), "false")
    mean = result.figure("AUC", "mean of all generators [worst, best]", "unseen")
    cells["unseen"] = _cell(mean or result.figure("AUC", "all unseen domains", "unseen"), "unseen")
    for question in ("integrity", "signer", "time", "history"):
        cells[question] = _cell(result.figure(f"{question} right", _SIGNED), question)
    cells["absent"] = _cell(result.figure("integrity right"), "absent")
    failures = sum(result.failures.values())
    cells["failures"] = Cell(str(failures), failures)
    if result.cost is not None:
        speed = 1000 / result.cost.wall_seconds_per_1000 if result.cost.wall_seconds_per_1000 else 0.0
        cells["speed"] = Cell(f"{speed:,.1f}", speed)
        cells["energy"] = Cell(f"{result.cost.energy_wh_per_1000:.3f}", result.cost.energy_wh_per_1000)
    return cells


def _edit_cells(result: Result, edit: str) -> dict[str, Cell]:
    return {key: _cell(result.figure(metric, edit), key) for key, metric in _ON_EDIT.items()}


_PERCENT: Final = {column.key for column in (*DETECTION, *VERIFICATION) if column.percent}


def _cell(figure: Figure | None, key: str) -> Cell:
    if figure is None:
        return Cell()
    values = (figure.value, figure.low, figure.high)
    text, low, high = (f"{value * 100:.1f} %" if key in _PERCENT else f"{value:.3f}" for value in values)
    return Cell(text, figure.value, f"{low} to {high}")


def _rank(line: Line) -> float:
    for key in ("auc", "integrity"):
        value = line.cells.get(key, Cell()).value
        if value is not None:
            return value
    return -1.0
