"""Contenders: what a benchmark measures. One way of asking, one module.

image, text, ...          a registered detector, by its name
hf:ORG/NAME@REVISION      a model of the Hugging Face hub, added first where it is not there
http://..., https://...   an endpoint that answers `{"score": 1.3}` to a file (`endpoint.py`)
cmd:COMMAND               a program that reads a list of files and prints scores (`command.py`)
detectzoo:NAME            a detector of DetectZoo, in its own environment (`detectzoo_predictions.py`)
baseline:NAME             random, file-size, floor (`baselines.py`, `floor.py`)
verifier:NAME             a C2PA verifier (`verifiers.py`)
registry:fingerprint      the registry of the service, for the task `retrieval` (`registry.py`)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

from ..errors import ContenderError
from ..samples import Sample

# How a contender is asked: labels of a hub model, the interpreter of DetectZoo, the device.
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a contender says of one sample. A failure is a failure, never a score."""

    score: float | None = None
    """The larger, the more it speaks for AI. Nothing where it could not say."""
    probability: float | None = None
    decision: str = ""
    """`ai`, `not-ai` or `abstain`, at the contender's own threshold; nothing where it has none."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Of a verifier: question and answer."""
    failure: str = ""


class Contender(Protocol):
    """Something that is measured."""

    name: str
    version: str
    modalities: frozenset[str]
    batch: int
    """How many samples it is asked at a time."""

    def card(self) -> Mapping[str, Any]:
        """What it is, as JSON: the model card of a detector. Its digest stands in each result."""
        ...

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        """An outcome for each sample, in the same order."""
        ...


@runtime_checkable
class Trainable(Protocol):
    """A contender that learns from the training split of the suite, and can be asked to leave a generator out."""

    def fit(self, samples: Sequence[Sample], labels: Sequence[bool]) -> None:
        """Learns anew from these samples; a label is true for AI."""
        ...


@runtime_checkable
class Registering(Protocol):
    """A contender that is shown the unedited items of the suite first, and then names the nearest of them."""

    def register(self, samples: Sequence[Sample]) -> None:
        """Takes note of these samples, by the item of their unit."""
        ...


def contender_for(spec: str, options: Options | None = None) -> Contender:
    """The contender that a specification names. Raises `ContenderError`, `MissingExtraError`."""
    chosen = dict(options or {})
    kind, separator, rest = spec.partition(":")
    if kind == "baseline":
        from .baselines import baseline

        return baseline(rest)
    if kind == "verifier":
        from .verifiers import verifier

        return verifier(rest)
    if kind == "registry":
        from .registry import registry

        return registry(rest)
    if kind == "cmd":
        from .command import Command

        return Command(rest, **_only(chosen, "modality", "time_limit"))
    if kind in ("http", "https"):
        from .endpoint import Endpoint

        return Endpoint(spec, **_only(chosen, "modality", "time_limit"))
    if kind == "detectzoo":
        from .detectzoo_predictions import detectzoo

        return detectzoo(rest, **_only(chosen, "modality", "python", "device", "time_limit"))
    if kind == "hf":
        from .registered import of_the_hub

        return of_the_hub(spec, **_only(chosen, "modality", "labels"))
    if separator:
        raise ContenderError(f"{spec}: no such kind of contender; see provenance bench run --help")
    from .registered import Registered

    return Registered(spec)


def digest_of(contender: Contender) -> str:
    """SHA-256 of the card: two results with the same digest are of the same contender."""
    return hashlib.sha256(json.dumps(contender.card(), sort_keys=True).encode()).hexdigest()


NOT_FINITE: Final = "the score is not a finite number"


def _only(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if options.get(name) is not None}
