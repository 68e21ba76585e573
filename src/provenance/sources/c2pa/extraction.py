"""What an asset's manifest store holds, taken out as it is. Nothing here judges it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ... import limits
from ...asset import OpenAsset
from ...formats.jumbf import StoreError
from ...media_type import MANIFEST_STORE
from ...trust import TrustStore
from .. import Context
from .chain import SignatureCertificates, certificates_of
from .engine import Form, Outcome, StoreReading, is_supported
from .manifest_store import ManifestStore, parse_store
from .reading import Reading, engine_for, read_asset
from .record import FoundStore, find_store
from .thumbnails import is_of_claim, thumbnails_of, written_anew
from .validator import validate


@dataclass(frozen=True)
class Thumbnail:
    """A picture from a manifest, written anew as JPEG: of the manifest's own asset, or of one of its ingredients."""

    uri: str
    of_claim: bool
    jpeg: bytes


class Extraction:
    """The manifest store of an asset that is open: inside it, beside it, or on its own.

    `reading` says why, where there is none. `alone`: there is no asset, so that nothing is known of the hard binding.
    """

    def __init__(self, asset: OpenAsset, trust: TrustStore, *, thumbnails: bool = False) -> None:
        self._asset, self._engine = asset, engine_for(trust)
        found = read_asset(asset, Context(trust=trust, thumbnails=thumbnails, second_engine=False))
        self.alone = asset.media_type == MANIFEST_STORE
        self.external = found.external is not None
        self.reading = self._taken_out(found)
        self._thumbnails = self._pictures() if thumbnails else {}

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
        """The certificates of each manifest's signature and time stamp, by the manifest's label.

        None of a store that cannot be read beyond doubt.
        """
        store = self._parsed()
        return {} if store is None else {label: certificates_of(each) for label, each in store.manifests.items()}

    def thumbnails(self) -> Iterator[Thumbnail]:
        """The pictures of all manifests that can be decoded, up to the limit of their number."""
        for uri, data in self._thumbnails.items():
            jpeg = written_anew(data, limits.EXTRACTED_THUMBNAIL_EDGE)
            if jpeg is not None:
                yield Thumbnail(uri, is_of_claim(uri), jpeg)

    @property
    def has_all_thumbnails(self) -> bool:
        """Whether the limit of their number left none out."""
        return len(self._thumbnails) < limits.MAX_THUMBNAILS

    def _pictures(self) -> dict[str, bytes]:
        store = self._parsed()
        try:
            return {} if store is None else thumbnails_of(validate(store, None, None))
        except StoreError:
            return {}

    def _parsed(self) -> ManifestStore | None:
        try:
            return parse_store(self.reading.store_bytes)
        except StoreError:
            return None

    def _taken_out(self, found: Reading) -> StoreReading:
        """The engine's reading with the store's own bytes; also of a store without its asset or parts."""
        if self.alone:
            if self._asset.size > limits.MAX_MANIFEST_STORE:
                return StoreReading(Outcome.TOO_LARGE)
            data = bytes(self._asset.content())
            return replace(self._engine.read_apart(data), store_bytes=data)
        if found.first.outcome is Outcome.FRAGMENT:
            inside = find_store(self._asset)
            store = inside.store.data if isinstance(inside, FoundStore) else b""
            return replace(self._engine.read(self._asset), store_bytes=store)
        if found.record.validation is None:
            return found.shown
        if found.first.store is None:  # the engine refuses what was read here
            return found.first
        return replace(found.first, store_bytes=found.record.validation.store.data)
