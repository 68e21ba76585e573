"""Saved as JPEG more than once: the first quantisation leaves gaps and peaks in the histograms of the coefficients.

After Popescu and Farid, "Statistical tools for digital forensics" (2004): the histogram of a coefficient that was
quantised twice with different steps is periodic, and its spectrum has a peak away from zero.
"""

from typing import ClassVar, Final

import numpy as np
from scipy import fft

from ..pictures import Picture, tiles
from . import Forensic, luminance

# The low frequencies, in rows and columns of a block: they have values enough for a histogram.
_FREQUENCIES: Final = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1), (2, 2), (0, 3), (3, 0))

# Multiples of the step that a histogram counts, on both sides of zero.
_REACH: Final = 60


class DoubleJpeg(Forensic):
    """The mean height of the spectral peaks over the low frequencies."""

    name_: ClassVar[str] = "double-jpeg"
    sentence: ClassVar[str] = "forensics.double_jpeg"

    def statistic(self, picture: Picture) -> float:
        """Not a number where the file is no JPEG, or was decoded reduced."""
        if not picture.tables or picture.scale != 1.0:
            return float("nan")
        coefficients = fft.dctn(tiles(luminance(picture), 8) - 128, axes=(2, 3), norm="ortho")
        table = np.asarray(picture.tables[0]).reshape(8, 8)
        peaks = [self._peak(coefficients[..., row, column] / table[row, column]) for row, column in _FREQUENCIES]
        return float(np.mean(sorted(peaks)[-5:]))

    @staticmethod
    def _peak(levels: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
        steps = np.rint(levels).astype(int).ravel()
        steps = steps[np.abs(steps) <= _REACH]
        histogram = np.bincount(steps + _REACH, minlength=2 * _REACH + 1).astype(float)
        # The smooth shape of the histogram is taken off; what is left of a single compression is noise.
        root = np.sqrt(histogram)
        smooth = np.convolve(root, np.hanning(9) / np.hanning(9).sum(), mode="same")
        centre = slice(_REACH - 25, _REACH + 26)
        ripple = (root - smooth)[centre] * np.hanning(51)
        ripple[25 - 1 : 25 + 2] = 0  # zero is quantised over a wider range than the rest
        spectrum = np.abs(np.fft.rfft(ripple, 256))[20:]
        return float(np.log(spectrum.max() + 0.1))
