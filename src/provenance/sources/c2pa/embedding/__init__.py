"""Where a manifest store lies in each kind of asset, and which bytes are there for it alone. C2PA 2.4, annex A.

Each container is walked strictly: a second store, foreign data between the pieces of one, or anything else in a place
that is the manifest's makes the record unreadable, for two readers could take different bytes for it.
"""

from collections.abc import Callable
from typing import Final

from ....asset import OpenAsset
from ....format_table import TEXTS, Family, family_of
from . import archive, flac, font, gif, id3, iso_media, jpeg, ogg, pdf, png, riff, svg, text, tiff
from .place import Embedding, Range

__all__ = ["Embedding", "Range", "embedding_in", "is_walked"]

_WALKERS: Final[dict[Family, Callable[[OpenAsset], Embedding | None]]] = {
    Family.JPEG: jpeg.find,
    Family.PNG: png.find,
    Family.GIF: gif.find,
    Family.WEBP: riff.find,
    Family.WAV: riff.find,
    Family.AVI: riff.find,
    Family.TIFF: tiff.find,
    Family.SVG: svg.find,
    Family.MP3: id3.find,
    Family.FLAC: flac.find,
    Family.OGG: ogg.find,
    Family.PDF: pdf.find,
    Family.FONT: font.find,
    Family.ZIP: archive.find,
    **dict.fromkeys((Family.AVIF, Family.HEIC, Family.JPEG_XL, Family.MOVIE, Family.SEGMENT), iso_media.find),
    **dict.fromkeys(TEXTS, text.find),
}


def embedding_in(asset: OpenAsset) -> Embedding | None:
    """The manifest store in this asset, and where it lies; None where there is none.

    Raises `StoreError` where it is not beyond doubt which bytes are the store.
    """
    walker = _WALKERS.get(asset.family) if asset.family else None
    return walker(asset) if walker else None


def is_walked(media_type: str) -> bool:
    """Whether this kind of asset is looked into here."""
    return family_of(media_type) in _WALKERS
