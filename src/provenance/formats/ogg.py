"""Ogg: pages one behind the other, of bitstreams that are told apart by a serial number. RFC 3533, section 6."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..asset import OpenAsset

_HEADER: Final = 27


@dataclass(frozen=True, slots=True)
class OggPage:
    """One page: its serial number, how long the parts of packets in it are, and where they begin.

    `laces`: a part of 255 bytes goes on in the next one.
    """

    start: int
    serial: bytes
    laces: bytes
    content: int

    @property
    def end(self) -> int:
        """Where the page ends."""
        return self.content + sum(self.laces)


def pages(asset: OpenAsset) -> Iterator[OggPage]:
    """The pages, up to what is none."""
    offset = 0
    for _ in range(asset.size // _HEADER + 1):
        head = asset.read_at(offset, _HEADER + 255)
        if head[:4] != b"OggS" or len(head) < _HEADER:
            return
        laces = head[_HEADER : _HEADER + head[26]]
        page = OggPage(offset, head[14:18], laces, offset + _HEADER + len(laces))
        yield page
        offset = page.end
