"""Containers: where each file format keeps XMP, EXIF, IPTC and text. One module a format.

A mark counts only in its proper place: bytes after the end of an image, or a PNG chunk inside a JPEG comment, are no
declaration. The walkers read headers and skip content, so their cost does not grow with the file.
"""

from collections.abc import Callable
from typing import Final

from ...asset import OpenAsset
from ...format_table import Family
from .blocks import Blocks, Trailing
from .gif import read_gif
from .iso_media import read_iso_media
from .jpeg import read_jpeg
from .matroska import read_matroska
from .pdf import read_pdf
from .png import read_png
from .riff import read_webp
from .sound import read_flac, read_mp3, read_ogg, read_riff_media
from .svg import read_svg
from .tiff import read_tiff

__all__ = ["Blocks", "Trailing", "read_blocks"]

_READERS: Final[dict[Family, Callable[[OpenAsset], Blocks]]] = {
    Family.JPEG: read_jpeg,
    Family.PNG: read_png,
    Family.WEBP: read_webp,
    Family.TIFF: read_tiff,
    Family.GIF: read_gif,
    Family.SVG: read_svg,
    Family.MP3: read_mp3,
    Family.FLAC: read_flac,
    Family.OGG: read_ogg,
    Family.MATROSKA: read_matroska,
    Family.PDF: read_pdf,
    **dict.fromkeys((Family.WAV, Family.AVI), read_riff_media),
    **dict.fromkeys((Family.AVIF, Family.HEIC, Family.JPEG_XL, Family.MOVIE), read_iso_media),
}


def read_blocks(asset: OpenAsset) -> Blocks | None:
    """The asset's metadata blocks, or None where this type's metadata is not read. Never raises for a damaged file."""
    reader = _READERS.get(asset.family) if asset.family else None
    return reader(asset) if reader else None
