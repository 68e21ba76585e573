"""What a detector of photographs should not be asked about: too small, too hard compressed, or no photograph at all."""

from typing import Final

import numpy as np
from PIL import Image

from provenance.sentences import Message, say

from . import limits
from .card import Preparation
from .pictures import Picture, Pixels

# Counted on photographs and screenshots of the training split: the recipe prints these shares anew.
_FLAT_SHARE: Final = 0.55
_FEW_COLOURS: Final = 0.06

# The edge of the small picture on which the shares are counted.
_EDGE: Final = 256


def reasons_not_to_judge(picture: Picture, preparation: Preparation) -> tuple[Message, ...]:
    """Why a detector should say nothing about this picture; empty where it may."""
    reasons = []
    short, long = sorted((picture.width, picture.height))
    if short < preparation.min_side:
        reasons.append(say("detector.abstain.small", side=short, least=preparation.min_side))
    if preparation.crop is not None and long > limits.MAX_ASPECT * short:
        reasons.append(say("detector.abstain.aspect"))
    quality = picture.jpeg_quality
    if quality is not None and quality < preparation.min_jpeg_quality:
        reasons.append(say("detector.abstain.compressed", quality=quality, least=preparation.min_jpeg_quality))
    if preparation.photographs_only and not reasons and is_graphic(picture.pixels):
        reasons.append(say("detector.abstain.no_photograph"))
    return tuple(reasons)


def is_graphic(pixels: Pixels) -> bool:
    """Whether most of a picture is flat areas or few colours: a screenshot, a diagram, a page of text."""
    return is_graphic_by(*graphic_shares(pixels))


def is_graphic_by(flat: float, colours: float) -> bool:
    """The same by the two shares of `graphic_shares`."""
    return flat > _FLAT_SHARE or colours < _FEW_COLOURS


def graphic_shares(pixels: Pixels) -> tuple[float, float]:
    """The share of pixels that equal their neighbours, and of different colours (of five bits a channel)."""
    image = Image.fromarray(pixels)
    factor = _EDGE / max(image.size)
    if factor < 1:
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        image = image.resize(size, Image.Resampling.NEAREST)
    values = np.asarray(image, np.int16)
    if min(values.shape[:2]) < 2:
        return 1.0, 0.0
    across = np.abs(values[:, 1:] - values[:, :-1]).max(axis=2)[:-1]
    down = np.abs(values[1:] - values[:-1]).max(axis=2)[:, :-1]
    flat = float(((across <= 1) & (down <= 1)).mean())
    five = (values >> 3).astype(np.int32)
    codes = (five[..., 0] << 10) | (five[..., 1] << 5) | five[..., 2]
    return flat, np.unique(codes).size / min(codes.size, 32768)
