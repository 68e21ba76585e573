"""What the runner costs over a plain loop, and what a second worker gives. `make bench-runner`.

The same items are read, matched and asked about three times in each round: in a plain loop, and by the runner with one
and with two workers. Compared is the time from the first finished batch to the last; what starting a worker and
drawing the intervals take is given apart, since it does not grow with the suite.
"""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from .contenders import contender_for
from .measurement import machine
from .runner import RunOrder, run
from .samples import Unit, sample_of
from .store import Store
from .suite import Suite, load_suite

_SUITES: Final = {"image": "images-v1", "text": "texts-v1"}


@click.command()
@click.option("--most", default=120, show_default=True, help="Items of each split and label.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def main(most: int, rounds: int, write: Path | None) -> None:
    """Measure, and write a page."""
    lines = [
        "# What the runner costs", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, medians of {rounds} rounds in alternation. `make bench-runner`.",
        "",
        "| detector on suite | items | plain loop, items a second | runner over plain loop (goal 1.05) | two workers "
        "over one (goal 1.8) | start and figures, s |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for spec, name in _SUITES.items():
        suite = load_suite(name)
        rates: dict[str, list[float]] = {"loop": [], "one": [], "two": []}
        fixed, count = [], 0
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                rate, start, count = _by_runner(suite, spec, Path(folder) / "one", 1, most)
                units = _units(Path(folder) / "one")
                rates["loop"].append(_by_loop(suite, spec, units))
                rates["one"].append(rate)
                rates["two"].append(_by_runner(suite, spec, Path(folder) / "two", 2, most)[0])
                fixed.append(start)
        loop, single, double = (statistics.median(rates[key]) for key in ("loop", "one", "two"))
        lines.append(
            f"| {spec} on {name} | {count} | {loop:.1f} | {loop / single:.3f} | {double / single:.2f} | "
            f"{statistics.median(fixed):.1f} |"
        )
    text = "\n".join([*lines, ""])
    print(text)
    if write is not None:
        (write / f"runner-cost-{datetime.now(UTC):%Y-%m-%d}.md").write_text(text, "utf-8")


def _by_runner(suite: Suite, spec: str, folder: Path, workers: int, most: int) -> tuple[float, float, int]:
    """Items a second between the first and the last batch, the seconds before and after, and the number of items."""
    done: list[tuple[float, int]] = []
    started = time.perf_counter()
    order = RunOrder(suite, spec, folder, ("detection",), workers=workers, most=most)
    run(order, lambda count: done.append((time.perf_counter(), count)))
    finished = time.perf_counter()
    ticks = [tick for tick in done if tick[1]]
    asked = sum(count for _, count in ticks[1:])
    between = ticks[-1][0] - ticks[0][0]
    return asked / between, finished - started - between, sum(count for _, count in ticks)


def _units(folder: Path) -> list[Unit]:
    from .result import SCORES
    from .rows import read_rows

    return [row.unit for row in read_rows(folder / SCORES)]


def _by_loop(suite: Suite, spec: str, units: list[Unit]) -> float:
    contender, store = contender_for(spec), Store()
    items = {item.id: item for item in suite.items}

    def ask(unit: Unit) -> None:
        contender.examine([sample_of(suite, store, items[unit.item], unit)])

    for unit in units[: contender.batch]:
        ask(unit)
    started = time.perf_counter()
    for unit in units:
        ask(unit)
    return len(units) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
