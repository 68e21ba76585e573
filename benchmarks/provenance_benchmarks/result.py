"""The result of a run: one JSON file with all that another laboratory needs to repeat it, beside the scores."""

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from provenance.distribution import VERSION
from provenance.errors import AssetError
from provenance.files import read_small_file, write_whole

from .errors import ResultError
from .metrics import Figure
from .tasks.cost import CostFigures

RESULT: Final = "result.json"
SCORES: Final = "scores.parquet"

# A result holds some thousand figures and a few curves.
MAX_RESULT: Final = 32 * 1024 * 1024

# What can change a score.
_PACKAGES: Final = (
    "c2pa-python", "encypher-c2pa", "fast-c2pa-python", "numpy", "scipy", "scikit-learn", "pillow",
    "onnxruntime", "torch", "transformers",
)  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContenderFacts(_Part):
    """Which contender was measured."""

    spec: str
    name: str
    version: str
    card_sha256: str
    card: dict[str, Any]


class SuiteFacts(_Part):
    """On what."""

    name: str
    sha256: str
    modality: Literal["image", "text", "manifest"]
    most: int | None = None
    """At most so many items of each split; a result over a part is no result of the suite."""
    items: int
    units: int


class Environment(_Part):
    """With what."""

    python: str
    machine: str
    packages: dict[str, str]
    commit: str


class Result(_Part):
    """Everything about one contender on one suite."""

    format: Literal["provenance-benchmark-result-1"] = "provenance-benchmark-result-1"
    contender: ContenderFacts
    suite: SuiteFacts
    tasks: tuple[str, ...]
    seed: int
    resamples: int
    figures: tuple[Figure, ...]
    curves: dict[str, Any]
    failures: dict[str, int]
    """How many units failed, by the message."""
    scores_sha256: str
    cost: CostFigures | None = None
    environment: Environment
    command: str
    finished: str

    @classmethod
    def load(cls, path: Path) -> "Result":
        """The result in a file or in the folder of a run. Raises `ResultError`."""
        file = path / RESULT if path.is_dir() else path
        try:
            return cls.model_validate_json(read_small_file(file, MAX_RESULT))
        except (AssetError, ValidationError, ValueError) as error:
            raise ResultError(f"{file}: this is not a result: {_first_line(error)}") from None

    def same_scores(self, other: "Result") -> bool:
        """Whether another run gave the same scores and the same figures."""
        return self.scores_sha256 == other.scores_sha256 and self.figures == other.figures

    def figure(self, metric: str, group: str = "all", task: str | None = None) -> Figure | None:
        """One of the figures."""
        figures = (
            figure
            for figure in self.figures
            if figure.metric == metric and figure.group == group and task in (None, figure.task)
        )
        return next(figures, None)


def environment() -> Environment:
    """This machine and what is installed."""
    packages = {"provenance": VERSION}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return Environment(
        python=platform.python_version(), machine=_machine(), packages=packages, commit=_commit(Path(__file__).parent)
    )


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_json(result: Result) -> bytes:
    """The result as it is written: sorted, so that two of them can be compared line by line."""
    content: Mapping[str, Any] = result.model_dump(mode="json")
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def write_result(folder: Path, result: Result) -> None:
    """Writes the result into the folder of its run, whole or not at all. Raises `OSError`."""
    write_whole(folder / RESULT, as_json(result))


def _machine() -> str:
    from .measurement import machine

    return machine()


def _commit(folder: Path) -> str:
    """The commit, and whether code or suites differ from it; a change of a document does not count."""
    root = folder.parents[1]
    parts = ["src", "detectors", "signing", "service", "benchmarks/provenance_benchmarks", "benchmarks/suites"]
    try:
        commit, changed = (
            subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=True
            ).stdout.strip()
            for words in (["rev-parse", "--short=12", "HEAD"], ["status", "--porcelain", "-uno", "--", *parts])
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{commit}-changed" if changed else commit


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
