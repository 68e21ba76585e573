"""WebP: metadata in the `EXIF` and `XMP ` chunks of a RIFF file. RFC 9649, section 2.7."""

from ... import limits
from ...asset import OpenAsset
from .blocks import Blocks, trailing_after


def read_webp(asset: OpenAsset) -> Blocks:
    """The blocks of a WebP, and what comes after the end of its RIFF chunk."""
    blocks = Blocks()
    end = 8 + int.from_bytes(asset.read_at(4, 4), "little")
    offset = 12
    for _ in range(limits.MAX_SEGMENTS):
        if offset + 8 > end:
            break
        head = asset.read_at(offset, 8)
        if len(head) < 8:
            blocks.truncated = True
            break
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"XMP " and blocks.has_room_for(size, limits.MAX_XMP_SIZE):
            blocks.xmp.append(asset.read_at(offset + 8, size))
        elif head[:4] == b"EXIF" and blocks.has_room_for(size, limits.MAX_EXIF_SIZE):
            blocks.exif = asset.read_at(offset + 8, size).removeprefix(b"Exif\0\0")
        offset += 8 + size + size % 2
    else:
        blocks.truncated = True
    blocks.trailing = trailing_after(asset, end + end % 2)
    return blocks
