"""FLAC: blocks of metadata before the sound. RFC 9639, section 8."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .. import limits
from ..asset import OpenAsset
from ..media_type import id3_length

APPLICATION: Final = 2
COMMENTS: Final = 4
_LAST: Final = 0x80


@dataclass(frozen=True, slots=True)
class FlacBlock:
    """One block: its kind, and where its content begins and ends, as it says."""

    kind: int
    content: int
    end: int


def blocks(asset: OpenAsset) -> Iterator[FlacBlock]:
    """The blocks up to the one that calls itself the last; a tag may stand before them."""
    offset = id3_length(asset.read_at(0, 10))
    if asset.read_at(offset, 4) != b"fLaC":
        return
    offset += 4
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, 4)
        if len(head) < 4:
            return
        block = FlacBlock(head[0] & ~_LAST, offset + 4, offset + 4 + int.from_bytes(head[1:4], "big"))
        yield block
        if head[0] & _LAST:
            return
        offset = block.end
