"""TIFF and DNG: metadata in tags of the first directory. TIFF 6.0; XMP part 3, section 3.2; IPTC tag 33723."""

from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...formats.tiff import directories
from .blocks import Blocks

_XMP_TAG, _IPTC_TAG = 700, 33723
_IN_ENTRY: Final = 4  # values that are so short stand in the entry itself


def read_tiff(asset: OpenAsset) -> Blocks:
    """The blocks of the first directory, which itself serves as EXIF."""
    blocks = Blocks()
    directory = next(directories(asset), None)
    if directory is None:
        blocks.truncated = True
        return blocks
    packets_of_tag = {_XMP_TAG: blocks.xmp, _IPTC_TAG: blocks.iptc}
    for entry in directory.entries:
        packets = packets_of_tag.get(entry.tag)
        if packets is not None and entry.size > _IN_ENTRY and blocks.has_room_for(entry.size, limits.MAX_XMP_SIZE):
            packets.append(asset.read_at(entry.value, entry.size))
    # The directory of a large file lies at its end, and values anywhere; the head is enough for the camera's name.
    if asset.size <= limits.MAX_EXIF_SIZE or directory.start < limits.MAX_EXIF_SIZE:
        blocks.exif = asset.read_at(0, limits.MAX_EXIF_SIZE)
    return blocks
