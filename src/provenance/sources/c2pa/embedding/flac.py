"""FLAC: the store in an ID3 tag in front, or in an application block. C2PA 2.4, section A.3.7; RFC 9639, 8.4."""

from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....media_type import id3_length
from . import id3
from .place import Embedding, Range, only, store_in

_APPLICATION: Final = 2
_NAME: Final = b"c2pa"


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the tag, or in the blocks before the sound."""
    offset = id3_length(asset.read_at(0, 10))
    tagged = id3.find(asset) if offset else None
    embeddings = [tagged] if tagged is not None else []
    if asset.read_at(offset, 4) == b"fLaC":
        offset += 4
        for _ in range(limits.MAX_SEGMENTS):
            head = asset.read_at(offset, 8)
            if len(head) < 4:
                break
            end = offset + 4 + int.from_bytes(head[1:4], "big")
            if head[0] & 0x7F == _APPLICATION and head[4:8].lower() == _NAME:
                embeddings.append(Embedding(store_in(asset, offset + 8, end), (Range(offset, end),)))
            offset = end
            if head[0] & 0x80:
                break
    return only(embeddings)
