"""The general box hash: a hash for each part of the file, by name and in order. C2PA 2.4, section 18.7.

Every byte of the file must belong to a part that is named: what follows the last one was not signed.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final

from .... import limits
from ....asset import OpenAsset
from ....format_table import Family
from ....formats import jpeg, png
from ..embedding import Range
from .coverage import Coverage, MalformedBindingError, beyond, hash_name, hash_of, maps

_MANIFEST: Final = "C2PA"

# JPEG markers by their names. ITU-T T.81, table B.1.
_NAMES: Final = {
    0xC4: "DHT",
    0xC8: "JPG",
    0xCC: "DAC",
    0xD8: "SOI",
    0xD9: "EOI",
    0xDA: "SOS",
    0xDB: "DQT",
    0xDC: "DNL",
    0xDD: "DRI",
    0xDE: "DHP",
    0xDF: "EXP",
    0xFE: "COM",
    **{0xE0 + number: f"APP{number}" for number in range(16)},
    **{0xC0 + number: f"SOF{number}" for number in range(16) if number not in (4, 8, 12)},
    **{0xD0 + number: f"RST{number}" for number in range(8)},
    **{0xF0 + number: f"JPG{number}" for number in range(14)},
}


def coverage_of(asset: OpenAsset, binding: Mapping[Any, Any], own: tuple[Range, ...], *, algorithm: Any) -> Coverage:
    """What this box hash covers of the asset, in which `own` is the place of the manifest."""
    walker = _WALKERS.get(asset.family)
    if walker is None:
        return Coverage(None, (Range(0, asset.size),))
    boxes = list(_with_manifest(walker(asset), own))
    at, excluded = 0, []
    for entry in maps(binding.get("boxes")):
        names = entry.get("names")
        if not isinstance(names, list) or not names:
            raise MalformedBindingError
        here = boxes[at : at + len(names)]
        at += len(names)
        if [name for name, _ in here] != names:
            return Coverage(matched=False)
        covered = Range(here[0][1].start, here[-1][1].end)
        if names == [_MANIFEST] or entry.get("excluded") is True:
            excluded.append(covered)
        elif _MANIFEST in names:
            raise MalformedBindingError
        elif hash_of(asset, hash_name(entry, binding.get("alg") or algorithm), [covered]) != entry.get("hash"):
            return Coverage(matched=False)
    complete = at == len(boxes) and (not boxes or boxes[-1][1].end == asset.size)
    return Coverage(complete, beyond(excluded, own))


def _with_manifest(boxes: Iterator[tuple[str, Range]], own: tuple[Range, ...]) -> Iterator[tuple[str, Range]]:
    """The parts, of which those that are the manifest's place are one, called `C2PA`."""
    place = own[0] if own else Range(-1, -1)
    for name, box in boxes:
        if box.start == place.start:
            yield _MANIFEST, place
        elif not place.start < box.start < place.end:
            yield name, box


def _jpeg(asset: OpenAsset) -> Iterator[tuple[str, Range]]:
    """The segments by their names; each scan goes with the data behind it."""
    yield "SOI", Range(0, 2)
    segments = list(jpeg.segments(asset, most=limits.MAX_JPEG_SEGMENTS, scans=True))
    for segment, following in zip_longest(segments, segments[1:]):
        name = _NAMES.get(segment.marker)
        if name is None:
            return
        behind_scan = following.start if following is not None else asset.size
        yield name, Range(segment.start, behind_scan if segment.marker == jpeg.SOS else segment.end)


def _png(asset: OpenAsset) -> Iterator[tuple[str, Range]]:
    yield "PNGh", Range(0, len(png.SIGNATURE))
    for chunk in png.chunks(asset):
        yield chunk.kind.decode("latin-1"), Range(chunk.start, chunk.end)


_WALKERS: Final[dict[Family | None, Callable[[OpenAsset], Iterator[tuple[str, Range]]]]] = {
    Family.JPEG: _jpeg,
    Family.PNG: _png,
}
