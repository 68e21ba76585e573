"""How much `verify()` costs above the engines that it uses, and beside its peers: file by file, in one run.

    make bench
    python -m provenance_benchmarks.verify_speed [--folder DIR] [--rounds N] [--write FOLDER]

`verify()` is asked as it is shipped, and without detectors with both engines and with one. Peers are
`c2pa.Reader(...).json()` with the same trust lists and with none, encypher-c2pa, and fast-c2pa-python where it is
installed. All read the same files in alternation, so that a busy machine slows all. Medians and ratios are printed.
"""

import importlib.util
import json
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
from provenance.files import write_whole
from provenance.sources.c2pa import second_engine
from provenance.sources.c2pa.engine import is_supported

from .measurement import machine, medians

_FIXTURES: Final = Path(__file__).parents[3] / "shared" / "fixtures"
_GOAL: Final = 1.15

_SHIPPED, _ONE, _BOTH = "verify(), as shipped", "verify(), one engine, no detectors", "verify(), both, no detectors"
_NO_DETECTORS: Final = ["c2pa", "metadata"]
_SAME_TRUST, _NO_TRUST = "c2pa-python, same trust", "c2pa-python, no trust"
_SECOND, _FAST = "encypher-c2pa", "fast-c2pa-python"
_MODULES: Final = {"c2pa-python": "c2pa", "encypher-c2pa": "encypher_c2pa", "fast-c2pa-python": "fast_c2pa_python"}


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=os.environ.get("PROVENANCE_FIXTURES", _FIXTURES))
@click.option("--rounds", default=15, show_default=True, help="Measurements of each file.")
@click.option("--write", "results", type=click.Path(path_type=Path), metavar="FOLDER", help="Write the figures there.")
def main(folder: Path, rounds: int, results: Path | None) -> None:
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
    ratios = {
        "as shipped to c2pa-python with the same trust lists": total[_SHIPPED] / total[_SAME_TRUST],
        "one engine, no detectors, to c2pa-python with the same trust lists": total[_ONE] / total[_SAME_TRUST],
        "both, no detectors, to the sum of the two engines": total[_BOTH] / (total[_SAME_TRUST] + total[_SECOND]),
    }
    for name, ratio in ratios.items():
        console.print(f"{name}: {ratio:.2f}")
    console.print(f"The goal for one engine without detectors is {_GOAL}.")
    imported = _import_time()
    console.print(f"import provenance; provenance.verify: {imported * 1e3:.0f} ms")
    if results is not None:
        record = {
            "date": str(date.today()),
            "machine": machine(),
            "python": platform.python_version(),
            "versions": _versions(),
            "command": f"python -m provenance_benchmarks.verify_speed --rounds {rounds}",
            "files": len(files),
            "ratios": {name: round(ratio, 3) for name, ratio in ratios.items()},
            "sums_ms": {name: round(time * 1e3, 1) for name, time in total.items()},
            "medians_ms": {
                path.name: {"KiB": round(path.stat().st_size / 1024)}
                | {name: round(time * 1e3, 2) for name, time in row.items()}
                for path, row in zip(files, rows, strict=True)
            },
            "import_ms": round(imported * 1e3),
        }
        target = results / f"verify-speed-{date.today()}.json"
        write_whole(target, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())


def _contenders() -> dict[str, Callable[[Path], object]]:
    shipped, both = Verifier(), Verifier(sources=_NO_DETECTORS)
    one_engine = Verifier(second_engine=False, sources=_NO_DETECTORS)
    same = c2pa.Context.from_dict(
        {"trust": {"trust_anchors": TrustStore.default().engine_anchors()}, "verify": {"remote_manifest_fetch": False}}
    )
    bare = c2pa.Context.from_dict({"verify": {"remote_manifest_fetch": False}})
    contenders: dict[str, Callable[[Path], object]] = {
        _SHIPPED: shipped.verify,
        _BOTH: both.verify,
        _ONE: one_engine.verify,
        _SAME_TRUST: lambda path: _read(path, same),
        _NO_TRUST: lambda path: _read(path, bare),
        _SECOND: _read_second,
    }
    if importlib.util.find_spec("fast_c2pa_python"):
        contenders[_FAST] = _read_fast
    return contenders


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
    installed = [name for name in names if importlib.util.find_spec(_MODULES[name])]
    return ", ".join(f"{name} {version(name)}" for name in installed)


def _import_time() -> float:
    """The median time until `provenance.verify` is there, without the interpreter's own start."""
    script = "import time; t = time.perf_counter(); from provenance import verify; print(time.perf_counter() - t)"
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True) for _ in range(7)
    ]
    return statistics.median(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main()
