"""Enlarged or rotated: interpolated pixels follow from their neighbours, in a period that the scale gives.

After Gallagher, "Detection of linear and cubic interpolation in JPEG compressed images" (2005), and Mahdian and Saic,
"Blind authentication using periodic properties of interpolation" (2008): the second derivative's magnitude, averaged
over rows or columns, is periodic; its spectrum has peaks that stand out of their surroundings.
"""

from typing import ClassVar

import numpy as np
from scipy import ndimage

from ..pictures import Picture
from . import Forensic, luminance


class Resampling(Forensic):
    """How far the highest peak stands out, across and down, without the peaks of JPEG's own blocks."""

    name_: ClassVar[str] = "resampling"
    sentence: ClassVar[str] = "forensics.resampling"

    def statistic(self, picture: Picture) -> float:
        """Not a number for a picture that was decoded reduced."""
        if picture.scale != 1.0:
            return float("nan")
        grey = luminance(picture)
        return max(self._peak(grey), self._peak(grey.T))

    @staticmethod
    def _peak(grey: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
        second = np.abs(2 * grey[:, 1:-1] - grey[:, :-2] - grey[:, 2:])
        # Edges of things have large values and no period: they are limited.
        trace = np.minimum(second, 12).mean(axis=0)
        trace = trace - ndimage.uniform_filter1d(trace, 33)
        spectrum = np.abs(np.fft.rfft(trace * np.hanning(trace.size)))
        frequency = np.arange(spectrum.size) / trace.size
        surroundings = ndimage.median_filter(spectrum, 101) + 1e-6
        ratio = spectrum / surroundings
        ratio[frequency < 0.06] = 0
        for harmonic in range(1, 5):  # blocks of eight pixels
            ratio[np.abs(frequency - harmonic / 8) < 0.004] = 0
        return float(np.log(ratio.max() + 1e-6))
