"""AIGIBench: `train|val|test/SUBSET/0_real|1_fake/FILE`.

Layout as its README describes it; not tried on the published files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .pictures import labelled
from .records import SPLITS, split_of

CARD: Final = SuiteCard(
    name="aigibench",
    summary="AIGIBench: 25 test subsets, from GANs and face swaps to diffusion models and pictures of social media.",
    modalities=("image",),
    tasks=("detection", "calibration"),
    measures="Whether a detector holds on generators and on manipulations of other kinds than it was trained on.",
    how_made=(
        "Li et al., NeurIPS 2025, https://arxiv.org/abs/2505.12335. Thresholds are chosen on its val files; "
        "where these are not on disk, on a fifth of the test files."
    ),
    licence="None in its repository, https://github.com/HorizonTEL/AIGIBench; parts come from other sets with theirs.",
    known_biases=(
        "The val files are of two old generators only, so thresholds from them may not hold on the test subsets.",
        "CommunityAI and SocialRF are places where pictures were found, not generators.",
        "Photographs differ from subset to subset in source and compression.",
    ),
)

# The folders of the training files that are named after what is shown, not after the generator.
_PROGAN: Final = frozenset({"car", "cat", "chair", "horse"})


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    has_calibration = (folder / "val").is_dir()
    for picture in labelled(folder, {"0_real": NOT_AI, "1_fake": AI}):
        split = next((name for name in picture.above if name.lower() in SPLITS), "test")
        subset = next((name for name in picture.above if name.lower() not in SPLITS), folder.name)
        generator = "ProGAN" if subset in _PROGAN else subset
        yield SuiteItem(
            id=picture.id,
            label=picture.label,
            generator=generator if picture.label == AI else "",
            kind=subset,
            split=split_of(split, picture.id, has_calibration=has_calibration),
            path=picture.path,
        )
