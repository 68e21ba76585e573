"""ISO base media files (HEIC, AVIF, JPEG XL, MP4, MOV): metadata in boxes and in the items of a `meta` box.

ISO/IEC 14496-12; XMP part 3, sections 1.1.4 and 2.2; HEIF: ISO/IEC 23008-12, annex A; JPEG XL: ISO/IEC 18181-2.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...formats.iso_media import Budget, IsoBox, boxes
from .blocks import Blocks

_XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_LONGEST_NAME: Final = 64

# Texts by the types of their boxes, as QuickTime and iTunes name them.
_ATOMS: Final = {
    b"\xa9cmt": "comment",
    b"\xa9des": "description",
    b"desc": "description",
    b"\xa9too": "encoder",
    b"\xa9swr": "software",
    b"\xa9nam": "title",
    b"\xa9ART": "artist",
    b"\xa9aut": "artist",
    b"\xa9cpy": "copyright",
    b"cprt": "copyright",
    b"\xa9day": "date",
    b"\xa9mak": "make",
    b"\xa9mod": "model",
    b"\xa9xyz": "location",
}


def read_iso_media(asset: OpenAsset) -> Blocks:
    """The blocks of an ISO media file."""
    blocks = Blocks()
    budget = Budget()
    for box in _boxes(asset, 0, asset.size, budget):
        if box.kind == b"uuid" and asset.read_at(box.content, 16) == _XMP_UUID:
            _add_xmp(blocks, asset, box.content + 16, box.end)
        elif box.kind == b"xml ":  # JPEG XL
            _add_xmp(blocks, asset, box.content, box.end)
        elif box.kind == b"Exif":  # JPEG XL: four bytes of offset first
            _add_exif(blocks, asset, box.content, box.end)
        elif box.kind == b"meta":
            _items(blocks, asset, box, budget)
        elif box.kind == b"moov":
            _movie(blocks, asset, box, budget)
    blocks.truncated = blocks.truncated or budget.spent
    return blocks


def _boxes(asset: OpenAsset, start: int, end: int, budget: Budget) -> Iterator[IsoBox]:
    """The boxes; the last one ends where what it stands in does."""
    for box in boxes(asset, start, end, budget):
        yield box if box.end <= end else replace(box, end=end)


def _movie(blocks: Blocks, asset: OpenAsset, movie: IsoBox, budget: Budget) -> None:
    """User data of a movie: XMP (QuickTime), and texts, as own boxes or in a `meta` box."""
    for box in _boxes(asset, movie.content, movie.end, budget):
        if box.kind == b"udta":
            for inner in _boxes(asset, box.content, box.end, budget):
                if inner.kind == b"XMP_":
                    _add_xmp(blocks, asset, inner.content, inner.end)
                elif inner.kind == b"AIGC":
                    data = _text(blocks, asset, inner.content, inner.end)
                    blocks.add_tag("AIGC", data[max(data.find(b"{"), 0) :])
                elif inner.kind in _ATOMS:  # a length and a language before the text. QuickTime, user data
                    blocks.add_tag(_ATOMS[inner.kind], _text(blocks, asset, inner.content + 4, inner.end))
                elif inner.kind == b"meta":
                    _keys(blocks, asset, inner, budget)
        elif box.kind == b"meta":
            _keys(blocks, asset, box, budget)
        elif box.kind == b"uuid" and asset.read_at(box.content, 16) == _XMP_UUID:
            _add_xmp(blocks, asset, box.content + 16, box.end)


def _keys(blocks: Blocks, asset: OpenAsset, meta: IsoBox, budget: Budget) -> None:
    """The texts of a metadata box: its items are named by numbers in `keys`, by their types, or by a name in them."""
    names: list[str] = []
    items: list[IsoBox] = []
    start = meta.content if asset.read_at(meta.content + 4, 4) in (b"hdlr", b"keys") else meta.content + 4
    for box in _boxes(asset, start, meta.end, budget):
        if box.kind == b"keys":
            keys = _boxes(asset, box.content + 8, box.end, budget)
            names = [
                asset.read_at(key.content, min(key.end - key.content, 64)).decode("utf-8", "replace") for key in keys
            ]
        elif box.kind == b"ilst":
            items.extend(_boxes(asset, box.content, box.end, budget))
    for item in items:
        index = int.from_bytes(item.kind, "big") - 1
        name = names[index] if 0 <= index < len(names) else _ATOMS.get(item.kind, "")
        for part in _boxes(asset, item.content, item.end, budget):
            if part.kind == b"name" and item.kind == b"----":
                name = _text(blocks, asset, part.content + 4, min(part.end, part.content + 68)).decode(
                    "utf-8", "replace"
                )
            elif part.kind == b"data" and name:
                blocks.add_tag(name, _text(blocks, asset, part.content + 8, part.end))


def _name(asset: OpenAsset, start: int, end: int) -> str:
    return asset.read_at(start, min(max(0, end - start), _LONGEST_NAME)).decode("utf-8", "replace")


def _text(blocks: Blocks, asset: OpenAsset, start: int, end: int) -> bytes:
    """The bytes of a text; none where there is no room for it."""
    size = end - start
    return asset.read_at(start, size) if size > 0 and blocks.has_room_for(size, limits.MAX_TEXT_CHUNK) else b""


def _items(blocks: Blocks, asset: OpenAsset, meta: IsoBox, budget: Budget) -> None:
    """XMP and EXIF as items of a HEIF `meta` box: `iinf` names them, `iloc` says where they lie."""
    wanted: dict[int, str] = {}
    places: dict[int, tuple[int, int]] = {}
    for box in _boxes(asset, meta.content + 4, meta.end, budget):
        if box.kind == b"iinf":
            wanted = _wanted_items(asset, box, budget)
        elif box.kind == b"iloc":
            places = _item_places(asset.read_at(box.content, min(box.end - box.content, limits.MIB)))
    for number, kind in wanted.items():
        if number not in places:
            continue
        start, length = places[number]
        if kind == "xmp":
            _add_xmp(blocks, asset, start, start + length)
        else:
            _add_exif(blocks, asset, start, start + length)


def _wanted_items(asset: OpenAsset, box: IsoBox, budget: Budget) -> dict[int, str]:
    wanted = {}
    version = asset.read_at(box.content, 1)[:1]
    start = box.content + (6 if version == b"\0" else 8)
    for entry in _boxes(asset, start, box.end, budget):
        data = asset.read_at(entry.content, min(entry.end - entry.content, 256))
        wide = data[:1] == b"\3"
        number = int.from_bytes(data[4 : 8 if wide else 6], "big")
        kind = data[10:14] if wide else data[8:12]
        if kind == b"Exif":
            wanted[number] = "exif"
        elif kind == b"mime" and b"application/rdf+xml" in data:
            wanted[number] = "xmp"
    return wanted


def _item_places(data: bytes) -> dict[int, tuple[int, int]]:
    """The file offset and length of each item that lies in one piece in the file. ISO/IEC 14496-12, 8.11.3."""
    if len(data) < 8:
        return {}
    version = data[0]
    offset_size, length_size = data[4] >> 4, data[4] & 15
    base_size, index_size = data[5] >> 4, data[5] & 15 if version in (1, 2) else 0
    wide = version == 2
    at = 6
    count = int.from_bytes(data[at : at + (4 if wide else 2)], "big")
    at += 4 if wide else 2

    def take(size: int) -> int:
        nonlocal at
        value = int.from_bytes(data[at : at + size], "big")
        at += size
        return value

    places = {}
    for _ in range(min(count, limits.MAX_BOX_ITEMS)):
        if at >= len(data):
            break
        number = take(4 if wide else 2)
        method = take(2) & 15 if version in (1, 2) else 0
        take(2)  # data reference
        base = take(base_size)
        for extent in range(take(2)):
            if at >= len(data):
                break
            take(index_size)
            offset, length = take(offset_size), take(length_size)
            if extent == 0 and method == 0:
                places[number] = (base + offset, length)
    return places


def _add_xmp(blocks: Blocks, asset: OpenAsset, start: int, end: int) -> None:
    if end > start and blocks.has_room_for(end - start, limits.MAX_XMP_SIZE):
        blocks.xmp.append(asset.read_at(start, end - start))


def _add_exif(blocks: Blocks, asset: OpenAsset, start: int, end: int) -> None:
    if end - start > 4 and blocks.has_room_for(end - start, limits.MAX_EXIF_SIZE):
        data = asset.read_at(start, end - start)
        blocks.exif = data[4 + int.from_bytes(data[:4], "big") :].removeprefix(b"Exif\0\0")
