"""Results from elsewhere: checked against the suite, and recomputed from their item scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import metrics
from .errors import ResultError
from .metrics import Figure, ScoredItems
from .result import SCORES, Result, digest_of_file
from .rows import Row, read_rows
from .runner import findings, suite_for
from .suite import Suite, load_suite, shipped
from .tasks import Outcomes, task_named

# Figures of another machine may differ in the last digits of a floating-point number, and no further.
TOLERANCE: Final = 1e-6

_MEASURES: Final[dict[str, metrics.Measure]] = {
    "AUC": metrics.area,
    "AP": metrics.precision,
    "Brier score": metrics.brier,
    "accuracy": metrics.accuracy,
}


def checked(folder: Path, suite: Suite | None = None) -> Iterator[str]:
    """Says line by line what holds. Raises `ResultError` at the first thing that does not."""
    result = Result.load(folder)
    yield f"{result.contender.name} on {result.suite.name}: the file has the form of a result"
    shipped_suite = suite or _shipped(result)
    shipped_suite = suite_for(shipped_suite, result.suite.modality, result.suite.most)
    if shipped_suite.digest != result.suite.sha256:
        raise ResultError(
            f"{folder}: made on another version of {shipped_suite.name} (the digest of the suite differs)"
        )
    yield f"the suite is {shipped_suite.name} as shipped"
    rows = _rows(folder, result)
    tasks = [task_named(name) for name in result.tasks]
    due = {unit for task in tasks for unit in task.units(shipped_suite, result.suite.modality)}
    there = {row.unit for row in rows}
    if due != there:
        raise ResultError(
            f"{folder}: {len(due - there)} units of the suite have no score, and {len(there - due)} scores belong "
            "to none"
        )
    yield f"all {len(rows)} units are there, each once"
    figures, _ = findings(shipped_suite, result.suite.modality, tasks, rows)
    _compare(folder, result.figures, figures)
    yield f"all {len(figures)} figures follow from the scores"
    failed = sum(bool(row.outcome.failure) for row in rows)
    if failed != sum(result.failures.values()):
        raise ResultError(f"{folder}: says {sum(result.failures.values())} failures, the scores hold {failed}")
    yield f"{failed} failures, as it says"
    if result.suite.most is not None:
        yield "NOTE: a part of the suite only; it cannot stand beside results of the whole"


@dataclass(frozen=True)
class Compared:
    """The difference of a figure between two contenders on the same items, with its interval."""

    one: str
    other: str
    suite: str
    value: float
    low: float
    high: float
    items: int


def compared(one: Path, other: Path, metric: str) -> Compared:
    """How much larger a figure is for one result than for another. Raises `ResultError` where they do not fit."""
    results = [Result.load(path) for path in (one, other)]
    if len({(result.suite.sha256, result.suite.modality) for result in results}) > 1:
        raise ResultError("the two results are of different suites")
    suite = suite_for(_shipped(results[0]), results[0].suite.modality, results[0].suite.most)
    tests = {item.id: item for item in suite.items if item.split == "test" and item.label}
    outcomes = []
    for path, result in zip((one, other), results, strict=True):
        folder = path if path.is_dir() else path.parent
        rows = {row.unit.item: row for row in _rows(folder, result) if row.unit.variant == "as-is"}
        outcomes.append(rows)
    shared = sorted(tests.keys() & outcomes[0].keys() & outcomes[1].keys())
    if not shared:
        raise ResultError("the two results share no item")
    sides = [_scored(suite, [rows[name] for name in shared]) for rows in outcomes]
    value, low, high = metrics.difference(sides[0], sides[1], _MEASURES[metric], results[0].resamples)
    names = [result.contender.name for result in results]
    return Compared(names[0], names[1], suite.name, value, low, high, len(shared))


def _scored(suite: Suite, rows: list[Row]) -> ScoredItems:
    items = {item.id: item for item in suite.items}
    return Outcomes(suite, "", {row.unit: row for row in rows}, items=items).scored([row.unit for row in rows])


def _shipped(result: Result) -> Suite:
    if result.suite.name not in shipped():
        raise ResultError(f"{result.suite.name} is not a shipped suite; its results can only be checked where it lies")
    return load_suite(result.suite.name)


def _rows(folder: Path, result: Result) -> list[Row]:
    path = folder / SCORES
    try:
        digest = digest_of_file(path)
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror})") from None
    if digest != result.scores_sha256:
        raise ResultError(f"{path}: is not the file of scores that the result names (another SHA-256)")
    return read_rows(path)


def _compare(folder: Path, stated: tuple[Figure, ...], computed: tuple[Figure, ...]) -> None:
    theirs, ours = (
        {(figure.task, figure.metric, figure.group): figure for figure in figures} for figures in (stated, computed)
    )
    if theirs.keys() != ours.keys():
        raise ResultError(
            f"{folder}: gives other figures than its tasks have: {sorted(theirs.keys() ^ ours.keys())[:3]}"
        )
    for key, figure in ours.items():
        claimed = theirs[key]
        for name in ("value", "low", "high"):
            if abs(getattr(figure, name) - getattr(claimed, name)) > TOLERANCE:
                raise ResultError(
                    f"{folder}: says that {claimed.metric} of {claimed.group} is {claimed.value:.6f}; "
                    f"its scores give {figure.value:.6f}"
                )
