"""A plan: what is put where when an asset is copied. No asset is held in memory, however large."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from provenance.asset import OpenAsset
from provenance.limits import MIB

_CHUNK: Final = MIB


@dataclass(frozen=True)
class Splice:
    """New bytes in place of those from `start` to `end`."""

    start: int
    end: int
    content: bytes = b""


@dataclass(frozen=True)
class Plan:
    """The splices that put an XMP packet into an asset, and the older packet whose place it takes."""

    packet: bytes
    replaced: bytes | None
    splices: tuple[Splice, ...]


def copy(asset: OpenAsset, target: BinaryIO, splices: Sequence[Splice]) -> None:
    """Writes the asset with these splices, which do not overlap."""
    at = 0
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        _copy(asset, target, at, splice.start)
        target.write(splice.content)
        at = splice.end
    _copy(asset, target, at, asset.size)


def _copy(asset: OpenAsset, target: BinaryIO, start: int, end: int) -> None:
    while start < end and (chunk := asset.read_at(start, min(_CHUNK, end - start))):
        target.write(chunk)
        start += len(chunk)
