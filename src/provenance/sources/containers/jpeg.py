"""JPEG: metadata in APP1 and APP13 segments before the image data. ITU-T T.81, annex B; XMP part 3, section 1.1.3."""

from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...encodings import decoded
from ...formats import samsung
from ...formats.jpeg import (
    APP1,
    APP2,
    APP13,
    COM,
    EOI,
    EXIF,
    MULTI_PICTURE,
    PHOTOSHOP,
    SOS,
    XMP,
    XMP_EXTENSION,
    ends_where_the_image_ends,
    segments,
)  # fmt: skip
from .blocks import Blocks, trailing_after

_PNG_MARKS: Final = (b"\x89PNG", b"tEXt", b"iTXt", b"zTXt")

IPTC_RESOURCE: Final = 0x0404  # the number of the Photoshop image resource that holds IPTC-IIM

_RE_EDIT: Final = b"PhotoEditor_Re_Edit_Data"

_WANTED: Final = frozenset({APP1, APP2, APP13, COM})


def read_jpeg(asset: OpenAsset) -> Blocks:
    """The blocks of a JPEG, and what comes after its end-of-image marker."""
    blocks = Blocks()
    extensions: dict[bytes, list[tuple[int, bytes]]] = {}
    last = None
    for segment in segments(asset, scans=True):
        last = segment.marker
        if last == EOI:
            blocks.trailing = trailing_after(asset, segment.end)
            _edits(blocks, asset, segment.end)
        elif last == SOS and ends_where_the_image_ends(asset, segment.end):
            last = EOI
            break
        elif last in _WANTED and blocks.has_room_for(segment.end - segment.content, limits.MAX_EXIF_SIZE):
            _segment(blocks, extensions, last, asset.read_at(segment.content, segment.end - segment.content))
    blocks.truncated = blocks.truncated or last != EOI
    blocks.xmp.extend(b"".join(part for _, part in sorted(parts)) for parts in extensions.values())
    return blocks


def _edits(blocks: Blocks, asset: OpenAsset, end: int) -> None:
    """What Samsung's editor says of its edits, in the place that Samsung has for it."""
    for block in samsung.blocks(asset, end):
        size = block.end - block.content
        if block.name == _RE_EDIT and blocks.has_room_for(size, limits.MAX_EXIF_SIZE):
            blocks.text_of = "samsung"
            blocks.text.setdefault(_RE_EDIT.decode(), decoded(asset.read_at(block.content, size)))


def _segment(blocks: Blocks, extensions: dict[bytes, list[tuple[int, bytes]]], marker: int, data: bytes) -> None:
    if marker == APP1 and data.startswith(XMP):
        blocks.xmp.append(data[len(XMP) :])
    elif marker == APP1 and data.startswith(XMP_EXTENSION):
        # GUID (32), full length (4), offset (4), then a part of the packet
        body = data[len(XMP_EXTENSION) :]
        parts = extensions.setdefault(body[:32], [])
        if sum(len(part) for _, part in parts) < limits.MAX_XMP_SIZE:
            parts.append((int.from_bytes(body[36:40], "big"), body[40:]))
    elif marker == APP1 and data.startswith(EXIF) and blocks.exif is None:
        blocks.exif = data[len(EXIF) :]
    elif marker == APP2 and data.startswith(MULTI_PICTURE):
        blocks.declares_more_images = True
    elif marker == COM:
        blocks.misplaced = blocks.misplaced or any(mark in data for mark in _PNG_MARKS)
    elif marker == APP13 and data.startswith(PHOTOSHOP):
        blocks.iptc.extend(image_resources(data[len(PHOTOSHOP) :], IPTC_RESOURCE))


def image_resources(data: bytes, wanted: int) -> list[bytes]:
    """The Photoshop image resources with this number. Adobe Photoshop file formats, image resource section."""
    parts: list[bytes] = []
    offset = 0
    while data[offset : offset + 4] == b"8BIM" and len(parts) < limits.MAX_TEXT_CHUNKS:
        number = int.from_bytes(data[offset + 4 : offset + 6], "big")
        name_length = data[offset + 6] if offset + 6 < len(data) else 0
        offset += 6 + (name_length + 2 & ~1)
        size = int.from_bytes(data[offset : offset + 4], "big")
        if number == wanted:
            parts.append(data[offset + 4 : offset + 4 + size])
        offset += 4 + (size + 1 & ~1)
    return parts
