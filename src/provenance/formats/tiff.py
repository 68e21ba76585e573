"""TIFF, DNG and BigTIFF: directories, each of which leads to the next. TIFF 6.0, section 2."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from .. import limits

BYTES: Final = (1, 7)  # the kinds whose values are bytes: BYTE, UNDEFINED
_BIG: Final = 43  # what stands in place of 42

# Bytes of one value, by its kind.
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}


class Source(Protocol):
    """What a TIFF structure is read from: a file, or a block of EXIF."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The order of bytes, and how wide numbers are: BigTIFF has all of them twice as wide."""

    order: Literal["little", "big"]
    offset: int
    count: int
    first: int  # where the offset of the first directory stands

    @property
    def entry(self) -> int:
        """The length of an entry."""
        return 4 + 2 * self.offset


@dataclass(frozen=True, slots=True)
class TiffEntry:
    """One entry of a directory. `value`: where its values stand, or they themselves where they are so short.

    `place`: where the entry stands in the file.
    """

    tag: int
    kind: int
    count: int
    value: int
    place: int

    @property
    def size(self) -> int:
        """Bytes of all values; 0 for a kind that is not known."""
        return self.count * _SIZES.get(self.kind, 0)


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory with its entries, and where it leads to: 0 where it is the last one."""

    start: int
    entries: tuple[TiffEntry, ...]
    following: int


def layout_of(source: Source) -> Layout:
    """How this file is laid out."""
    head = source.read_at(0, 4)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    big = int.from_bytes(head[2:4], order) == _BIG
    return Layout(order, 8, 8, 8) if big else Layout(order, 4, 2, 4)


def directories(source: Source) -> Iterator[Directory]:
    """The chain of directories. It ends where one has too many entries, or was met before."""
    layout = layout_of(source)
    start = int.from_bytes(source.read_at(layout.first, layout.offset), layout.order)
    met: set[int] = set()
    while start and start not in met and len(met) < limits.MAX_TIFF_DIRECTORIES:
        met.add(start)
        directory = directory_at(source, layout, start)
        if directory is None:
            return
        yield directory
        start = directory.following


def directory_at(source: Source, layout: Layout, start: int) -> Directory | None:
    """The directory that begins here; None where it has too many entries."""
    count = int.from_bytes(source.read_at(start, layout.count), layout.order)
    if count > limits.MAX_TIFF_ENTRIES:
        return None
    first = start + layout.count
    data = source.read_at(first, count * layout.entry + layout.offset)
    places = range(0, min(count, len(data) // layout.entry) * layout.entry, layout.entry)
    following = int.from_bytes(data[count * layout.entry :], layout.order)
    return Directory(start, tuple(_entry(data, at, first, layout) for at in places), following)


def value_of(source: Source, layout: Layout, entry: TiffEntry, most: int) -> bytes:
    """The bytes of an entry's values, up to `most`: in the entry itself where they fit."""
    place = entry.place + 4 + layout.offset if entry.size <= layout.offset else entry.value
    return source.read_at(place, min(entry.size, most))


def _entry(data: bytes, at: int, first: int, layout: Layout) -> TiffEntry:
    middle, end = at + 4 + layout.offset, at + layout.entry
    return TiffEntry(
        tag=int.from_bytes(data[at : at + 2], layout.order),
        kind=int.from_bytes(data[at + 2 : at + 4], layout.order),
        count=int.from_bytes(data[at + 4 : middle], layout.order),
        value=int.from_bytes(data[middle:end], layout.order),
        place=first + at,
    )
