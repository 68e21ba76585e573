"""What an asset's manifest store holds, taken out as it is. Nothing here judges it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ... import limits
from ...asset import OpenAsset
from ...media_type import MANIFEST_STORE
from ...trust import TrustStore
from .. import Context
from .chain import SignatureCertificates, certificates_in
from .engine import Engine, Form, Outcome, StoreReading, is_supported
from .jumbf import manifests_in
from .reading import Reading, engine_for, read_asset
from .thumbnails import is_of_claim, written_anew


@dataclass(frozen=True)
class Thumbnail:
    """A picture from a manifest, written anew as JPEG: of the manifest's own asset, or of one of its ingredients."""

    uri: str
    of_claim: bool
    jpeg: bytes


class Extraction:
    """The manifest store of an asset that is open: inside it, beside it, or on its own.

    `reading` says why, where there is none. `alone`: there is no asset, so that nothing is known of the hard binding.
    `exact`: the store's bytes are those in the file, as far as the second engine could tell.
    """

    def __init__(self, asset: OpenAsset, trust: TrustStore, *, thumbnails: bool = False) -> None:
        self._asset, self._engine = asset, engine_for(trust)
        found = read_asset(asset, Context(trust=trust, thumbnails=thumbnails))
        self.reading = _store_alone(asset, self._engine, found, thumbnails=thumbnails)
        self.external = found.external is not None
        self.alone = asset.media_type == MANIFEST_STORE
        self.exact = found.second is None or found.second.store_sha256 in (
            None,
            hashlib.sha256(self.reading.store_bytes).hexdigest(),
        )

    @property
    def store(self) -> dict[str, Any]:
        """The engine's JSON of the store; empty where there is none."""
        return self.reading.store or {}

    @property
    def read_apart(self) -> bool:
        """Whether the engine reads the store without the asset: then its `text` errs on the hard binding."""
        return self.alone or not is_supported(self._asset.media_type)

    def text(self, form: Form) -> str | None:
        """The store in another form, as the engine writes it, or None where it cannot."""
        store = self.reading.store_bytes
        if self.read_apart:
            return self._engine.text_apart(form, store)
        return self._engine.text(form, self._asset, manifest=store if self.external else None)

    def certificates(self) -> dict[str, SignatureCertificates]:
        """The certificates of each manifest's signature and time stamp, by the manifest's label."""
        boxes = manifests_in(self.reading.store_bytes)
        return {label: certificates_in(box) for label, box in boxes.items()}

    def thumbnails(self) -> Iterator[Thumbnail]:
        """The pictures of all manifests that can be decoded, up to the limit of their number."""
        for uri, data in (self.reading.thumbnails or {}).items():
            jpeg = written_anew(data, limits.EXTRACTED_THUMBNAIL_EDGE)
            if jpeg is not None:
                yield Thumbnail(uri, is_of_claim(uri), jpeg)


def _store_alone(asset: OpenAsset, engine: Engine, found: Reading, *, thumbnails: bool) -> StoreReading:
    """Also what `read_asset` passes over, as nothing can be concluded from it: a store without its asset or parts."""
    if found.first.outcome is Outcome.FRAGMENT:
        return engine.read(asset, thumbnails=thumbnails)
    if found.first.outcome is not Outcome.WITHOUT_ASSET:
        return found.shown
    if asset.size > limits.MAX_MANIFEST_STORE:
        return StoreReading(Outcome.TOO_LARGE)
    return engine.read_apart(bytes(asset.content()), thumbnails=thumbnails)
