"""What a hard binding was found to cover: whether its hash is that of the content, and which bytes it leaves out."""

import bisect
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .... import limits
from ....asset import OpenAsset
from ..embedding import Range

# C2PA 2.4, section 13.1.
HASHES: Final = ("sha256", "sha384", "sha512")

_CHUNK: Final = limits.MIB


class MalformedBindingError(Exception):
    """A hard binding that does not say what it binds."""


class UnsupportedHashError(Exception):
    """A hash algorithm that is not allowed. C2PA 2.4, section 13.1."""


@dataclass(frozen=True)
class Coverage:
    """`matched`: whether the content is what was bound; None where only an engine can tell.

    `left_out`: bytes that no hash covers and that are not the manifest's own.
    """

    matched: bool | None
    left_out: tuple[Range, ...] = ()


def hash_name(binding: Mapping[Any, Any], default: Any) -> str:
    """The binding's hash algorithm, or that of its claim. Raises `UnsupportedHashError`."""
    name = binding.get("alg") or default
    if name not in HASHES:
        raise UnsupportedHashError(str(name))
    return str(name)


def hash_of(asset: OpenAsset, algorithm: str, pieces: Iterable[Range | bytes]) -> bytes:
    """The hash over these parts of the asset, and over bytes that stand between them."""
    digest = hashlib.new(algorithm)
    for piece in pieces:
        if isinstance(piece, bytes):
            digest.update(piece)
            continue
        offset = piece.start
        while offset < piece.end:
            chunk = asset.view_at(offset, min(_CHUNK, piece.end - offset))
            if not chunk:
                break
            digest.update(chunk)
            offset += len(chunk)
    return digest.digest()


def without(whole: Range, taken: Sequence[Range]) -> list[Range]:
    """What is left of a range when others are taken out of it."""
    return _without(whole, merged(taken))


def _without(whole: Range, taken: Iterable[Range]) -> list[Range]:
    """The same, where the others are in order and do not overlap."""
    left, at = [], whole.start
    for place in taken:
        start, end = max(place.start, whole.start), min(place.end, whole.end)
        if start >= end:
            continue
        if at < start:
            left.append(Range(at, start))
        at = max(at, end)
    if at < whole.end:
        left.append(Range(at, whole.end))
    return left


def beyond(excluded: Iterable[Range], allowed: Sequence[Range]) -> tuple[Range, ...]:
    """What is excluded and not allowed to be."""
    permitted = merged(allowed)
    starts, ends = [place.start for place in permitted], [place.end for place in permitted]
    places: list[Range] = []
    for place in merged(excluded):
        first, last = bisect.bisect_right(ends, place.start), bisect.bisect_left(starts, place.end)
        places.extend(_without(place, permitted[first:last]))
    return tuple(places)


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same bytes in order, with nothing twice."""
    joined: list[Range] = []
    for place in sorted(ranges, key=lambda place: (place.start, place.end)):
        if joined and place.start <= joined[-1].end:
            joined[-1] = Range(joined[-1].start, max(joined[-1].end, place.end))
        elif place.start < place.end:
            joined.append(place)
    return joined


def maps(value: Any) -> list[Mapping[Any, Any]]:
    """A list of maps, as bindings hold them. Raises `MalformedBindingError` for anything else."""
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise MalformedBindingError
    if len(value) > limits.MAX_EXCLUSIONS:
        raise MalformedBindingError
    return value


def number(value: Any) -> int:
    """A size or place. Raises `MalformedBindingError` for what is none."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise MalformedBindingError
    return value
