"""M4: one file `DOMAIN_MODEL.jsonl` for each domain and model, a human and a generated text a line.

Layout as its README and one of its files show it; not tried on the published files.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..errors import SuiteError
from ..suite import AI, NOT_AI, SuiteCard, SuiteItem
from .records import checked_text, files_in, name_in, objects_of, share_for_calibration, short_hash

CARD: Final = SuiteCard(
    name="m4",
    summary="M4: texts of several language models of 2022 and 2023 in many domains and eight languages.",
    modalities=("text",),
    tasks=("detection", "calibration"),
    measures="Whether generated texts are told from human ones, across domains, models and languages.",
    how_made=(
        "Wang et al., EACL 2024, https://aclanthology.org/2024.eacl-long.83, https://github.com/mbzuai-nlp/M4. "
        "A fifth of the sources is set aside here to choose thresholds. A human text that stands in the files of "
        "several models counts once; empty texts are left out; parts of one text are joined."
    ),
    licence="Its repository states none; the human texts come from other sets with theirs.",
    known_biases=(
        "Languages other than English have one domain and one or two models each, so the two cannot be told apart.",
        "Human texts are mostly of the web before 2022 and may be in what the models learned from.",
        "No model is newer than 2023.",
    ),
)

_LANGUAGES: Final = {
    "arabic": "ar",
    "baike": "zh",
    "bulgarian": "bg",
    "germanwikipedia": "de",
    "id-newspaper": "id",
    "qazh": "zh",
    "ruatd": "ru",
    "russian": "ru",
    "urdu": "ur",
}
_HUMAN, _MACHINE = "human_text", "machine_text"


def load(folder: Path) -> Iterator[SuiteItem]:
    """The items. Raises `SuiteError`."""
    seen: set[tuple[str, str]] = set()
    for path in files_in(folder, (".jsonl",)):
        domain, _, model = path.stem.removeprefix("test_").rpartition("_")
        if not domain:
            raise SuiteError(f"{path}: expected a name such as DOMAIN_MODEL.jsonl")
        for where, number, record in objects_of(path):
            if _HUMAN not in record and _MACHINE not in record:
                raise SuiteError(f"{where}: neither {_HUMAN} nor {_MACHINE}")
            name = f"{name_in(path, folder)}:{number}"
            human, machine = (_text(record, key, f"{where}, {key}") for key in (_HUMAN, _MACHINE))
            source = record.get("source_ID")
            pair = f"{domain}/{short_hash(human or machine) if source in (None, '') else source}"
            if human and (domain, short_hash(human)) not in seen:
                seen.add((domain, short_hash(human)))
                yield _item(f"{name}:human", NOT_AI, human, domain, pair)
            if machine:
                generator = str(record.get("model") or model).lower()
                yield _item(f"{name}:machine", AI, machine, domain, pair, generator)


def _text(record: Mapping[str, Any], key: str, where: str) -> str:
    value = record.get(key)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = "\n".join(value)
    return "" if value is None or (isinstance(value, str) and not value.strip()) else checked_text(value, where)


def _item(name: str, label: str, text: str, domain: str, pair: str, generator: str = "") -> SuiteItem:
    return SuiteItem(
        id=name,
        label=label,
        modality="text",
        generator=generator,
        language=next((code for start, code in _LANGUAGES.items() if domain.lower().startswith(start)), "en"),
        kind=domain,
        pair=pair,
        split=share_for_calibration(pair),
        text=text,
    )
