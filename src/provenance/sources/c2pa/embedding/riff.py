"""WebP, WAV and AVI: the store in one `C2PA` chunk of the file's own list. C2PA 2.4, section A.3.5."""

from .... import limits
from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from ....formats.riff import Chunk, chunks
from .place import Embedding, Range, begins_store, only


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the chunks of the outermost list, and in any that stand behind it."""
    return only([_embedding(asset, chunk) for chunk in chunks(asset) if chunk.kind == b"C2PA"])


def _embedding(asset: OpenAsset, chunk: Chunk) -> Embedding:
    size, end = chunk.size, min(chunk.end, asset.size)
    if size > limits.MAX_MANIFEST_STORE:
        raise StoreError("store.too_large")
    data = asset.read_at(chunk.content, end - chunk.content)
    length = int.from_bytes(data[:4], "big")
    if not begins_store(data) or not 0 <= size - length <= 1 or len(data) < size or any(data[length:]):
        raise StoreError("store.junk")
    return Embedding(data[:length], (Range(chunk.start, end),))
