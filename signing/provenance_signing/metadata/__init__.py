"""Metadata: writes the origin into an asset's XMP before it is signed, so that both say the same.

IPTC Photo Metadata Standard 2025.1, and on request the AIGC label of China's GB 45438-2025.
"""

from collections.abc import Callable
from typing import BinaryIO, Final

from provenance.asset import OpenAsset, open_asset
from provenance.format_table import Family, family_of
from provenance.sources.containers import read_blocks

from . import iso_media, jpeg, png, webp
from .declarations import Declared
from .packet import agree
from .splices import Plan, copy

__all__ = ["Declared", "write"]

_PLANS: Final[dict[Family | None, Callable[[OpenAsset, Declared], Plan | None]]] = {
    Family.JPEG: jpeg.plan,
    Family.PNG: png.plan,
    Family.WEBP: webp.plan,
    Family.MOVIE: iso_media.plan,
}


def write(source: BinaryIO, target: BinaryIO, media_type: str, declared: Declared) -> bool:
    """Copies the source to the target with the declared properties in its XMP.

    False, and nothing is written, where that cannot be done without harm: another type, a damaged file, an XMP packet
    that cannot be read or has no room, or a second place that says something else.
    """
    planner = _PLANS.get(family_of(media_type))
    if planner is None:
        return False
    with open_asset(source) as asset:
        plan = planner(asset, declared)
        if plan is None or not _is_alone(asset, declared, plan):
            return False
        copy(asset, target, plan.splices)
    return True


def _is_alone(asset: OpenAsset, declared: Declared, plan: Plan) -> bool:
    """Whether nothing else in the asset will contradict the packet: a further one, or a label in a movie's own keys."""
    blocks = read_blocks(asset)
    if blocks is None:
        return False
    others = list(blocks.xmp)
    if plan.replaced is not None:
        if plan.replaced not in others:
            return False
        others.remove(plan.replaced)
    if declared.aigc and asset.family is not Family.PNG and "AIGC" in blocks.text:
        return False
    return agree([plan.packet, *others], declared)
