"""Parts of a picture that are copies of other parts of it.

After Fridrich, Soukal and Lukáš, "Detection of copy-move forgery in digital images" (2003): blocks are described by
their low DCT coefficients, sorted, and similar neighbours in the order are compared; many pairs at one distance from
each other are a copied part. Found are copies that were shifted, not ones that were turned or scaled.
"""

from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft, ndimage

from ..pictures import Picture
from . import Forensic

# The picture is scaled to this: forty thousand blocks at a step of two.
_EDGE: Final = 512
_BLOCK: Final = 16
_STEP: Final = 2

# Copies nearer than this are the texture of a surface.
_NEAREST: Final = 40

# A block flatter than this looks like every other flat block.
_FLAT: Final = 6.0


class CopyMove(Forensic):
    """The number of block pairs that share the most frequent shift, on a logarithmic scale."""

    name_: ClassVar[str] = "copy-move"
    sentence: ClassVar[str] = "forensics.copy_move"

    def statistic(self, picture: Picture) -> float:
        """Larger for a larger copied part."""
        _, pairs, _ = self._pairs(picture)
        return float(np.log1p(len(pairs)))

    def heat_map(self, picture: Picture) -> NDArray[np.float64] | None:
        """The blocks that have a copy."""
        shape, pairs, places = self._pairs(picture)
        found = np.zeros(shape)
        for first, second in pairs:
            for row, column in (places[first], places[second]):
                found[row : row + _BLOCK, column : column + _BLOCK] = 1
        return found

    @staticmethod
    def _pairs(
        picture: Picture,
    ) -> tuple[tuple[int, int], NDArray[np.int64], NDArray[np.int64]]:
        image = Image.fromarray(picture.pixels).convert("L")
        if max(image.size) > _EDGE:
            factor = _EDGE / max(image.size)
            image = image.resize((max(1, round(image.width * factor)), max(1, round(image.height * factor))))
        grey = np.asarray(image, np.float32)
        shape = (grey.shape[0], grey.shape[1])
        none = np.zeros((0, 2), np.int64)
        if min(shape) < 2 * _BLOCK:
            return shape, none, none
        windows = np.lib.stride_tricks.sliding_window_view(grey, (_BLOCK, _BLOCK))[::_STEP, ::_STEP]
        rows, columns = np.nonzero(windows.std(axis=(2, 3)) > _FLAT)
        if rows.size < 2:
            return shape, none, none
        low = fft.dctn(windows[rows, columns], axes=(1, 2), norm="ortho")[:, :4, :4].reshape(-1, 16)[:, 1:10]
        places = np.stack([rows, columns], axis=1).astype(np.int64) * _STEP
        order = np.lexsort(np.rint(low / 12).T)
        return shape, _most_frequent_shift(low, places, order), places


def _most_frequent_shift(
    low: NDArray[np.float32], places: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The pairs of similar blocks that share the shift which most pairs share."""
    pairs = np.concatenate([np.stack([order[:-lag], order[lag:]], axis=1) for lag in (1, 2, 3, 4) if order.size > lag])
    shift = places[pairs[:, 1]] - places[pairs[:, 0]]
    alike = (np.abs(low[pairs[:, 0]] - low[pairs[:, 1]]).max(axis=1) < 10) & (np.abs(shift).sum(axis=1) > _NEAREST)
    pairs, shift = pairs[alike], shift[alike]
    if not len(pairs):
        return np.zeros((0, 2), np.int64)
    shift = np.where((shift[:, :1] < 0) | ((shift[:, :1] == 0) & (shift[:, 1:] < 0)), -shift, shift)
    counts = np.zeros((1024, 2048), np.int32)
    np.add.at(counts, (shift[:, 0], shift[:, 1] + 1024), 1)
    row, column = np.unravel_index(int(ndimage.uniform_filter(counts, 3).argmax()), counts.shape)
    near = (np.abs(shift[:, 0] - row) <= 1) & (np.abs(shift[:, 1] + 1024 - column) <= 1)
    return np.asarray(pairs[near], np.int64)
