"""Views: the same picture re-encoded and scaled, so that a decision does not hang on one encoding of it.

A view is named by what was done: `as-is`, `jpeg-70`, `webp-75`, `scale-0.8`, `mirror`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from PIL import Image

from .card import Preparation
from .errors import CardError
from .pictures import Pixels, cut_to, encoded, scaled_to

AS_IS: Final = "as-is"


def views_of(pixels: Pixels, names: Iterable[str], preparation: Preparation) -> Iterator[Pixels]:
    """The prepared picture in each of these views, each made when it is asked for.

    Raises `CardError` for a view that there is not.
    """
    scaled = scaled_to(preparation, pixels)  # before it is re-encoded: a large picture would only cost time
    for name in names:
        yield cut_to(preparation, _changed(name, scaled))


def _changed(name: str, image: Image.Image) -> Image.Image:
    kind, _, value = name.partition("-")
    try:
        if name == AS_IS:
            return image
        if kind in ("jpeg", "webp"):
            return encoded(image, kind.upper(), int(value))
        if kind == "scale":
            return _softened(image, float(value))
        if kind == "mirror":
            return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    except ValueError:
        pass
    raise CardError(f"{name}: there is no such view")


def _softened(image: Image.Image, factor: float) -> Image.Image:
    """Scaled down and back up: what a picture looks like that was small once."""
    small = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.BICUBIC)
    return small.resize(image.size, Image.Resampling.BICUBIC)
