"""A suite: a card that says what is measured on which files, and a manifest that names every file by its hash."""

import csv
import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provenance.errors import AssetError
from provenance.files import read_small_file

from .errors import SuiteError

# A card is a page of words, a manifest a line for each item: more is no suite.
MAX_CARD: Final = 64 * 1024
MAX_MANIFEST: Final = 256 * 1024 * 1024

Modality = Literal["image", "text", "manifest"]
Split = Literal["train", "calibration", "test"]
Truth = Literal["publisher", "standard", "both", ""]

AI: Final = "ai"
NOT_AI: Final = "not-ai"


@dataclass(frozen=True)
class SuiteItem:
    """One file or text, what it is known to be, and where it comes from."""

    id: str
    label: str = ""
    """`ai` or `not-ai`; nothing where the suite asks another question, or for what belongs to neither class."""
    modality: Modality = "image"
    sha256: str = ""
    """Of the file, or of the text in UTF-8. A set that a user has on disk is hashed when it is measured."""
    bytes: int = 0
    generator: str = ""
    language: str = ""
    """ISO 639-1, of a text."""
    kind: str = ""
    """What sort of picture or which domain of text, as its source says."""
    pair: str = ""
    """What must lie on one side of a split: near duplicates, one prompt, one topic."""
    split: Split = "test"
    fold: int = -1
    """Whole generators and whole sources of photographs share a fold; -1 for none."""
    url: str = ""
    """Of the file, or of the file that holds the text, at a fixed commit."""
    licence: str = ""
    truth: Truth = ""
    """Who says so, of a suite for verifiers: the publisher of the file, the standard, or both, who agree.

    No figure depends on it, so that it is no part of the digest.
    """
    expected: tuple[tuple[str, str], ...] = ()
    """Of a suite for verifiers: question and answer, in the words of the report."""
    path: Path | None = None
    """Where it lies, of a set that a user has on disk."""
    text: str | None = None
    """The text itself, of a set that a user has on disk."""

    @property
    def source(self) -> str:
        """The repository that it comes from, as owner and name."""
        return "/".join(self.url.split("/")[3:5])


class SuiteCard(BaseModel):
    """What a suite measures, how it was made, and what is wrong with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    summary: str
    modalities: tuple[Modality, ...]
    tasks: tuple[str, ...]
    measures: str
    how_made: str
    licence: str
    known_biases: tuple[str, ...] = ()
    matched: bool = Field(default=True, description="All items are brought to one form before anything sees them.")
    side: int = Field(default=384, ge=64, le=2048, description="Pixels; of matched pictures.")
    trained_on: str = Field(default="", description="Suite whose training split is learnt from, where it has none.")
    resamples: int = Field(default=500, ge=50, description="Draws of the bootstrap.")
    edits: tuple[str, ...] = Field(default=(), description="Everyday edits, by their names in `edits.py`.")


_COLUMNS: Final = tuple(column.name for column in fields(SuiteItem) if column.name not in ("expected", "path", "text"))
_EXPECTED: Final = "expected_"


@dataclass(frozen=True)
class Suite:
    """A card and its items."""

    card: SuiteCard
    items: tuple[SuiteItem, ...]
    folder: Path | None = field(default=None, compare=False)
    """Where the suite lies; its `files` folder holds what is shipped with it."""

    @property
    def name(self) -> str:
        """The card's."""
        return self.card.name

    @cached_property
    def digest(self) -> str:
        """SHA-256 over what decides a figure: of each item its content, label, group and split, and the edits."""
        state = hashlib.sha256(
            f"{self.card.matched} {self.card.side} {self.card.resamples} {' '.join(self.card.edits)}\n".encode()
        )
        for item in sorted(self.items, key=lambda item: item.id):
            content = (item.id, item.sha256, item.label, item.generator, item.language, item.split, item.expected)
            state.update(f"{content!r}\n".encode())
        return state.hexdigest()

    def of(self, modality: str, split: str | None = None) -> tuple[SuiteItem, ...]:
        """The items of one modality, and of one split if named."""
        return tuple(item for item in self.items if item.modality == modality and split in (None, item.split))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The suite in a folder with `card.toml` and `manifest.csv`. Raises `SuiteError`."""
        try:
            card = SuiteCard.model_validate(tomllib.loads(read_small_file(folder / "card.toml", MAX_CARD).decode()))
            lines = read_small_file(folder / "manifest.csv", MAX_MANIFEST).decode().splitlines()
            items = tuple(_item(row, card) for row in csv.DictReader(lines))
        except (AssetError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError, ValueError) as error:
            raise SuiteError(f"{folder}: this is not a suite: {error}") from None
        if not items or len({item.id for item in items}) < len(items):
            raise SuiteError(f"{folder / 'manifest.csv'}: no items, or two with the same id")
        return cls(card, items, folder)


def _item(row: dict[str, str], card: SuiteCard) -> SuiteItem:
    expected = tuple(
        (name.removeprefix(_EXPECTED), value) for name, value in row.items() if name.startswith(_EXPECTED) and value
    )
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS if row.get(name)}
    values = {"modality": card.modalities[0], **values, "expected": expected}
    for number in ("bytes", "fold"):
        if number in values:
            values[number] = int(values[number])
    item = SuiteItem(**values)
    if item.label not in (AI, NOT_AI, "") or item.split not in ("train", "calibration", "test"):
        raise ValueError(f"{item.id}: label {item.label!r}, split {item.split!r}")
    if item.truth not in get_args(Truth):
        raise ValueError(f"{item.id}: truth {item.truth!r}")
    return item


def write_manifest(path: Path, items: Iterable[SuiteItem]) -> None:
    """The manifest of these items: the columns that any of them fills, one line an item."""
    rows = list(items)
    names = [name for name in _COLUMNS if any(getattr(item, name) not in ("", 0) for item in rows)]
    questions = sorted({question for item in rows for question, _ in item.expected})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*names, *(f"{_EXPECTED}{question}" for question in questions)])
        for item in rows:
            answers = dict(item.expected)
            writer.writerow(
                [*(getattr(item, name) for name in names), *(answers.get(question, "") for question in questions)]
            )


def suites_folder() -> Path:
    """Where the shipped suites lie: beside this package in a checkout, inside it once installed."""
    beside, inside = Path(__file__).parents[1] / "suites", Path(__file__).parent / "suites"
    return beside if beside.is_dir() else inside


def shipped() -> tuple[str, ...]:
    """The names of the shipped suites."""
    return tuple(sorted(path.parent.name for path in suites_folder().glob("*/card.toml")))


def load_suite(name: str) -> Suite:
    """A shipped suite by its name, one in a folder, or a public set on disk as `LOADER:FOLDER`. Raises `SuiteError`."""
    if name in shipped():
        return Suite.load(suites_folder() / name)
    if (Path(name) / "card.toml").is_file():
        return Suite.load(Path(name))
    from .loaders import LOADERS, load_set

    loader, separator, folder = name.partition(":")
    if separator and loader in LOADERS:
        return load_set(loader, Path(folder))
    raise SuiteError(
        f"no suite called {name}; shipped: {', '.join(shipped())}; or a folder with card.toml and manifest.csv, "
        f"or a set on disk as LOADER:FOLDER, with one of {', '.join(sorted(LOADERS))}"
    )
