"""Noise that differs between parts: what was pasted from another picture brings its own noise.

After Mahdian and Saic, "Using noise inconsistencies for blind image forensics" (2009): the noise of each block is
estimated from the median of its finest details, and compared with that of blocks as bright as it.
"""

from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..pictures import Picture, tiles
from . import Forensic, luminance, stretched

_BLOCK: Final = 32


class NoiseInconsistency(Forensic):
    """The largest connected part whose noise is unlike that of equally bright parts, as a share of the picture."""

    name_: ClassVar[str] = "noise"
    sentence: ClassVar[str] = "forensics.noise"

    def statistic(self, picture: Picture) -> float:
        """The logarithm of the share; not a number for fewer than 64 blocks."""
        deviation = self._deviations(picture)
        if deviation is None:
            return float("nan")
        parts, count = ndimage.label(deviation > 2.5)
        sizes = np.bincount(parts.ravel())[1:] if count else np.zeros(1)
        return float(np.log(sizes.max() / deviation.size + 1e-3))

    def heat_map(self, picture: Picture) -> NDArray[np.float64] | None:
        """How unlike the noise of its brightness each block is."""
        deviation = self._deviations(picture)
        return None if deviation is None else stretched(np.clip(deviation, 0, 6))

    @staticmethod
    def _deviations(picture: Picture) -> NDArray[np.float64] | None:
        grey = luminance(picture)
        rows, columns = (side // _BLOCK for side in grey.shape)
        if rows * columns < 64:
            return None
        detail = np.abs(4 * grey - 2 * _around(grey, 0) - 2 * _around(grey, 1) + _corners(grey))
        noise = np.log(np.median(_blocks(detail), axis=2) + 0.3)
        brightness = _blocks(grey).mean(axis=2)
        expected = np.zeros_like(noise)
        order = np.argsort(brightness, axis=None)
        flat, window = noise.ravel()[order], max(9, noise.size // 8) | 1
        expected.ravel()[order] = ndimage.median_filter(flat, window, mode="nearest")
        difference = noise - expected
        spread = 1.4826 * np.median(np.abs(difference)) + 0.05
        smoothed: NDArray[np.float64] = ndimage.uniform_filter(np.abs(difference) / spread, 3)
        return smoothed


def _around(grey: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    return np.roll(grey, 1, axis) + np.roll(grey, -1, axis)


def _corners(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    return _around(_around(grey, 0), 1)


def _blocks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    blocks = tiles(values, _BLOCK)
    return blocks.reshape(*blocks.shape[:2], -1).astype(np.float64)
