"""Pictures as detectors get them: decoded within limits, upright, in RGB, and brought to one shape."""

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from provenance.pixels import on_white
from provenance.sentences import Message, say

from . import limits
from .card import Preparation

Pixels = NDArray[np.uint8]

# ITU-R BT.601: what red, green and blue add to the luminance.
GREY: Final = np.array([0.299, 0.587, 0.114], np.float32)

# ITU-T T.81, Annex K, table K.1: what quality 50 is for nearly all encoders.
_LUMINANCE_50: Final = np.array(
    [16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
     51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120,
     101, 72, 92, 95, 98, 112, 100, 103, 99], np.int64,
)  # fmt: skip

_JPEG_MARKER: Final = re.compile(rb"\xff[^\x00\xff]")
_START_OF_SCAN: Final = b"\xff\xda"

# Markers behind which Pillow expects no length.
_JPEG_WITHOUT_CONTENT: Final = frozenset(
    bytes([0xFF, number]) for number in (0xC8, *range(0xD0, 0xDA), *range(0xF0, 0xFE))
)

# More frames than one, or more depth than eight bits, is a fact that the answer should mention.
_DEEP_MODES: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")


@dataclass(frozen=True)
class Picture:
    """A decoded picture: `pixels` of shape (height, width, 3), upright; what its file was; the file's bytes.

    `scale` is the share of the file's own size at which it was decoded.
    """

    pixels: Pixels
    width: int
    height: int
    format: str
    scale: float = 1.0
    tables: tuple[tuple[int, ...], ...] = ()
    data: bytes = b""
    frames: int = 1

    @property
    def jpeg_quality(self) -> int | None:
        """The quality, 1 to 100, that its luminance table is nearest to; none where it is no JPEG."""
        return quality_of(self.tables[0]) if self.tables else None


def quality_of(table: Sequence[int]) -> int:
    """The quality setting (of the Independent JPEG Group's scale) whose luminance table is nearest to this one."""
    values = np.sort(np.asarray(table, float))
    distances = [float(np.abs(np.sort(standard_table(quality)) - values).sum()) for quality in range(1, 101)]
    return 1 + int(np.argmin(distances))


@cache
def standard_table(quality: int) -> NDArray[np.int64]:
    """The luminance table that libjpeg makes for a quality from 1 to 100, row by row."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((_LUMINANCE_50 * scale + 50) // 100, 1, 255)


def decode(data: bytes) -> Picture | Message:
    """The picture in a file's bytes, or the sentence that says why it cannot be judged. Never raises for bad input."""
    if len(data) > limits.MAX_PICTURE_FILE:
        return say("detector.refused.file_size", size=len(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode(data)
    except _RefusedError as refused:
        return refused.reason
    except Image.DecompressionBombError:
        return say("detector.refused.pixels")
    except Exception:  # a damaged picture makes Pillow and its codecs raise nearly anything
        return say("detector.refused.unreadable")


class _RefusedError(Exception):
    def __init__(self, reason: Message) -> None:
        self.reason = reason


def _decode(data: bytes) -> Picture:
    if _segments_of_jpeg(data) > limits.MAX_JPEG_SEGMENTS:
        raise _RefusedError(say("detector.refused.unreadable"))
    # Pillow's own limit is lifted for this file only by looking at the size before anything is decoded.
    with _opened(data) as image:
        width, height, format_ = *image.size, image.format or ""
        if min(width, height) < limits.MIN_PICTURE_SIDE:
            raise _RefusedError(say("detector.refused.small", side=min(width, height), least=limits.MIN_PICTURE_SIDE))
        if width * height > limits.MAX_DECODED_PIXELS:
            _reduce(image)
        if image.size[0] * image.size[1] > limits.MAX_DECODED_PIXELS:
            raise _RefusedError(say("detector.refused.pixels"))
        tables = tuple(tuple(table) for table in getattr(image, "quantization", {}).values())
        frames = int(getattr(image, "n_frames", 1))
        scale = image.size[0] / width
        upright = ImageOps.exif_transpose(_eight_bit(image))
        pixels = np.asarray(on_white(upright).convert("RGB"))
    turned = (pixels.shape[1] > pixels.shape[0]) != (width > height)
    width, height = (height, width) if turned else (width, height)
    return Picture(pixels, width, height, format_, scale, tables, data, frames)


def _segments_of_jpeg(data: bytes) -> int:
    """How many segments a JPEG has before its picture, counted no further than the limit; 0 for other formats.

    Fill bytes and junk between segments count one by one: Pillow reads them so.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        return 0
    at, count = 2, 0
    while count <= limits.MAX_JPEG_SEGMENTS:
        marker = _JPEG_MARKER.search(data, at)
        if marker is None:
            return count + len(data) - at
        count += 1 + marker.start() - at
        at = marker.end()
        if marker[0] == _START_OF_SCAN:
            break
        if marker[0] not in _JPEG_WITHOUT_CONTENT:
            at += int.from_bytes(data[at : at + 2])
    return count


def _opened(data: bytes) -> Image.Image:
    previous, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        return Image.open(_Rationed(data))
    finally:
        Image.MAX_IMAGE_PIXELS = previous


class _Rationed(io.BytesIO):
    """A file's bytes with a limit to the number of reads: Pillow reads some formats in pieces as small as they are."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._left = limits.MAX_READS + len(data) // limits.BYTES_PER_READ

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise OSError("more pieces than any real picture has")
        return super().read(size)


def _reduce(image: Image.Image) -> None:
    """Has a JPEG decoded at a half, a quarter or an eighth of its size; other formats cannot be."""
    width, height = image.size
    for scale in (2, 4, 8):
        if width * height <= limits.MAX_DECODED_PIXELS * scale**2:
            image.draft("RGB", (width // scale, height // scale))
            return


def _eight_bit(image: Image.Image) -> Image.Image:
    """A picture of sixteen bits a channel, brought to eight by its own range."""
    if image.mode not in _DEEP_MODES:
        return image
    values = np.asarray(image, np.float64)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if image.mode.startswith("I;16") or (low >= 0 and high > 255):
        low, high = 0.0, max(high, 65535.0) if high > 255 else max(high, 1.0)
    spread = (high - low) or 1.0
    shallow = Image.fromarray(np.clip((values - low) / spread * 255, 0, 255).astype(np.uint8))
    shallow.getexif().update(image.getexif())
    return shallow


def tiles(channel: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """A channel cut into squares, of shape (rows, columns, side, side); what is left over at the edges is dropped."""
    rows, columns = (length // side for length in channel.shape)
    cut = np.asarray(channel[: rows * side, : columns * side])
    return cut.reshape(rows, side, columns, side).transpose(0, 2, 1, 3)


def scaled_to(preparation: Preparation, pixels: Pixels) -> Image.Image:
    """The whole picture at the size that a card asks for.

    A short side between `crop` and `short_side` stays as it is; a smaller one is scaled up to `crop`.
    """
    image = Image.fromarray(pixels)
    if preparation.short_side is None or preparation.crop is None:
        return image
    short, least = min(image.size), preparation.crop
    if least <= short <= preparation.short_side:
        return image
    factor = (preparation.short_side if short > preparation.short_side else least) / short
    if factor < 0.2:  # by whole pixels first: a large photograph takes a tenth of the time
        image = image.reduce(int(0.5 / factor))
        factor = preparation.short_side / min(image.size)
    size = (max(least, round(image.width * factor)), max(least, round(image.height * factor)))
    # Hamming's filter: as sharp as a bicubic one, at the cost of a linear one.
    return image.resize(size, Image.Resampling.HAMMING)


def cut_to(preparation: Preparation, image: Image.Image) -> Pixels:
    """The middle of a scaled picture, once through JPEG, so that the format of its file says nothing."""
    if preparation.crop is not None:
        left, top = ((side - preparation.crop) // 2 for side in image.size)
        image = image.crop((left, top, left + preparation.crop, top + preparation.crop))
    if preparation.jpeg_quality is not None:
        image = encoded(image, "JPEG", preparation.jpeg_quality)
    return np.asarray(image)


def encoded(image: Image.Image, format_: str, quality: int) -> Image.Image:
    """The picture as it comes out of one encoding."""
    buffer = io.BytesIO()
    image.save(buffer, format_, quality=quality, **({"method": 0} if format_ == "WEBP" else {}))
    return Image.open(buffer).convert("RGB")
