"""RAID: `train.csv` and `extra.csv`, or their smaller forms `train_none.csv` and `extra_none.csv` without attacks.

Columns as its repository and other programs show them; not tried on the published files.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .records import checked_text, files_in, rows_of, share_for_calibration

CARD: Final = SuiteCard(
    name="raid",
    summary="RAID: texts of eleven language models in eleven domains, with eleven attacks against detectors.",
    modalities=("text",),
    tasks=("detection", "calibration"),
    measures="Whether texts of models of 2019 to 2023 are told from human ones, also after an attack.",
    how_made=(
        "Dugan et al., ACL 2024, https://aclanthology.org/2024.acl-long.674. The labels of its test file are not "
        "published, so the labelled training files are measured: a fifth of the source texts is set aside here for "
        "thresholds, the others are test items. Empty generations are left out."
    ),
    licence="MIT, https://huggingface.co/datasets/liamdugan/raid; the human texts come from other sets with theirs.",
    known_biases=(
        "What is measured was published as training data: detectors that learned from it score too well.",
        "Generated texts outnumber human ones by far.",
        "No model is newer than 2023.",
        "With attacks the texts fill more than ten gigabytes: take the files that end in _none.",
    ),
)

_LANGUAGES: Final = {"code": "", "czech": "cs", "german": "de"}
_HUMAN: Final = "human"
_COLUMNS: Final = ("id", "adv_source_id", "source_id", "model", "attack", "domain", "generation")


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    by_stem = {path.stem: path for path in files_in(folder, (".csv",), deep=False)}
    tables = [folder] if folder.is_file() else list(_tables(by_stem))
    if not tables and by_stem.keys() & {"test", "test_none"}:
        raise SuiteError(f"{folder}: only RAID's test file is here, and its labels are not published; take train.csv")
    for table in tables:
        for where, _, row in rows_of(table, _COLUMNS):
            if not (row["id"] and row["model"]):
                raise SuiteError(f"{where}: a row without id or model")
            if row["generation"].strip():
                yield _item(row, where)


def _tables(by_stem: Mapping[str, Path]) -> Iterator[Path]:
    for part in ("train", "extra"):
        # The smaller file is part of the other.
        if path := by_stem.get(part) or by_stem.get(f"{part}_none"):
            yield path


def _item(row: dict[str, str], where: str) -> SuiteItem:
    is_human = row["model"].lower() == _HUMAN
    attack = row["attack"].lower()
    pair = row["source_id"] or row["adv_source_id"] or row["id"]
    return SuiteItem(
        id=row["id"],
        label=NOT_AI if is_human else AI,
        modality="text",
        generator="" if is_human else row["model"],
        language=_LANGUAGES.get(row["domain"].lower(), "en"),
        kind=row["domain"] if attack in ("", "none") else f"{row['domain']} ({attack})",
        pair=pair,
        split=share_for_calibration(pair),
        text=checked_text(row["generation"], where),
    )
