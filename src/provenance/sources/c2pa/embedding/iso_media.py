"""AVIF, HEIC, MP4, MOV and the like: the store in a `uuid` box; JPEG XL: in a `jumb` box. C2PA 2.4, section A.5."""

from typing import Final

from ....asset import OpenAsset
from ...containers.iso_media import top_boxes
from ..manifest_store import StoreError
from .place import Embedding, Range, begins_store, only, store_in

C2PA_UUID: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_BARE_JPEG_XL: Final = b"\xff\x0a"
_PURPOSES: Final = (b"manifest", b"original", b"update")


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the outermost boxes."""
    found, others = [], []
    if asset.read_at(0, 2) == _BARE_JPEG_XL:
        return None
    for box in top_boxes(asset):
        if box.kind == b"jumb" and begins_store(asset.read_at(box.offset, 64)):
            found.append(Embedding(store_in(asset, box.offset, box.end), (Range(box.offset, box.end),)))
        elif box.kind == b"uuid" and asset.read_at(box.start, 16) == C2PA_UUID:
            store = _store_in_uuid(asset, box.start, box.end)
            place = Range(box.offset, box.end)
            if store is None:
                others.append(place)
            else:
                found.append(Embedding(store, (place,)))
    embedding = only(found)
    return None if embedding is None else Embedding(embedding.store, (*embedding.ranges, *others))


def _store_in_uuid(asset: OpenAsset, start: int, end: int) -> bytes | None:
    """The store in a C2PA box; None for one that holds hashes of parts. Section A.5.1."""
    head = asset.read_at(start + 16, 64)
    purpose, separator, _ = head[4:].partition(b"\0")
    if not separator or any(head[:4]):
        raise StoreError("store.junk")
    if purpose == b"merkle":
        return None
    if purpose not in _PURPOSES:
        raise StoreError("store.unknown_box")
    first = start + 16 + 4 + len(purpose) + 1 + 8  # eight bytes say where the hashes of parts begin
    length = int.from_bytes(asset.read_at(first, 4), "big")
    if first + length > end or any(asset.read_at(first + length, end - first - length)):
        raise StoreError("store.junk")
    return store_in(asset, first, first + length)
