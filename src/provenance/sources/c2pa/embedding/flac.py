"""FLAC: the store in an ID3 tag in front, or in an application block. C2PA 2.4, section A.3.7; RFC 9639, 8.4."""

from typing import Final

from ....asset import OpenAsset
from ....formats.flac import APPLICATION, blocks
from ....media_type import id3_length
from . import id3
from .place import Embedding, Range, only, store_in

_NAME: Final = b"c2pa"


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the tag, or in the blocks before the sound."""
    tagged = id3.find(asset) if id3_length(asset.read_at(0, 10)) else None
    embeddings = [tagged] if tagged is not None else []
    for block in blocks(asset):
        if block.kind == APPLICATION and asset.read_at(block.content, 4).lower() == _NAME:
            embeddings.append(
                Embedding(store_in(asset, block.content + 4, block.end), (Range(block.content - 4, block.end),))
            )
    return only(embeddings)
