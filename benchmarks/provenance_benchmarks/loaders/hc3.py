"""HC3, in English and Chinese: a file `DOMAIN.jsonl` for each domain, or `all.jsonl`, one question a line.

Names of the files and fields as other programs show them; not tried on the published files.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .records import checked_text, files_in, name_in, objects_of, share_for_calibration, short_hash

CARD: Final = SuiteCard(
    name="hc3",
    summary="HC3: questions with answers of people and of ChatGPT in its first weeks, in English and in Chinese.",
    modalities=("text",),
    tasks=("detection", "calibration"),
    measures="Whether answers of ChatGPT are told from answers of people to the same questions.",
    how_made=(
        "Guo et al., 2023, https://arxiv.org/abs/2301.07597. It has no test split; a fifth of the questions is set "
        "aside here to choose thresholds. Empty answers are left out, and all.jsonl where the domains lie beside it."
    ),
    licence="CC BY-SA 4.0, https://huggingface.co/datasets/Hello-SimpleAI/HC3; parts of it are under other licences.",
    known_biases=(
        "One generator, of December 2022 and January 2023, with phrases that newer ones do not use.",
        "Human answers are shorter, with the marks of web forums; length alone tells much.",
        "Very many detectors were trained on it.",
    ),
)

_ANSWERS: Final = {"human_answers": NOT_AI, "chatgpt_answers": AI}
_ALL: Final = "all"
_HAN: Final = range(0x4E00, 0xA000)


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    paths = list(files_in(folder, (".jsonl",)))
    with_domains = {path.parent for path in paths if path.stem != _ALL}
    for path in paths:
        if path.stem == _ALL and path.parent in with_domains:
            continue
        for where, number, record in objects_of(path):
            yield from _items(record, where, f"{name_in(path, folder)}:{number}", path.stem)


def _items(record: dict[str, Any], where: str, name: str, domain: str) -> Iterator[SuiteItem]:
    question = record.get("question")
    if not isinstance(question, str):
        raise SuiteError(f"{where}: no question")
    pair = short_hash(question.strip() or name)
    for key, label in _ANSWERS.items():
        answers = record.get(key)
        if not isinstance(answers, list):
            raise SuiteError(f"{where}: no list {key}")
        for place, answer in enumerate(answers):
            if isinstance(answer, str) and not answer.strip():
                continue
            text = checked_text(answer, f"{where}, {key}")
            yield SuiteItem(
                id=f"{name}:{key.removesuffix('_answers')}:{place}",
                label=label,
                modality="text",
                generator="chatgpt" if label == AI else "",
                language=_language(text),
                kind=str(record.get("source") or domain),
                pair=pair,
                split=share_for_calibration(pair),
                text=text,
            )


def _language(text: str) -> str:
    """Chinese where more than a fifth of it are Chinese characters: an English text may quote one."""
    return "zh" if sum(ord(character) in _HAN for character in text) * 5 > len(text) else "en"
