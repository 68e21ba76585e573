"""Baselines that look at nothing, or at the file only. A detector that does not beat them has learnt nothing."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ContenderError
from ..samples import Sample
from . import Contender, Outcome


class Random:
    """A number drawn for each sample, the same in each run."""

    name = "baseline-random"
    version = "1"
    modalities = frozenset({"image", "text"})
    batch = 64

    def card(self) -> Mapping[str, Any]:
        """What it is."""
        return {"name": self.name, "version": self.version, "summary": "A number drawn for each item."}

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        """A draw for each."""
        return [_decided(_draw(sample.name)) for sample in samples]


class FileSize:
    """The size of the file or text that it is shown: what is left of it after format matching."""

    name = "baseline-file-size"
    version = "1"
    modalities = frozenset({"image", "text"})
    batch = 64

    def card(self) -> Mapping[str, Any]:
        """What it is."""
        return {"name": self.name, "version": self.version, "summary": "The size of the file, and nothing else."}

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        """The logarithm of the size of each."""
        return [Outcome(math.log(max(len(sample.data), 1))) for sample in samples]


def baseline(name: str) -> Contender:
    """The baseline of this name. Raises `ContenderError`."""
    if name == "random":
        return Random()
    if name == "file-size":
        return FileSize()
    if name == "floor":
        from .floor import Floor

        return Floor()
    raise ContenderError(f"no baseline called {name}; there are: random, file-size, floor")


def _draw(text: str) -> float:
    share = (int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) + 0.5) / 16**12
    return math.log(share / (1 - share))


def _decided(log_odds: float) -> Outcome:
    return Outcome(log_odds, 1 / (1 + math.exp(-log_odds)), "ai" if log_odds > 0 else "not-ai")
