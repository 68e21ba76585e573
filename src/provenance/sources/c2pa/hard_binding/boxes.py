"""The boxes of an ISO media file, with their headers, as hashes need them. ISO/IEC 14496-12, section 4.2."""

from collections.abc import Iterator
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats import iso_media
from ....formats.iso_media import Budget, IsoBox
from ..embedding import Range

# Boxes with a version and flags of four bytes before their content, as far as paths lead into or to them.
FULL: Final = frozenset(
    {
        b"meta",
        b"iloc",
        b"stco",
        b"co64",
        b"tfhd",
        b"trun",
        b"tfra",
        b"mfro",
        b"emsg",
        b"sidx",
        b"saio",
        b"iinf",
        b"pitm",
        b"mehd",
    }
)


class TooManyBoxesError(Exception):
    """More boxes than are looked at here: what the file holds is not known, which says nothing against it."""


def boxes(asset: OpenAsset, start: int, end: int) -> Iterator[IsoBox]:
    """The boxes that stand one behind the other in this part of the file. Raises `TooManyBoxesError`."""
    budget = Budget(limits.MAX_BOXES)
    for box in iso_media.boxes(asset, start, end, budget):
        if box.end > end:
            return
        yield box
    if budget.spent:
        raise TooManyBoxesError


def children(asset: OpenAsset, box: IsoBox) -> Iterator[IsoBox]:
    """The boxes inside a box; in QuickTime a `meta` box has no version before them."""
    start = box.content
    if box.kind in FULL and asset.read_at(start + 4, 4) not in (b"hdlr", b"mhdr"):
        start += 4
    return boxes(asset, start, box.end)


def media_data(top: list[IsoBox]) -> list[Range]:
    """What the boxes for media data hold, as far as they are not empty."""
    return [Range(box.content, box.end) for box in top if box.kind == b"mdat" and box.content < box.end]


def fills_media(pieces: list[Range], top: list[IsoBox]) -> bool:
    """Whether the pieces, one behind the other, are the media data exactly, with nothing left over and none twice."""
    joined: list[Range] = []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if joined and joined[-1].end == piece.start:
            joined[-1] = Range(joined[-1].start, piece.end)
        else:
            joined.append(piece)
    return bool(joined) and joined == media_data(top)
