"""GenImage: `GENERATOR/train|val/ai|nature/FILE`, also with the archive's own folder between.

Layout as its README describes it; not tried on the published files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .pictures import labelled
from .records import share_for_calibration

CARD: Final = SuiteCard(
    name="genimage",
    summary="GenImage: ImageNet photographs beside pictures of the same classes by eight generators of 2021 to 2023.",
    modalities=("image",),
    tasks=("detection", "calibration"),
    measures="Whether generated pictures are told from ImageNet photographs, one generator at a time.",
    how_made=(
        "Zhu et al., NeurIPS 2023, https://arxiv.org/abs/2306.08571. Prompts are the names of ImageNet classes. "
        "Of the published test files, called val, a fifth is set aside here to choose thresholds."
    ),
    licence="The photographs are of ImageNet, for research only; for the others see https://github.com/GenImage-Dataset.",
    known_biases=(
        "The photographs are JPEG of many sizes; the generated pictures are mostly PNG of one size a generator.",
        "No generator is newer than 2023.",
        "Many published detectors were trained on its training files.",
    ),
)

# What the archives unpack to.
_ARCHIVES: Final = {
    "imagenet_ai_0419_biggan": "BigGAN",
    "imagenet_ai_0419_sdv4": "Stable Diffusion 1.4",
    "imagenet_ai_0419_vqdm": "VQDM",
    "imagenet_ai_0424_sdv5": "Stable Diffusion 1.5",
    "imagenet_ai_0424_wukong": "Wukong",
    "imagenet_ai_0508_adm": "ADM",
    "imagenet_glide": "GLIDE",
    "imagenet_midjourney": "Midjourney",
}


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    for picture in labelled(folder, {"ai": AI, "nature": NOT_AI}):
        split = picture.above[-1] if picture.above else folder.name
        if split not in ("train", "val"):
            raise SuiteError(f"{picture.path}: expected GENERATOR/train|val/ai|nature")
        above = picture.above[:-1] or (folder.name if picture.above else folder.parent.name,)
        generator = next((_ARCHIVES[name] for name in above if name in _ARCHIVES), above[0])
        # The same photograph of ImageNet may stand beside several generators.
        photograph = picture.path.name if picture.label == NOT_AI else ""
        yield SuiteItem(
            id=picture.id,
            label=picture.label,
            generator=generator if picture.label == AI else "",
            pair=photograph,
            split="train" if split == "train" else share_for_calibration(photograph or picture.id),
            path=picture.path,
        )
