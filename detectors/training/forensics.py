"""Measures the forensic detectors and writes their cards.

    python detectors/training/forensics.py FOLDER...

Photographs as cameras and data sets have them are the negatives; the positives are made from the same photographs by
one edit. Half of the photographs give the line and the thresholds, the other half is measured once.
"""

import hashlib
import io
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import tomli_w
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track
from sklearn.linear_model import LogisticRegression

from image_data import files_by_hash, manifest
from measures import Scored, figure, interval
from provenance_detectors.card import ModelCard, OperatingPoint, Preparation, Question, Training
from provenance_detectors.forensics import Forensic
from provenance_detectors.forensics.colour_pattern import ColourPattern
from provenance_detectors.forensics.copy_move import CopyMove
from provenance_detectors.forensics.double_jpeg import DoubleJpeg
from provenance_detectors.forensics.noise import NoiseInconsistency
from provenance_detectors.forensics.resampling import Resampling
from provenance_detectors.forensics.tables import JpegTables
from provenance_detectors.pictures import Picture, decode

CARDS: Final = Path(__file__).parents[1] / "provenance_detectors" / "forensics" / "cards"
FALSE_ALARMS: Final = (0.005, 0.01, 0.05)

# Photographs in the measurement, of sources with pictures straight from cameras, or large ones.
_MOST: Final = 320
_SOURCES: Final = (
    "drewnoakes/metadata-extractor-images", "google/dreambooth", "memoriesinpixel/memoriesinpixel.github.io",
    "marcusklasson/GroceryStoreDataset", "ianare/exif-samples", "openMVG/ImageDataset_SceauxCastle",
    "Crytoma/photography", "mapillary/OpenSfM", "MikeKovarik/exifr", "immich-app/test-assets",
)  # fmt: skip

# Of these, the ones whose files come from a camera as it wrote them: for detectors that look at the file itself.
_CAMERAS: Final = (
    "drewnoakes/metadata-extractor-images", "memoriesinpixel/memoriesinpixel.github.io",
    "openMVG/ImageDataset_SceauxCastle", "ianare/exif-samples", "MikeKovarik/exifr",
)  # fmt: skip

Edit = Callable[[Image.Image, np.random.Generator], bytes]


def saved(image: Image.Image, quality: int) -> bytes:
    """As JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def small(image: Image.Image) -> Image.Image:
    """The photograph at up to 1200 pixels: as it leaves an editor, with no trace of how it was compressed before."""
    copy = image.convert("RGB")
    copy.thumbnail((1200, 1200), Image.Resampling.BOX)
    return copy


def once(image: Image.Image, draws: np.random.Generator) -> bytes:
    """Saved once."""
    return saved(small(image), int(draws.integers(80, 98)))


def twice(image: Image.Image, draws: np.random.Generator) -> bytes:
    """Saved at a lower quality, then at a higher one."""
    first = saved(small(image), int(draws.integers(55, 85)))
    return saved(Image.open(io.BytesIO(first)), int(draws.integers(86, 98)))


def enlarged(image: Image.Image, draws: np.random.Generator) -> bytes:
    """Scaled by 1.15 to 2, or turned by some degrees."""
    picture = small(image)
    if draws.random() < 0.3:
        picture = picture.rotate(float(draws.uniform(2, 20)), Image.Resampling.BICUBIC)
        side = int(min(picture.size) * 0.6)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        return saved(picture.crop((left, top, left + side, top + side)), 92)
    factor = float(draws.uniform(1.15, 2))
    size = (int(picture.width * factor), int(picture.height * factor))
    return saved(picture.resize(size, Image.Resampling.BICUBIC), 92)


def copied(image: Image.Image, draws: np.random.Generator) -> bytes:
    """A part copied to another place."""
    picture = small(image)
    side = int(min(picture.size) * draws.uniform(0.2, 0.35))
    left, top = (int(draws.integers(0, length - side)) for length in picture.size)
    part = picture.crop((left, top, left + side, top + side))
    to = [int(draws.integers(0, length - side)) for length in picture.size]
    if abs(to[0] - left) + abs(to[1] - top) < side:
        to[0] = (left + side + 20) % max(1, picture.width - side)
    picture.paste(part, (to[0], to[1]))
    return saved(picture, 92)


def noisy_part(image: Image.Image, draws: np.random.Generator) -> bytes:
    """A quarter of the picture with the noise of a worse camera."""
    pixels = np.asarray(small(image), np.float32).copy()
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    top, left = (int(draws.integers(0, half)) for half in (height, width))
    pixels[top : top + height, left : left + width] += draws.normal(0, draws.uniform(4, 9), (height, width, 1))
    return saved(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), 92)


def smoothed_part(image: Image.Image, draws: np.random.Generator) -> bytes:
    """A quarter replaced by its own scaled copy, which has no pattern of a sensor."""
    picture = image.convert("RGB")
    width, height = picture.width // 2, picture.height // 2
    left, top = int(draws.integers(0, width)), int(draws.integers(0, height))
    part = picture.crop((left, top, left + width, top + height))
    picture.paste(part.resize((int(width * 0.8), int(height * 0.8))).resize((width, height)), (left, top))
    return saved(picture, 97)


def as_it_is(image: Image.Image, draws: np.random.Generator) -> bytes:  # noqa: ARG001
    """The file itself; filled in by whoever has it."""
    return b""


# For each detector: the negative, the positive, and what its card says.
KINDS: Final[dict[str, tuple[type[Forensic], Edit, Edit, str, str]]] = {
    "jpeg-tables": (JpegTables, as_it_is, once, "Compression tables that software scales, not a camera's own.",
                    "Kornblum 2008, Using JPEG quantization tables to identify imagery processed by software"),
    "double-jpeg": (DoubleJpeg, once, twice, "Gaps in the histograms of JPEG coefficients: saved more than once.",
                    "Popescu and Farid 2004, Statistical tools for digital forensics"),
    "resampling": (Resampling, once, enlarged, "Periods in the second derivative: enlarged or rotated.",
                   "Gallagher 2005; Mahdian and Saic 2008"),
    "noise": (NoiseInconsistency, once, noisy_part, "A part whose noise is unlike that of equally bright parts.",
              "Mahdian and Saic 2009, Using noise inconsistencies for blind image forensics"),
    "colour-pattern": (ColourPattern, as_it_is, smoothed_part, "Parts without the colour pattern of the sensor.",
                       "Ferrara, Bianchi, De Rosa and Piva 2012"),
    "copy-move": (CopyMove, once, copied, "Parts that are shifted copies of other parts.",
                  "Fridrich, Soukal and Lukas 2003, Detection of copy-move forgery in digital images"),
}  # fmt: skip


def statistics(job: tuple[str, Path, int]) -> tuple[float, float]:
    """The statistic of the negative and of the positive made from one photograph."""
    name, path, number = job
    kind, negative, positive, *_ = KINDS[name]
    detector = kind.__new__(kind)  # without its card, which this recipe writes
    data = path.read_bytes()
    draws = np.random.default_rng(number)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        files = [data if edit is as_it_is else edit(image, draws) for edit in (negative, positive)]
    values = []
    for file in files:
        picture = decode(file)
        values.append(detector.statistic(picture) if isinstance(picture, Picture) else float("nan"))
    return values[0], values[1]


def card_of(name: str, values: NDArray[np.float64], half: NDArray[np.bool_]) -> ModelCard:
    """The card that follows from the statistics, of shape (photographs, 2)."""
    _, negative, positive, summary, source = KINDS[name]
    slope, intercept = _line(values[half])
    known = ~np.isnan(values)
    log_odds = slope * values + intercept
    calm = log_odds[half][known[half][:, 0], 0]
    quiet, loud = (log_odds[~half][known[~half][:, column], column] for column in (0, 1))
    points = []
    for rate in FALSE_ALARMS:
        threshold = float(np.quantile(calm, 1 - rate, method="higher")) + 1e-6
        points.append(
            OperatingPoint(
                max_fpr=rate, threshold=threshold, chosen_on=f"{calm.size} photographs",
                measured_on=f"{quiet.size} other photographs and {loud.size} edits of them",
                fpr=interval(quiet >= threshold), tpr=interval(loud >= threshold),
            )
        )  # fmt: skip
    scored = Scored(np.repeat([False, True], [quiet.size, loud.size]), np.concatenate([quiet, loud]))
    judged = known[~half].mean()
    return ModelCard(
        name=name, version="1.0", question=Question.EDITING, modality="image", summary=summary, licence="Apache-2.0",
        preparation=Preparation(min_side=128), operating_points=tuple(points),
        metrics=(figure("AUC", "half of the photographs", scored, lambda each: each.auc),),
        never_shown=("edits other than the one that it looks for",),
        worse_for=("pictures that were scaled down after the edit, or came through a messenger",),
        known_failures=(f"It could say something about {judged * 100:.0f} % of the measured files.",),
        training=Training(
            data=f"{len(values)} photographs of {len(_SOURCES)} sources; negatives: {_first(negative)}; positives: "
            f"{_first(positive)}", splits="half and half, by the hash of the photograph",
            recipe="python detectors/training/forensics.py FOLDER...",
        ),
        sources=(source,), options={"slope": slope, "intercept": intercept},
    )  # fmt: skip


def _line(values: NDArray[np.float64]) -> tuple[float, float]:
    flat, labels = values.T.ravel(), np.repeat([0, 1], len(values))
    known = ~np.isnan(flat)
    if len(set(labels[known])) < 2 or np.ptp(flat[known]) == 0:
        return 1.0, 0.0
    line = LogisticRegression(C=10.0, class_weight="balanced").fit(flat[known, None], labels[known])
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def _first(edit: Edit) -> str:
    return (edit.__doc__ or "").splitlines()[0].rstrip(".").lower()


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(list(KINDS)))
def main(folders: tuple[Path, ...], only: str | None) -> None:
    """Measure all forensic detectors, or one, and write their cards."""
    found = files_by_hash(list(folders))
    rows: list[dict[str, Any]] = [
        row for row in manifest() if row["label"] == "real" and row["source"] in _SOURCES and row["sha256"] in found
    ]
    rows = sorted(rows, key=lambda row: hashlib.sha256(f"forensics {row['sha256']}".encode()).hexdigest())[:_MOST]
    half = np.array([int(row["sha256"][:2], 16) % 2 == 0 for row in rows])
    CARDS.mkdir(exist_ok=True)
    for name in [only] if only else list(KINDS):
        straight = KINDS[name][1] is as_it_is
        chosen = [at for at, row in enumerate(rows) if not straight or row["source"] in _CAMERAS]
        jobs = [(name, found[rows[at]["sha256"]], at) for at in chosen]
        with ProcessPoolExecutor() as pool:
            values = np.array(list(track(pool.map(statistics, jobs, chunksize=4), name, total=len(jobs))))
        card = card_of(name, values, half[chosen])
        (CARDS / f"{name}.toml").write_text(tomli_w.dumps(card.model_dump(mode="json", exclude_none=True)), "utf-8")
        point = card.operating_points[-1]
        print(f"{name}: AUC {card.metrics[0].value:.3f}; at 5 %: fpr {point.fpr}, tpr {point.tpr}", file=sys.stderr)


if __name__ == "__main__":
    main()
