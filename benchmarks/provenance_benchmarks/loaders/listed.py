"""Your own list: CSV files with a column `label` and a column `path` or `text`."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .records import PICTURES, SPLITS, checked_text, files_in, inside, rows_of, share_for_calibration

CARD: Final = SuiteCard(
    name="csv",
    summary="Your own pictures or texts, as CSV files list them.",
    modalities=("image", "text"),
    tasks=("detection", "calibration"),
    measures="Whether what the list calls AI is told from the rest.",
    how_made=(
        "By you. Needed are the columns label, and path or text; used are also id, generator, language, kind, pair, "
        "split and licence. Paths are relative to the list. Where no split is given, a fifth is set aside to choose "
        "thresholds."
    ),
    licence="That of your files.",
    known_biases=(
        "Without a column pair, near duplicates may lie on both sides of a split.",
        "Where both classes differ in format, size or source, that difference may be what is measured.",
    ),
)

# Not 0 and 1: sets do not agree which of them is human.
LABELS: Final = {
    "ai": AI,
    "fake": AI,
    "generated": AI,
    "machine": AI,
    "human": NOT_AI,
    "not-ai": NOT_AI,
    "real": NOT_AI,
}


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    for table in files_in(folder, (".csv",), deep=False):
        for where, number, row in rows_of(table, ("label",)):
            yield item_of(row, where, f"{table.stem}:{number}", table.parent)


def item_of(row: Mapping[str, str], where: str, name: str, folder: Path) -> SuiteItem:
    """The item of one row; `name` is its id where the row has none. Raises `SuiteError`."""
    path, text, split = row.get("path", "").strip(), row.get("text", ""), row.get("split", "").strip().lower()
    label = LABELS.get(row["label"].strip().lower())
    if label is None:
        raise SuiteError(f"{where}: label {row['label'][:40]!r}; known are {', '.join(LABELS)}")
    if split and split not in SPLITS:
        raise SuiteError(f"{where}: split {split[:40]!r}; known are {', '.join(SPLITS)}")
    if bool(path) == bool(text.strip()):
        raise SuiteError(f"{where}: {'both a path and a text' if path else 'neither a path nor a text'}")
    name = row.get("id") or path or name
    pair = row.get("pair", "")
    return SuiteItem(
        id=name,
        label=label,
        modality="image" if path else "text",
        generator=row.get("generator", "") if label == AI else "",
        language=row.get("language", ""),
        kind=row.get("kind", ""),
        pair=pair,
        split=SPLITS[split] if split else share_for_calibration(pair or name),
        licence=row.get("licence", ""),
        path=_file(path, where, folder) if path else None,
        text=None if path else checked_text(text, where),
    )


def _file(name: str, where: str, folder: Path) -> Path:
    path = folder / name
    try:
        if "\0" in name or PurePosixPath(name).is_absolute() or not inside(path, folder):
            raise SuiteError(f"{where}: {name[:200]!r} does not lie in {folder}")
        if path.suffix.lower() not in PICTURES or not path.is_file():
            raise SuiteError(f"{where}: {name[:200]!r} is no picture in {folder}")
    except OSError as error:
        raise SuiteError(f"{where}: {name[:200]!r} cannot be read ({error.strerror})") from None
    return path
