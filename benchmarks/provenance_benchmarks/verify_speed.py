"""How much `verify()` costs above the engines that it uses, and beside its peers: file by file, in one run.

    make bench
    python -m provenance_benchmarks.verify_speed [--folder DIR] [--rounds N]

Peers are `c2pa.Reader(...).json()` with the same trust lists and with none, encypher-c2pa, and fast-c2pa-python where
it is installed. All read the same files in alternation, so that a busy machine slows all. Medians and ratios are
printed.
"""

import importlib.util
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

import c2pa
import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from provenance import TrustStore, Verifier
from provenance.asset import open_asset
from provenance.sources.c2pa import second_engine
from provenance.sources.c2pa.engine import is_supported

from .measuring import machine, medians

_FIXTURES: Final = Path(__file__).parents[3] / "shared" / "fixtures"
_GOAL: Final = 1.15

_ONE, _BOTH = "verify(), one engine", "verify(), both"
_SAME_TRUST, _NO_TRUST = "c2pa-python, same trust", "c2pa-python, no trust"
_SECOND, _FAST = "encypher-c2pa", "fast-c2pa-python"
_MODULES: Final = {"c2pa-python": "c2pa", "encypher-c2pa": "encypher_c2pa", "fast-c2pa-python": "fast_c2pa_python"}


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=os.environ.get("PROVENANCE_FIXTURES", _FIXTURES))
@click.option("--rounds", default=15, show_default=True, help="Measurements of each file.")
def main(folder: Path, rounds: int) -> None:
    """Prints a table of medians, and the ratios over all files that carry a manifest."""
    console = Console(width=180)
    contenders = _contenders()
    same = contenders[_SAME_TRUST]
    files = [path for path in sorted(folder.rglob("*.*")) if _has_manifest(path, same)]
    if not files:
        raise click.ClickException(f"no file with a manifest below {folder}; name a folder with --folder")
    rows = [
        medians(rounds, path, contenders)
        for path in track(files, console=Console(stderr=True), description="Measuring")
    ]
    console.print(_table(files, rows))
    console.print(f"{date.today()}, {machine()}, Python {platform.python_version()}, {_versions()}")
    total = {name: sum(row[name] for row in rows) for name in contenders}
    console.print(
        f"All {len(files)} files: " + ", ".join(f"{name} {time * 1e3:.0f} ms" for name, time in total.items())
    )
    ratios = [row[_ONE] / row[_SAME_TRUST] for row in rows]
    console.print(
        f"One engine to c2pa-python with the same trust lists: {total[_ONE] / total[_SAME_TRUST]:.2f} (goal {_GOAL}), "
        f"median {statistics.median(ratios):.2f}; with no trust lists: {total[_ONE] / total[_NO_TRUST]:.2f}"
    )
    console.print(
        f"Both engines to the sum of c2pa-python with the same trust lists and encypher-c2pa: "
        f"{total[_BOTH] / (total[_SAME_TRUST] + total[_SECOND]):.2f} (goal 1)"
    )
    console.print(f"import provenance: {_import_time() * 1e3:.0f} ms (goal 150)")


def _contenders() -> dict[str, Callable[[Path], object]]:
    one, both = Verifier(second_engine=False), Verifier()
    same = c2pa.Context.from_dict(
        {"trust": {"trust_anchors": TrustStore.default().engine_anchors()}, "verify": {"remote_manifest_fetch": False}}
    )
    bare = c2pa.Context.from_dict({"verify": {"remote_manifest_fetch": False}})
    found: dict[str, Callable[[Path], object]] = {
        _ONE: one.verify,
        _BOTH: both.verify,
        _SAME_TRUST: lambda path: _read(path, same),
        _NO_TRUST: lambda path: _read(path, bare),
        _SECOND: _read_second,
    }
    if importlib.util.find_spec("fast_c2pa_python"):
        found[_FAST] = _read_fast
    return found


def _read(path: Path, context: c2pa.Context) -> None:
    with open_asset(path) as asset, c2pa.Reader(asset.media_type, asset.stream, context=context) as reader:
        reader.json()


def _read_second(path: Path) -> None:
    with open_asset(path) as asset:
        second_engine.read(asset.content(), asset.media_type)


def _read_fast(path: Path) -> None:
    import fast_c2pa_python

    with open_asset(path) as asset:
        try:
            fast_c2pa_python.read_c2pa_from_bytes(bytes(asset.content()), asset.media_type)
        except RuntimeError:  # some types and old manifests are not read: the time until it says so counts
            pass


def _has_manifest(path: Path, read: Callable[[Path], object]) -> bool:
    if not path.is_file():
        return False
    with open_asset(path) as asset:
        if not is_supported(asset.media_type):
            return False
    try:
        read(path)
    except c2pa.C2paError:
        return False
    return True


def _table(files: list[Path], rows: list[dict[str, float]]) -> Table:
    table = Table(title="Medians in milliseconds")
    table.add_column("file", no_wrap=True)
    for name in ("size KiB", *rows[0]):
        table.add_column(name, justify="right")
    for path, row in zip(files, rows, strict=True):
        table.add_row(path.name, f"{path.stat().st_size / 1024:.0f}", *(f"{time * 1e3:.1f}" for time in row.values()))
    return table


def _versions() -> str:
    names = ("c2pa-python", "encypher-c2pa", "fast-c2pa-python")
    found = [name for name in names if importlib.util.find_spec(_MODULES[name])]
    return ", ".join(f"{name} {version(name)}" for name in found)


def _import_time() -> float:
    """The median time of `import provenance` in a fresh interpreter, without the interpreter's own start."""
    script = "import time; t = time.perf_counter(); import provenance; print(time.perf_counter() - t)"
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True) for _ in range(7)
    ]
    return statistics.median(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main()
