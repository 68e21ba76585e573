"""TIFF, DNG and BigTIFF: the store behind tag 52545 of a directory. C2PA 2.4, section A.3.6."""

from typing import Final

from ....asset import OpenAsset
from ....formats.tiff import BYTES, TiffEntry, directories, layout_of
from .place import Embedding, Range, only, store_in

_TAG: Final = 52545


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the chain of directories; an entry of such a tag in any of them counts."""
    entries = [entry for directory in directories(asset) for entry in directory.entries if entry.tag == _TAG]
    return only([_embedding(asset, entry) for entry in entries[:2]])


def _embedding(asset: OpenAsset, entry: TiffEntry) -> Embedding:
    """The store, and the numbers in its entry that say where it is: they are not known before it is made."""
    start, end = entry.value, entry.value + entry.count
    store = store_in(asset, start, end if entry.kind in BYTES else start)
    return Embedding(store, (Range(entry.place + 4, entry.place + layout_of(asset).entry), Range(start, end)))
