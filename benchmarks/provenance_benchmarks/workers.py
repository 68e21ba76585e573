"""What a worker process of a run does: it holds one contender, and asks it about the samples that it is given.

A contender that crashes or hangs takes its worker with it, and never the run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .contenders import NOT_FINITE, Contender, Options, Outcome, Registering, Trainable, contender_for
from .edits import AS_IS, EDITS
from .errors import ContenderError
from .matching import UnmatchableError
from .samples import Sample, Unit, sample_of
from .store import Store
from .suite import AI, Suite, SuiteItem
from .tasks.cost import CostFigures, measured
from .tasks.unseen import WITHOUT, is_left_out

# Samples that are kept for the next part that is left out: half a megabyte each.
MOST_PREPARED = 500

# A longer message of a contender is cut: it is written down for each item that fails.
MAX_MESSAGE = 300

# How the failure of an item begins that could not be brought to the form of the others: no fault of the contender.
NOT_MEASURED = "not measured"


@dataclass
class Worker:
    """One contender with the suite that it is asked about."""

    suite: Suite
    modality: str
    spec: str
    options: Options
    cache: Path | None = None
    training: tuple[SuiteItem, ...] = ()
    """What a contender that learns is shown."""
    _trained_for: str | None = None
    _contender: Contender | None = None
    _store: Store | None = None
    _items: dict[str, SuiteItem] = field(default_factory=dict)
    _prepared: dict[str, Sample] = field(default_factory=dict)

    def examine(self, units: Sequence[Unit]) -> list[Outcome]:
        """An outcome for each unit; what cannot be had of the contender is a failure."""
        outcomes: dict[Unit, Outcome] = {}
        for variant in dict.fromkeys(unit.variant for unit in units):
            samples = []
            for unit in units:
                if unit.variant == variant:
                    sample = self._sample(unit)
                    if isinstance(sample, Sample):
                        samples.append(sample)
                    else:
                        outcomes[unit] = sample
            if samples:
                self._train(variant)
                answered = self._asked(samples)
                outcomes |= {sample.unit: outcome for sample, outcome in zip(samples, answered, strict=True)}
        return [outcomes[unit] for unit in units]

    def cost(self, units: Sequence[Unit], country: str) -> CostFigures | None:
        """What these units cost; none where nothing of them could be read."""
        samples = [sample for unit in units if isinstance(sample := self._sample(unit), Sample)]
        self._train(AS_IS)
        return measured(self.contender, samples, country)

    @property
    def contender(self) -> Contender:
        """The contender, made once, and shown what it is to know."""
        if self._contender is None:
            self._contender = contender_for(self.spec, self.options)
            if isinstance(self._contender, Registering):
                items = [item for item in self.suite.of(self.modality) if item.split != "train"]
                originals = [self._sample(Unit(item.id)) for item in items]
                self._contender.register([original for original in originals if isinstance(original, Sample)])
        return self._contender

    def _sample(self, unit: Unit) -> Sample | Outcome:
        if self._store is None:
            self._store = Store(self.cache)
            self._items = {item.id: item for item in (*self.training, *self.suite.items)}
        edit = unit.variant if unit.variant in EDITS else AS_IS
        # What is left out changes, and the file does not: a large photograph is decoded once for all of these.
        again = unit.variant.startswith(WITHOUT)
        if again and unit.item in self._prepared:
            return replace(self._prepared[unit.item], unit=unit)
        try:
            sample = sample_of(self.suite, self._store, self._items[unit.item], unit, edit)
        except UnmatchableError as error:
            return Outcome(failure=f"{NOT_MEASURED}: {error}")
        if again and len(self._prepared) < MOST_PREPARED:
            self._prepared[unit.item] = sample
        return sample

    def _asked(self, samples: Sequence[Sample]) -> list[Outcome]:
        try:
            outcomes = list(self.contender.examine(samples))
            if len(outcomes) == len(samples):
                return [_checked(outcome) for outcome in outcomes]
            problem = f"{len(outcomes)} outcomes for {len(samples)} items"
        except Exception as error:  # whatever a stranger's detector raises is its failure, not the run's
            problem = f"{type(error).__name__}: {error}"[:MAX_MESSAGE]
        if len(samples) == 1:
            return [Outcome(failure=problem)]
        return [outcome for sample in samples for outcome in self._asked([sample])]

    def _train(self, variant: str) -> None:
        left_out = variant.removeprefix(WITHOUT) if variant.startswith(WITHOUT) else ""
        if not isinstance(self.contender, Trainable) or self._trained_for == left_out:
            return
        samples, labels = [], []
        for item in self.training:
            if not item.label or (left_out and is_left_out(item, left_out)):
                continue
            sample = self._sample(Unit(item.id))
            if isinstance(sample, Sample):
                samples.append(sample)
                labels.append(item.label == AI)
        if not samples:
            raise ContenderError(f"{self.spec} learns within the run, and {self.suite.name} has no training split")
        self.contender.fit(samples, labels)
        self._trained_for = left_out


def _checked(outcome: Outcome) -> Outcome:
    numbers = [value for value in (outcome.score, outcome.probability) if value is not None]
    if not all(math.isfinite(value) for value in numbers):
        return Outcome(failure=NOT_FINITE)
    return outcome


def prepared(worker: Worker) -> Worker:
    """The worker in a process of its own, with its contender: loaded before the clock of the first item runs."""
    _ = worker.contender
    return worker


def examine(units: Sequence[Unit], worker: Worker) -> list[Outcome]:
    """The outcomes of these units, in a worker process."""
    return worker.examine(units)


def cost(units: Sequence[Unit], country: str, worker: Worker) -> CostFigures | None:
    """The cost of these units, in a worker process of its own."""
    return worker.cost(units, country)
