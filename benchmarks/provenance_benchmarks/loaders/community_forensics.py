"""Community Forensics, with its pictures taken out of the tables: `GENERATOR/real|fake/FILE`.

The set is published as Parquet tables that hold the pictures themselves; this reads the layout in which its own code
takes files. Layout as its README describes it; not tried on the published files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .pictures import labelled
from .records import share_for_calibration

CARD: Final = SuiteCard(
    name="community-forensics",
    summary="Community Forensics: pictures by thousands of generators, most of them fine-tuned by hobbyists.",
    modalities=("image",),
    tasks=("detection", "calibration"),
    measures="Whether pictures of very many different generators are told from photographs.",
    how_made=(
        "Park and Owens, CVPR 2025, https://arxiv.org/abs/2411.04125. "
        "Nothing in the folders says which split a file is of; a fifth is set aside here to choose thresholds."
    ),
    licence="CC BY 4.0 for the full set, CC BY-NC-SA 4.0 for the small one; read the card of yours.",
    known_biases=(
        "Most generators are variants of one family, latent diffusion.",
        "The public photographs, of COCO and FFHQ, are not those that the generators learned from.",
        "A detector that was trained on the same files scores too well: measure on the evaluation part.",
    ),
)


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    for picture in labelled(folder, {"real": NOT_AI, "fake": AI}):
        source = picture.above[-1] if picture.above else ""
        made = picture.label == AI
        yield SuiteItem(
            id=picture.id,
            label=picture.label,
            generator=source if made else "",
            kind="" if made else source,
            split=share_for_calibration(picture.id),
            path=picture.path,
        )
