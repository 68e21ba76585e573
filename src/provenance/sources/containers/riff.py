"""WebP: metadata in the `EXIF` and `XMP ` chunks of a RIFF file. RFC 9649, section 2.7."""

from ... import limits
from ...asset import OpenAsset
from ...formats.riff import FIRST_CHUNK, chunks, end_of_list
from .blocks import Blocks, trailing_after


def read_webp(asset: OpenAsset) -> Blocks:
    """The blocks of a WebP, and what comes after the end of its RIFF chunk."""
    blocks = Blocks()
    end = end_of_list(asset)
    reached = FIRST_CHUNK
    for chunk in chunks(asset, end):
        reached = chunk.end
        if chunk.kind == b"XMP " and blocks.has_room_for(chunk.size, limits.MAX_XMP_SIZE):
            blocks.xmp.append(asset.read_at(chunk.content, chunk.size))
        elif chunk.kind == b"EXIF" and blocks.has_room_for(chunk.size, limits.MAX_EXIF_SIZE):
            blocks.exif = asset.read_at(chunk.content, chunk.size).removeprefix(b"Exif\0\0")
    blocks.truncated = blocks.truncated or reached + 8 <= end
    blocks.trailing = trailing_after(asset, end + end % 2)
    return blocks
