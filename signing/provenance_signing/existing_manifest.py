"""Reading the manifest that an asset has, by the engine that reads what is signed here in its media type."""

from typing import Final

from provenance.asset import OpenAsset
from provenance.credentials import IntegrityState
from provenance.format_table import Family
from provenance.formats.jpeg import SOS, segments
from provenance.sources import Context
from provenance.sources.c2pa.engine import ReadOutcome
from provenance.sources.c2pa.reading import Reading, read_asset
from provenance.sources.c2pa.validation import codes_of, integrity_of
from provenance.trust import TrustStore

from .carriers import needs_second_engine
from .errors import FormatError

# For where it is only asked whether a manifest is there, or fits.
NOBODY: Final = TrustStore(())

# Formats in which a manifest store stands byte for byte. Where its name is not found in them, no engine need be asked:
# looking for it takes a tenth of the time.
_STORE_AS_IT_IS: Final = frozenset(
    {Family.JPEG, Family.PNG, Family.WEBP, Family.AVIF, Family.HEIC, Family.MOVIE, Family.WAV}
)
_MARKS: Final = (b"c2pa", b"provenance")  # the last one: `dcterms:provenance` in XMP names a remote manifest
_OVERLAP: Final = 16
_CHUNK: Final = 1 << 20


def read(asset: OpenAsset, trust: TrustStore, *, manifest: bytes | None = None) -> Reading:
    """What the asset's manifest says, or this manifest store, where it stands apart."""
    second = needs_second_engine(asset.media_type)
    return read_asset(asset, Context(trust=trust, manifest=manifest, second_engine=second))


def manifest_in(asset: OpenAsset, trust: TrustStore) -> str | None:
    """The label of the asset's active manifest, inside it or beside it, or where it is; None where it has none.

    A manifest beside it that does not fit belongs to another asset of that name, and does not count.

    Raises `FormatError` where something is there that cannot be read.
    """
    if asset.sidecar is None and asset.family in _STORE_AS_IT_IS and not _mentions_a_manifest(asset):
        return None
    reading = read(asset, trust)
    shown = reading.shown
    if shown.store is not None:
        fits = reading.external is None or integrity_of(codes_of(shown.store)) is IntegrityState.INTACT
        return str(shown.store["active_manifest"]) if fits else None
    if shown.outcome is ReadOutcome.REMOTE:
        return shown.remote_url
    if shown.outcome in (ReadOutcome.ABSENT, ReadOutcome.UNSUPPORTED):
        return None
    raise FormatError(f"{asset.name or 'the asset'}: cannot be read, or has a manifest that cannot")


def has_manifest_inside(asset: OpenAsset) -> bool:
    """Whether the asset's manifest is read from inside it, whatever stands beside it."""
    reading = read(asset, NOBODY)
    return reading.external is None and reading.shown.store is not None


def is_manifest_of(asset: OpenAsset, store: bytes, trust: TrustStore) -> bool:
    """Whether this manifest store fits the asset."""
    manifest_store = read(asset, trust, manifest=store).shown.store
    return manifest_store is not None and integrity_of(codes_of(manifest_store)) is IntegrityState.INTACT


def _mentions_a_manifest(asset: OpenAsset) -> bool:
    """Whether the bytes of a manifest's name stand in the asset, or a reference to one in its XMP."""
    left = _head_of_jpeg(asset) if asset.family is Family.JPEG else asset.size
    asset.stream.seek(0)
    end = b""
    while left > 0 and (chunk := asset.stream.read(min(left, _CHUNK))):
        left -= len(chunk)
        window = end + chunk
        if any(mark in window for mark in _MARKS):
            return True
        end = chunk[-_OVERLAP:]
    return False


def _head_of_jpeg(asset: OpenAsset) -> int:
    """Where a JPEG's first scan begins; manifests and XMP stand before it. C2PA 2.4, A.3.1; ISO 10918-1, B.1."""
    return next((segment.start for segment in segments(asset) if segment.marker == SOS), asset.size)
