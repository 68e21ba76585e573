"""ISO base media files (MP4, MOV, HEIC, AVIF, JPEG XL): boxes, and boxes inside them. ISO/IEC 14496-12, section 4.2."""

from collections.abc import Iterator
from dataclasses import dataclass

from .. import limits
from ..asset import OpenAsset


@dataclass(frozen=True, slots=True)
class IsoBox:
    """One box: where it begins with its header, where its content does, and where it says that it ends.

    `sized`: it says so itself, and does not go on to the end of what it stands in.
    """

    kind: bytes
    start: int
    content: int
    end: int
    sized: bool = True


class Budget:
    """How many boxes may still be looked at."""

    def __init__(self, most: int = limits.MAX_SEGMENTS) -> None:
        self._left = most

    @property
    def spent(self) -> bool:
        """Whether a box was not looked at."""
        return self._left < 0

    def take(self) -> bool:
        """Takes one; false where none is left."""
        self._left -= 1
        return self._left >= 0


def boxes(asset: OpenAsset, start: int, end: int, budget: Budget) -> Iterator[IsoBox]:
    """The boxes that stand one behind the other in this part of the file.

    The last one may say that it ends behind `end`. It is not the last one's end where the file breaks off before.
    """
    offset = start
    while offset + 8 <= end and budget.take():
        head = asset.read_at(offset, 16)
        size, header = int.from_bytes(head[:4], "big"), 8
        sized = size != 0
        if size == 1:
            size, header = int.from_bytes(head[8:], "big"), 16
        elif not sized:
            size = end - offset
        if len(head) < header or size < header:
            return
        yield IsoBox(head[4:8], offset, offset + header, offset + size, sized)
        offset += size


def is_initialization_segment(asset: OpenAsset) -> bool:
    """Whether this is the first part of a fragmented stream, without any of its media. ISO/IEC 23009-1, 6.3."""
    budget = Budget()
    fragmented = False
    for box in boxes(asset, 0, asset.size, budget):
        if box.kind in (b"mdat", b"moof"):
            return False
        if box.kind == b"moov":
            end = min(box.end, asset.size)
            fragmented = any(inner.kind == b"mvex" for inner in boxes(asset, box.content, end, budget))
    return fragmented
