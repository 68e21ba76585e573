"""Whether the image detector keeps its answer when a file is re-encoded, what that costs, and how fast it is.

    make bench-detectors FILES="FOLDER ..."

FOLDERs hold the pictures of the manifest in detectors/training/data/images.csv, under any name. Only the test split is
used. For each picture: the file as it is, and eight everyday re-encodings of it.
"""

import csv
import hashlib
import io
import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from codecarbon import OfflineEmissionsTracker
from PIL import Image
from rich.progress import track

from provenance.files import sha256_of
from provenance_detectors import Answer, Picture, judge_picture, load_detector
from provenance_detectors.pictures import decode

from .measurement import machine

MANIFEST: Final = Path(__file__).parents[2] / "detectors" / "training" / "data" / "images.csv"
AS_IT_IS: Final = "as it is"

Edit = Callable[[Image.Image], bytes]


def _saved(image: Image.Image, format_: str, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, quality=quality)
    return buffer.getvalue()


def _scaled(image: Image.Image, factor: float) -> bytes:
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return _saved(image.resize(size, Image.Resampling.BICUBIC), "JPEG", 92)


def _cropped(image: Image.Image) -> bytes:
    across, down = image.width // 20, image.height // 20
    return _saved(image.crop((across, down, image.width - across, image.height - down)), "JPEG", 92)


EDITS: Final[dict[str, Edit]] = {
    "JPEG 95": lambda image: _saved(image, "JPEG", 95),
    "JPEG 85": lambda image: _saved(image, "JPEG", 85),
    "JPEG 70": lambda image: _saved(image, "JPEG", 70),
    "JPEG 60": lambda image: _saved(image, "JPEG", 60),
    "WebP 80": lambda image: _saved(image, "WEBP", 80),
    "half size": lambda image: _scaled(image, 0.5),
    "double size": lambda image: _scaled(image, 2),
    "10 % cropped": _cropped,
}


def decisions(path: Path) -> dict[str, tuple[str, bool]] | None:
    """For the file and each edit of it: the decision, and whether the first view alone is above the threshold."""
    picture = decode(path.read_bytes())
    if not isinstance(picture, Picture):
        return None
    detector, image = load_detector("image"), Image.fromarray(picture.pixels)
    answers = {AS_IT_IS: judge_picture(detector, path.read_bytes())}
    answers |= {name: judge_picture(detector, edit(image)) for name, edit in EDITS.items()}
    return {name: (answer.decision, _first_view(answer)) for name, answer in answers.items()}


def _first_view(answer: Answer) -> bool:
    return bool(answer.views and answer.rates and answer.views[0].log_odds >= answer.rates.threshold)


def speed_and_energy() -> tuple[float, float]:
    """Pictures a second and Wh for 1,000 pictures: from a JPEG file of 1,024 pixels to the answer, in one thread."""
    pixels = Image.effect_mandelbrot((1024, 1024), (-2, -1.5, 1, 1.5), 100).convert("RGB")
    data, detector = _saved(pixels, "JPEG", 90), load_detector("image")
    judge_picture(detector, data)
    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA", save_to_file=False, log_level="error", measure_power_secs=2, tracking_mode="process"
    )
    tracker.start()
    started, count = time.perf_counter(), 300
    for _ in range(count):
        judge_picture(detector, data)
    seconds = time.perf_counter() - started
    tracker.stop()
    return count / seconds, float(tracker.final_emissions_data.energy_consumed) * 1e6 / count


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--most", default=400, show_default=True, help="Pictures of each class.")
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def main(folders: tuple[Path, ...], most: int, write: Path | None) -> None:
    """Measure flips, what the views cost, and speed."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    rows = _test_split(most)
    paths = {
        sha256_of(path): path
        for folder in folders for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip
    rows = [row for row in rows if row["sha256"] in paths]
    with ProcessPoolExecutor() as pool:
        jobs = pool.map(decisions, [paths[row["sha256"]] for row in rows], chunksize=4)
        results = list(track(jobs, "re-encoding", total=len(rows)))
    kept = [(row, result) for row, result in zip(rows, results, strict=True) if result is not None]
    text = _page(kept, *speed_and_energy())
    print(text)
    if write is not None:
        (write / f"detector-stability-{datetime.now(UTC):%Y-%m-%d}.md").write_text(text, "utf-8")


def _test_split(most: int) -> list[dict[str, str]]:
    with MANIFEST.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "test" and row["label"] in ("ai", "real")]
    rows.sort(key=lambda row: hashlib.sha256(row["sha256"].encode()).hexdigest())
    return [row for label in ("ai", "real") for row in [row for row in rows if row["label"] == label][:most]]


def _page(kept: list[tuple[dict[str, str], dict[str, tuple[str, bool]]]], speed: float, energy: float) -> str:
    lines = [
        "# Stability and speed of the image detector", "",
        f"{len(kept)} pictures of the test split of images-v1, {datetime.now(UTC):%Y-%m-%d}, {machine()}. Threshold "
        "for 0.5 % false alarms. `make bench-detectors`.", "",
        "| file | of photographs: ai | no-indication | abstain | of AI pictures: ai | no-indication | abstain | "
        "from one to the other | one view alone: changed |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    flips = changes = 0
    for name in (AS_IT_IS, *EDITS):
        cells = []
        for label in ("real", "ai"):
            counts = Counter(result[name][0] for row, result in kept if row["label"] == label)
            total = max(1, sum(counts.values()))
            cells += [f"{counts[decision] / total * 100:.1f} %" for decision in ("ai", "no-indication", "abstain")]
        flipped = sum({result[AS_IT_IS][0], result[name][0]} == {"ai", "no-indication"} for _, result in kept)
        changed = sum(result[AS_IT_IS][1] != result[name][1] for _, result in kept)
        flips, changes = flips + flipped, changes + changed
        cells += [f"{flipped / len(kept) * 100:.2f} %", f"{changed / len(kept) * 100:.2f} %"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    pairs = len(kept) * len(EDITS)
    lines += [
        "", f"Flips over all re-encodings: {flips / pairs * 100:.2f} % (goal 1 %); a decision by one view alone would "
        f"have changed in {changes / pairs * 100:.2f} %.", f"Speed: {speed:.1f} pictures of 1,024 pixels a second on "
        f"one core, from file to answer (goal 20), {1000 / speed:.0f} ms each; {energy:.2f} Wh for 1,000 (codecarbon, "
        "estimated from the processor's nominal power).", "",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    main()
