"""The place of a manifest store in an asset."""

from dataclasses import dataclass
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from ....media_type import STORE_DESCRIPTION

# Length and type of the store's superbox, and length of its description, stand before the description itself.
BEFORE_DESCRIPTION: Final = 12


@dataclass(frozen=True)
class Range:
    """Bytes of the file, from `start` up to and without `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Embedding:
    """A manifest store, and the bytes of the asset that are there for it alone: its pieces and what frames them.

    `trees`: boxes with the hashes of parts, which are the store's own only where its hard binding has such hashes.
    """

    store: bytes
    ranges: tuple[Range, ...]
    trees: tuple[Range, ...] = ()


def begins_store(data: bytes) -> bool:
    """Whether these bytes begin like a manifest store. C2PA 2.4, section 11.1.4; ISO 19566-5."""
    return data[4:8] == b"jumb" and data[BEFORE_DESCRIPTION:].startswith(STORE_DESCRIPTION)


def store_in(asset: OpenAsset, start: int, end: int) -> bytes:
    """The store that fills this part of the asset. Raises `StoreError` where something else does."""
    if end - start > limits.MAX_MANIFEST_STORE:
        raise StoreError("store.too_large")
    data = asset.read_at(start, end - start)
    if len(data) != end - start or not begins_store(data):
        raise StoreError("store.junk")
    return data


def only(found: list[Embedding]) -> Embedding | None:
    """The one that was found, or None. Raises `StoreError` where there are more."""
    if len(found) > 1:
        raise StoreError("store.two_records")
    return found[0] if found else None
