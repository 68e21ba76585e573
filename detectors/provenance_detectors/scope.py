"""What a detector of photographs should not be asked about: too small, too hard compressed, or no photograph at all."""

from typing import Final

import numpy as np
from PIL import Image

from provenance.sentences import Message, say

from . import limits
from .card import Preparation
from .pictures import Picture, Pixels

# Of the pictures in the training manifest 96 % of screenshots are above this, and 2 % of photographs.
FLAT_SHARE: Final = 0.62

# The edge of the small picture on which the shares are counted.
_EDGE: Final = 256


def reasons_not_to_score(picture: Picture, preparation: Preparation) -> tuple[Message, ...]:
    """Why a detector cannot even be asked about this picture; empty where it can."""
    reasons = []
    short, long = sorted((picture.width, picture.height))
    if short < preparation.min_side:
        reasons.append(say("detector.abstain.small", side=short, least=preparation.min_side))
    if preparation.crop is not None and long > limits.MAX_ASPECT * short:
        reasons.append(say("detector.abstain.aspect"))
    return tuple(reasons)


def reasons_not_to_decide(picture: Picture, preparation: Preparation) -> tuple[Message, ...]:
    """Why the score of this picture should not become a decision: its kind was not measured."""
    reasons = []
    quality = picture.jpeg_quality
    if quality is not None and quality < preparation.min_jpeg_quality:
        reasons.append(say("detector.abstain.compressed", quality=quality, least=preparation.min_jpeg_quality))
    if preparation.photographs_only and is_graphic(picture.pixels):
        reasons.append(say("detector.abstain.no_photograph"))
    return tuple(reasons)


def is_graphic(pixels: Pixels) -> bool:
    """Whether most of a picture is flat areas: a screenshot, a diagram, a page of text."""
    return flat_share(pixels) > FLAT_SHARE


def flat_share(pixels: Pixels) -> float:
    """The share of pixels that equal their neighbours to the right and below, at a small size."""
    image = Image.fromarray(pixels)
    factor = _EDGE / max(image.size)
    if factor < 1:
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        image = image.resize(size, Image.Resampling.NEAREST)
    values = np.asarray(image, np.int16)
    if min(values.shape[:2]) < 2:
        return 1.0
    across = np.abs(values[:, 1:] - values[:, :-1]).max(axis=2)[:-1]
    down = np.abs(values[1:] - values[:-1]).max(axis=2)[:, :-1]
    return float(((across <= 1) & (down <= 1)).mean())
