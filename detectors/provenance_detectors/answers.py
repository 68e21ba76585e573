"""Detectors asked directly, beside the report: all answers about one asset, heat maps, and sentences of a text."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from provenance.asset import OpenAsset
from provenance.sentences import Message

from . import limits
from .answer import Answer
from .card import DEFAULT_MAX_FPR
from .detector import Detector, Explaining
from .errors import DetectorError
from .judgement import judge_picture, judge_text, probability
from .media import judge_recording, judge_video
from .modality import Modality, modality_of
from .pictures import Picture, decode, scaled_to
from .text.reading import read_text
from .text.sentences import sentences_of

# Windows of a heat map along the short side; each costs one call of the detector.
_WINDOWS = 5


def answers_about(asset: OpenAsset, detectors: Sequence[Detector], *, max_fpr: float = DEFAULT_MAX_FPR) -> list[Answer]:
    """What each of the detectors that look at this kind of file says of it."""
    kind = modality_of(asset)
    answers = []
    for detector in detectors:
        modality = detector.card.modality
        if modality == "image" and kind is Modality.IMAGE:
            answers.append(judge_picture(detector, _content(asset, limits.MAX_PICTURE_FILE), max_fpr=max_fpr))
        elif modality == "image" and kind is Modality.VIDEO:
            answers.append(judge_video(detector, asset, max_fpr=max_fpr))
        elif modality == "text" and kind is Modality.TEXT:
            content = _content(asset, limits.MAX_TEXT_FILE)
            answers.append(judge_text(detector, content, max_fpr=max_fpr, media_type=asset.media_type))
        elif modality == "audio" and kind is Modality.AUDIO:
            answers.append(judge_recording(detector, asset, max_fpr=max_fpr))
    return answers


def draw_heat_map(asset: OpenAsset, detectors: Sequence[Detector]) -> bytes:
    """The picture with the places that speak for the first detector's answer, as PNG.

    A detector that knows where is asked; of any other, windows of the picture are scored one by one.

    Raises `DetectorError` where there is nothing to draw.
    """
    picture = decode(_content(asset, limits.MAX_PICTURE_FILE))
    asked = [detector for detector in detectors if detector.card.modality == "image"]
    if isinstance(picture, Message) or not asked:
        raise DetectorError(f"{asset.name}: there is no picture, or no detector for one")
    detector = asked[0]
    places = detector.heat_map(picture) if isinstance(detector, Explaining) else windows_scored(detector, picture)
    if places is None:
        raise DetectorError(f"{detector.name} does not know where, only whether")
    return _overlaid(picture, places)


def windows_scored(detector: Detector, picture: Picture) -> NDArray[np.float64]:
    """How far overlapping square windows stand above the detector's threshold, of shape (rows, columns), from 0 to 1.

    A window below it has no colour: a map of a picture that does not point to AI is not to look as if it did.
    """
    preparation = detector.card.preparation
    crop = preparation.crop or 320
    larger = preparation.model_copy(update={"short_side": 2 * crop})
    image = scaled_to(larger, picture.pixels)
    tops, lefts = (np.linspace(0, side - crop, _WINDOWS).astype(int) for side in (image.height, image.width))
    scores = np.zeros((_WINDOWS, _WINDOWS))
    for row, top in enumerate(tops):
        windows = [
            Picture(np.asarray(image.crop((left, top, left + crop, top + crop))), crop, crop, "") for left in lefts
        ]
        scores[row] = detector.score(windows)
    shares = [probability(detector.card, value) for value in scores.ravel()]
    found = np.array([0.5 if share is None else share for share in shares]).reshape(scores.shape)
    point = detector.card.operating_point()
    floor = probability(detector.card, point.threshold) if point is not None else None
    return found if floor is None or floor >= 1 else np.clip((found - floor) / (1 - floor), 0, 1)


def sentence_scores(asset: OpenAsset, detectors: Sequence[Detector]) -> list[tuple[str, float]]:
    """Each sentence of a text with its estimated probability, for highlighting; each is a weak estimate by itself."""
    asked = [detector for detector in detectors if detector.card.modality == "text"]
    text = read_text(_content(asset, limits.MAX_TEXT_FILE), asset.media_type) if asked else None
    if text is None or isinstance(text, Message):
        return []
    return score_sentences(asked[0], text.plain)


def score_sentences(detector: Detector, text: str) -> list[tuple[str, float]]:
    """The sentences of a text with the estimated probability of each and its neighbours."""
    sentences = sentences_of(text)[: limits.MAX_SENTENCES]
    if not sentences:
        return []
    # One sentence is too little to go by: it is judged with the one before and the one after.
    windows = [" ".join(sentences[max(0, at - 1) : at + 2]) for at in range(len(sentences))]
    scores = detector.score(windows)
    shares = [probability(detector.card, score) if np.isfinite(score) else None for score in scores]
    return [(sentence, 0.5 if share is None else share) for sentence, share in zip(sentences, shares, strict=True)]


def _overlaid(picture: Picture, places: NDArray[np.float64]) -> bytes:
    """Yellow to red over the picture in grey, stronger where the value is higher."""
    ground = Image.fromarray(picture.pixels)
    ground.thumbnail((1200, 1200))
    heat = Image.fromarray((np.clip(places, 0, 1) * 255).astype(np.uint8)).resize(ground.size, Image.Resampling.BICUBIC)
    strength = np.asarray(heat, np.float32)[..., None] / 255
    grey = np.repeat(np.asarray(ground.convert("L"), np.float32)[..., None], 3, axis=2)
    colour = np.concatenate([np.full_like(strength, 255), 210 * (1 - strength), np.zeros_like(strength)], axis=2)
    mixed = grey * (1 - 0.65 * strength) + colour * 0.65 * strength
    buffer = io.BytesIO()
    Image.fromarray(mixed.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def _content(asset: OpenAsset, most: int) -> bytes:
    if asset.size > most:
        raise DetectorError(f"{asset.name}: larger than {most} bytes")
    return bytes(asset.content())
