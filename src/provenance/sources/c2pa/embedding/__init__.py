"""Where a manifest store lies in each kind of asset, and which bytes are there for it alone. C2PA 2.4, annex A.

Each container is walked strictly: a second store, foreign data between the pieces of one, or anything else in a place
that is the manifest's makes the record unreadable, for two readers could take different bytes for it.
"""

from collections.abc import Callable
from typing import Final

from ....asset import OpenAsset
from ....media_type import is_text
from . import archive, flac, font, gif, id3, iso_media, jpeg, ogg, pdf, png, riff, svg, text, tiff
from .place import Embedding, Range

__all__ = ["Embedding", "Range", "embedding_in", "is_walked"]

_ISO_MEDIA: Final = (
    *("image/avif", "image/heic", "image/heif", "image/jxl"),
    *("video/mp4", "video/quicktime", "audio/mp4", "video/iso.segment"),
)

_WALKERS: Final[dict[str, Callable[[OpenAsset], Embedding | None]]] = {
    "image/jpeg": jpeg.find,
    "image/png": png.find,
    "image/gif": gif.find,
    "image/webp": riff.find,
    "audio/wav": riff.find,
    "video/avi": riff.find,
    "image/tiff": tiff.find,
    "image/svg+xml": svg.find,
    "audio/mpeg": id3.find,
    "audio/flac": flac.find,
    "audio/ogg": ogg.find,
    "application/pdf": pdf.find,
    "font/ttf": font.find,
    "font/otf": font.find,
    **dict.fromkeys(_ISO_MEDIA, iso_media.find),
}


def embedding_in(asset: OpenAsset) -> Embedding | None:
    """The manifest store in this asset, and where it lies; None where there is none.

    Raises `StoreError` where it is not beyond doubt which bytes are the store.
    """
    walker = _walker(asset.media_type)
    return None if walker is None else walker(asset)


def is_walked(media_type: str) -> bool:
    """Whether this kind of asset is looked into here."""
    return _walker(media_type) is not None


def _walker(media_type: str) -> Callable[[OpenAsset], Embedding | None] | None:
    if media_type in _WALKERS:
        return _WALKERS[media_type]
    if is_text(media_type):
        return text.find
    return archive.find if archive.is_zip(media_type) else None
