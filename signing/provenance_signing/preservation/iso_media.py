"""ISO base media files, and JPEG XL in boxes: the media are where the file says, and are the same."""

import hashlib
from typing import Final

from provenance.asset import OpenAsset
from provenance.format_table import Family

from ..iso_boxes import boxes, media_extents
from . import pictures

# Of each piece of media this much from its start and its end: a piece that moved without its address shows there.
_COMPARED: Final = 64


def extents(before: OpenAsset, after: OpenAsset) -> str | None:
    """Each piece of media, by the address that the file has for it; of AVIF the decoded picture too."""
    if _media(before) != _media(after):
        return "its pictures or sound would not be found any more"
    return pictures.frames(before, after) if before.family is Family.AVIF else None


def jpeg_xl(before: OpenAsset, after: OpenAsset) -> str | None:
    """All boxes but that of the manifest."""
    if _boxes(before) != _boxes(after):
        return "its picture or its other boxes would be changed"
    return None


def _media(asset: OpenAsset) -> bytes:
    digest = hashlib.sha256()
    for extent in media_extents(asset):
        start, end = min(max(extent.start, 0), asset.size), min(max(extent.end, 0), asset.size)
        # What reaches to the end of the file, or beyond it, grows with the manifest.
        digest.update((extent.end - extent.start if extent.end <= asset.size else 0).to_bytes(8, "big"))
        digest.update(asset.read_at(start, min(_COMPARED, end - start)))
        if extent.end <= asset.size:
            digest.update(asset.read_at(max(start, end - _COMPARED), min(_COMPARED, end - start)))
    return digest.digest()


def _boxes(asset: OpenAsset) -> list[tuple[bytes, bytes]]:
    return [
        (box.kind, hashlib.sha256(asset.read_at(box.content, box.end - box.content)).digest())
        for box in boxes(asset)
        if box.kind != b"jumb"
    ]
