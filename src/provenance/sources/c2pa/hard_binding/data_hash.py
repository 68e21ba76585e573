"""The data hash: one hash over the whole file but for the ranges that it names. C2PA 2.4, section 18.5."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ....asset import OpenAsset
from ..embedding import Range
from .coverage import Coverage, MalformedBindingError, beyond, hash_name, hash_of, maps, merged, number, without


def coverage_of(
    asset: OpenAsset, binding: Mapping[Any, Any], own: tuple[Range, ...], *, algorithm: Any, updated: bool
) -> Coverage:
    """What this data hash covers of the asset, in which `own` is the place of the manifest.

    `updated`: the manifest has grown in its place since the hash was made. C2PA 2.4, section 11.2.3.
    """
    exclusions = [
        Range(number(each.get("start")), number(each.get("start")) + number(each.get("length")))
        for each in maps(binding.get("exclusions") or [])
    ]
    if updated:
        exclusions = _with_room_for_update(exclusions, own)
    ordered = sorted(exclusions, key=lambda each: each.start)
    overlap = any(one.end > other.start for one, other in pairwise(ordered))
    if overlap:
        raise MalformedBindingError
    if any(each.end > asset.size for each in exclusions):
        return Coverage(matched=False)  # the file is shorter than it was
    found = hash_of(asset, hash_name(binding, algorithm), without(Range(0, asset.size), exclusions))
    return Coverage(found == binding.get("hash"), beyond(exclusions, own))


def _with_room_for_update(exclusions: list[Range], own: tuple[Range, ...]) -> list[Range]:
    """The exclusions, of which that of the manifest is as long as its place is now, and later ones are moved."""
    # The longest is the store itself: a TIFF has four bytes besides that say where it is, and no more with an update.
    place = max(merged(own), key=lambda each: each.end - each.start, default=None)
    grown = [each for each in exclusions if place is not None and each.start == place.start]
    if place is None or len(grown) != 1:
        return exclusions
    old = grown[0]
    return [
        place
        if each == old
        else Range(each.start + place.end - old.end, each.end + place.end - old.end)
        if each.start > old.start
        else each
        for each in exclusions
    ]
