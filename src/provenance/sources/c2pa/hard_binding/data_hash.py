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
        Range(number(exclusion.get("start")), number(exclusion.get("start")) + number(exclusion.get("length")))
        for exclusion in maps(binding.get("exclusions") or [])
    ]
    if updated:
        exclusions = _with_room_for_update(exclusions, own)
    ordered = sorted(exclusions, key=lambda exclusion: exclusion.start)
    overlap = any(exclusion.end > following.start for exclusion, following in pairwise(ordered))
    if overlap:
        raise MalformedBindingError
    if any(exclusion.end > asset.size for exclusion in exclusions):
        return Coverage(matched=False)  # the file is shorter than it was
    actual = hash_of(asset, hash_name(binding, algorithm), without(Range(0, asset.size), exclusions))
    return Coverage(actual == binding.get("hash"), beyond(exclusions, own))


def _with_room_for_update(exclusions: list[Range], own: tuple[Range, ...]) -> list[Range]:
    """The exclusions, of which that of the manifest is as long as its place is now, and later ones are moved."""
    # The longest is the store itself: a TIFF has four bytes besides that say where it is, and no more with an update.
    place = max(merged(own), key=lambda place_of_store: place_of_store.end - place_of_store.start, default=None)
    grown = [exclusion for exclusion in exclusions if place is not None and exclusion.start == place.start]
    if place is None or len(grown) != 1:
        return exclusions
    old = grown[0]
    return [
        place
        if exclusion == old
        else Range(exclusion.start + place.end - old.end, exclusion.end + place.end - old.end)
        if exclusion.start > old.start
        else exclusion
        for exclusion in exclusions
    ]
