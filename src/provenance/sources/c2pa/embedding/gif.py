"""GIF: the store in one application extension. C2PA 2.4, section A.3.4; GIF89a, section 26."""

from typing import Final

from .... import limits
from ....asset import OpenAsset
from ..manifest_store import StoreError
from .place import Embedding, Range, begins_store, only

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION: Final = b"\x21\xff\x0bC2PA_GIF\x01\x00\x00"
_NAME: Final = b"\x21\xff\x0bC2PA_GIF"
_BEGINNING: Final = 128  # twice what a store begins with: half of it are lengths, in sub-blocks of one byte


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the blocks up to the trailer."""
    found = []
    blocks = _Blocks(asset)
    offset = 13 + _table(asset.read_at(10, 1))
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, len(_APPLICATION))
        if head[:1] == bytes([_IMAGE]):
            offset = blocks.end_of_chain(offset + 10 + _table(head[9:10]) + 1)
        elif head[:1] == bytes([_EXTENSION]):
            if head.startswith(_NAME) and (head != _APPLICATION or not _begins(asset, offset)):
                raise StoreError("store.junk")
            end = blocks.end_of_chain(offset + 2)
            if head.startswith(_NAME):
                found.append(_embedding(asset, offset, end))
            offset = end
        else:  # the trailer, or what is no GIF
            break
    return only(found)


def _begins(asset: OpenAsset, start: int) -> bool:
    """Whether the extension's first sub-blocks hold the beginning of a store, before all of them are counted."""
    return begins_store(_joined(asset.read_at(start + len(_APPLICATION), _BEGINNING)))


def _embedding(asset: OpenAsset, start: int, end: int) -> Embedding:
    if end - start > 2 * limits.MAX_MANIFEST_STORE:
        raise StoreError("store.too_large")
    blocks = asset.read_at(start + len(_APPLICATION), end - start - len(_APPLICATION))
    return Embedding(_joined(blocks), (Range(start, end),))


def _joined(blocks: bytes) -> bytes:
    """What a chain of sub-blocks holds."""
    data, offset = bytearray(), 0
    while offset < len(blocks) and blocks[offset]:
        data += blocks[offset + 1 : offset + 1 + blocks[offset]]
        offset += 1 + blocks[offset]
    return bytes(data)


def _table(flags: bytes) -> int:
    """The length of a colour table, by the flags before it; 0 where there is none."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


class _Blocks:
    """The chains of sub-blocks in a file, of which no more are followed than a real one has."""

    def __init__(self, asset: OpenAsset) -> None:
        self._asset = asset
        self._left = limits.MAX_GIF_BLOCKS + asset.size // limits.GIF_BYTES_PER_BLOCK

    def end_of_chain(self, offset: int) -> int:
        """Where the chain that begins here ends. Raises `StoreError` where the file has too many sub-blocks."""
        chunk, base = b"", offset
        while self._left > 0:
            self._left -= 1
            if offset - base >= len(chunk):
                base, chunk = offset, self._asset.read_at(offset, 64 * limits.KIB)
                if not chunk:
                    return self._asset.size
            size = chunk[offset - base]
            offset += 1 + size
            if size == 0:
                return offset
        raise StoreError("store.too_many")
