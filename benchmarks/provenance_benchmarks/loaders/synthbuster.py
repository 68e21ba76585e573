"""Synthbuster: `GENERATOR/NAME.png`, with photographs such as RAISE-1k in a folder beside the generators' folders.

Layout as several programs that read it show it; not tried on the published files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .records import PICTURES, files_in, name_in, share_for_calibration

CARD: Final = SuiteCard(
    name="synthbuster",
    summary="Synthbuster: pictures by nine diffusion models of 2022 and 2023, each after a photograph of RAISE-1k.",
    modalities=("image",),
    tasks=("detection", "calibration"),
    measures="Whether pictures of diffusion models that were never compressed are told from camera originals.",
    how_made=(
        "Bammey, IEEE OJSP 2024, https://zenodo.org/records/10066460. Photographs are not in the archive: put them in "
        "a folder called raise or real beside the others. A fifth of the scenes is set aside here for thresholds."
    ),
    licence="CC BY-NC-SA 4.0 for the generated pictures; RAISE is for research only.",
    known_biases=(
        "Nothing was compressed: figures are far better than on pictures from the web.",
        "Photographs and generated pictures differ in size and file format.",
        "Photographs are of three cameras of one maker.",
    ),
)

_GENERATORS: Final = frozenset(
    {
        "dalle2",
        "dalle3",
        "firefly",
        "glide",
        "midjourney-v5",
        "stable-diffusion-1-3",
        "stable-diffusion-1-4",
        "stable-diffusion-2",
        "stable-diffusion-xl",
    }
)


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items; a photograph and what was generated after it are a pair by their name. Raises `SuiteError`."""
    for path in files_in(folder, PICTURES):
        name = name_in(path, folder)
        parents = name.lower().split("/")[:-1]
        generator = next((parent for parent in parents if parent in _GENERATORS), "")
        is_photograph = any(parent == "real" or parent.startswith("raise") for parent in parents)
        if bool(generator) == is_photograph:
            raise SuiteError(
                f"{path}: neither in a folder of a generator ({', '.join(sorted(_GENERATORS))}) nor in raise or real"
            )
        yield SuiteItem(
            id=name,
            label=NOT_AI if is_photograph else AI,
            generator=generator,
            pair=path.stem,
            split=share_for_calibration(path.stem),
            path=path,
        )
