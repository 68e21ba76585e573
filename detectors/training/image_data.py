"""The pictures of the image detector: found by their hashes, decoded as the detector does, described in several views.

    python detectors/training/image_data.py FOLDER... --out features.npz

The manifest `data/images.csv` names every picture by repository, commit, path and SHA-256. FOLDERs hold copies of
them, in any order and under any name.
"""

import csv
import hashlib
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import click
import numpy as np
from rich.progress import track

from provenance_detectors.card import Preparation
from provenance_detectors.image.features import features_of
from provenance_detectors.pictures import Picture, decode
from provenance_detectors.scope import flat_share
from provenance_detectors.views import views_of

MANIFEST: Final = Path(__file__).parent / "data" / "images.csv"

PREPARATION: Final = Preparation(
    short_side=384, crop=320, jpeg_quality=88, min_side=256, min_jpeg_quality=30, photographs_only=True
)

# What the detector is shown of each picture while it learns. The first are the views of the shipped detector.
VIEWS: Final = ("as-is", "jpeg-70", "scale-0.8", "webp-75", "jpeg-50", "scale-0.5", "mirror")


def manifest() -> list[dict[str, str]]:
    """The rows of the manifest."""
    with MANIFEST.open(newline="") as file:
        return list(csv.DictReader(file))


def files_by_hash(folders: list[Path]) -> dict[str, Path]:
    """Every file in these folders by its SHA-256."""
    return {
        hashlib.sha256(path.read_bytes()).hexdigest(): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() not in (".csv", ".jsonl", ".md", ".txt")
    }


def described(path: Path) -> dict[str, Any] | None:
    """The features of a picture in all views, and what decides whether it is judged; none where it is unreadable."""
    picture = decode(path.read_bytes())
    if not isinstance(picture, Picture) or min(picture.width, picture.height) < PREPARATION.min_side:
        return None
    return {
        "features": np.stack([features_of(each) for each in views_of(picture.pixels, VIEWS, PREPARATION)]),
        "flat": flat_share(picture.pixels),
        "quality": picture.jpeg_quality or 100,
        "side": min(picture.width, picture.height),
    }


def described_all(paths: list[Path]) -> Iterator[dict[str, Any] | None]:
    """The same for many files, by as many processes as there are cores."""
    with ProcessPoolExecutor() as pool:
        yield from track(pool.map(described, paths, chunksize=8), "describing", total=len(paths))


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
def main(folders: tuple[Path, ...], out: Path) -> None:
    """Describe every picture of the manifest that is in FOLDERS, and say which are missing."""
    found = files_by_hash(list(folders))
    rows = [row for row in manifest() if row["sha256"] in found]
    print(f"{len(rows)} of {len(manifest())} pictures found", file=sys.stderr)
    results = list(described_all([found[row["sha256"]] for row in rows]))
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
