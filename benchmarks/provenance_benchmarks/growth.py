"""How time and memory of `verify()` grow with the number of manifests and with the size of the file.

    make bench-growth
    python -m provenance_benchmarks.growth [--rounds N] [--largest MIB] [--write FOLDER]

Peers are `c2pa.Reader(...).json()` with the same trust lists and, for sizes, the SHA-256 of the file. Each contender
measures each file in a process of its own, one after the other, so that its peak of memory is its own; files are
signed on the spot, and read once before they are measured. Time is the median of the rounds.
"""

import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import c2pa
import click

from provenance import TrustStore, Verifier
from provenance.asset import open_asset
from provenance.files import sha256_of
from provenance.sources.c2pa import second_engine

from .measuring import machine
from .signed_files import BenchmarkSigner

_LENGTHS: Final = (1, 2, 5, 10, 20, 35, 50)
_SIZES: Final = (1, 4, 16, 64, 256, 1024)  # MiB
_GOAL_RATIO, _GOAL_MEMORY = 1.5, 150  # of the largest file: times its SHA-256, and MiB

_ONE, _BOTH, _ENGINE, _SHA256 = "verify(), one engine", "verify(), both", "c2pa-python", "SHA-256"


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Measurements of each file by each contender.")
@click.option("--largest", default=max(_SIZES), show_default=True, metavar="MIB", help="Leave out larger files.")
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), help="Write JSON and tables here.")
@click.option("--point", nargs=2, hidden=True)
def main(rounds: int, largest: int, write: Path | None, point: tuple[str, str] | None) -> None:
    """Signs files, measures them and prints two tables."""
    if point is not None:
        click.echo(json.dumps(_measure(_contender(point[0]), Path(point[1]), rounds)))
        return
    with tempfile.TemporaryDirectory(prefix="provenance-growth-") as folder:
        chains = [_row(path, rounds, {"manifests": count}) for count, path in _chains(Path(folder))]
        sizes = [_row(path, rounds, {"mib": size}) for size, path in _videos(Path(folder), largest)]
    result = {
        "date": str(date.today()),
        "command": "make bench-growth",
        "machine": machine(),
        "versions": {
            "python": platform.python_version(),
            "c2pa-rs": c2pa.sdk_version(),
            "encypher-c2pa": second_engine.version(),
        },
        "chains": chains,
        "sizes": sizes,
    }
    text = _text(result)
    click.echo(text)
    if write is not None:
        name = f"growth-{result['date']}"
        (write / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        (write / f"{name}.md").write_text(text + "\n")


def _chains(folder: Path) -> Iterator[tuple[int, Path]]:
    for count, content in BenchmarkSigner().chains(*_LENGTHS):
        path = folder / f"{count}.jpg"
        path.write_bytes(content)
        yield count, path


def _videos(folder: Path, largest: int) -> Iterator[tuple[int, Path]]:
    signer = BenchmarkSigner()
    for size in (size for size in _SIZES if size <= largest):
        path = folder / "video.mp4"
        signer.video(size << 20, path)
        yield size, path


def _row(path: Path, rounds: int, facts: dict[str, Any]) -> dict[str, Any]:
    contenders = (_ONE, _BOTH, _ENGINE, _SHA256) if "mib" in facts else (_ONE, _BOTH, _ENGINE)
    measured = {}
    for name in contenders:
        click.echo(f"{facts} {name}", err=True)
        command = [sys.executable, "-m", __spec__.name, "--rounds", str(rounds), "--point", name, str(path)]
        measured[name] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {**facts, "bytes": path.stat().st_size, "measured": measured}


def _contender(name: str) -> Callable[[Path], object]:
    if name in (_ONE, _BOTH):
        return Verifier(second_engine=name == _BOTH).verify
    if name == _SHA256:
        return sha256_of
    context = c2pa.Context.from_dict(
        {"trust": {"trust_anchors": TrustStore.default().engine_anchors()}, "verify": {"remote_manifest_fetch": False}}
    )
    return lambda path: _read(path, context)


def _read(path: Path, context: c2pa.Context) -> None:
    with open_asset(path) as asset, c2pa.Reader(asset.media_type, asset.stream, context=context) as reader:
        reader.json()


def _measure(contender: Callable[[Path], object], path: Path, rounds: int) -> dict[str, float]:
    contender(path)
    wall, cpu = [], []
    for _ in range(rounds):
        started, used = time.perf_counter(), time.process_time()
        contender(path)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return {
        "wall_ms": round(statistics.median(wall) * 1e3, 2),
        "cpu_ms": round(statistics.median(cpu) * 1e3, 2),
        "peak_mib": round(_peak_memory() / 1024, 1),
    }


def _peak_memory() -> int:
    """KiB. Of this program alone: `ru_maxrss` would count what the process held before it became this program."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise click.ClickException("this system does not say how much memory a process held")


def _text(result: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    lines = [f"# Growth\n\n{result['date']}, {result['machine']}, {versions}; `{result['command']}`.\n"]
    lines += ["Each cell: wall time in ms / CPU time in ms / peak memory of the whole process in MiB.\n"]
    for title, key, unit in (
        ("Manifests, each the parent of the next", "chains", "manifests"),
        ("Size of an MP4", "sizes", "mib"),
    ):
        rows = result[key]
        if not rows:
            continue
        names = list(rows[0]["measured"])
        lines += [f"## {title}\n", f"| {unit} | {' | '.join(names)} | one engine to c2pa-python |"]
        lines += ["| ---: " * (len(names) + 2) + "|"]
        for row in rows:
            cells = ["{wall_ms:.1f} / {cpu_ms:.1f} / {peak_mib:.0f}".format(**row["measured"][name]) for name in names]
            ratio = row["measured"][_ONE]["wall_ms"] / row["measured"][_ENGINE]["wall_ms"]
            lines.append(f"| {row[unit]} | {' | '.join(cells)} | {ratio:.2f} |")
        lines.append("")
    if result["sizes"]:
        lines.append(_judged(result["sizes"][-1]))
    return "\n".join(lines)


def _judged(largest: dict[str, Any]) -> str:
    measured = largest["measured"]
    plain = measured[_SHA256]["wall_ms"]
    ours, engine = measured[_BOTH]["wall_ms"] / plain, measured[_ENGINE]["wall_ms"] / plain
    memory = measured[_BOTH]["peak_mib"]
    return (
        f"{largest['mib']} MiB: `verify()` takes {ours:.2f} times plain SHA-256 (goal {_GOAL_RATIO}), the engine alone "
        f"{engine:.2f} times; {memory:.0f} MiB of memory (goal {_GOAL_MEMORY})."
    )


if __name__ == "__main__":
    main()
