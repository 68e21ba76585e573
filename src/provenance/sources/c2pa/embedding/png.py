"""PNG: the store in one `caBX` chunk. C2PA 2.4, section A.3.2."""

from typing import Final

from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from ....formats.png import checksum, chunks
from .place import Embedding, Range, only, store_in

_CHUNK: Final = b"caBX"


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the chunks up to the end of the image."""
    found = []
    for chunk in chunks(asset):
        if chunk.kind == _CHUNK:
            store = store_in(asset, chunk.content, chunk.content + chunk.length)
            if asset.read_at(chunk.end - 4, 4) != checksum(_CHUNK, store):
                raise StoreError("store.junk")
            found.append(Embedding(store, (Range(chunk.start, chunk.end),)))
    return only(found)
