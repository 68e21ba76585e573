"""Where a picture file's `iloc` says that its items lie. ISO/IEC 14496-12, sections 8.11.3 and 8.11.6.

Older bindings leave it out, since places shift when a manifest is put in. Where the items fill the media data exactly,
and no two of them are of one type, so that they could be exchanged for each other, it says nothing more.
"""

from .... import limits
from ....asset import OpenAsset
from ....formats.iso_media import IsoBox
from ..embedding import Range
from .boxes import boxes, children, fills_media, media_data


def implied_items(asset: OpenAsset, top: list[IsoBox]) -> list[Range]:
    """The `iloc` box, where what is covered of the file leaves no choice for it; else none."""
    metas = [box for box in top if box.kind == b"meta"]
    inside = [inner for box in metas for inner in children(asset, box)]
    locations = [box for box in inside if box.kind == b"iloc"]
    infos = [box for box in inside if box.kind == b"iinf"]
    if len(metas) != 1 or len(locations) != 1 or len(infos) != 1 or any(box.kind == b"idat" for box in inside):
        return []
    data = asset.read_at(locations[0].content, min(locations[0].end - locations[0].content, limits.MIB))
    places = _places(data)
    types = _types(asset, infos[0])
    if places is None or set(places) - set(types) or len({types[item] for item in places}) != len(places):
        return []
    implied = len(media_data(top)) == 1 and fills_media(list(places.values()), top)
    return [Range(locations[0].start, locations[0].end)] if implied else []


def _places(data: bytes) -> dict[int, Range] | None:
    """Each item's one extent in the file; None for any other way to say where items are."""
    if len(data) < 8 or data[0] > 2:
        return None
    sizes = (data[4] >> 4, data[4] & 15, data[5] >> 4, data[5] & 15 if data[0] else 0)
    wide = 4 if data[0] == 2 else 2
    at = 6

    def take(size: int) -> int:
        nonlocal at
        at += size
        return int.from_bytes(data[at - size : at], "big")

    places: dict[int, Range] = {}
    for _ in range(min(take(wide), limits.MAX_BOX_ITEMS)):
        number = take(wide)
        construction = take(2) if data[0] else 0
        reference, base, extents = take(2), take(sizes[2]), take(2)
        if construction or reference or extents != 1 or number in places:
            return None
        take(sizes[3])
        start = base + take(sizes[0])
        places[number] = Range(start, start + take(sizes[1]))
    return places if at == len(data) else None


def _types(asset: OpenAsset, info: IsoBox) -> dict[int, bytes]:
    """The type of each item, by its number."""
    version = asset.read_at(info.content, 1)
    types = {}
    for entry in boxes(asset, info.content + (6 if version == b"\0" else 8), info.end):
        data = asset.read_at(entry.content, 14)
        wide = data[:1] == b"\3"
        types[int.from_bytes(data[4 : 8 if wide else 6], "big")] = data[10:14] if wide else data[8:12]
    return types
