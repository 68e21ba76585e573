"""How much `verify()` costs above the bare C2PA engine, file by file, in turn in one run.

    make bench
    python -m provenance_benchmarks.verify_speed [--folder DIR] [--rounds N]

The peer is `c2pa.Reader(...).json()`, once with the same trust lists and once with the engine's bare defaults. Both
read the same files in alternation, so that a busy machine slows both. Medians and their ratio are printed.
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import c2pa
import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from provenance import TrustStore, Verifier
from provenance.asset import open_asset
from provenance.sources.c2pa.engine import is_supported

_FIXTURES: Final = Path(__file__).parents[3] / "shared" / "fixtures"
_GOAL: Final = 1.15


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=os.environ.get("PROVENANCE_FIXTURES", _FIXTURES))
@click.option("--rounds", default=15, show_default=True, help="Measurements of each file.")
def main(folder: Path, rounds: int) -> None:
    """Prints a table of medians, and the ratio over all files that carry a manifest."""
    console = Console(width=120)
    verifier = Verifier()
    same = c2pa.Context.from_dict(
        {"trust": {"trust_anchors": TrustStore.default().engine_anchors()}, "verify": {"remote_manifest_fetch": False}}
    )
    bare = c2pa.Context.from_dict({"verify": {"remote_manifest_fetch": False}})
    files = [path for path in sorted(folder.rglob("*.*")) if _has_manifest(path, same)]
    if not files:
        raise click.ClickException(f"no file with a manifest below {folder}; name a folder with --folder")

    rows = []
    for path in track(files, console=Console(stderr=True), description="Measuring"):
        rows.append(
            _medians(
                rounds,
                lambda path=path: verifier.verify(path),  # type: ignore[misc]
                lambda path=path: _read(path, same),  # type: ignore[misc]
                lambda path=path: _read(path, bare),  # type: ignore[misc]
            )
        )
    console.print(_table(files, rows))
    total, with_trust, without = (sum(row[column] for row in rows) for column in range(3))
    ratios = [row[0] / row[1] for row in rows]
    console.print(f"{date.today()}, {_machine()}, Python {platform.python_version()}, c2pa-rs {c2pa.sdk_version()}")
    console.print(
        f"All {len(files)} files: verify() {total * 1e3:.0f} ms, the engine with the same trust lists "
        f"{with_trust * 1e3:.0f} ms, bare {without * 1e3:.0f} ms"
    )
    console.print(
        f"Ratio of the sums {total / with_trust:.2f} (goal {_GOAL}); median {statistics.median(ratios):.2f}; "
        f"to the engine without trust lists {total / without:.2f}"
    )
    console.print(f"import provenance: {_import_time() * 1e3:.0f} ms (goal 150)")


def _read(path: Path, context: c2pa.Context) -> None:
    with open_asset(path) as asset, c2pa.Reader(asset.media_type, asset.stream, context=context) as reader:
        reader.json()


def _has_manifest(path: Path, context: c2pa.Context) -> bool:
    if not path.is_file():
        return False
    with open_asset(path) as asset:
        if not is_supported(asset.media_type):
            return False
    try:
        _read(path, context)
    except c2pa.C2paError:
        return False
    return True


def _medians(rounds: int, *calls: Callable[[], object]) -> list[float]:
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(rounds):
        for call, taken in zip(calls, times, strict=True):
            started = time.perf_counter()
            call()
            taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in times]


def _table(files: list[Path], rows: list[list[float]]) -> Table:
    table = Table(title="Medians in milliseconds")
    table.add_column("file")
    for name in ("size KiB", "verify()", "engine, same trust", "engine, bare", "ratio"):
        table.add_column(name, justify="right")
    for path, (ours, same, bare) in zip(files, rows, strict=True):
        table.add_row(
            path.name,
            f"{path.stat().st_size / 1024:.0f}",
            f"{ours * 1e3:.1f}",
            f"{same * 1e3:.1f}",
            f"{bare * 1e3:.1f}",
            f"{ours / same:.2f}",
        )
    return table


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def _import_time() -> float:
    """The median time of `import provenance` in a fresh interpreter, without the interpreter's own start."""
    script = "import time; t = time.perf_counter(); import provenance; print(time.perf_counter() - t)"
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True) for _ in range(7)
    ]
    return statistics.median(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main()
