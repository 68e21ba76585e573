"""What the floor goes by in pictures: how neighbouring pixels follow from each other.

Co-occurrences of quantised noise residuals (Fridrich and Kodovský, "Rich models for steganalysis of digital images",
2012), spectra (Durall et al., 2020; Corvi et al., 2023), statistics of 8 x 8 DCT coefficients, and global statistics
of colour and contrast. All are numbers about a picture of 320 x 320 pixels; none is about its file.
"""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from provenance_detectors.pictures import GREY, Pixels, tiles

Values = NDArray[np.float32]

# Residuals are cut to -2 .. 2 steps: five levels, three pixels in a row.
_CUT: Final = 2
_LEVELS: Final = 2 * _CUT + 1
_ORDER: Final = 3

# Steps of quantisation: fine for flat areas, coarse for texture; the chroma of a JPEG is smooth.
_LUMA_STEPS: Final = (1.0, 2.0, 4.0)
_CHROMA_STEP: Final = 0.5

_RINGS: Final = 48
_SECTORS: Final = 8


def features_of(pixels: Pixels) -> Values:
    """The features of one prepared picture of shape (height, width, 3): a vector of float32, of fixed length."""
    rgb = pixels.astype(np.float32)
    luma = rgb @ GREY
    blue, red = (rgb[..., 2] - luma) * np.float32(0.564), (rgb[..., 0] - luma) * np.float32(0.713)
    residuals = [_residuals(channel) for channel in (luma, blue, red)]
    parts = [
        _co_occurrences(residuals[0], _LUMA_STEPS),
        *(_co_occurrences(residual, (_CHROMA_STEP,)) for residual in residuals[1:]),
    ]
    parts.append(_between_colours(rgb))
    for channel in (luma, blue, red):
        parts.append(_spectrum(channel))
    parts += [_block_statistics(luma), _global_statistics(rgb, luma, blue, red, residuals[0][4])]
    return np.concatenate(parts, dtype=np.float32)


def _residuals(channel: Values) -> tuple[Values, ...]:
    """First and second differences across and down, and the second difference in both directions (KV kernel)."""
    across, down = channel[:, 1:] - channel[:, :-1], channel[1:] - channel[:-1]
    second_across, second_down = across[:, 1:] - across[:, :-1], down[1:] - down[:-1]
    both = (second_across[2:] - 2 * second_across[1:-1] + second_across[:-2]) / 4
    return across, down, second_across, second_down, both


def _co_occurrences(residuals: tuple[Values, ...], steps: tuple[float, ...]) -> Values:
    across, down, second_across, second_down, both = residuals
    parts = []
    for step in steps:
        for horizontal, vertical in ((across, down), (second_across, second_down)):
            first, second = _quantised(horizontal, step), _quantised(vertical, step)
            parts.append(_triples(first, 1) + _triples(second, 0))
            parts.append(_triples(first, 0) + _triples(second, 1))
        square = _quantised(both, step)
        parts.append(_triples(square, 1) + _triples(square, 0))
    folded = [np.bincount(_symmetry()[0], weights=part / part.sum(), minlength=_symmetry()[1]) for part in parts]
    return np.sqrt(np.concatenate(folded)).astype(np.float32)


def _quantised(residual: Values, step: float) -> NDArray[np.uint8]:
    levels = np.rint(residual * np.float32(1 / step))
    np.clip(levels, -_CUT, _CUT, out=levels)
    return np.asarray(levels + _CUT, np.uint8)


def _triples(levels: NDArray[np.uint8], axis: int) -> NDArray[np.int64]:
    """How often each triple of neighbouring levels occurs; 125 fit into a byte."""
    first, second, third = (
        (levels[:, :-2], levels[:, 1:-1], levels[:, 2:]) if axis else (levels[:-2], levels[1:-1], levels[2:])
    )
    return np.bincount((first * 25 + second * 5 + third).ravel(), minlength=_LEVELS**_ORDER)


@cache
def _symmetry() -> tuple[NDArray[np.int64], int]:
    """For each triple the class of those that are the same picture mirrored or in negative, and how many there are."""
    numbers = np.arange(_LEVELS**_ORDER)
    digits = np.stack([numbers // _LEVELS**place % _LEVELS for place in range(_ORDER)], axis=1)
    weights = _LEVELS ** np.arange(_ORDER)
    mirrored, negative = digits[:, ::-1], _LEVELS - 1 - digits
    smallest = np.minimum.reduce([histogram @ weights for histogram in (digits, mirrored, negative, negative[:, ::-1])])
    classes, index = np.unique(smallest, return_inverse=True)
    return index, len(classes)


def _between_colours(rgb: Values) -> Values:
    """How the fine detail of red, green and blue goes together."""
    detail = [_residuals(rgb[..., channel])[4] for channel in range(3)]
    levels = [np.clip(np.rint(residual), -3, 3).astype(np.int16) + 3 for residual in detail]
    counts = [np.bincount((levels[i] * 7 + levels[j]).ravel(), minlength=49) for i, j in ((0, 1), (1, 2), (0, 2))]
    shares = np.concatenate([histogram / histogram.sum() for histogram in counts])
    return np.asarray(np.sqrt(shares), np.float32)


@cache
def _rings(height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Values]:
    """For each frequency its ring and its sector (high frequencies only; else the last), and the window."""
    down, across = np.abs(fft.fftfreq(height))[:, None], fft.rfftfreq(width)[None]
    radius = np.hypot(down, across)
    ring = np.minimum((radius / 0.7072 * _RINGS).astype(np.int64), _RINGS - 1)
    sector = np.minimum((np.arctan2(down, across + 1e-9) / (np.pi / 2) * _SECTORS).astype(np.int64), _SECTORS - 1)
    sector[radius <= 0.25] = _SECTORS
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    return ring.ravel(), sector.ravel(), window


def _spectrum(channel: Values) -> Values:
    """The mean logarithm of the amplitude in rings, and in sectors of the high frequencies."""
    ring, sector, window = _rings(*channel.shape)
    amplitude = np.log1p(np.abs(fft.rfft2((channel - channel.mean()) * window))).ravel()
    rings = np.bincount(ring, amplitude, _RINGS) / np.maximum(np.bincount(ring, minlength=_RINGS), 1)
    sectors = np.bincount(sector, amplitude, _SECTORS + 1)[:-1] / np.bincount(sector, minlength=_SECTORS + 1)[:-1]
    return np.concatenate([rings, sectors]).astype(np.float32)


def _block_statistics(luma: Values) -> Values:
    """Of each frequency of the 8 x 8 DCT: its mean magnitude and its kurtosis, as logarithms."""
    coefficients = fft.dctn(tiles(luma, 8) - 128, axes=(2, 3), norm="ortho").reshape(-1, 64)[:, 1:]
    squares = coefficients**2
    magnitude = np.log(np.abs(coefficients).mean(axis=0) + 0.1)
    kurtosis = np.log((squares**2).mean(axis=0) / (squares.mean(axis=0) ** 2 + 1e-3) + 1e-3)
    return np.concatenate([magnitude, kurtosis]).astype(np.float32)


def _global_statistics(rgb: Values, luma: Values, blue: Values, red: Values, detail: Values) -> Values:
    """Histograms of saturation and brightness, contrast of blocks, and detail by brightness."""
    # Of three values at a time: NumPy's reductions over so short an axis take ten times as long.
    channels = [np.ascontiguousarray(rgb[..., channel]) for channel in range(3)]
    brightest = np.maximum(np.maximum(channels[0], channels[1]), channels[2])
    darkest = np.minimum(np.minimum(channels[0], channels[1]), channels[2])
    saturation = (brightest - darkest) / np.maximum(brightest, 1)
    parts: list[NDArray[Any]] = [
        np.histogram(saturation, 16, (0, 1))[0] / saturation.size,
        np.histogram(luma, 16, (0, 256))[0] / luma.size,
        np.percentile(_contrast(luma), [1, 5, 10, 25, 50, 75, 90, 95, 99]),
        np.percentile(_contrast(blue), [5, 25, 50, 75, 95]),
        np.percentile(_contrast(red), [5, 25, 50, 75, 95]),
    ]
    size = np.abs(detail)
    parts.append(np.log(np.append(np.percentile(size, [50, 90, 99]), size.mean()) + 0.05))
    brightness = (luma[1:-1, 1:-1] / 32).astype(np.int64).clip(0, 7).ravel()
    sums, counts = np.bincount(brightness, size.ravel(), 8), np.bincount(brightness, minlength=8)
    parts.append(np.log(sums / np.maximum(counts, 50) + 0.05))
    return np.concatenate(parts).astype(np.float32)


def _contrast(channel: Values) -> Values:
    contrast: Values = np.log(tiles(channel, 8).reshape(-1, 64).std(axis=1) + 0.3)
    return contrast
