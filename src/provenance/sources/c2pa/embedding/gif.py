"""GIF: the store in one application extension. C2PA 2.4, section A.3.4; GIF89a, section 26."""

from typing import Final

from .... import limits
from ....asset import OpenAsset
from ..manifest_store import StoreError
from .place import Embedding, Range, begins_store, only

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION: Final = b"\x21\xff\x0bC2PA_GIF\x01\x00\x00"
_NAME: Final = b"\x21\xff\x0bC2PA_GIF"


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the blocks up to the trailer."""
    found = []
    offset = 13 + _table(asset.read_at(10, 1))
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, len(_APPLICATION))
        if head[:1] == bytes([_IMAGE]):
            offset = _behind_blocks(asset, offset + 10 + _table(head[9:10]) + 1)
        elif head[:1] == bytes([_EXTENSION]):
            end = _behind_blocks(asset, offset + 2)
            if head.startswith(_NAME):
                if head != _APPLICATION:
                    raise StoreError("store.junk")
                found.append(_embedding(asset, offset, end))
            offset = end
        else:  # the trailer, or what is no GIF
            break
    return only(found)


def _embedding(asset: OpenAsset, start: int, end: int) -> Embedding:
    if end - start > 2 * limits.MAX_MANIFEST_STORE:
        raise StoreError("store.too_large")
    blocks = asset.read_at(start + len(_APPLICATION), end - start - len(_APPLICATION))
    data, offset = bytearray(), 0
    while offset < len(blocks) and blocks[offset]:
        data += blocks[offset + 1 : offset + 1 + blocks[offset]]
        offset += 1 + blocks[offset]
    if not begins_store(bytes(data[:64])):
        raise StoreError("store.junk")
    return Embedding(bytes(data), (Range(start, end),))


def _table(flags: bytes) -> int:
    """The length of a colour table, by the flags before it; 0 where there is none."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _behind_blocks(asset: OpenAsset, offset: int) -> int:
    """Where a chain of sub-blocks ends."""
    chunk, base = b"", offset
    for _ in range(asset.size // 2 + 1):
        if offset - base >= len(chunk):
            base, chunk = offset, asset.read_at(offset, 64 * limits.KIB)
            if not chunk:
                return asset.size
        size = chunk[offset - base]
        offset += 1 + size
        if size == 0:
            break
    return offset
