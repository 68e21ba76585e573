"""Cost: time, memory and energy for 1,000 items, measured on one process that does nothing else.

The energy is codecarbon's. Where the machine has no energy counter that can be read, it follows from the processor's
nominal power and its use, and is called an estimate.
"""

import logging
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from provenance import operating_system
from provenance.limits import MIB

from ..contenders import Contender
from ..samples import Sample, Unit
from ..suite import Suite
from . import Outcomes, TaskFigures

# Items that are measured, and the seconds after which the measurement ends.
MOST_ITEMS: Final = 200
MOST_SECONDS: Final = 60.0
FEWEST_SECONDS: Final = 2.0

# Where Linux gives the processor's energy counter (RAPL).
_COUNTER: Final = Path("/sys/class/powercap/intel-rapl/intel-rapl:0/energy_uj")


class Cost:
    """Measured after the run, not from its rows; see `measured`."""

    name = "cost"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:  # noqa: ARG002
        """Nothing is asked for it in the run."""
        yield from ()

    def finding(self, outcomes: Outcomes) -> TaskFigures:  # noqa: ARG002
        """No figures of its own: a cost belongs to a machine."""
        return TaskFigures(())


class CostFigures(BaseModel):
    """What 1,000 items cost on one machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: int
    wall_seconds_per_1000: float
    cpu_seconds_per_1000: float
    peak_memory_mib: float
    energy_wh_per_1000: float
    co2e_g_per_1000: float
    country: str
    co2e_g_per_kwh: float
    energy_source: str


def measured(contender: Contender, samples: Sequence[Sample], country: str) -> CostFigures | None:
    """The cost of examining these samples one batch after another in this process; none without samples."""
    from codecarbon import OfflineEmissionsTracker

    if not samples:
        return None
    contender.examine(samples[: contender.batch])  # what is loaded once is not the cost of an item
    # Nothing is sent: the offline tracker knows the country's factor from a table of its own.
    logging.getLogger("codecarbon").setLevel(logging.ERROR)
    tracker = OfflineEmissionsTracker(
        country_iso_code=country, save_to_file=False, log_level="error", measure_power_secs=2,
        tracking_mode="process", allow_multiple_runs=True,
    )  # fmt: skip
    tracker.start()
    started, processor = time.perf_counter(), operating_system.processor_seconds()
    count = 0
    while not _is_enough(count, len(samples), time.perf_counter() - started):
        at = count % len(samples)
        count += len(contender.examine(samples[at : at + contender.batch]))
    wall, cpu = time.perf_counter() - started, operating_system.processor_seconds() - processor
    tracker.stop()
    emissions = tracker.final_emissions_data
    share = 1000 / count
    return CostFigures(
        items=count, wall_seconds_per_1000=wall * share, cpu_seconds_per_1000=cpu * share,
        peak_memory_mib=operating_system.peak_memory() / MIB,
        energy_wh_per_1000=emissions.energy_consumed * 1000 * share,
        co2e_g_per_1000=emissions.emissions * 1000 * share, country=country,
        co2e_g_per_kwh=emissions.emissions / emissions.energy_consumed * 1000 if emissions.energy_consumed else 0.0,
        energy_source=_energy_source(emissions.cpu_model),
    )  # fmt: skip


def _is_enough(count: int, samples: int, seconds: float) -> bool:
    """Each once; of what takes no time, again and again until it does."""
    return seconds > MOST_SECONDS or (count >= samples and (seconds > FEWEST_SECONDS or count >= MOST_ITEMS))


def _energy_source(processor: str) -> str:
    if os.access(_COUNTER, os.R_OK):
        return f"the processor's energy counter (RAPL), {processor}"
    return f"an estimate from the nominal power of {processor} and its use; this machine shows no energy counter"
