"""The runner: asks a contender about every unit of its tasks, in worker processes, and writes the result.

Finished units are in the journal; the same command after a kill goes on where it stopped, and gives the result of an
undisturbed run.
"""

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from provenance.process_pool import ProcessPool, ProcessStoppedError

from . import workers
from .contenders import Contender, Outcome, Trainable, contender_for, digest_of
from .edits import AS_IS
from .errors import ContenderError, RunError, SuiteError
from .journal import Journal
from .metrics import SEED
from .result import (
    RESULT,
    SCORES,
    ContenderFacts,
    Result,
    SuiteFacts,
    digest_of_file,
    environment,
    write_result,
)
from .rows import Row, read_rows, write_rows
from .samples import Unit
from .store import Store
from .suite import Suite, SuiteItem, load_suite
from .tasks import Outcomes, Task, task_named
from .tasks.cost import MOST_ITEMS, CostFigures
from .workers import NOT_MEASURED

# An item that takes longer is a failure; a contender that learns may take this long before its first answer.
ITEM_LIMIT: Final = 120.0
LEARNING_LIMIT: Final = 1800.0

# Batches that wait for a worker: enough that none stands still, few enough to be stopped at once.
_WAITING: Final = 4

Tick = Callable[[int], object]


@dataclass(frozen=True)
class RunOrder:
    """What to run."""

    suite: Suite
    spec: str
    folder: Path
    tasks: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1
    most: int | None = None
    modality: str | None = None
    item_limit: float = ITEM_LIMIT
    country: str = "FRA"
    again: bool = False
    cache: Path | None = None
    command: str = ""


def run(order: RunOrder, tick: Tick | None = None, announce: Tick | None = None) -> Result:
    """Runs a contender on a suite, and writes `result.json` and `scores.parquet` into the folder.

    `announce` is told how many units there are, and `tick` how many more are done. A finished run is not repeated
    unless `again` is set. Raises `SuiteError`, `ContenderError`, `RunError`.
    """
    if order.options.get("device") == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""  # models of the hub take a GPU where they see one
    contender = contender_for(order.spec, order.options)
    modality = _modality(order, contender)
    suite = suite_for(order.suite, modality, order.most)
    about = {
        "suite": suite.digest, "contender": digest_of(contender), "spec": order.spec, "most": order.most,
        "modality": modality,
    }  # fmt: skip
    earlier = _earlier(order, about)
    if earlier is not None and order.tasks == ("cost",):
        return _cost_again(order, earlier, _worker(order, suite, contender, modality))
    tasks = _tasks(order, modality, contender)
    if earlier is not None and not order.again and set(earlier.tasks) >= {task.name for task in tasks}:
        return earlier
    units = list(dict.fromkeys(unit for task in tasks for unit in task.units(suite, modality)))
    if not units:
        raise SuiteError(f"{suite.name}: has nothing for the tasks {', '.join(task.name for task in tasks)}")
    _check_files(suite, units, Store(order.cache))
    journal = Journal.open(order.folder, about)
    try:
        worker = _worker(order, suite, contender, modality)
        if announce is not None:
            announce(len(units))
        _ask_all(order, worker, contender, units, journal, tick or (lambda _: None))
        # What failed is left out: a file that ends the contender's process costs nothing that can be measured.
        whole = [unit for unit in units if not journal.done[unit].outcome.failure]
        cost = _cost(order, worker, whole) if any(task.name == "cost" for task in tasks) else None
        result = _written(order, suite, modality, contender, tasks, [journal.done[unit] for unit in units], cost)
    except BaseException:
        journal.close()
        raise
    journal.remove()
    return result


def _ask_all(
    order: RunOrder, worker: workers.Worker, contender: Contender, units: list[Unit], journal: Journal, tick: Tick
) -> None:
    """Asks for what the journal does not hold yet, and keeps each answer there."""
    left = [unit for unit in units if unit not in journal.done]
    tick(len(units) - len(left))
    for rows in _answers(order, worker, left, contender.batch, learns=isinstance(contender, Trainable)):
        journal.add(rows)
        tick(len(rows))


def findings(
    suite: Suite, modality: str, tasks: Sequence[Task], rows: Sequence[Row]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The figures and curves of all tasks from the rows: the same for the same rows."""
    asked = {row.unit: row for row in rows if not row.outcome.failure.startswith(NOT_MEASURED)}
    outcomes = Outcomes(suite, modality, asked, suite.card.resamples, {item.id: item for item in suite.items})
    by_task = {task.name: task.finding(outcomes) for task in tasks}
    figures = tuple(figure for finding in by_task.values() for figure in finding.figures)
    return figures, {name: dict(finding.curves) for name, finding in by_task.items() if finding.curves}


def _worker(order: RunOrder, suite: Suite, contender: Contender, modality: str) -> workers.Worker:
    """What worker processes are given: the suite, and for a contender that learns what it is shown."""
    training: tuple[SuiteItem, ...] = ()
    if isinstance(contender, Trainable):
        training = suite.of(modality, "train")
        if not training and suite.card.trained_on:
            training = suite_for(load_suite(suite.card.trained_on), modality, order.most).of(modality, "train")
    return workers.Worker(suite, modality, order.spec, dict(order.options), order.cache, training)


def _modality(order: RunOrder, contender: Contender) -> str:
    fitting = [modality for modality in order.suite.card.modalities if modality in contender.modalities]
    if order.modality is not None:
        fitting = [modality for modality in fitting if modality == order.modality]
    if not fitting:
        raise ContenderError(
            f"{contender.name} is asked about {', '.join(sorted(contender.modalities))}; {order.suite.name} holds "
            f"{', '.join(order.suite.card.modalities)}"
        )
    return fitting[0]


def _tasks(order: RunOrder, modality: str, contender: Contender) -> list[Task]:
    names = order.tasks or order.suite.card.tasks
    tasks = [task_named(name) for name in names]
    for task in tasks:
        if order.tasks and task.name not in order.suite.card.tasks:
            raise SuiteError(f"{order.suite.name} has no task {task.name}; it has {', '.join(order.suite.card.tasks)}")
    if not isinstance(contender, Trainable):
        tasks = [task for task in tasks if task.name != "unseen"]
    kept = [task for task in tasks if task.name == "cost" or any(True for _ in task.units(order.suite, modality))]
    if not any(task.name != "cost" for task in kept):
        raise SuiteError(f"{order.suite.name}: none of {', '.join(names)} can be asked of {contender.name}")
    return kept


def suite_for(suite: Suite, modality: str, most: int | None) -> Suite:
    """The items of one modality, at most so many of each split and label; hashed where the suite does not say."""
    items: list[SuiteItem] = []
    counts: Counter[tuple[str, str]] = Counter()
    for item in suite.of(modality):
        if most is None or counts[item.split, item.label] < most:
            counts[item.split, item.label] += 1
            items.append(_hashed(item))
    return replace(suite, items=tuple(items))


def _hashed(item: SuiteItem) -> SuiteItem:
    if item.sha256:
        return item
    if item.text is not None:
        return replace(item, sha256=hashlib.sha256(item.text.encode()).hexdigest())
    if item.path is None:
        raise SuiteError(f"{item.id}: neither a hash nor a file")
    try:
        return replace(item, sha256=digest_of_file(item.path), bytes=item.path.stat().st_size)
    except OSError as error:
        raise SuiteError(f"{item.path}: cannot be read ({error.strerror})") from None


def _check_files(suite: Suite, units: Sequence[Unit], store: Store) -> None:
    asked = {unit.item for unit in units}
    missing = store.missing(suite, [item for item in suite.items if item.id in asked])
    if missing:
        raise SuiteError(
            f"{len(missing)} of {len(asked)} files of {suite.name} are not here (the first: {missing[0].id}); "
            f"provenance bench fetch {suite.name} [--mirror FOLDER]"
        )


def _earlier(order: RunOrder, about: Mapping[str, Any]) -> Result | None:
    """The result that the folder holds. Raises `RunError` where it is about something else."""
    path = order.folder / RESULT
    if not path.exists():
        return None
    earlier = Result.load(path)
    earlier_about = {
        "suite": earlier.suite.sha256, "contender": earlier.contender.card_sha256, "spec": earlier.contender.spec,
        "most": earlier.suite.most, "modality": earlier.suite.modality,
    }  # fmt: skip
    changed = [name for name in about if earlier_about[name] != about[name]]
    if changed:
        raise RunError(
            f"{order.folder}: holds the result of a run with another {', '.join(changed)}; name another folder"
        )
    return earlier if (order.folder / SCORES).exists() else None


def _cost_again(order: RunOrder, earlier: Result, worker: workers.Worker) -> Result:
    """The same result with its cost measured once more: on a quiet machine, or another one."""
    rows = read_rows(order.folder / SCORES)
    cost = _cost(order, worker, [row.unit for row in rows if not row.outcome.failure])
    tasks = tuple(dict.fromkeys((*earlier.tasks, "cost")))
    result = earlier.model_copy(update={"cost": cost, "tasks": tasks, "environment": environment()})
    try:
        write_result(order.folder, result)
    except OSError as error:
        raise RunError(f"{order.folder}: cannot be written ({error.strerror})") from None
    return result


def _answers(
    order: RunOrder, worker: workers.Worker, units: Sequence[Unit], batch: int, *, learns: bool
) -> "Sequence[list[Row]] | Any":
    """Rows, batch by batch, in any order."""
    # Each worker has its share of the cores; libraries read this when they are loaded.
    os.environ["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // order.workers))
    batches = deque(_batches(units, batch, order.workers, learns=learns))
    waiting: deque[tuple[tuple[Unit, ...], Future[list[Outcome]]]] = deque()
    if not batches:
        return
    with ProcessPool(order.workers, partial(workers.prepared, worker)) as pool:
        while batches or waiting:
            while batches and len(waiting) < _WAITING * order.workers:
                chosen = batches.popleft()
                limit = order.item_limit * len(chosen) + (LEARNING_LIMIT if learns else 0.0)
                waiting.append((chosen, pool.submit(partial(workers.examine, chosen), limit)))
            chosen, future = waiting.popleft()
            outcomes = _outcomes(future, chosen, order.item_limit)
            if outcomes is None:  # one of them stopped the worker: which?
                batches.extendleft((unit,) for unit in chosen)
            else:
                yield [Row(unit, outcome) for unit, outcome in zip(chosen, outcomes, strict=True)]


def _outcomes(future: Future[list[Outcome]], chosen: Sequence[Unit], limit: float) -> list[Outcome] | None:
    try:
        return future.result()
    except ProcessStoppedError as error:
        is_late = error.exit_code is None
        problem = f"no answer within {limit:.0f} s" if is_late else f"its process ended (exit code {error.exit_code})"
    return [Outcome(failure=problem)] if len(chosen) == 1 else None


def _batches(units: Sequence[Unit], size: int, workers: int, *, learns: bool) -> list[tuple[Unit, ...]]:
    """Units in batches; of a contender that learns, never two variants in one, so that it learns each once a worker."""
    groups: dict[str, list[Unit]] = {}
    for unit in units:
        groups.setdefault(unit.variant if learns else "", []).append(unit)
    batches = []
    for group in groups.values():
        most = max(1, min(size, -(-len(group) // workers)))
        batches += [tuple(group[at : at + most]) for at in range(0, len(group), most)]
    return batches


def _cost(order: RunOrder, worker: workers.Worker, units: Sequence[Unit]) -> CostFigures | None:
    chosen = tuple(unit for unit in units if unit.variant == AS_IS)[:MOST_ITEMS]
    with ProcessPool(1, partial(workers.prepared, worker)) as pool:
        try:
            return pool.submit(partial(workers.cost, chosen, order.country)).result()
        except ProcessStoppedError:
            return None


def _written(
    order: RunOrder, suite: Suite, modality: str, contender: Contender, tasks: Sequence[Task], rows: list[Row],
    cost: CostFigures | None,
) -> Result:  # fmt: skip
    failed = Counter(row.outcome.failure for row in rows if row.outcome.failure)
    scores = order.folder / SCORES
    partial = scores.with_suffix(".part")
    try:
        write_rows(partial, rows)
        figures, curves = findings(suite, modality, tasks, read_rows(partial))
        result = Result(
            contender=ContenderFacts(
                spec=order.spec, name=contender.name, version=contender.version, card_sha256=digest_of(contender),
                card=dict(contender.card()),
            ),
            suite=SuiteFacts(
                name=suite.name, sha256=suite.digest, modality=modality,
                most=order.most, items=len({row.unit.item for row in rows}), units=len(rows),
            ),
            tasks=tuple(task.name for task in tasks), seed=SEED, resamples=suite.card.resamples, figures=figures,
            curves=curves, failures=dict(sorted(failed.items())), scores_sha256=digest_of_file(partial), cost=cost,
            environment=environment(), command=order.command, finished=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        write_result(order.folder, result)
        partial.replace(scores)
    except OSError as error:
        raise RunError(
            f"{order.folder}: cannot be written ({error.strerror}); what was finished is kept: make room and start the "
            "same command again"
        ) from None
    return result
