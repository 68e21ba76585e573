"""Finds the manifest of an asset, inside it, beside it or on the network, and has both engines read it."""

from dataclasses import dataclass
from dataclasses import replace as changed
from functools import lru_cache
from pathlib import Path
from typing import Final

from ... import limits
from ...asset import OpenAsset, read_small_file
from ...credentials import IntegrityState
from ...errors import AssetError
from ...fetching import FetchError
from ...media_type import ISO_SEGMENT, MANIFEST_STORE, SEGMENTED
from ...sentences import Message, say
from .. import Context, ManifestLink
from ..containers.iso_media import is_initialization_segment
from . import engine as first_engine
from . import second_engine
from .agreement import bound_by_second, store_of_second
from .chain import signature_certificates
from .embedded_store import find_store, referenced_url
from .engine import Engine, Outcome, StoreReading
from .revocation import may_be_asked
from .second_engine import SecondReading
from .validation import codes_of, integrity_of

# Contexts of the engine that are kept warm: a service uses one or two trust stores.
engine_for: Final = lru_cache(maxsize=8)(Engine)


@dataclass(frozen=True)
class Reading:
    """What each engine read. `external`: where the manifest was, if not inside; `not_fetched`: why it was not had."""

    first: StoreReading
    second: SecondReading | None = None  # None: switched off, or nothing to ask it
    by_second: StoreReading | None = None  # what only the second could read
    external: Message | None = None
    not_fetched: Message | None = None

    @property
    def shown(self) -> StoreReading:
        """What the answers are drawn from."""
        return self.by_second or self.first

    @property
    def only_reader(self) -> str | None:
        """The engine that alone could read the manifest, though both were asked; None where that is not so."""
        if self.second is None or self.shown.outcome is not Outcome.READ:
            return None
        if self.by_second is not None:
            return second_engine.NAME
        silent = (Outcome.UNREADABLE, Outcome.TOO_LARGE, Outcome.UNSUPPORTED)
        return first_engine.NAME if self.second.outcome in silent else None


def read_asset(asset: OpenAsset, context: Context) -> Reading:
    """Reads the manifest that was given, or the one inside the asset, else beside it, else on the network if asked."""
    if asset.media_type == MANIFEST_STORE:
        return Reading(StoreReading(Outcome.WITHOUT_ASSET))
    reading = _read(asset, context, context.manifest)
    if context.manifest is not None:
        return changed(reading, external=say("remark.manifest_given"))
    if reading.shown.outcome in (Outcome.ABSENT, Outcome.REMOTE):
        if asset.sidecar is not None:
            reading = _read_sidecar(asset, asset.sidecar, context)
        elif link := _manifest_link(context, reading.shown.remote_url):
            reading = _read_fetched(asset, link, context)
    if _is_part_of_stream(asset, reading.first) and not context.segments:
        return Reading(StoreReading(Outcome.FRAGMENT))
    return reading


def _read(asset: OpenAsset, context: Context, manifest: bytes | None = None) -> Reading:
    """Has both engines read at once, where the second is switched on."""
    engine, segments = engine_for(context.trust), context.segments
    opinion = second_engine.start(asset, manifest=manifest, segments=segments) if context.second_engine else None
    first = _read_first(engine, asset, context, manifest)
    if context.online_revocation and (responders := _responders(first, context)):
        first = _read_first(engine_for(context.trust, responders), asset, context, manifest)
    second = opinion.result() if opinion is not None else None
    if first.outcome is Outcome.UNSUPPORTED and second is not None and second.outcome is not Outcome.UNSUPPORTED:
        return Reading(first, second, _read_apart(engine, asset, second, context, manifest))
    return Reading(first, second, _read_by_second(asset, first, second, manifest))


def _read_by_second(
    asset: OpenAsset, first: StoreReading, second: SecondReading | None, manifest: bytes | None
) -> StoreReading | None:
    """A store that the first engine cannot read at all, where the second finds the asset unchanged by it."""
    if first.outcome is not Outcome.UNREADABLE or second is None or second.outcome is not Outcome.READ:
        return None
    if integrity_of(second.codes) is not IntegrityState.INTACT or second.active_manifest not in second.manifests:
        return None
    store = manifest or find_store(bytes(asset.content()), asset.media_type, second.store_sha256 or "")
    return StoreReading(Outcome.READ, store=store_of_second(second), store_bytes=store or b"")


def _read_first(engine: Engine, asset: OpenAsset, context: Context, manifest: bytes | None) -> StoreReading:
    if context.segments:
        return _read_segments(engine, asset, context)
    return engine.read(asset, manifest=manifest, thumbnails=context.thumbnails)


def _responders(reading: StoreReading, context: Context) -> tuple[str, ...]:
    """Whom to ask whether the signer's certificate was revoked; nobody where it cannot be asked safely."""
    if reading.store is None:
        return ()
    chain = signature_certificates(reading.store_bytes, reading.store["active_manifest"]).signer
    return may_be_asked(chain, context.trust)


def _read_apart(
    engine: Engine, asset: OpenAsset, second: SecondReading, context: Context, manifest: bytes | None
) -> StoreReading:
    """In a format that only the second engine opens, the first still checks the store that the second found."""
    if second.outcome not in (Outcome.READ, Outcome.ABSENT):
        return StoreReading(second.outcome, remote_url=second.remote_url)
    content = bytes(asset.content())
    if second.outcome is Outcome.ABSENT:
        url = referenced_url(content, asset.media_type)
        return StoreReading(Outcome.REMOTE if url else second.outcome, remote_url=url)
    store = manifest or find_store(content, asset.media_type, second.store_sha256 or "")
    if store is None:
        return StoreReading(Outcome.UNREADABLE)
    reading = engine.read_apart(store, thumbnails=context.thumbnails)
    return reading if reading.store is None else changed(reading, store=bound_by_second(reading.store, second))


def _read_segments(engine: Engine, asset: OpenAsset, context: Context) -> StoreReading:
    """Every segment by itself; the first that does not hold speaks for the stream."""
    for segment in context.segments:
        reading = engine.read_segment(asset, segment, thumbnails=context.thumbnails)
        if reading.store is None or integrity_of(codes_of(reading.store)) is not IntegrityState.INTACT:
            break
    return reading


def _is_part_of_stream(asset: OpenAsset, reading: StoreReading) -> bool:
    if asset.media_type == ISO_SEGMENT:
        return True
    return reading.outcome is Outcome.READ and asset.media_type in SEGMENTED and is_initialization_segment(asset)


def _read_sidecar(asset: OpenAsset, sidecar: Path, context: Context) -> Reading:
    external = say("remark.sidecar", name=sidecar.name)
    try:
        manifest = read_small_file(sidecar, limits.MAX_MANIFEST_STORE)
    except AssetError as error:
        return Reading(StoreReading(Outcome.UNREADABLE, message=str(error)), external=external)
    return changed(_read(asset, context, manifest), external=external)


def _manifest_link(context: Context, remote_url: str | None) -> ManifestLink | None:
    """Where to fetch the manifest of an asset that has none inside, or None where that was not asked for."""
    if context.link is not None:
        return context.link
    if context.remote is not None and remote_url is not None:
        return ManifestLink(remote_url, context.remote)
    return None


def _read_fetched(asset: OpenAsset, link: ManifestLink, context: Context) -> Reading:
    """The manifest behind a link, named by the asset's server or by the asset itself. C2PA 2.4, section 15.5."""
    try:
        fetched = link.fetcher.fetch(link.url, max_size=limits.MAX_MANIFEST_STORE, accept=MANIFEST_STORE)
        reading = _read(asset, context, fetched.data)
        if reading.shown.outcome is not Outcome.READ:
            raise FetchError(say("fetch.no_manifest"))
    except FetchError as error:
        failed = say("limit.fetch_failed", url=link.url, why=error.why)
        return Reading(StoreReading(Outcome.REMOTE, remote_url=link.url), not_fetched=failed)
    return changed(reading, external=say("remark.manifest_fetched", url=fetched.url))
