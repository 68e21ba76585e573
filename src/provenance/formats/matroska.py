"""Matroska and WebM: elements, and elements inside them. RFC 8794, sections 4 to 6; RFC 9559."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..asset import OpenAsset
from .iso_media import Budget

SEGMENT: Final = 0x18538067
INFO: Final = 0x1549A966
TAGS: Final = 0x1254C367
CLUSTER: Final = 0x1F43B675
SEEK_HEAD: Final = 0x114D9B74


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its identifier with the mark of its length, and where its content begins and ends, as it says."""

    kind: int
    content: int
    end: int


def elements(asset: OpenAsset, start: int, end: int, budget: Budget) -> Iterator[Element]:
    """The elements that stand one behind the other in this part of the file; one of unknown size goes on to its end."""
    offset = start
    while offset < end and budget.take():
        head = asset.read_at(offset, 12)
        kind, width = _number(head, 4, with_mark=True)
        size, size_width = _number(head[width:], 8, with_mark=False)
        if not width or not size_width:
            return
        content = offset + width + size_width
        unknown = size == (1 << 7 * size_width) - 1
        element = Element(kind, content, end if unknown else min(content + size, end))
        yield element
        offset = element.end


def _number(data: bytes, most: int, *, with_mark: bool) -> tuple[int, int]:
    """A number of variable length, and its length: zeros before the first one bit say how long it is; 0 for none."""
    width = 9 - data[0].bit_length() if data and data[0] else 0
    if not 0 < width <= most or len(data) < width:
        return 0, 0
    value = int.from_bytes(data[:width], "big")
    return (value if with_mark else value & (1 << 7 * width) - 1), width
