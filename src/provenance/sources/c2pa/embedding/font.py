"""TrueType and OpenType: the store in the table `C2PA`. C2PA 2.4, section A.3.9; OpenType, "Table directory"."""

from typing import Final

from .... import limits
from ....asset import OpenAsset
from .place import Embedding, Range, only, store_in

_DIRECTORY: Final = 12
_ENTRY: Final = 16


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the font's tables."""
    count = min(int.from_bytes(asset.read_at(4, 2), "big"), limits.MAX_FONT_TABLES)
    entries = asset.read_at(_DIRECTORY, count * _ENTRY)
    places = []
    for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
        if entries[at : at + 4] == b"C2PA":
            start = int.from_bytes(entries[at + 8 : at + 12], "big")
            places.append(Range(start, start + int.from_bytes(entries[at + 12 : at + 16], "big")))
    return only([Embedding(store_in(asset, place.start, place.end), (place,)) for place in places[:2]])
