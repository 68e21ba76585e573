"""Chameleon, of the AIDE paper: `test/0_real|1_fake/FILE`.

Layout as several programs that read it show it; not tried on the published files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .pictures import labelled
from .records import share_for_calibration

CARD: Final = SuiteCard(
    name="chameleon",
    summary="Chameleon: pictures that people took for photographs, made with care by artists and found on the web.",
    modalities=("image",),
    tasks=("detection", "calibration"),
    measures="Whether generated pictures that deceive people are told from photographs.",
    how_made=(
        "Yan et al., ICLR 2025, https://arxiv.org/abs/2406.19435. It is a test set only; "
        "a fifth is set aside here to choose thresholds."
    ),
    licence="For academic research only, no commercial use; it is given out on request by its authors.",
    known_biases=(
        "The generators are not known, so there are no figures for one of them.",
        "It holds only what deceived people: figures are worse than on what is usually generated.",
        "Files come from few websites, each with its own way to compress pictures.",
    ),
)


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    for picture in labelled(folder, {"0_real": NOT_AI, "1_fake": AI}):
        yield SuiteItem(id=picture.id, label=picture.label, split=share_for_calibration(picture.id), path=picture.path)
