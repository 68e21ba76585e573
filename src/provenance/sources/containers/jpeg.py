"""JPEG: metadata in APP1 and APP13 segments before the image data. ITU-T T.81, annex B; XMP part 3, section 1.1.3."""

import re
from typing import Final

from ... import limits
from ...asset import OpenAsset
from .blocks import Blocks, trailing_after

_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION: Final = b"http://ns.adobe.com/xmp/extension/\0"
_EXIF: Final = b"Exif\0\0"
_PHOTOSHOP: Final = b"Photoshop 3.0\0"
_MULTI_PICTURE: Final = b"MPF\0"

_PNG_MARKS: Final = (b"\x89PNG", b"tEXt", b"iTXt", b"zTXt")

_APP1, _APP2, _APP13, _COMMENT = 0xE1, 0xE2, 0xED, 0xFE
_SOS, _EOI = 0xDA, 0xD9
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FIRST_SCAN_CHUNK: Final = 4 * limits.KIB


def read_jpeg(asset: OpenAsset) -> Blocks:
    """The blocks of a JPEG, and what comes after its end-of-image marker."""
    blocks = Blocks()
    extensions: dict[bytes, list[tuple[int, bytes]]] = {}
    offset = 2
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, 4)
        if len(head) < 2 or head[0] != 0xFF:
            blocks.truncated = True
            break
        marker = head[1]
        if marker == 0xFF:  # a fill byte
            offset += 1
            continue
        if marker == _EOI:
            blocks.trailing = trailing_after(asset, offset + 2)
            break
        if marker in _STANDALONE:
            offset += 2
            continue
        length = int.from_bytes(head[2:4], "big")
        if len(head) < 4 or length < 2:
            blocks.truncated = True
            break
        wanted = marker in (_APP1, _APP2, _APP13, _COMMENT)
        if wanted and blocks.has_room_for(length - 2, limits.MAX_EXIF_SIZE):
            _segment(blocks, extensions, marker, asset.read_at(offset + 4, length - 2))
        offset += 2 + length
        if marker == _SOS:
            if _ends_where_the_image_ends(asset, offset):
                break
            offset = _end_of_scan(asset, offset)
    else:
        blocks.truncated = True
    blocks.xmp.extend(b"".join(part for _, part in sorted(parts)) for parts in extensions.values())
    return blocks


def _segment(blocks: Blocks, extensions: dict[bytes, list[tuple[int, bytes]]], marker: int, data: bytes) -> None:
    if marker == _APP1 and data.startswith(_XMP):
        blocks.xmp.append(data[len(_XMP) :])
    elif marker == _APP1 and data.startswith(_XMP_EXTENSION):
        # GUID (32), full length (4), offset (4), then a part of the packet
        body = data[len(_XMP_EXTENSION) :]
        parts = extensions.setdefault(body[:32], [])
        if sum(len(part) for _, part in parts) < limits.MAX_XMP_SIZE:
            parts.append((int.from_bytes(body[36:40], "big"), body[40:]))
    elif marker == _APP1 and data.startswith(_EXIF) and blocks.exif is None:
        blocks.exif = data[len(_EXIF) :]
    elif marker == _APP2 and data.startswith(_MULTI_PICTURE):
        blocks.declares_more_images = True
    elif marker == _COMMENT:
        blocks.misplaced = blocks.misplaced or any(mark in data for mark in _PNG_MARKS)
    elif marker == _APP13 and data.startswith(_PHOTOSHOP):
        blocks.iptc.extend(image_resources(data[len(_PHOTOSHOP) :], 0x0404))


def has_too_many_segments(asset: OpenAsset) -> bool:
    """Whether a JPEG has more segments before its image data than `limits.MAX_JPEG_SEGMENTS`.

    Markers without content count too, and fill bytes: a reader may keep each of them.
    """
    offset = start = 2
    chunk = b""
    for _ in range(limits.MAX_JPEG_SEGMENTS):
        if not start <= offset <= start + len(chunk) - 4:
            start, chunk = offset, asset.read_at(offset, 64 * limits.KIB)
        head = chunk[offset - start : offset - start + 4]
        if len(head) < 4 or head[0] != 0xFF or head[1] in (_SOS, _EOI):
            return False
        if head[1] == 0xFF:
            offset += 1
        elif head[1] == 0 or head[1] in _STANDALONE:
            offset += 2
        else:
            offset += 2 + int.from_bytes(head[2:4], "big")
    return True


def image_resources(data: bytes, wanted: int) -> list[bytes]:
    """The Photoshop image resources with this number. Adobe Photoshop file formats, image resource section."""
    found: list[bytes] = []
    offset = 0
    while data[offset : offset + 4] == b"8BIM" and len(found) < limits.MAX_TEXT_CHUNKS:
        number = int.from_bytes(data[offset + 4 : offset + 6], "big")
        name_length = data[offset + 6] if offset + 6 < len(data) else 0
        offset += 6 + (name_length + 2 & ~1)
        size = int.from_bytes(data[offset : offset + 4], "big")
        if number == wanted:
            found.append(data[offset + 4 : offset + 4 + size])
        offset += 4 + (size + 1 & ~1)
    return found


def _ends_where_the_image_ends(asset: OpenAsset, offset: int) -> bool:
    """Whether the first end marker after the start of the image data is also the end of the file.

    The usual case, told at the speed of a search for two bytes; in all others the scans are walked one by one.
    """
    while chunk := asset.read_at(offset, limits.MIB):
        found = chunk.find(b"\xff\xd9")
        if found != -1:
            return offset + found + 2 == asset.size
        if len(chunk) < 2:
            break
        offset += len(chunk) - 1
    return False


def _end_of_scan(asset: OpenAsset, offset: int) -> int:
    """Where the entropy-coded data ends: at a marker that is neither a restart nor a stuffed byte."""
    size = _FIRST_SCAN_CHUNK  # grows, so that a file of many empty scans does not cost a large read for each
    while chunk := asset.read_at(offset, size):
        if marker := _MARKER.search(chunk):
            return offset + marker.start()
        if len(chunk) < 2:
            break
        offset += len(chunk) - 1  # a marker may lie across two chunks
        size = min(2 * size, limits.MIB)
    return asset.size
