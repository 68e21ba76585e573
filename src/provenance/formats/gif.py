"""GIF: blocks one behind the other, each with its data in sub-blocks. GIF89a, sections 15 to 27."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .. import limits
from ..asset import OpenAsset

EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
_SCREEN: Final = 13  # the header and the logical screen descriptor
_DESCRIPTOR: Final = 10  # of an image; what packs its picture follows, in one byte
_CHUNK: Final = 64 * limits.KIB


class TooManyBlocksError(Exception):
    """The file has more sub-blocks than a real one of its size."""


@dataclass(frozen=True, slots=True)
class Block:
    """An image or an extension. `data`: where its chain of sub-blocks begins."""

    kind: int
    start: int
    data: int
    end: int


def blocks(asset: OpenAsset) -> Iterator[Block]:
    """The blocks up to the trailer, or to what is none. Raises `TooManyBlocksError`."""
    chains = _Chains(asset)
    offset = _SCREEN + _colours(asset.read_at(10, 1))
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, _DESCRIPTOR)
        kind = head[0] if head else TRAILER
        if kind == IMAGE:
            data = offset + _DESCRIPTOR + _colours(head[9:10]) + 1
        elif kind == EXTENSION:
            data = offset + 2
        else:
            return
        end = chains.end_of(data)
        yield Block(kind, offset, data, end)
        offset = end


def joined(chain: bytes) -> bytes:
    """What a chain of sub-blocks holds."""
    content, offset = bytearray(), 0
    while offset < len(chain) and chain[offset]:
        content += chain[offset + 1 : offset + 1 + chain[offset]]
        offset += 1 + chain[offset]
    return bytes(content)


def _colours(flags: bytes) -> int:
    """The length of a colour table, by the flags before it; 0 where there is none."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


class _Chains:
    """The chains of sub-blocks in a file, of which no more are followed than a real one has."""

    def __init__(self, asset: OpenAsset) -> None:
        self._asset = asset
        self._left = limits.MAX_GIF_BLOCKS + asset.size // limits.GIF_BYTES_PER_BLOCK

    def end_of(self, offset: int) -> int:
        """Where the chain that begins here ends."""
        chunk, base = b"", offset
        while self._left > 0:
            self._left -= 1
            if offset - base >= len(chunk):
                base, chunk = offset, self._asset.read_at(offset, _CHUNK)
                if not chunk:
                    return self._asset.size
            size = chunk[offset - base]
            offset += 1 + size
            if size == 0:
                return offset
        raise TooManyBlocksError
