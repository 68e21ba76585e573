"""The pattern of a sensor's colour filters: a camera measures one colour at each pixel and interpolates the others.

After Ferrara, Bianchi, De Rosa and Piva, "Image forgery localization via fine-grained analysis of CFA artifacts"
(2012): where green was interpolated, a pixel follows from its neighbours better than where it was measured. The
pattern is lost by scaling and by strong compression, so that only pictures that have it as a whole are judged.
"""

from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from ..pictures import Picture
from . import Forensic, stretched

_BLOCK: Final = 32
_LONGEST: Final = 2048

# The logarithm of the ratio of the two errors over the whole picture, below which there is no pattern to miss.
_PRESENT: Final = 0.10


class ColourPattern(Forensic):
    """The share of blocks without the pattern, in a picture that has it as a whole."""

    name_: ClassVar[str] = "colour-pattern"
    sentence: ClassVar[str] = "forensics.cfa"

    def statistic(self, picture: Picture) -> float:
        """Not a number where the picture as a whole has no pattern."""
        ratios = self._ratios(picture)
        return float("nan") if ratios is None else float((ratios < 0).mean())

    def heat_map(self, picture: Picture) -> NDArray[np.float64] | None:
        """Where the pattern is weak."""
        ratios = self._ratios(picture)
        return None if ratios is None else stretched(-np.clip(ratios, -0.5, 0.5))

    @staticmethod
    def _ratios(picture: Picture) -> NDArray[np.float64] | None:
        if picture.scale != 1.0 or min(picture.pixels.shape[:2]) < 256:
            return None
        green = picture.pixels[:_LONGEST, :_LONGEST, 1].astype(np.float32)
        error = green[1:-1, 1:-1] - (green[:-2, 1:-1] + green[2:, 1:-1] + green[1:-1, :-2] + green[1:-1, 2:]) / 4
        rows, columns = (side // _BLOCK for side in error.shape)
        squares = error[: rows * _BLOCK, : columns * _BLOCK] ** 2
        odd = (np.add.outer(np.arange(squares.shape[0]), np.arange(squares.shape[1])) % 2).astype(np.float32)
        first, second = (_sums(squares * mask, rows, columns) for mask in (odd, 1 - odd))
        ratios: NDArray[np.float64] = np.log((first + 1) / (second + 1))
        overall = float(np.median(ratios))
        return ratios * np.sign(overall) if abs(overall) > _PRESENT else None


def _sums(values: NDArray[Any], rows: int, columns: int) -> NDArray[np.float64]:
    return np.asarray(values.reshape(rows, _BLOCK, columns, _BLOCK).sum(axis=(1, 3)), np.float64)
