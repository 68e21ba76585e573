"""Containers: where each file format keeps XMP, EXIF, IPTC and text. One module a format.

A mark counts only in its proper place: bytes after the end of an image, or a PNG chunk inside a JPEG comment, are no
declaration. The walkers read headers and skip content, so their cost does not grow with the file.
"""

from collections.abc import Callable
from typing import Final

from ...asset import OpenAsset
from .blocks import Blocks, Trailing
from .iso_media import read_iso_media
from .jpeg import read_jpeg
from .png import read_png
from .riff import read_webp
from .tiff import read_tiff

__all__ = ["READERS", "Blocks", "Trailing", "read_blocks"]

READERS: Final[dict[str, Callable[[OpenAsset], Blocks]]] = {
    "image/jpeg": read_jpeg,
    "image/png": read_png,
    "image/webp": read_webp,
    "image/tiff": read_tiff,
    "image/avif": read_iso_media,
    "image/heic": read_iso_media,
    "image/heif": read_iso_media,
    "image/jxl": read_iso_media,
    "video/mp4": read_iso_media,
    "video/quicktime": read_iso_media,
    "audio/mp4": read_iso_media,
}


def read_blocks(asset: OpenAsset) -> Blocks | None:
    """The asset's metadata blocks, or None where this type's metadata is not read. Never raises for a damaged file."""
    reader = READERS.get(asset.media_type)
    return reader(asset) if reader else None
