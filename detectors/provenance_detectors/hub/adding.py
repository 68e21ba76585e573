"""Adding a model: its files are fetched (or copied), hashed, and named in a card. Pickled weights are refused.

A pickle runs code when it is loaded; a repository's own code would too. Neither is ever fetched or loaded.
"""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import tomli_w

from provenance.errors import MissingExtraError

from .. import limits
from ..card import ModelCard, Preparation, Question
from ..errors import DetectorError, WeightsError
from ..files import sha256_of
from .folder import CARD, detectors_folder

Task = Literal["image-classification", "text-classification", "audio-classification", "zero-shot-text"]

_MODALITIES: Final[Mapping[str, Literal["image", "text", "audio"]]] = {
    "image-classification": "image",
    "text-classification": "text",
    "audio-classification": "audio",
    "zero-shot-text": "text",
}

# Weights, configuration and vocabularies; nothing that could run.
_WANTED: Final = re.compile(r"[^/]+\.safetensors(\.index\.json)?|[^/]+\.json|merges\.txt|vocab\.txt|[^/]+\.model")
_PICKLES: Final = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".h5", ".msgpack")

_HUB_ID: Final = re.compile(r"hf:(?P<repo>\w[\w.-]*/\w[\w.-]*)(@(?P<revision>[\w./-]+))?")


@dataclass(frozen=True)
class Origin:
    """Where a model comes from: a hub's repository at a commit, or a folder."""

    repo: str | None
    revision: str | None
    folder: Path | None

    @classmethod
    def parse(cls, text: str) -> "Origin":
        """From `hf:ORG/NAME@REVISION`, or the path of a folder. Raises `DetectorError`."""
        if text.startswith("hf:"):
            found = _HUB_ID.fullmatch(text)
            if found is None:
                raise DetectorError(f"{text}: write hf:ORG/NAME@REVISION")
            return cls(found["repo"], found["revision"], None)
        folder = Path(text)
        if not folder.is_dir():
            raise DetectorError(f"{text}: there is no such folder; a model of the hub is written hf:ORG/NAME@REVISION")
        return cls(None, None, folder)


def add(
    origin: Origin,
    *,
    task: Task,
    labels: Mapping[str, str],
    name: str | None = None,
    method: str | None = None,
    threshold: float | None = None,
    min_words: int = 50,
) -> ModelCard:
    """Takes a model in, and writes its card. What it had before under this name is replaced as a whole.

    `labels` says what the model's labels mean: `ai` or `not-ai`. `method`: of a causal model for zero-shot detection.
    `threshold`: log-odds that the user measured; without it the detector gives scores and abstains.

    Raises `DetectorError`, `WeightsError`, or `MissingExtraError`.
    """
    if task != "zero-shot-text" and not {"ai", "not-ai"} <= set(labels.values()):
        raise DetectorError("the label map must name a label for ai and one for not-ai: --label-map fake=ai")
    name = name or _name_of(origin)
    target = detectors_folder() / name
    working = target.with_name(f".{name}.part")
    if origin.folder is not None:
        shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True, exist_ok=True)
    commit = _fetch(origin, working) if origin.repo else _copy(origin, working)
    files = {path.name: sha256_of(path) for path in sorted(working.iterdir()) if _WANTED.fullmatch(path.name)}
    if not any(file.endswith(".safetensors") for file in files):
        raise WeightsError(f"{origin.repo or origin.folder}: no weights in safetensors; pickled weights are refused")
    source = f"hf:{origin.repo}@{commit}" if origin.repo else str(origin.folder)
    card = _card(name, task, source, commit, files, labels, method, threshold, min_words)
    (working / CARD).write_bytes(tomli_w.dumps(card.model_dump(mode="json", exclude_none=True)).encode())
    if target.exists():
        shutil.rmtree(target)
    working.replace(target)
    return card


def pull(name: str) -> ModelCard:
    """Fetches what is missing of an added model, and checks every file against its card.

    Raises `WeightsError` where a file is not the one that the card names.
    """
    folder = detectors_folder() / name
    card = ModelCard.load(folder / CARD)
    missing = [file for file in card.files if not (folder / file).exists()]
    source = str(card.options.get("source", ""))
    if missing and source.startswith("hf:"):
        origin = Origin.parse(source)
        _download(origin.repo or "", origin.revision or "", missing, folder)
    for file, expected in card.files.items():
        if sha256_of(folder / file) != expected:
            raise WeightsError(f"{folder / file}: this is not the file that the card names; delete it and pull again")
    return card


def _card(
    name: str, task: Task, source: str, commit: str, files: Mapping[str, str], labels: Mapping[str, str],
    method: str | None, threshold: float | None, min_words: int,
) -> ModelCard:  # fmt: skip
    return ModelCard(
        name=name,
        version=commit[:12],
        question=Question.AI,
        modality=_MODALITIES[task],
        summary=f"{source}, added by the user. No error rate was measured for it here.",
        licence="see the source",
        min_words=min_words if _MODALITIES[task] == "text" else 0,
        preparation=Preparation(min_side=64),
        never_shown=("unknown: ask who trained it",),
        files=dict(files),
        options={
            "task": task, "source": source, "labels": dict(labels), "method": method or "",
            **({} if threshold is None else {"threshold": threshold}),
        },
    )  # fmt: skip


def _name_of(origin: Origin) -> str:
    text = origin.repo.rpartition("/")[2] if origin.repo else (origin.folder or Path()).resolve().name
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-.") or "model"


def _copy(origin: Origin, working: Path) -> str:
    folder = origin.folder or Path()
    for path in sorted(folder.iterdir()):
        if path.is_file() and _WANTED.fullmatch(path.name):
            if path.stat().st_size > limits.MAX_WEIGHTS_FILE:
                raise WeightsError(f"{path}: larger than {limits.MAX_WEIGHTS_FILE} bytes")
            shutil.copyfile(path, working / path.name)
    return "local"


def _fetch(origin: Origin, working: Path) -> str:
    api = _hub().HfApi()
    try:
        info = api.model_info(origin.repo, revision=origin.revision)
    except Exception as error:  # the hub's errors, and those of the connection, have no common class
        raise DetectorError(f"hf:{origin.repo}: {_first_line(error)}") from None
    names = [file.rfilename for file in info.siblings or ()]
    wanted = [file for file in names if _WANTED.fullmatch(file)]
    if not any(file.endswith(".safetensors") for file in wanted):
        pickled = [file for file in names if file.endswith(_PICKLES)]
        found = f" (it has {', '.join(pickled[:3])})" if pickled else ""
        raise WeightsError(f"hf:{origin.repo}: no weights in safetensors{found}; pickled weights are refused")
    commit = str(info.sha)
    _download(origin.repo or "", commit, wanted, working)
    return commit


def _download(repo: str, commit: str, files: Sequence[str], folder: Path) -> None:
    """Fetches files with a progress bar; what was fetched in part before is resumed."""
    hub = _hub()
    for file in files:
        try:
            hub.hf_hub_download(repo, file, revision=commit, local_dir=folder)
        except Exception as error:
            raise WeightsError(f"hf:{repo}: {file} cannot be fetched ({_first_line(error)}); try again") from None


def _hub() -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import huggingface_hub
    except ImportError:
        raise MissingExtraError("a model of the hub", "hf") from None
    return huggingface_hub


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
