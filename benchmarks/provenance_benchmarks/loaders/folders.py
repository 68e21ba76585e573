"""Any folder whose sub-folders say what is AI: `ai/`, `real/`, `1_fake/`, with or without a folder per generator."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from provenance.limits import MIB

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .pictures import Labelled, labelled
from .records import MAX_TEXT, PICTURES, SPLITS, checked_text, split_of

CARD: Final = SuiteCard(
    name="folder",
    summary="Your own pictures and plain texts, in folders that say what they are.",
    modalities=("image", "text"),
    tasks=("detection", "calibration"),
    measures="Whether what lies in the folders of AI is told from the rest.",
    how_made=(
        "By you. Folders called train, val and test are kept as splits; without val or calibration, a fifth of the "
        "test items is set aside to choose thresholds. A folder below ai/, or else one above it, names the generator."
    ),
    licence="That of your files.",
    known_biases=(
        "Near duplicates are not known, so they may lie on both sides of a split.",
        "Where both classes differ in format, size or source, that difference may be what is measured.",
    ),
)

_LABELS: Final = {
    "ai": AI,
    "fake": AI,
    "1_fake": AI,
    "generated": AI,
    "machine": AI,
    "synthetic": AI,
    "0_real": NOT_AI,
    "human": NOT_AI,
    "nature": NOT_AI,
    "not-ai": NOT_AI,
    "real": NOT_AI,
}
_TEXT: Final = ".txt"
_CALIBRATION: Final = frozenset(name for name, split in SPLITS.items() if split == "calibration")


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    has_calibration = folder.is_dir() and any(
        child.name.lower() in _CALIBRATION for path in (folder, *_subfolders(folder)) for child in _subfolders(path)
    )
    for file in labelled(folder, _LABELS, (*PICTURES, _TEXT)):
        around = (*file.below, *reversed(file.above))
        split = next((name for name in around if name.lower() in SPLITS), "")
        source = next((name for name in around if name.lower() not in SPLITS), "")
        is_text = file.path.suffix.lower() == _TEXT
        yield SuiteItem(
            id=file.id,
            label=file.label,
            modality="text" if is_text else "image",
            generator=source if file.label == AI else "",
            kind=source if file.label == NOT_AI else "",
            split=split_of(split, file.id, has_calibration=has_calibration),
            path=None if is_text else file.path,
            text=_text(file) if is_text else None,
        )


def _subfolders(folder: Path) -> Iterator[Path]:
    return (child for child in folder.iterdir() if child.is_dir() and not child.is_symlink())


def _text(labelled: Labelled) -> str:
    with labelled.path.open("rb") as file:
        content = file.read(MAX_TEXT + 1)
    if len(content) > MAX_TEXT:
        raise SuiteError(f"{labelled.path}: a text of more than {MAX_TEXT // MIB} MiB")
    try:
        return checked_text(content.decode("utf-8-sig"), str(labelled.path))
    except UnicodeDecodeError:
        raise SuiteError(f"{labelled.path}: not UTF-8") from None
