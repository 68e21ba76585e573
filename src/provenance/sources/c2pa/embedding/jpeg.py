"""JPEG: the store in APP11 segments one behind the other. C2PA 2.4, section A.3.1; ISO 19566-5, annex D."""

from itertools import pairwise
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.jpeg import APP11, NO_MARKER, segments
from ....formats.jumbf import StoreError
from .place import Embedding, Range, begins_store

_JUMBF: Final = b"JP"
_HEADER: Final = 12  # marker, length, "JP", number of the box, number of the segment
_BOX_HEADER: Final = 8  # length and type of the superbox, which every segment repeats


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the segments before the image data."""
    pieces = _pieces(asset)
    if not pieces:
        return None
    numbers = {asset.read_at(piece.start + 6, 2) for piece in pieces}
    if len(numbers) > 1:
        raise StoreError("store.two_records")
    if any(piece.end != following.start for piece, following in pairwise(pieces)):
        raise StoreError("store.scattered")
    first = asset.read_at(pieces[0].start + _HEADER, _BOX_HEADER)
    data, number = bytearray(first), _sequence(asset, pieces[0])
    if number not in (0, 1):  # the standard counts from 1; Microsoft's files from 0
        raise StoreError("store.scattered")
    for piece in pieces:
        segment = asset.read_at(piece.start, piece.end - piece.start)
        if segment[_HEADER : _HEADER + _BOX_HEADER] != first or _sequence(asset, piece) != number:
            raise StoreError("store.scattered")
        data += segment[_HEADER + _BOX_HEADER :]
        number += 1
        if len(data) > limits.MAX_MANIFEST_STORE:
            raise StoreError("store.too_large")
    if int.from_bytes(first[:4], "big") != len(data):
        raise StoreError("store.junk")
    return Embedding(bytes(data), (Range(pieces[0].start, pieces[-1].end),))


def _sequence(asset: OpenAsset, piece: Range) -> int:
    return int.from_bytes(asset.read_at(piece.start + 8, 4), "big")


def _pieces(asset: OpenAsset) -> list[Range]:
    """The segments that hold a manifest store, or go on with one: those of a store's number, wherever they stand."""
    found: list[Range] = []
    boxes: dict[bytes, list[Range]] = {}
    junk = False
    for segment in segments(asset, most=limits.MAX_JPEG_SEGMENTS):
        if segment.marker == NO_MARKER:  # one reader passes over it, another stops
            junk = True
        elif segment.marker == APP11:
            head = asset.read_at(segment.start, _HEADER + 40)
            if head[4:6] == _JUMBF:
                place = Range(segment.start, segment.end)
                boxes.setdefault(head[6:8], []).append(place)
                if begins_store(head[_HEADER:]):
                    found.append(place)
    if not found:
        return []
    if junk:
        raise StoreError("store.junk")
    numbers = {asset.read_at(each.start + 6, 2) for each in found}
    return sorted((piece for number in numbers for piece in boxes[number]), key=lambda piece: piece.start)
