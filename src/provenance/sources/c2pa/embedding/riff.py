"""WebP, WAV and AVI: the store in one `C2PA` chunk of the file's own list. C2PA 2.4, section A.3.5."""

from typing import Final

from .... import limits
from ....asset import OpenAsset
from ..manifest_store import StoreError
from .place import Embedding, Range, begins_store, only

_FIRST_CHUNK: Final = 12


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the chunks of the outermost list, and in any that stand behind it."""
    found = []
    offset = _FIRST_CHUNK
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, 8)
        if len(head) < 8:
            break
        size = int.from_bytes(head[4:], "little")
        end = min(offset + 8 + size + size % 2, asset.size)
        if head[:4] == b"C2PA":
            found.append(_embedding(asset, offset, size, end))
        offset = end if head[:4] != b"RIFF" else offset + _FIRST_CHUNK  # a long AVI is several lists
    return only(found)


def _embedding(asset: OpenAsset, start: int, size: int, end: int) -> Embedding:
    if size > limits.MAX_MANIFEST_STORE:
        raise StoreError("store.too_large")
    data = asset.read_at(start + 8, end - start - 8)
    length = int.from_bytes(data[:4], "big")
    if not begins_store(data) or not 0 <= size - length <= 1 or len(data) < size or any(data[length:]):
        raise StoreError("store.junk")
    return Embedding(data[:length], (Range(start, end),))
