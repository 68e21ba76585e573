"""What the benchmarks measure with, and what they say of the machine."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

_Subject = TypeVar("_Subject")


def medians(rounds: int, subject: _Subject, contenders: Mapping[str, Callable[[_Subject], object]]) -> dict[str, float]:
    """The median time of each contender on the subject, in seconds, in alternation, after one call that warms up."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for call in contenders.values():
        call(subject)
    for _ in range(rounds):
        for name, call in contenders.items():
            started = time.perf_counter()
            call(subject)
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in times.items()}


def machine() -> str:
    """This machine, in words."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
