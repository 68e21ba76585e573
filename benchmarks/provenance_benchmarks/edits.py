"""Everyday edits: what happens to a picture between its source and the person who asks about it.

Each takes a picture and gives a file. They are fixed: a changed edit gets a new name.
"""

import io
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from .errors import SuiteError

AS_IS: Final = "as-is"

Edit = Callable[[Image.Image], bytes]


def _file(image: Image.Image, format_: str = "JPEG", quality: int = 92) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, quality=quality)
    return buffer.getvalue()


def _through(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(_file(image, quality=quality))).convert("RGB")


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.BICUBIC)


def _cropped(image: Image.Image) -> bytes:
    across, down = image.width // 20, image.height // 20
    return _file(image.crop((across, down, image.width - across, image.height - down)))


def _screenshot(image: Image.Image) -> bytes:
    """Shown a little smaller in a window with a bar and margins, and captured without loss."""
    shown = _scaled(image, 0.9)
    window = Image.new("RGB", (shown.width + 48, shown.height + 72), (245, 245, 247))
    ImageDraw.Draw(window).rectangle((0, 0, window.width, 32), fill=(222, 222, 226))
    window.paste(shown, (24, 48))
    buffer = io.BytesIO()
    window.save(buffer, "PNG")
    return buffer.getvalue()


def _caption_bar(image: Image.Image) -> bytes:
    bar = max(24, image.height // 8)
    framed = Image.new("RGB", (image.width, image.height + bar), "white")
    framed.paste(image, (0, 0))
    font = ImageFont.load_default_imagefont()
    ImageDraw.Draw(framed).text((8, image.height + bar // 3), "When you see it ...", fill="black", font=font)
    return _file(framed)


def _messenger_chain(image: Image.Image) -> bytes:
    """Sent on three times: each messenger scales and compresses a little more."""
    for factor, quality in ((0.9, 80), (1.0, 75), (0.9, 70)):
        image = _through(_scaled(image, factor), quality)
    return _file(image, quality=70)


EDITS: Final[dict[str, Edit]] = {
    "jpeg-90": lambda image: _file(image, quality=90),
    "jpeg-70": lambda image: _file(image, quality=70),
    "jpeg-50": lambda image: _file(image, quality=50),
    "half-size": lambda image: _file(_scaled(image, 0.5)),
    "double-size": lambda image: _file(_scaled(image, 2)),
    "crop-10": _cropped,
    "screenshot": _screenshot,
    "webp-80": lambda image: _file(image, "WEBP", 80),
    "blur": lambda image: _file(image.filter(ImageFilter.GaussianBlur(1))),
    "colour": lambda image: _file(ImageEnhance.Color(ImageEnhance.Brightness(image).enhance(1.1)).enhance(1.3)),
    "caption-bar": _caption_bar,
    "messenger-chain": _messenger_chain,
    "mirror": lambda image: _file(ImageOps.mirror(image)),
}


def edited(name: str, image: Image.Image) -> bytes:
    """The file that an edit leaves of a picture. Raises `SuiteError` for an edit that there is not."""
    if name not in EDITS:
        raise SuiteError(f"no edit called {name}; there are: {', '.join(EDITS)}")
    return EDITS[name](image)
