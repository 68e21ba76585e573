"""Fingerprints of pictures: ISCC Image-Codes (ISO 24138) of the whole picture, and of views that a copy may show.

A code changes little when a picture is compressed, scaled, blurred or coloured, and entirely when it is mirrored,
cropped or framed. So several views of each picture are registered, and a copy only has to look like one of them.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import iscc_lib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from provenance.errors import AssetError
from provenance.files import read_small_file
from provenance.sentences import Message, say
from provenance_detectors.limits import MAX_PICTURE_FILE
from provenance_detectors.pictures import decode

# As the C2PA list of soft binding algorithms calls it.
ALGORITHM: Final = "io.iscc.v0"

# The longest code of the standard: of 64 bits, unrelated pictures share too many; IEP-0020 asks for 256 too.
BITS: Final = 256

# What crops cut away at the left, top, right and bottom, as shares of the width and height. A code stays within the
# threshold for some two percent more or less, so that these cover all crops of the kind up to their largest.
CROPS: Final = {
    **{f"cropped-{share}": (share / 200,) * 4 for share in (5, 10, 15, 20)},
    **{f"cut-left-{share}": (share / 100, 0.0, 0.0, 0.0) for share in (5, 10)},
    **{f"cut-top-{share}": (0.0, share / 100, 0.0, 0.0) for share in (5, 10)},
    **{f"cut-right-{share}": (0.0, 0.0, share / 100, 0.0) for share in (5, 10)},
    **{f"cut-bottom-{share}": (0.0, 0.0, 0.0, share / 100) for share in (5, 10)},
}

# A code is made from 32 x 32 pixels. Below this mean curvature of their grey levels (0 to 255) nothing is left in them
# but noise and shading: the code turns over with the next compression, and plain pictures share it.
MIN_STRUCTURE: Final = 2.5

# Views are taken from a copy of this longer side: bars are measured on it, and a large photograph costs no more.
_WORKING_SIDE: Final = 256

# A line belongs to a bar where so much of it is, within so many grey levels, of the colour of the bar's outer line.
# Between such lines may be others, such as a caption, over this share of the picture.
_BAR_SHARE: Final = 0.95
_BAR_TOLERANCE: Final = 6
_BAR_GAP: Final = 0.06

# A window has margins inside a frame below a title; and what is left of a picture is not a strip of it.
_BAR_ROUNDS: Final = 3
_LEAST_LEFT: Final = 0.25

# A binding that a stranger sends: units of 34 bytes each, of which a real one has a handful.
MAX_BINDING: Final = 1024

_SIDE: Final = 32
_Grey = NDArray[np.uint8]
_Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class View:
    """One way to see a picture: its name, and its code of 32 bytes."""

    name: str
    code: bytes


@dataclass(frozen=True)
class Fingerprint:
    """The code of a picture as the standard makes it, as text, and the views by which it is found."""

    iscc: str
    views: tuple[View, ...]

    @property
    def binding(self) -> bytes:
        """The value of a soft binding `io.iscc.v0`: the ISCC-UNIT as bytes, header and body (IEP-0020)."""
        text = self.iscc.removeprefix("ISCC:")
        return base64.b32decode(text + "=" * (-len(text) % 8))


def to_register(picture: Path | bytes) -> Fingerprint | Message:
    """The fingerprint by which copies of a picture will be found, or the sentence that says why there is none.

    `picture` is a file, or the bytes of one. Its views: the whole, without bars at its edges, crops, and all of these
    mirrored. Never raises for bad input.
    """
    return _fingerprint(picture, registering=True)


def to_ask(picture: Path | bytes) -> Fingerprint | Message:
    """The fingerprint by which the original of a picture is looked for, or the sentence that says why there is none.

    `picture` is a file, or the bytes of one. Its views: the whole, and without bars at its edges. Never raises for bad
    input.
    """
    return _fingerprint(picture, registering=False)


def of_binding(value: str) -> Fingerprint | None:
    """The fingerprint in the value of a soft binding `io.iscc.v0`; nothing where it holds no Image-Code of 256 bits.

    `value` is an ISCC as text, or the base64 of a sequence of ISCC-UNITs, as the Soft Binding Resolution API takes it.
    """
    text = value.strip()
    if len(text) > MAX_BINDING:
        return None
    try:
        if not text.upper().startswith("ISCC:"):
            plain = text.replace("-", "+").replace("_", "/").rstrip("=")
            units = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
            text = base64.b32encode(units).decode().rstrip("=")
        for unit in iscc_lib.iscc_decompose(text):
            kind, content, _, _, code = iscc_lib.iscc_decode(unit)
            if (kind, content, len(code)) == (iscc_lib.MT.CONTENT, iscc_lib.ST.IMAGE, BITS // 8):
                return Fingerprint(f"ISCC:{unit}", (View("binding", bytes(code)),))
    except (ValueError, binascii.Error):
        pass
    return None


def _fingerprint(picture: Path | bytes, *, registering: bool) -> Fingerprint | Message:
    try:
        data = picture if isinstance(picture, bytes) else read_small_file(picture, MAX_PICTURE_FILE)
    except AssetError:
        return say("detector.refused.unreadable")
    decoded = decode(data)
    if isinstance(decoded, Message):
        return decoded
    image = Image.fromarray(decoded.pixels)
    views = tuple(_views(image.convert("L"), registering=registering))
    if not views:
        return say("registry.flat")
    iscc = _iscc(_shrunk(_without_uniform_border(image).convert("L")))
    # The code of the standard is made of the whole picture, the views of a smaller copy: they differ by some bits.
    standard = (View("standard", bytes(iscc_lib.iscc_decode(iscc)[4])),) if registering else ()
    return Fingerprint(iscc, standard + views)


def _views(grey: Image.Image, *, registering: bool) -> Iterator[View]:
    """The views with enough structure for a code."""
    grey.thumbnail((_WORKING_SIDE, _WORKING_SIDE), Image.Resampling.BOX)
    for name, box in _boxes(grey, registering=registering):
        small = _shrunk(grey, box)
        if _structure(small) < MIN_STRUCTURE:
            continue
        yield View(name, _code(small))
        if registering:
            mirrored = "mirrored" if name == "whole" else f"{name}-mirrored"
            yield View(mirrored, _code(small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))


def _boxes(grey: Image.Image, *, registering: bool) -> Iterator[tuple[str, _Box]]:
    """The parts of a picture that are views, as (left, top, right, bottom) in pixels, each once."""
    width, height = grey.size
    yield "whole", (0, 0, width, height)
    yield from _trimmed(np.asarray(grey))
    if registering:
        for name, (left, top, right, bottom) in CROPS.items():
            yield name, (left * width, top * height, (1 - right) * width, (1 - bottom) * height)


def _trimmed(grey: _Grey) -> Iterator[tuple[str, _Box]]:
    """What is left without the bars at the top, at the bottom, at both, and then all around, one after another."""
    height, width = grey.shape
    left, top, right, bottom = _inside(grey)
    boxes = {
        "without-top": (0, top, width, height),
        "without-bottom": (0, 0, width, bottom),
        "without-bars": (0, top, width, bottom),
    }
    box = whole = (0, 0, width, height)
    for number in range(1, _BAR_ROUNDS + 1):
        left, top, right, bottom = _inside(grey[box[1] : box[3], box[0] : box[2]])
        if left >= right or top >= bottom:
            break
        box = (box[0] + left, box[1] + top, box[0] + right, box[1] + bottom)
        boxes[f"without-frame-{number}"] = box
    names = {box: name for name, box in reversed(boxes.items())}  # of equal boxes the first
    for (left, top, right, bottom), name in reversed(names.items()):
        is_strip = right - left < _LEAST_LEFT * width or bottom - top < _LEAST_LEFT * height
        if not is_strip and (left, top, right, bottom) != whole:
            yield name, (left, top, right, bottom)


def _inside(grey: _Grey) -> tuple[int, int, int, int]:
    """The box inside the bars at all four edges; empty where there is nothing else."""
    height, width = grey.shape
    return _bar(grey.T), _bar(grey), width - _bar(grey.T[::-1]), height - _bar(grey[::-1])


def _bar(lines: _Grey) -> int:
    """How many lines, from the first one on, are a bar of one colour, with or without writing on it."""
    colour = np.median(lines[0])
    of_one_colour = (np.abs(lines - colour) <= _BAR_TOLERANCE).mean(axis=1) >= _BAR_SHARE
    end, gap = 0, max(1, round(_BAR_GAP * len(lines)))
    for at in np.flatnonzero(of_one_colour):
        if at - end > gap:
            break
        end = int(at) + 1
    return end


def _without_uniform_border(image: Image.Image) -> Image.Image:
    """The picture without a border of exactly the colour of its first pixel, as ISCC asks before a code is made."""
    border = Image.new(image.mode, image.size, image.getpixel((0, 0)))
    box = ImageChops.difference(image, border).getbbox()
    return image if box is None else image.crop(box)


def _shrunk(grey: Image.Image, box: _Box | None = None) -> Image.Image:
    return grey.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC, box=box)


def _structure(small: Image.Image) -> float:
    """How much grey levels curve from pixel to pixel, on average: 0 for one colour and for an even shading."""
    levels = np.asarray(small, np.int16)
    middle = levels[1:-1, 1:-1]
    around = levels[1:-1, :-2] + levels[1:-1, 2:] + levels[:-2, 1:-1] + levels[2:, 1:-1]
    return float(np.abs(4 * middle - around).mean())


def _iscc(small: Image.Image) -> str:
    code: dict[str, Any] = iscc_lib.gen_image_code_v0(small.tobytes(), BITS)
    return str(code["iscc"])


def _code(small: Image.Image) -> bytes:
    return bytes(iscc_lib.iscc_decode(_iscc(small))[4])
