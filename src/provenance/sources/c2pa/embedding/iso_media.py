"""AVIF, HEIC, MP4, MOV and the like: the store in a `uuid` box; JPEG XL: in a `jumb` box. C2PA 2.4, section A.5."""

from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.iso_media import Budget, boxes
from ....formats.jumbf import StoreError
from .place import Embedding, Range, begins_store, only, store_in

C2PA_UUID: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_BARE_JPEG_XL: Final = b"\xff\x0a"
_WHOLE, _ORIGINAL, _UPDATE = b"manifest", b"original", b"update"


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the outermost boxes; of an updated file it is the original one, and what the update added to it."""
    found: dict[bytes, list[Embedding]] = {}
    trees = []
    if asset.read_at(0, 2) == _BARE_JPEG_XL:
        return None
    for box in boxes(asset, 0, asset.size, Budget(limits.MAX_BOXES)):
        end = min(box.end, asset.size)
        place = Range(box.start, end)
        if box.kind == b"jumb" and begins_store(asset.read_at(box.start, 64)):
            found.setdefault(_WHOLE, []).append(Embedding(store_in(asset, box.start, end), (place,)))
        elif box.kind == b"uuid" and asset.read_at(box.content, 16) == C2PA_UUID:
            purpose, store = _store_in_uuid(asset, box.content, end)
            if store is None:
                trees.append(place)
            else:
                found.setdefault(purpose, []).append(Embedding(store, (place,)))
    if found.keys() == {_ORIGINAL, _UPDATE} and all(len(each) == 1 for each in found.values()):
        original, update = found[_ORIGINAL][0], found[_UPDATE][0]
        joined = _joined(original.store, update.store)
        return Embedding(joined, (*original.ranges, *update.ranges), tuple(trees))
    embedding = only([each for embeddings in found.values() for each in embeddings])
    return None if embedding is None else Embedding(embedding.store, embedding.ranges, tuple(trees))


def _joined(original: bytes, update: bytes) -> bytes:
    """One store with the manifests of both, as they stand: those of the update come last. Section A.5.3."""
    added = update[8 + int.from_bytes(update[8:12], "big") :]
    size = len(original) + len(added)
    return size.to_bytes(4, "big") + original[4:] + added


def _store_in_uuid(asset: OpenAsset, start: int, end: int) -> tuple[bytes, bytes | None]:
    """What a C2PA box is for, and its store; none in one that holds hashes of parts. Section A.5.1."""
    head = asset.read_at(start + 16, 64)
    purpose, separator, _ = head[4:].partition(b"\0")
    if not separator or any(head[:4]):
        raise StoreError("store.junk")
    if purpose == b"merkle":
        return purpose, None
    if purpose not in (_WHOLE, _ORIGINAL, _UPDATE):
        raise StoreError("store.unknown_box")
    first = start + 16 + 4 + len(purpose) + 1 + 8  # eight bytes say where the hashes of parts begin
    length = int.from_bytes(asset.read_at(first, 4), "big")
    if length > limits.MAX_MANIFEST_STORE or first + length > end:
        raise StoreError("store.junk")
    if any(asset.read_at(first + length, end - first - length)):
        raise StoreError("store.junk")
    return purpose, store_in(asset, first, first + length)
