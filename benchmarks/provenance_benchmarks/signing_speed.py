"""What signing costs above the engine that it uses, how it scales over processes, and whether its memory stays flat.

    make bench-signing
    python -m provenance_benchmarks.signing_speed [--rounds N] [--signings N] [--write DIR]

The peer is `c2pa.Builder.sign` with the same manifest on the same picture, in alternation, so that a busy machine slows
both. `sign()` also reads its output back as a verifier does, before it hands it out; the peer does not, unless it says
so. Pictures are made on the spot: smooth ones and noisy ones, from 0.1 to 25 megapixels.
"""

import io
import json
import multiprocessing
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

import c2pa
import click
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from provenance_signing import Credential, Signer
from provenance_signing.batch import BatchSettings, sign_folder
from provenance_signing.keys.development import create

from .measurement import machine, medians

_SIZES: Final = ((480, 320), (1024, 1024), (2400, 1600), (6000, 4000))
_GOAL_WITH, _GOAL_WITHOUT, _GOAL_PROCESSES = 2.0, 1.2, 1.9

_PLAIN, _CHECKED, _BUILT_IN = "Builder.sign, no thumbnail", "the same, verified after", "Builder.sign, its thumbnail"
_OURS_WITHOUT, _OURS_WITH = "sign(), no thumbnail", "sign(), thumbnail"

Contender = Callable[[bytes], object]


@click.command()
@click.option("--rounds", default=11, show_default=True, help="Measurements of each picture.")
@click.option("--signings", default=10_000, show_default=True, help="Signings over which memory is watched.")
@click.option("--write", type=click.Path(path_type=Path), metavar="DIR", help="Write the results into this folder too.")
def main(rounds: int, signings: int, write: Path | None) -> None:
    """Prints medians and ratios, images a second over one and two processes, and memory over many signings."""
    console = Console(width=150, record=True)
    with tempfile.TemporaryDirectory() as folder:
        credential = create(Path(folder) / "credential").credential
        _speed(console, credential, rounds)
        _processes(console, credential, Path(folder))
        _memory(console, credential, signings)
    versions = ", ".join(f"{name} {version(name)}" for name in ("c2pa-python", "pillow", "cryptography"))
    console.print(f"{date.today()}, {machine()}, Python {platform.python_version()}, {versions}; ES256")
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        (write / f"signing-speed-{date.today()}.txt").write_text(console.export_text())


def pictures(sizes: Sequence[tuple[int, int]] = _SIZES) -> dict[str, bytes]:
    """JPEGs by name: a smooth and a noisy one of each size; real photographs are between the two."""
    made = {}
    for width, height in sizes:
        noise = Image.effect_noise((width, height), 40)
        smooth = Image.linear_gradient("L").resize((width, height))
        photo = Image.merge("RGB", (noise, smooth, Image.blend(noise, smooth, 0.5)))
        for kind, image in (("smooth", smooth.convert("RGB")), ("noisy", photo)):
            out = io.BytesIO()
            image.save(out, "JPEG", quality=88)
            made[f"{kind} {width}x{height}"] = out.getvalue()
    return made


def _speed(console: Console, credential: Path, rounds: int) -> None:
    contenders = _contenders(Credential.load(credential))
    rows = {}
    for name, data in track(pictures().items(), console=Console(stderr=True), description="Measuring"):
        rows[name] = (len(data), medians(rounds, data, contenders))
    table = Table(title="Medians in milliseconds")
    for column in ("picture", "KiB", *contenders, "no thumbnail, ratio", "thumbnail, ratio"):
        table.add_column(column, justify="left" if column == "picture" else "right")
    for name, (size, row) in rows.items():
        ratios = (row[_OURS_WITHOUT] / row[_PLAIN], row[_OURS_WITH] / row[_PLAIN])
        times = (f"{time * 1e3:.1f}" for time in row.values())
        table.add_row(name, f"{size / 1024:.0f}", *times, *(f"{ratio:.2f}" for ratio in ratios))
    console.print(table)
    total = {name: sum(row[name] for _, row in rows.values()) for name in contenders}
    console.print(
        f"All pictures, to {_PLAIN}: without a thumbnail {total[_OURS_WITHOUT] / total[_PLAIN]:.2f} (goal "
        f"{_GOAL_WITHOUT}), with one {total[_OURS_WITH] / total[_PLAIN]:.2f} (goal {_GOAL_WITH}), with the engine's "
        f"own {total[_BUILT_IN] / total[_PLAIN]:.2f}"
    )
    console.print(
        f"To the peer that verifies after signing: without a thumbnail {total[_OURS_WITHOUT] / total[_CHECKED]:.2f}, "
        f"with one {total[_OURS_WITH] / total[_CHECKED]:.2f}"
    )


def _contenders(credential: Credential) -> dict[str, Contender]:
    definition = json.dumps(
        {
            "claim_generator_info": [{"name": "peer", "version": "1"}],
            "assertions": [
                {
                    "label": "c2pa.actions.v2",
                    "created": True,
                    "data": {
                        "actions": [
                            {
                                "action": "c2pa.created",
                                "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
                            }
                        ]
                    },
                }
            ],
        }
    )
    signer = c2pa.Signer.from_callback(credential.sign, c2pa.C2paSigningAlg.ES256, credential.pem)
    contexts = {
        name: c2pa.Context.from_dict(
            {"verify": {"verify_after_sign": verified}, "builder": {"thumbnail": {"enabled": thumbnail}}}
        )
        for name, verified, thumbnail in ((_PLAIN, False, False), (_CHECKED, True, False), (_BUILT_IN, False, True))
    }

    def bare(context: c2pa.Context) -> Contender:
        def sign(data: bytes) -> object:
            with c2pa.Builder(definition, context=context) as builder:
                return builder.sign(signer, "image/jpeg", io.BytesIO(data), io.BytesIO())

        return sign

    with_one, without = (
        Signer(credential, profile="captured", thumbnail=thumbnail, declare=False) for thumbnail in (True, False)
    )
    return {
        **{name: bare(context) for name, context in contexts.items()},
        _OURS_WITHOUT: without.sign_bytes,
        _OURS_WITH: with_one.sign_bytes,
    }


def _processes(console: Console, credential: Path, folder: Path) -> None:
    """A folder of 400 pictures of one megapixel, by one process and by two, in turn; the best of three each."""
    source = folder / "in"
    source.mkdir()
    data = pictures([(1024, 1024)])["noisy 1024x1024"]
    count = 400
    for number in range(count):
        (source / f"{number:03}.jpg").write_bytes(data)
    settings = BatchSettings(credential, "captured")
    rates: dict[int, list[float]] = {1: [], 2: []}
    for attempt in track(range(3), console=Console(stderr=True), description="Processes"):
        for jobs, by_jobs in rates.items():
            rows = sign_folder(source, folder / f"out-{attempt}-{jobs}", settings, jobs=jobs)
            for _ in range(2 * jobs):
                next(rows)  # the processes are up now
            started = time.perf_counter()
            rest = sum(1 for _ in rows)
            by_jobs.append(rest / (time.perf_counter() - started))
    single, two = (max(by_jobs) for by_jobs in rates.values())
    console.print(
        f"{count} pictures of one megapixel, as files, with thumbnail: {single:.0f} a second by one process, "
        f"{two:.0f} by two: {two / single:.2f} times (goal {_GOAL_PROCESSES})"
    )


def _memory(console: Console, credential: Path, signings: int) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        peaks = pool.apply(_peaks, (credential, signings))
    peak_texts = ", ".join(f"{peak >> 10} MiB after {done}" for done, peak in peaks.items())
    console.print(f"Peak memory of one process over {signings} signings of a picture of 480 by 320: {peak_texts}")


def _peaks(credential: Path, signings: int) -> dict[int, int]:
    """The peak of resident memory, in KiB, after a tenth, a half, and all of the signings."""
    signer = Signer(Credential.load(credential), profile="captured")
    data = pictures([(480, 320)])["noisy 480x320"]
    marks, peaks = {signings // 10, signings // 2, signings}, {}
    for done in range(1, signings + 1):
        signer.sign_bytes(data)
        if done in marks:
            peaks[done] = _peak()
    return peaks


def _peak() -> int:
    """This process's own peak of resident memory, in KiB; `getrusage` would count that of its parent too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main()
