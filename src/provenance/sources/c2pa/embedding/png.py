"""PNG: the store in one `caBX` chunk. C2PA 2.4, section A.3.2."""

import zlib
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ..manifest_store import StoreError
from .place import Embedding, Range, only, store_in

_SIGNATURE_LENGTH: Final = 8
_CHUNK: Final = b"caBX"


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the chunks up to the end of the image."""
    found = []
    offset = _SIGNATURE_LENGTH
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, 8)
        if len(head) < 8:
            break
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        end = offset + 12 + size
        if kind == _CHUNK:
            store = store_in(asset, offset + 8, offset + 8 + size)
            if asset.read_at(end - 4, 4) != zlib.crc32(_CHUNK + store).to_bytes(4, "big"):
                raise StoreError("store.junk")
            found.append(Embedding(store, (Range(offset, end),)))
        if kind == b"IEND":
            break
        offset = end
    return only(found)
