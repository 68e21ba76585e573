"""TIFF and DNG: metadata in tags of the first directory. TIFF 6.0; XMP part 3, section 3.2; IPTC tag 33723."""

import struct
from typing import Final

from ... import limits
from ...asset import OpenAsset
from .blocks import Blocks

_XMP_TAG, _IPTC_TAG = 700, 33723
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}


def read_tiff(asset: OpenAsset) -> Blocks:
    """The blocks of a classic TIFF; its own directory serves as EXIF. BigTIFF is left unread."""
    blocks = Blocks()
    head = asset.read_at(0, 8)
    order = "<" if head[:2] == b"II" else ">"
    if len(head) < 8 or struct.unpack(order + "H", head[2:4])[0] != 42:
        blocks.truncated = True
        return blocks
    (directory,) = struct.unpack(order + "I", head[4:8])
    count_bytes = asset.read_at(directory, 2)
    if len(count_bytes) < 2:
        blocks.truncated = True
        return blocks
    (count,) = struct.unpack(order + "H", count_bytes)
    entries = asset.read_at(directory + 2, 12 * count)
    for at in range(0, len(entries) - 11, 12):
        tag, kind, items, value = struct.unpack(order + "HHII", entries[at : at + 12])
        size = items * _SIZES.get(kind, 0)
        if tag == _XMP_TAG and size > 4 and blocks.has_room_for(size, limits.MAX_XMP_SIZE):
            blocks.xmp.append(asset.read_at(value, size))
        elif tag == _IPTC_TAG and size > 4 and blocks.has_room_for(size, limits.MAX_XMP_SIZE):
            blocks.iptc.append(asset.read_at(value, size))
    if asset.size <= limits.MAX_EXIF_SIZE:
        blocks.exif = asset.read_at(0, asset.size)
    else:
        # The directory lies at the end of large files, and values anywhere; the head is enough for the camera's name.
        blocks.exif = asset.read_at(0, limits.MAX_EXIF_SIZE) if directory < limits.MAX_EXIF_SIZE else None
    return blocks
