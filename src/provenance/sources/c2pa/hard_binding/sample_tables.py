"""Where a movie's tables say that its sound and pictures lie. ISO/IEC 14496-12, sections 8.7.3 to 8.7.5.

Older bindings leave the places out (`stco`, `co64`), since they shift when a manifest is put in. How long each piece is
they cover: where the pieces of the tracks, each in its order, fill the media data exactly, the places say nothing more.
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise

from .... import limits
from ....asset import OpenAsset
from ....formats.iso_media import IsoBox
from ..embedding import Range
from .boxes import boxes, children, fills_media

_TABLES = (b"stco", b"co64")
_HANDLERS = [b"soun", b"vide"]
_HEADER = 16  # of a table: size, type, version and flags, number of entries
_LARGEST_TABLE = 32 + 12 * limits.MAX_MEDIA_PIECES  # `stsc` has the longest entries


@dataclass(frozen=True)
class _Table:
    """A track's places: where they stand in the file, and the pieces that they give with their lengths."""

    entries: Range
    pieces: tuple[Range, ...]


def implied_places(asset: OpenAsset, top: list[IsoBox]) -> list[Range]:
    """The entries of the tables of places, where what is covered of the movie leaves no choice for them; else none.

    The pieces of two tracks of one kind could be exchanged for each other, and make another movie. Those of a track of
    pictures and one of sound could not: what was encoded as the one is noise to the decoder of the other.
    """
    inside = {track: _sample_boxes(asset, track) for track in _tracks(asset, top)}
    placed = [track for track, sample_boxes in inside.items() if any(box.kind in _TABLES for box in sample_boxes)]
    if not placed or (len(placed) > 1 and not _are_pictures_and_sound(asset, placed)):
        return []
    tables = []
    for track in placed:
        table = _table(asset, inside[track])
        if table is None or any(piece.end > following.start for piece, following in pairwise(table.pieces)):
            return []
        tables.append(table)
    pieces = [piece for table in tables for piece in table.pieces]
    return [table.entries for table in tables] if fills_media(pieces, top) else []


def _tracks(asset: OpenAsset, top: list[IsoBox]) -> list[IsoBox]:
    movies = [box for box in top if box.kind == b"moov"]
    return [box for movie in movies for box in boxes(asset, movie.content, movie.end) if box.kind == b"trak"]


def _are_pictures_and_sound(asset: OpenAsset, tracks: list[IsoBox]) -> bool:
    """Whether these are one track of each, by their handlers. Section 8.4.3."""
    if len(tracks) != len(_HANDLERS):
        return False
    handlers = []
    for track in tracks:
        media = [inner for inner in children(asset, track) if inner.kind == b"mdia"]
        handlers += [inner for box in media for inner in children(asset, box) if inner.kind == b"hdlr"]
    return sorted(asset.read_at(handler.content + 8, 4) for handler in handlers) == _HANDLERS


def _table(asset: OpenAsset, inside: list[IsoBox]) -> _Table | None:
    """The one table among these boxes; None where its pieces cannot be told."""
    tables = {box.kind: box for box in inside if box.kind in (*_TABLES, b"stsz", b"stsc")}
    if len(tables) != 3 or sum(box.kind in tables for box in inside) != 3:
        return None
    if any(box.end - box.start > _LARGEST_TABLE for box in tables.values()):
        return None
    places = next(tables[kind] for kind in _TABLES if kind in tables)
    wide = 8 if places.kind == b"co64" else 4
    data = asset.read_at(places.content + 4, places.end - places.content - 4)
    count = int.from_bytes(data[:4], "big")
    sizes = _sample_sizes(asset, tables[b"stsz"])
    runs = _samples_in_chunks(asset, tables[b"stsc"], count)
    if count > limits.MAX_MEDIA_PIECES or len(data) != 4 + count * wide or sizes is None or sum(runs) != len(sizes):
        return None
    ends = list(accumulate(runs))
    totals = [0, *accumulate(sizes)]
    pieces = []
    for number, end in enumerate(ends):
        start = int.from_bytes(data[4 + number * wide : 4 + (number + 1) * wide], "big")
        pieces.append(Range(start, start + totals[end] - totals[end - runs[number]]))
    return _Table(Range(places.start + _HEADER, places.end), tuple(pieces))


def _sample_boxes(asset: OpenAsset, track: IsoBox) -> list[IsoBox]:
    level = [track]
    for kind in (b"mdia", b"minf", b"stbl"):
        level = [inner for box in level for inner in children(asset, box) if inner.kind == kind]
    return [inner for box in level for inner in children(asset, box)]


def _sample_sizes(asset: OpenAsset, box: IsoBox) -> list[int] | None:
    data = asset.read_at(box.content + 4, box.end - box.content - 4)
    same, count = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    if count > limits.MAX_MEDIA_PIECES:
        return None
    if same:
        return [same] * count
    return [int.from_bytes(data[8 + 4 * number : 12 + 4 * number], "big") for number in range(count)]


def _samples_in_chunks(asset: OpenAsset, box: IsoBox, count: int) -> list[int]:
    """How many samples each chunk holds. Entries are runs: from which chunk on, how many."""
    data = asset.read_at(box.content + 4, box.end - box.content - 4)
    entries = [data[at : at + 8] for at in range(4, len(data) - 11, 12)]
    starts = [int.from_bytes(entry[:4], "big") for entry in entries]
    if count > limits.MAX_MEDIA_PIECES or not starts or starts != sorted(set(starts)) or starts[0] != 1:
        return []
    runs: list[int] = []
    for entry, following in zip(entries, [*starts[1:], count + 1], strict=True):
        runs += [int.from_bytes(entry[4:8], "big")] * max(0, min(following, count + 1) - len(runs) - 1)
    return runs
