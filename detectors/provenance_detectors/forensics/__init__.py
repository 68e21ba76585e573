"""Classical forensics: traces of editing in the pixels and in the compression. They say nothing about AI.

Each detector is one module with one statistic; its threshold and its measured rates stand in its card. The score is
the statistic itself, brought to log-odds by the line that its card gives.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from provenance.sentences import Message, say

from ..card import ModelCard
from ..detector import CardBased, Scores
from ..pictures import GREY, Picture

_CARDS: Final = Path(__file__).parent / "cards"

# Edges longer than this are cut to their middle: statistics of a part are those of the whole, in a tenth of the time.
_LONGEST: Final = 2048


class Forensic(CardBased):
    """A detector of one trace. Subclasses give `name_`, `sentence` and `statistic`."""

    name_: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self) -> None:
        self.card = ModelCard.load(_CARDS / f"{self.name_}.toml")
        self._slope = float(self.card.options["slope"])
        self._intercept = float(self.card.options["intercept"])

    def score(self, batch: Sequence[Picture]) -> Scores:
        """Log-odds that the trace is there; not a number where the file cannot hold it."""
        values = np.array([self.statistic(picture) for picture in batch], np.float64)
        return self._slope * values + self._intercept

    def statistic(self, picture: Picture) -> float:
        """How strong the trace is, larger for stronger; not a number where the file cannot hold it."""
        raise NotImplementedError

    def claim(self) -> tuple[Message, ...]:
        """The trace that a positive decision says is there."""
        return (say(self.sentence),)

    def findings(self, picture: Picture) -> tuple[Message, ...]:  # noqa: ARG002 - for those that say more
        """Facts that hold whatever the decision is; most have none."""
        return ()

    def heat_map(self, picture: Picture) -> NDArray[np.float64] | None:  # noqa: ARG002 - for those that know where
        """Where, as values from 0 to 1; most know only whether."""
        return None


def luminance(picture: Picture) -> NDArray[np.float32]:
    """The middle of the picture as luminance, float32 of shape (height, width), aligned to blocks of eight."""
    pixels = picture.pixels
    top, left = (max(0, (side - _LONGEST) // 2) // 8 * 8 for side in pixels.shape[:2])
    part = pixels[top : top + _LONGEST, left : left + _LONGEST]
    return part.astype(np.float32) @ GREY


def stretched(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values brought to 0 to 1."""
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
