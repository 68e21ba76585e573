"""The BMFF hash: one hash over an ISO media file but for boxes that are named by their paths. C2PA 2.4, section 18.6.

A box that may be left out by the standard counts as left out here as soon as it holds anything: pictures and sound can
lie in a `free` box as well as in any other.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .... import limits
from ....asset import OpenAsset
from ....formats.iso_media import Box
from ....formats.jumbf import StoreError
from ..embedding import Range
from .boxes import FULL, TooManyBoxesError, boxes, children
from .coverage import Coverage, MalformedBindingError, beyond, hash_name, hash_of, maps, number, without
from .item_places import implied_items
from .sample_tables import implied_places

_STEP: Final = re.compile(r"([\x20-\x2e\x30-\x7e\xa9]{4})(?:\[(\d{1,6})\])?\Z")

_PADDING: Final = (b"free", b"skip")
_INDEX: Final = frozenset({b"tfra", b"mfro"})
_LONGEST_TYPE_BOX: Final = 1024


def coverage_of(
    asset: OpenAsset, binding: Mapping[Any, Any], own: tuple[Range, ...], *, algorithm: Any, version: int
) -> Coverage:
    """What this BMFF hash covers of the asset, in which `own` are the places of C2PA boxes. `version`: of the binding.

    Hashes of parts (Merkle trees), of streams and large files, are left to the engines; and so are files of more boxes
    than are looked at here, of which nothing is known to be covered.
    """
    try:
        return _coverage_of(asset, binding, own, algorithm=algorithm, version=version)
    except TooManyBoxesError:
        return Coverage(None, (Range(0, asset.size),))


def _coverage_of(
    asset: OpenAsset, binding: Mapping[Any, Any], own: tuple[Range, ...], *, algorithm: Any, version: int
) -> Coverage:
    top = list(boxes(asset, 0, asset.size))
    excluded, whole = _exclusions(asset, top, maps(binding.get("exclusions")))
    allowed = [*own, *_plain(asset, top)]
    if binding.get("merkle"):
        allowed.extend(Range(box.start, box.end) for box in top if box.kind == b"mdat")
        return Coverage(None, beyond(excluded, allowed))
    places = [] if version == 1 else [box.start for box in top if box.start not in whole]
    digest = hash_of(asset, hash_name(binding, algorithm), _pieces(asset, excluded, places))
    left_out = beyond(excluded, allowed)
    if digest != binding.get("hash"):
        return Coverage(matched=False, left_out=left_out)
    for kind, implied in ((b"moov", implied_places), (b"meta", implied_items)):
        if any(_is_inside(left_out, box) for box in top if box.kind == kind):
            left_out = beyond(left_out, implied(asset, top))
    return Coverage(True, left_out)


def _exclusions(asset: OpenAsset, top: list[Box], exclusions: list[Mapping[Any, Any]]) -> tuple[set[Range], set[int]]:
    """What is left out, and where top boxes begin that are so altogether: of these not even the place is hashed."""
    paths = _Paths(asset, top)
    excluded: set[Range] = set()
    whole: set[int] = set()
    for exclusion, found in [(exclusion, paths.named_by(exclusion)) for exclusion in exclusions]:
        for box in found:
            if not _applies(asset, exclusion, box):
                continue
            if exclusion.get("subset") is None:
                excluded.add(Range(box.start, box.end))
                whole.add(box.start)
            else:
                excluded.update(_subsets(exclusion["subset"], box))
    return excluded, whole


def _is_inside(ranges: tuple[Range, ...], box: Box) -> bool:
    return any(box.start < each.start and each.end <= box.end for each in ranges)


def _pieces(asset: OpenAsset, excluded: set[Range], places: list[int]) -> Iterator[Range | bytes]:
    """What is hashed, in order: from version 2 on, each top box has its place in the file before it."""
    marks = deque(sorted(places))
    for piece in without(Range(0, asset.size), list(excluded)):
        at = piece.start
        while marks and marks[0] < piece.end:
            place = marks.popleft()
            if place > at:
                yield Range(at, place)
            yield place.to_bytes(8, "big")
            at = max(at, place)
        yield Range(at, piece.end)
    for place in marks:
        yield place.to_bytes(8, "big")


class _Paths:
    """The boxes of a file by their paths: each path is followed once, and no further than a limit for all of them."""

    def __init__(self, asset: OpenAsset, top: list[Box]) -> None:
        self._asset = asset
        self._levels = {"": _by_kind(top)}  # the boxes inside those that a path leads to
        self._left = limits.MAX_BOXES_COMPARED

    def named_by(self, exclusion: Mapping[Any, Any]) -> list[Box]:
        """The boxes that the path of an exclusion leads to; counts what it compares with each."""
        found = self.named(exclusion.get("xpath"))
        self.take(len(found) * _cost(exclusion))
        return found

    def named(self, path: Any) -> list[Box]:
        """The boxes that a path leads to, such as `/moov/trak[2]`; numbers count from 1."""
        if not isinstance(path, str) or not path.startswith("/") or path.count("/") > limits.MAX_HISTORY_DEPTH:
            raise MalformedBindingError
        above, _, step = path.rpartition("/")
        match = _STEP.match(step)
        if match is None:
            raise MalformedBindingError
        if above not in self._levels:
            inner = [box for outer in self.named(above) for box in children(self._asset, outer)]
            self.take(len(inner))
            self._levels[above] = _by_kind(inner)
        found = self._levels[above].get(match.group(1).encode("latin-1"), [])
        if match.group(2):
            found = found[int(match.group(2)) - 1 : int(match.group(2))] if int(match.group(2)) else []
        self.take(1 + len(found))
        return found

    def take(self, count: int) -> None:
        """Counts boxes that are compared. Raises `StoreError` where they become more than any real binding's."""
        self._left -= count
        if self._left < 0:
            raise StoreError("store.too_many")


def _by_kind(found: list[Box]) -> dict[bytes, list[Box]]:
    kinds: dict[bytes, list[Box]] = {}
    for box in found:
        kinds.setdefault(box.kind, []).append(box)
    return kinds


def _cost(exclusion: Mapping[Any, Any]) -> int:
    """How much is compared with each box, and taken from it, besides the box itself."""
    values = [each.get("value") for each in maps(exclusion.get("data") or [])]
    size = sum(len(each) for each in values if isinstance(each, bytes))
    return len(values) + size // limits.KIB + len(maps(exclusion.get("subset") or []))


def _applies(asset: OpenAsset, exclusion: Mapping[Any, Any], box: Box) -> bool:
    """Whether the exclusion means this box, by its length, version, flags and bytes in it."""
    if exclusion.get("length") is not None and number(exclusion["length"]) != box.end - box.start:
        return False
    head = asset.read_at(box.content, 4) if box.kind in FULL else b""
    if exclusion.get("version") is not None and head and number(exclusion["version"]) != head[0]:
        return False
    flags = exclusion.get("flags")
    if flags is not None and head:
        if not isinstance(flags, bytes) or len(flags) != 3:
            raise MalformedBindingError
        wanted, found = int.from_bytes(flags, "big"), int.from_bytes(head[1:], "big")
        exact = exclusion.get("exact") is not False
        if found != wanted if exact else found | wanted != wanted:
            return False
    for each in maps(exclusion.get("data") or []):
        value = each.get("value")
        if not isinstance(value, bytes):
            raise MalformedBindingError
        if asset.read_at(box.start + number(each.get("offset")), len(value)) != value:
            return False
    return True


def _subsets(value: Any, box: Box) -> Iterator[Range]:
    for each in maps(value):
        start = box.start + number(each.get("offset"))
        length = number(each.get("length")) or box.end
        if start <= box.end:
            yield Range(start, min(start + length, box.end))


def _plain(asset: OpenAsset, top: list[Box]) -> Iterator[Range]:
    """Boxes that the standard leaves out, as far as they hold nothing that a reader would show.

    The one box at the start that names the type; empty room; the index by which a player finds its place.
    """
    if top and top[0].kind == b"ftyp" and top[0].end - top[0].start <= _LONGEST_TYPE_BOX:
        brands = asset.read_at(top[0].content, top[0].end - top[0].content)
        if len(brands) >= 8 and len(brands) % 4 == 0 and (brands[:4] + brands[8:].replace(b"\0", b" ")).isascii():
            yield Range(top[0].start, top[0].end)
    for box in top:
        is_room = box.kind in _PADDING and not _holds_anything(asset, box)
        if is_room or (box.kind == b"mfra" and _is_index(asset, box, top)):
            yield Range(box.start, box.end)


def _is_index(asset: OpenAsset, box: Box, top: list[Box]) -> bool:
    """Whether this is entries that lead to fragments of the file, and its own length, to its last byte.

    ISO/IEC 14496-12, sections 8.8.10 and 8.8.11: a player goes where the entries lead.
    """
    inside = list(boxes(asset, box.content, box.end))
    fragments = {each.start for each in top if each.kind == b"moof"}
    if not inside or inside[-1].end != box.end or inside[-1].kind != b"mfro":
        return False
    last = asset.read_at(inside[-1].content, inside[-1].end - inside[-1].content)
    return last == (box.end - box.start).to_bytes(8, "big") and all(
        each.kind == b"tfra" and _leads_to(asset, each, fragments) for each in inside[:-1]
    )


def _leads_to(asset: OpenAsset, box: Box, fragments: set[int]) -> bool:
    head = asset.read_at(box.content, 16)
    count, sizes = int.from_bytes(head[12:16], "big"), int.from_bytes(head[8:12], "big")
    wide = 8 if head[:1] == b"\1" else 4
    entry = 2 * wide + 3 + (sizes >> 4 & 3) + (sizes >> 2 & 3) + (sizes & 3)
    if sizes >> 6 or count > limits.MAX_BOX_ITEMS or box.end - box.content != 16 + count * entry:
        return False
    entries = asset.read_at(box.content + 16, count * entry)
    return all(
        int.from_bytes(entries[at + wide : at + 2 * wide], "big") in fragments for at in range(0, len(entries), entry)
    )


def _holds_anything(asset: OpenAsset, box: Box) -> bool:
    """Whether there is anything but zeros, and the headers of smaller empty boxes that editors leave behind."""
    offset = box.content
    for _ in range(limits.MAX_EMPTY_BOXES):
        if offset >= box.end:
            return False
        chunk = asset.read_at(offset, min(limits.MIB, box.end - offset))
        if not chunk:
            return True
        place = len(chunk) - len(chunk.lstrip(b"\0"))
        if place == len(chunk):
            offset += place
            continue
        start = offset + place
        inner = next((each for each in _headers_around(asset, box, start)), None)
        if inner is None:
            return True
        offset = inner
    return True


def _headers_around(asset: OpenAsset, box: Box, place: int) -> Iterator[int]:
    """Where an empty box's header ends, for each way in which the first byte that is not zero can be in its length."""
    for start in range(max(box.content, place - 3), place + 1):
        header = asset.read_at(start, 8)
        size = int.from_bytes(header[:4], "big")
        if header[4:] in _PADDING and 8 <= size <= box.end - start:
            yield start + 8
