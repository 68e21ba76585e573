"""The boxes of an ISO base media file, and where its pictures and sound lie. ISO/IEC 14496-12."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import calcsize, iter_unpack
from typing import Final

from provenance.asset import OpenAsset
from provenance.format_table import Family
from provenance.formats import iso_media
from provenance.formats.iso_media import IsoBox
from provenance.limits import MAX_BOX_ITEMS

from . import limits

# Such files that are signed.
ISO_MEDIA: Final = frozenset({Family.AVIF, Family.HEIC, Family.MOVIE})

# Boxes in which others lie that say where media are. `meta` is a full box, except in QuickTime: section 8.11.1.
_HOLDERS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})

# As deep as the table of samples lies: moov, trak, mdia, minf, stbl.
_DEPTH: Final = 5

# Sections 8.8.7 and 8.8.8: which fields are there.
_BASE_OFFSET, _SAMPLE_DESCRIPTION, _DEFAULT_DURATION, _DEFAULT_SIZE = 0x1, 0x2, 0x8, 0x10
_DATA_OFFSET, _FIRST_FLAGS, _DURATION, _SIZE, _FLAGS, _COMPOSITION = 0x1, 0x4, 0x100, 0x200, 0x400, 0x800

# Beyond any file.
_NO_END: Final = 1 << 62

# Section 8.11.3: in the file itself, not in an `idat` box or another item.
_IN_FILE: Final = 0


@dataclass(frozen=True)
class Extent:
    """A piece of a picture, of sound or of film, in the file."""

    start: int
    end: int


def boxes(asset: OpenAsset, start: int = 0, end: int | None = None) -> list[IsoBox]:
    """The boxes of a file, or those in this part of it; none where they do not fill it."""
    end = asset.size if end is None else end
    children = list(iso_media.boxes(asset, start, end, iso_media.Budget()))
    return children if children and children[-1].end == end else []


def media_extents(asset: OpenAsset) -> Iterator[Extent]:
    """Where the samples of all tracks and the data of all items lie, as the file says.

    What it says in a form that cannot be read gives none: then there is nothing that a player would find either.
    """
    yield from _extents(asset, boxes(asset))


def _extents(asset: OpenAsset, inside: list[IsoBox], *, fragment: int = 0, depth: int = 0) -> Iterator[Extent]:
    base, default = fragment, 0
    for box in inside:
        if box.kind in _HOLDERS and depth < _DEPTH:
            start = box.start if box.kind == b"moof" else fragment
            if box.kind == b"stbl":
                yield from _samples(asset, boxes(asset, box.content, box.end))
            else:
                yield from _extents(asset, boxes(asset, box.content, box.end), fragment=start, depth=depth + 1)
        elif box.kind == b"meta":
            children = boxes(asset, box.content + 4, box.end) or boxes(asset, box.content, box.end)
            for child in children:
                if child.kind == b"iloc":
                    yield from _items(_content(asset, child))
        elif box.kind == b"tfhd":
            base, default = _fragment_header(_content(asset, box), fragment)
        elif box.kind == b"trun":
            yield from _run(_content(asset, box), base, default)


def _content(asset: OpenAsset, box: IsoBox) -> bytes:
    return asset.read_at(box.content, min(box.end - box.content, limits.MAX_SAMPLE_TABLE))


def _samples(asset: OpenAsset, table: list[IsoBox]) -> Iterator[Extent]:
    """The chunks of a track: where each begins, and how long its samples are together. Sections 8.7.3 to 8.7.5."""
    tables = {box.kind: _content(asset, box) for box in table}
    if len(tables) < len(table) or {b"stco", b"co64"} <= tables.keys():
        yield Extent(0, _NO_END)  # players choose one of two tables, and nobody knows which
        return
    offsets = [offset for (offset,) in (*_rows(tables, b"stco", ">I"), *_rows(tables, b"co64", ">Q"))]
    runs = list(_rows(tables, b"stsc", ">3I"))
    uniform = int.from_bytes(tables.get(b"stsz", b"")[4:8], "big")
    sizes = [] if uniform else [size for (size,) in _rows(tables, b"stsz", ">I", head=12)]
    sample = 0
    ends = [first for first, *_ in runs[1:]] + [len(offsets) + 1]
    for (first, per_chunk, _), after in zip(runs, ends, strict=False):
        for offset in offsets[max(first - 1, 0) : after - 1]:
            length = uniform * per_chunk if uniform else sum(sizes[sample : sample + per_chunk])
            sample += per_chunk
            yield Extent(offset, offset + max(length, 1))


def _rows(tables: dict[bytes, bytes], kind: bytes, form: str, *, head: int = 8) -> Iterator[tuple[int, ...]]:
    """The rows of a table, of this form: behind version and flags, and their number."""
    table, size = tables.get(kind, b""), calcsize(form)
    count = min(int.from_bytes(table[head - 4 : head], "big"), max(len(table) - head, 0) // size)
    return iter_unpack(form, table[head : head + count * size])


def _fragment_header(data: bytes, fragment: int) -> tuple[int, int]:
    """From where a fragment's runs are counted, and how long a sample is. Section 8.8.7."""
    flags, at = int.from_bytes(data[1:4], "big"), 8
    base = fragment
    if flags & _BASE_OFFSET:
        base, at = int.from_bytes(data[at : at + 8], "big"), at + 8
    at += 4 * ((flags & _SAMPLE_DESCRIPTION != 0) + (flags & _DEFAULT_DURATION != 0))
    return base, int.from_bytes(data[at : at + 4], "big") if flags & _DEFAULT_SIZE else 0


def _run(data: bytes, base: int, default: int) -> Iterator[Extent]:
    """The samples of one run, which lie behind one another. Section 8.8.8."""
    flags, count, at = int.from_bytes(data[1:4], "big"), int.from_bytes(data[4:8], "big"), 8
    start = base
    if flags & _DATA_OFFSET:
        start, at = base + int.from_bytes(data[at : at + 4], "big", signed=True), at + 4
    at += 4 * (flags & _FIRST_FLAGS != 0)
    width = 4 * sum(flags & field != 0 for field in (_DURATION, _SIZE, _FLAGS, _COMPOSITION))
    if flags & _SIZE:
        place = at + 4 * (flags & _DURATION != 0)
        length = sum(
            int.from_bytes(data[position : position + 4], "big")
            for position in range(place, min(len(data), place + count * width), width)
        )
    else:
        length = default * count
    yield Extent(start, start + max(length, 1))


def _items(data: bytes) -> Iterator[Extent]:
    """The extents of all items that lie in the file. Section 8.11.3."""
    version = data[0] if data else 0
    sizes = int.from_bytes(data[4:6], "big")
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version in (1, 2) else 0
    number_size = 4 if version == 2 else 2
    at = 6

    def take(size: int) -> int:
        nonlocal at
        value = int.from_bytes(data[at : at + size], "big")
        at += size
        return value

    for _ in range(min(take(number_size), MAX_BOX_ITEMS)):
        take(number_size)
        method = take(2) & 15 if version in (1, 2) else _IN_FILE
        take(2)  # data reference
        base = take(base_size)
        for _ in range(min(take(2), MAX_BOX_ITEMS)):
            take(index_size)
            offset, length = take(offset_size), take(length_size)
            if at > len(data):
                return
            if method == _IN_FILE:
                # Section 8.11.3.3: without a length the item is the whole source.
                yield Extent(base + offset, base + offset + length if length else _NO_END)


def overlapping(extent: Extent, places: list[IsoBox]) -> IsoBox | None:
    """The first of these boxes in which some of this extent lies."""
    return next((box for box in places if extent.start < box.end and extent.end > box.start), None)
