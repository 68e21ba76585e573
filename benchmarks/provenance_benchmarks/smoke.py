"""Every task once on smoke-v1: whether the benchmarks run, in under a minute. `make bench-smoke`."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import click

from .report import write_site
from .runner import RunOrder, run
from .submission import checked
from .suite import load_suite
from .tasks import all_tasks

# Detector, modality, tasks; all of the suite where none is named.
RUNS: Final = (
    ("image", "image", ()),
    ("text", "text", ()),
    ("baseline:floor", "text", ("unseen",)),
    ("verifier:provenance", "manifest", ()),
    ("registry:fingerprint", "image", ("retrieval",)),
)

# A task that nothing in this version answers.
_OPEN: Final = {"watermark-survival"}


@click.command()
def main() -> None:
    """Run, check and report; exit status 1 where a task gave no figure."""
    started, suite, answered = time.monotonic(), load_suite("smoke-v1"), set()
    with tempfile.TemporaryDirectory() as folder:
        for number, (spec, modality, tasks) in enumerate(RUNS):
            out = Path(folder) / str(number)
            result = run(RunOrder(suite, spec, out, tasks, modality=modality))
            answered |= {figure.task for figure in result.figures} | ({"cost"} if result.cost else set())
            *_, last = checked(out)
            click.echo(f"{spec}: {len(result.figures)} figures of {result.suite.units} units; {last}")
        pages = write_site([Path(folder)], Path(folder) / "site")
    click.echo(f"a leaderboard of {pages} results; {time.monotonic() - started:.0f} s in all")
    silent = set(all_tasks()) - answered - _OPEN
    if silent:
        click.echo(f"no figure of: {', '.join(sorted(silent))}", err=True)
    sys.exit(1 if silent else 0)


if __name__ == "__main__":
    main()
