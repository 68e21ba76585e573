"""ID3v2: frames one behind the other, in a tag at the start of sound. ID3v2.3 and 2.4, section 4."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .. import limits
from ..asset import OpenAsset
from ..media_type import id3_length

UNSYNCHRONISED: Final = 0x80  # in the tag's flags: a zero was put behind each byte of ones
_EXTENDED: Final = 0x40
_HEADER: Final = 10


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: its name, where its content begins and ends, its flags, and those of the tag."""

    name: bytes
    content: int
    end: int
    flags: bytes
    tag_flags: int


def frames(asset: OpenAsset, start: int = 0) -> Iterator[Frame]:
    """The frames of the tag that begins here, up to its padding, or to one that ends behind it."""
    head = asset.read_at(start, _HEADER)
    end = start + id3_length(head)
    if end == start:
        return
    name_length, header = (3, 6) if head[3] == 2 else (4, 10)
    offset = start + _HEADER
    if head[5] & _EXTENDED:
        length = asset.read_at(offset, 4)
        offset += _syncsafe(length) if head[3] == 4 else 4 + int.from_bytes(length, "big")
    for _ in range(limits.MAX_SEGMENTS):
        frame = asset.read_at(offset, header)
        if offset + header > end or len(frame) < header or frame[0] == 0:
            return
        digits = frame[name_length : 2 * name_length]
        size = _syncsafe(digits) if head[3] == 4 else int.from_bytes(digits, "big")
        content = offset + header
        if content + size > end:
            return
        yield Frame(frame[:name_length], content, content + size, frame[8:10], head[5])
        offset = content + size


def _syncsafe(digits: bytes) -> int:
    value = 0
    for digit in digits:
        value = value << 7 | digit & 0x7F
    return value
