"""GIF: the store in one application extension. C2PA 2.4, section A.3.4; GIF89a, section 26."""

from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.gif import EXTENSION, TooManyBlocksError, blocks, joined
from ....formats.jumbf import StoreError
from .place import Embedding, Range, begins_store, only

_NAME: Final = b"\x21\xff\x0bC2PA_GIF"
_APPLICATION: Final = _NAME + b"\x01\x00\x00"
_BEGINNING: Final = 128  # twice what a store begins with: half of it are lengths, in sub-blocks of one byte


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the blocks up to the trailer."""
    found = []
    try:
        for block in blocks(asset):
            head = asset.read_at(block.start, len(_APPLICATION)) if block.kind == EXTENSION else b""
            if head.startswith(_NAME):
                found.append(_embedding(asset, head, block.start, block.end))
    except TooManyBlocksError:
        raise StoreError("store.too_many") from None
    return only(found)


def _embedding(asset: OpenAsset, head: bytes, start: int, end: int) -> Embedding:
    data = start + len(_APPLICATION)
    if head != _APPLICATION or not begins_store(joined(asset.read_at(data, _BEGINNING))):
        raise StoreError("store.junk")
    if end - start > 2 * limits.MAX_MANIFEST_STORE:
        raise StoreError("store.too_large")
    return Embedding(joined(asset.read_at(data, end - data)), (Range(start, end),))
