"""TIFF, DNG and BigTIFF: the store behind tag 52545 of a directory. C2PA 2.4, section A.3.6."""

from dataclasses import dataclass
from typing import Final, Literal

from .... import limits
from ....asset import OpenAsset
from .place import Embedding, Range, only, store_in

_TAG: Final = 52545
_BYTES: Final = (1, 7)  # BYTE, UNDEFINED


@dataclass(frozen=True)
class _Layout:
    """How wide numbers are. TIFF 6.0, section 2; BigTIFF has all of them twice as wide."""

    order: Literal["little", "big"]
    offset: int
    count: int
    first: int  # where the offset of the first directory stands

    @property
    def entry(self) -> int:
        return 4 + 2 * self.offset


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the chain of directories; an entry of such a tag in any of them counts."""
    head = asset.read_at(0, 8)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    big = int.from_bytes(head[2:4], order) == 43
    layout = _Layout(order, 8, 8, 8) if big else _Layout(order, 4, 2, 4)
    found: list[tuple[bytes, int]] = []
    at = int.from_bytes(asset.read_at(layout.first, layout.offset), order)
    met: set[int] = set()
    while at and at not in met and len(met) < limits.MAX_TIFF_DIRECTORIES:
        met.add(at)
        count = int.from_bytes(asset.read_at(at, layout.count), order)
        if count > limits.MAX_TIFF_ENTRIES:
            break
        entries = asset.read_at(at + layout.count, count * layout.entry + layout.offset)
        for number in range(min(count, len(entries) // layout.entry)):
            entry = entries[number * layout.entry : (number + 1) * layout.entry]
            if int.from_bytes(entry[:2], order) == _TAG:
                found.append((entry, at + layout.count + number * layout.entry))
        at = int.from_bytes(entries[count * layout.entry :], order)
    return only([_embedding(asset, layout, entry, place) for entry, place in found[:2]])


def _embedding(asset: OpenAsset, layout: _Layout, entry: bytes, place: int) -> Embedding:
    """The store, and the numbers in its entry that say where it is: they are not known before it is made."""
    kind = int.from_bytes(entry[2:4], layout.order)
    length = int.from_bytes(entry[4 : 4 + layout.offset], layout.order)
    start = int.from_bytes(entry[4 + layout.offset :], layout.order)
    store = store_in(asset, start, start + length if kind in _BYTES else start)
    return Embedding(store, (Range(place + 4, place + layout.entry), Range(start, start + length)))
