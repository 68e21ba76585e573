"""Metadata: writes the origin into an asset's XMP before it is signed, so that both say the same.

IPTC Photo Metadata Standard 2025.1, and on request the AIGC label of China's GB 45438-2025.
"""

from collections.abc import Callable
from typing import BinaryIO, Final

from provenance.asset import OpenAsset, open_asset
from provenance.sources.containers import READERS

from . import iso_media, jpeg, png, webp
from .declared import AigcLabel, Declared
from .packet import agree
from .splices import Plan, copy

__all__ = ["WRITTEN", "AigcLabel", "Declared", "write"]

_PLANS: Final[dict[str, Callable[[OpenAsset, Declared], Plan | None]]] = {
    "image/jpeg": jpeg.plan,
    "image/png": png.plan,
    "image/webp": webp.plan,
    "video/mp4": iso_media.plan,
    "video/quicktime": iso_media.plan,
    "audio/mp4": iso_media.plan,
}

WRITTEN: Final = frozenset(_PLANS)


def write(source: BinaryIO, target: BinaryIO, media_type: str, declared: Declared) -> bool:
    """Copies the source to the target with the declared properties in its XMP.

    False, and nothing is written, where that cannot be done without harm: another type, a damaged file, an XMP packet
    that cannot be read or has no room, or a second place that says something else.
    """
    if media_type not in _PLANS:
        return False
    with open_asset(source) as asset:
        plan = _PLANS[media_type](asset, declared)
        if plan is None or not _is_alone(asset, media_type, declared, plan):
            return False
        copy(asset, target, plan.splices)
    return True


def _is_alone(asset: OpenAsset, media_type: str, declared: Declared, plan: Plan) -> bool:
    """Whether nothing else in the asset will contradict the packet: a further one, or a label in a movie's own keys."""
    blocks = READERS[media_type](asset)
    others = list(blocks.xmp)
    if plan.replaced is not None:
        if plan.replaced not in others:
            return False
        others.remove(plan.replaced)
    if declared.aigc and media_type != "image/png" and "AIGC" in blocks.text:
        return False
    return agree([plan.packet, *others], declared)
