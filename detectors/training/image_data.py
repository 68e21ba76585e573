"""The pictures of the image detector: found by their hashes, decoded as the detector does, described in several views.

    python detectors/training/image_data.py FOLDER... --out features.npz

The manifest `data/images.csv` names every picture by repository, commit, path and SHA-256. FOLDERs hold copies of
them, in any order and under any name. The backbones that describe them are written beside the features.
"""

import csv
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import click
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from backbones import write_backbones
from provenance.files import sha256_of
from provenance_detectors.card import Preparation
from provenance_detectors.onnx import session
from provenance_detectors.pictures import Picture, decode
from provenance_detectors.scope import flat_share
from provenance_detectors.views import views_of

MANIFEST: Final = Path(__file__).parent / "data" / "images.csv"

PREPARATION: Final = Preparation(
    short_side=384, crop=320, jpeg_quality=88, min_side=256, min_jpeg_quality=30, photographs_only=True
)

# What the detector is shown of each picture while it learns. The first are the views of the shipped detector.
VIEWS: Final = ("as-is", "jpeg-70", "scale-0.8", "mirror")

# Pictures that the ranges of the backbones' values in eight bits come from.
_RANGING: Final = 64


def manifest() -> list[dict[str, str]]:
    """The rows of the manifest."""
    with MANIFEST.open(newline="") as file:
        return list(csv.DictReader(file))


def files_by_hash(folders: list[Path]) -> dict[str, Path]:
    """Every file in these folders by its SHA-256."""
    return {
        sha256_of(path): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() not in (".csv", ".jsonl", ".md", ".txt")
    }


def viewed(path: Path, views: tuple[str, ...] = VIEWS) -> tuple[Picture, NDArray[np.uint8]] | None:
    """A picture, and the pixels of its views; none where it is unreadable or too small."""
    picture = decode(path.read_bytes())
    if not isinstance(picture, Picture) or min(picture.width, picture.height) < PREPARATION.min_side:
        return None
    return picture, np.stack(list(views_of(picture.pixels, views, PREPARATION)))


def described(backbones: list[Path], path: Path) -> dict[str, Any] | None:
    """The features of a picture in all views, and what decides whether it is judged; none where there are no views."""
    seen = viewed(path)
    if seen is None:
        return None
    picture, views = seen
    return {
        "features": np.concatenate([session(each).run(None, {"pixels": views})[0] for each in backbones], axis=1),
        "flat": flat_share(picture.pixels),
        "quality": picture.jpeg_quality or 100,
        "side": min(picture.width, picture.height),
    }


def described_all(backbones: list[Path], paths: list[Path]) -> Iterator[dict[str, Any] | None]:
    """The same for many files, by as many processes as there are cores."""
    with ProcessPoolExecutor() as pool:
        yield from track(pool.map(partial(described, backbones), paths, chunksize=8), "describing", total=len(paths))


def ranging_pixels(paths: list[Path]) -> NDArray[np.uint8]:
    """Some of these pictures as they are, spread evenly over them."""
    few = [viewed(path, VIEWS[:1]) for path in paths[:: max(1, len(paths) // _RANGING)]]
    return np.concatenate([each[1] for each in few if each is not None])


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
def main(folders: tuple[Path, ...], out: Path) -> None:
    """Describe every picture of the manifest that is in FOLDERS, and say which are missing."""
    found = files_by_hash(list(folders))
    rows = [row for row in manifest() if row["sha256"] in found]
    print(f"{len(rows)} of {len(manifest())} pictures found", file=sys.stderr)
    known = [found[row["sha256"]] for row in rows if row["split"] == "train"]
    backbones = write_backbones(ranging_pixels(known), out.parent)
    results = list(described_all(backbones, [found[row["sha256"]] for row in rows]))
    kept = [(row, result) for row, result in zip(rows, results, strict=True) if result is not None]
    np.savez(
        out,
        features=np.stack([result["features"] for _, result in kept]),
        flat=np.array([result["flat"] for _, result in kept]),
        quality=np.array([result["quality"] for _, result in kept]),
        side=np.array([result["side"] for _, result in kept]),
        sha256=np.array([row["sha256"] for row, _ in kept]),
    )
    print(f"{len(kept)} pictures described in {len(VIEWS)} views", file=sys.stderr)


if __name__ == "__main__":
    main()
