"""JPEG: segments one behind the other. ITU-T T.81, annex B."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .. import limits
from ..asset import OpenAsset

APP0, APP1, APP2, APP11, APP13 = 0xE0, 0xE1, 0xE2, 0xEB, 0xED
SOI, EOI, SOS, COM = 0xD8, 0xD9, 0xDA, 0xFE
NO_MARKER: Final = 0x00  # behind an FF: no marker at all, which some readers pass over
FILL: Final = 0xFF

# Markers without a length or content.
STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})

# How the content of a segment of metadata begins. XMP part 3, section 1.1.3; Exif 2.32, 4.7.2; CIPA DC-007, 5.2.3.
XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
XMP_EXTENSION: Final = b"http://ns.adobe.com/xmp/extension/\0"
EXIF: Final = b"Exif\0\0"
MULTI_PICTURE: Final = b"MPF\0"
PHOTOSHOP: Final = b"Photoshop 3.0\0"

_BARE: Final = STANDALONE | {NO_MARKER, EOI}
_END_OF_SCAN: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FIRST_SCAN_CHUNK: Final = 4 * limits.KIB
_WINDOW: Final = 4 * limits.KIB  # fill bytes are not read one by one, nor long segments whole


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment, from its marker to its end; or what stands in the place of one: a fill byte, or no marker."""

    marker: int
    start: int
    end: int

    @property
    def content(self) -> int:
        """Where the content begins, behind the marker and the length."""
        return min(self.start + 4, self.end)


def segments(asset: OpenAsset, *, most: int = limits.MAX_SEGMENTS, scans: bool = False) -> Iterator[Segment]:
    """The segments behind the start of the image, up to the one that begins its data, or to the end of the image.

    `scans`: also those behind the data of each scan. What was given last is neither of the two where the file breaks
    off, or has more than `most`.
    """
    offset = start = 2
    window = b""
    for _ in range(most):
        if not start <= offset <= start + len(window) - 4:
            start, window = offset, asset.read_at(offset, _WINDOW)
        head = window[offset - start : offset - start + 4]
        if len(head) < 2 or head[0] != 0xFF:
            return
        marker = head[1]
        if marker == FILL:
            end = offset + 1
        elif marker in _BARE:
            end = offset + 2
        else:
            end = offset + 2 + int.from_bytes(head[2:], "big")
            if len(head) < 4 or end < offset + 4:
                return
        yield Segment(marker, offset, end)
        if marker == EOI or (marker == SOS and not scans):
            return
        offset = end if marker != SOS else end_of_scan(asset, end)


def end_of_scan(asset: OpenAsset, offset: int) -> int:
    """Where entropy-coded data ends: at a marker that is neither a restart nor a stuffed byte."""
    size = _FIRST_SCAN_CHUNK  # grows, so that a file of many empty scans does not cost a large read for each
    while chunk := asset.read_at(offset, size):
        if marker := _END_OF_SCAN.search(chunk):
            return offset + marker.start()
        if len(chunk) < 2:
            break
        offset += len(chunk) - 1  # a marker may lie across two chunks
        size = min(2 * size, limits.MIB)
    return asset.size


def ends_where_the_image_ends(asset: OpenAsset, offset: int) -> bool:
    """Whether the first end marker after the start of the image data is also the end of the file.

    The usual case, told at the speed of a search for two bytes; in all others the scans are walked one by one.
    """
    while chunk := asset.read_at(offset, limits.MIB):
        position = chunk.find(b"\xff\xd9")
        if position != -1:
            return offset + position + 2 == asset.size
        if len(chunk) < 2:
            break
        offset += len(chunk) - 1
    return False


def has_too_many_segments(asset: OpenAsset) -> bool:
    """Whether a JPEG has more segments before its image data than `limits.MAX_JPEG_SEGMENTS`.

    Markers without content count too, and fill bytes: a reader may keep each of them.
    """
    count = 0
    for segment in segments(asset, most=limits.MAX_JPEG_SEGMENTS):
        count += segment.marker not in (SOS, EOI)
    return count == limits.MAX_JPEG_SEGMENTS
