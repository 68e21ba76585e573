"""MNW, of Microsoft, Northwestern University and WITNESS: `AI_Images/GENERATOR/FILE` and `AI_media_in_the_wild/`.

Its videos and sounds are not read.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .records import PICTURES, files_in, name_in, share_for_calibration

CARD: Final = SuiteCard(
    name="mnw",
    summary="MNW: 250 pictures of each of some fifty generators up to 2026, and a few disputed pictures of the news.",
    modalities=("image",),
    tasks=("detection", "calibration"),
    measures="How many pictures of current generators are found, generator by generator.",
    how_made=(
        "Roca et al., IEEE Intelligent Systems 2026, https://doi.org/10.1109/MIS.2026.3668398, "
        "https://github.com/microsoft/MNW. It is a test set only; a fifth is set aside here to choose thresholds."
    ),
    licence="For evaluation only: neither for training nor for commercial purposes.",
    known_biases=(
        "Nearly all of it is generated: for false alarms measure photographs of another set beside it.",
        "Labels of disputed pictures are the opinion of experts; those that they could not decide are left out.",
        "Disputed pictures called manipulated may be partly photographs.",
        "Adversarial_images, and the folders of inpaintings and edits, are ways of making, not generators.",
        "All files under AI_Images are JPEG.",
    ),
)

_OPINIONS: Final = {
    "authentic": NOT_AI,
    "likely_authentic": NOT_AI,
    "likely_manipulated": AI,
    "manipulated": AI,
}
_UNDECIDED: Final = "inconsistent"
# A letter for the opinion, three digits for the case, more for the file of the case.
_CASE: Final = re.compile(r"[AIM](\d{3})")


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    generated, disputed = folder / "AI_Images", folder / "AI_media_in_the_wild"
    if not generated.is_dir():
        raise SuiteError(f"{folder}: holds no folder AI_Images; give the folder of the whole set")
    for path in files_in(generated, PICTURES):
        name = name_in(path, folder)
        if path.parent.parent != generated:
            raise SuiteError(f"{path}: expected AI_Images/GENERATOR/FILE")
        split = share_for_calibration(name)
        yield SuiteItem(id=name, label=AI, generator=path.parent.name, kind="generated", split=split, path=path)
    if disputed.is_dir():
        yield from _disputed(disputed, folder)


def _disputed(disputed: Path, folder: Path) -> Iterator[SuiteItem]:
    for path in files_in(disputed, PICTURES):
        opinion = path.parent.name.lower()
        if opinion == _UNDECIDED:
            continue
        if opinion not in _OPINIONS:
            raise SuiteError(f"{path}: {opinion} is no opinion known here: {', '.join(_OPINIONS)}, {_UNDECIDED}")
        name = name_in(path, folder)
        case = _CASE.match(path.name)
        pair = f"case {case[1]}" if case else ""
        split = share_for_calibration(pair or name)
        yield SuiteItem(id=name, label=_OPINIONS[opinion], kind="in the wild", pair=pair, split=split, path=path)
