"""The record of an asset, found and verified in one step, as tests of its parts need it."""

from provenance.asset import OpenAsset
from provenance.sources.c2pa.record import FoundStore, Record, find_store


def read_record(asset: OpenAsset, manifest: bytes | None = None) -> Record:
    """What was found in the asset, or of the manifest given with it, and verified."""
    found = find_store(asset, manifest)
    return found.verified(asset) if isinstance(found, FoundStore) else found
