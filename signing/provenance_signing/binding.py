"""What a hard binding would leave out of an asset. C2PA 2.4, section 18.6."""

from typing import Final

from provenance.asset import OpenAsset
from provenance.formats.iso_media import IsoBox

from .errors import FormatError
from .iso_boxes import ISO_MEDIA, boxes, media_extents, overlapping

# What the engine leaves out of the hash of these files, and the box of the manifest itself: section A.5.1.
_LEFT_OUT: Final = frozenset({b"ftyp", b"mfra", b"free", b"skip"})
_MANIFEST: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def check_bound(asset: OpenAsset) -> None:
    """Raises `FormatError` for media that lie where the hard binding does not reach: they could be exchanged unseen."""
    if asset.family not in ISO_MEDIA:
        return
    name = asset.name or "the asset"
    top_boxes = boxes(asset)
    if not top_boxes:
        raise FormatError(f"{name}: its boxes do not fill it, and what lies outside of them would not be bound")
    unbound = [box for box in top_boxes if box.kind in _LEFT_OUT or _is_manifest(asset, box)]
    for extent in media_extents(asset):
        if box := overlapping(extent, unbound):
            kind = box.kind.decode("ascii", "replace")
            raise FormatError(f"{name}: some of its pictures or sound lie in a “{kind}” box, which would not be bound")


def _is_manifest(asset: OpenAsset, box: IsoBox) -> bool:
    return box.kind == b"uuid" and asset.read_at(box.content, 16) == _MANIFEST
