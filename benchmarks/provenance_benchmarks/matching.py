"""Format matching: all items of a suite in one form, so that no detector can go by the file instead of its content.

Real photographs come as small JPEGs and generated ones as large PNGs; human texts have curly quotation marks and
machine texts none. A picture is scaled to the short side that the card says, cut to its middle square, brought through
JPEG once, and handed out as PNG without compression: every file has the same size. A text gets plain quotation marks
and single spaces, and its first 700 characters are handed out.
"""

import io
import re
import unicodedata
from typing import Final

from PIL import Image

from provenance.sentences import Message
from provenance_detectors.card import Preparation
from provenance_detectors.pictures import cut_to, decode, scaled_to

JPEG_QUALITY: Final = 88
CHARACTERS: Final = 700

_SPACES: Final = re.compile(r"\s+")
_PLAIN: Final = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "–": "-", "—": "-", "…": "..."}
)


class UnmatchableError(ValueError):
    """An item that cannot be brought to the form of the others: unreadable, or too short."""


def matched_picture(data: bytes, side: int) -> Image.Image:
    """The picture in the form of all others: `side` x `side` pixels, RGB. Raises `UnmatchableError`."""
    picture = decode(data)
    if isinstance(picture, Message):
        raise UnmatchableError(f"not readable as a picture ({picture.key})")
    preparation = Preparation(short_side=side, crop=side, jpeg_quality=JPEG_QUALITY)
    return Image.fromarray(cut_to(preparation, scaled_to(preparation, picture.pixels)))


def as_png(image: Image.Image) -> bytes:
    """A picture as a file whose size follows from its number of pixels alone."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


def matched_text(text: str) -> str:
    """The text in the form of all others: at most 700 characters, cut between words. Raises `UnmatchableError`."""
    plain = unicodedata.normalize("NFC", _SPACES.sub(" ", text.translate(_PLAIN))).strip()
    if len(plain) < CHARACTERS:
        raise UnmatchableError(f"{len(plain)} characters, fewer than the {CHARACTERS} that are compared")
    cut = plain[: CHARACTERS + 1].rpartition(" ")[0]
    return cut or plain[:CHARACTERS]
