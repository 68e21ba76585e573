"""MAGE: `train.csv`, `valid.csv`, `test.csv`, `test_ood_set_gpt.csv` and `test_ood_set_gpt_para.csv`.

Columns as its README describes them; not tried on the published files.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .records import checked_text, files_in, rows_of, split_of

CARD: Final = SuiteCard(
    name="mage",
    summary="MAGE: texts of ten domains and 27 language models up to 2023, and two harder test files with GPT-4.",
    modalities=("text",),
    tasks=("detection", "calibration"),
    measures="Whether generated texts are told from human ones, also of models and domains that no detector learned.",
    how_made=(
        "Li et al., ACL 2024, https://arxiv.org/abs/2305.13242. Its own splits are kept: thresholds are chosen on "
        "valid.csv; where that is not on disk, on a fifth of the test items."
    ),
    licence="Apache 2.0, https://huggingface.co/datasets/yaful/MAGE; the human texts come from other sets with theirs.",
    known_biases=(
        "Many of its models are small and old.",
        "In the paraphrased file human texts that a model rewrote count as generated.",
        "Rows do not name their prompt, so texts of one prompt may lie on both sides of a split.",
    ),
)

_FILES: Final = {
    "train": "train",
    "valid": "validation",
    "test": "test",
    "test_ood_set_gpt": "test",
    "test_ood_set_gpt_para": "test",
}
# In this set 1 is human.
_LABELS: Final = {"0": AI, "1": NOT_AI}
_SOURCE: Final = re.compile(
    r"(?P<domain>.+?)_(?:human|machine_(?:continuation|topical|specified)_(?P<model>.+)|(?P<late>gpt.+))"
)


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    tables = [path for path in files_in(folder, (".csv",), deep=False) if path.stem in _FILES]
    has_calibration = any(path.stem == "valid" for path in tables)
    for table in tables:
        for where, number, row in rows_of(table, ("text", "label", "src")):
            name = f"{table.stem}:{number}"
            if row["label"] not in _LABELS:
                raise SuiteError(f"{where}: label {row['label']!r}; known are 0 (generated) and 1 (human)")
            label = _LABELS[row["label"]]
            source = _SOURCE.match(row["src"])
            model = (source["model"] or source["late"] if source else "") or row["src"]
            yield SuiteItem(
                id=name,
                label=label,
                modality="text",
                generator=model if label == AI else "",
                language="en",
                kind=source["domain"] if source else row["src"],
                split=split_of(_FILES[table.stem], name, has_calibration=has_calibration),
                text=checked_text(row["text"], where),
            )
