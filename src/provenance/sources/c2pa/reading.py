"""Finds the manifest of an asset, inside it, beside it or on the network; verifies it, and has both engines read it."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from dataclasses import replace as changed
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...credentials import Code, IntegrityState
from ...errors import AssetError
from ...fetching import FetchError
from ...files import read_small_file
from ...format_table import Family
from ...formats.iso_media import is_initialization_segment
from ...media_type import MANIFEST_STORE, has_no_place_for_manifest
from ...sentences import Message, say
from .. import Context, ManifestLink
from . import second_engine
from .agreement import Agreement, agreement_of, codes_together
from .engine import Engine, ReadOutcome, StoreReading
from .manifest_json import store_json
from .record import FoundStore, Record, find_store
from .remote_reference import referenced_url
from .revocation import may_be_asked
from .second_engine import SecondReading
from .validation import integrity_of

# Contexts of the engine that are kept warm: a service uses one or two trust stores.
engine_for: Final = lru_cache(maxsize=8)(Engine)


@dataclass(frozen=True)
class Reading:
    """What was verified here, and what each engine read.

    `external`: where the manifest was, if not inside; `not_fetched`: why it was not had.
    """

    record: Record
    first: StoreReading
    second: SecondReading | None = None  # None: switched off, or nothing to ask it
    external: Message | None = None
    not_fetched: Message | None = None

    @cached_property
    def agreement(self) -> Agreement:
        """The one answer on the asset, from all three."""
        return agreement_of(self.record, self.first, self.second)

    @property
    def integrity(self) -> IntegrityState:
        """Whether the asset is what was signed, as far as all agree."""
        return self.agreement.integrity

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """The validation codes of the engine, and those that only we found."""
        return codes_together(self.record, self.first)

    @cached_property
    def shown(self) -> StoreReading:
        """What the answers are drawn from: the store as it was verified here, or why there is none."""
        validation = self.record.validation
        if validation is not None:
            verdict = (self.first.store or {}).get("validation_state")
            store = store_json(validation, self.codes, verdict)
            asked = self.first.asked_online
            return StoreReading(ReadOutcome.READ, store, store_bytes=validation.store.data, asked_online=asked)
        if self.record.outcome is ReadOutcome.UNREADABLE:
            return StoreReading(ReadOutcome.UNREADABLE)
        if self.first.outcome is ReadOutcome.NOT_ASKED or self._is_text_without_record:
            return StoreReading(self.record.outcome)
        readings = [reading for reading in (self.first, self.second) if reading is not None]
        if any(reading.outcome is ReadOutcome.READ for reading in readings):
            return StoreReading(ReadOutcome.UNREADABLE)
        remote = next((reading for reading in readings if reading.outcome is ReadOutcome.REMOTE), None)
        if remote is not None:
            return StoreReading(ReadOutcome.REMOTE, remote_url=remote.remote_url)
        if self.first.outcome is ReadOutcome.UNSUPPORTED and self.second is not None:
            return StoreReading(self.second.outcome)
        if self.first.outcome is ReadOutcome.UNSUPPORTED:  # what was looked into here has no record all the same
            return StoreReading(self.record.outcome)
        return StoreReading(self.first.outcome, message=self.first.message)

    @property
    def _is_text_without_record(self) -> bool:
        """Whether this is text in which no carrier was found: an engine fails on what is not in UTF-8."""
        silent = self.second is not None and self.second.outcome is ReadOutcome.UNREADABLE
        return self.record.outcome is ReadOutcome.ABSENT and self.first.outcome is ReadOutcome.UNSUPPORTED and silent

    @property
    def why_unreadable(self) -> Message | None:
        """Why a record that is there is not read; None where it is simply damaged, or there is none."""
        if self.record.why is not None:
            return say("c2pa.ambiguous", why=self.record.why)
        if self.record.validation is not None or self.shown.outcome is not ReadOutcome.UNREADABLE:
            return None
        is_read = any(
            reading is not None and reading.outcome is ReadOutcome.READ for reading in (self.first, self.second)
        )
        return say("c2pa.ambiguous", why=say("store.elsewhere")) if is_read else None

    @property
    def only_reader(self) -> str | None:
        """The one engine that could read the record, though both were asked; None where that is not so."""
        if self.second is None or self.record.validation is None:
            return None
        silent = (IntegrityState.ABSENT, IntegrityState.UNREADABLE)
        read = [engine.engine for engine in self.agreement.engines if engine.integrity not in silent]
        return read[0] if len(read) == 1 else None


def read_asset(asset: OpenAsset, context: Context) -> Reading:
    """Reads the manifest that was given, or the one inside the asset, else beside it, else on the network if asked."""
    if asset.media_type == MANIFEST_STORE:
        return Reading(Record(ReadOutcome.WITHOUT_ASSET), StoreReading(ReadOutcome.WITHOUT_ASSET))
    reading = _read(asset, context, context.manifest)
    if context.manifest is not None:
        return changed(reading, external=say("remark.manifest_given"))
    if reading.shown.outcome in (ReadOutcome.ABSENT, ReadOutcome.REMOTE):
        if asset.sidecar is not None:
            reading = _read_sidecar(asset, asset.sidecar, context)
        elif link := _manifest_link(context, reading.shown.remote_url):
            reading = _read_fetched(asset, link, context)
    if _is_part_of_stream(asset, reading) and not context.segments:
        return Reading(Record(ReadOutcome.FRAGMENT), StoreReading(ReadOutcome.FRAGMENT))
    return reading


def _read(asset: OpenAsset, context: Context, manifest: bytes | None = None) -> Reading:
    """Verifies the record while the first engine reads it, and the second where it is switched on."""
    store = find_store(asset, manifest)
    if isinstance(store, Record) and (
        store.outcome is ReadOutcome.UNREADABLE or has_no_place_for_manifest(asset.media_type, asset.read_at(0, 8))
    ):
        return Reading(store, StoreReading(ReadOutcome.NOT_ASKED))
    engine = engine_for(context.trust)
    opinion = _second_opinion(asset, context, manifest) if context.second_engine else None
    verification = _start_verifying(store, asset, whole=not context.segments)
    try:
        first = _read_first(engine, asset, context, store, manifest)
    finally:
        wait([verification])  # before the file is closed under it
    record = verification.result()
    if record.outcome is ReadOutcome.UNREADABLE:
        return Reading(record, StoreReading(ReadOutcome.NOT_ASKED))
    if context.online_revocation and (responders := _responders(record, context)):
        first = _read_first(engine_for(context.trust, responders), asset, context, store, manifest)
    second = opinion.result() if opinion is not None else None
    if record.validation is None and first.outcome is ReadOutcome.UNSUPPORTED and second is not None:
        second = _with_reference(asset, second)
    return Reading(record, first, second)


def _start_verifying(store: FoundStore | Record, asset: OpenAsset, *, whole: bool) -> Future[Record]:
    """Begins to verify a store beside the engines; at once where the asset can be read in one place at a time only."""
    if isinstance(store, FoundStore) and asset.can_be_read_aside:
        return _threads().submit(store.verified, asset, whole=whole)
    done: Future[Record] = Future()
    done.set_result(store.verified(asset, whole=whole) if isinstance(store, FoundStore) else store)
    return done


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="provenance-record")


def _second_opinion(asset: OpenAsset, context: Context, manifest: bytes | None) -> Future[SecondReading]:
    return second_engine.start(
        asset, manifest=manifest, segments=context.segments, services=context.trust.identity_services
    )


def _read_first(
    engine: Engine, asset: OpenAsset, context: Context, store: FoundStore | Record, manifest: bytes | None
) -> StoreReading:
    if context.segments:
        return _read_segments(engine, asset, context)
    reading = engine.read(asset, manifest=manifest)
    if reading.outcome is ReadOutcome.UNSUPPORTED and isinstance(store, FoundStore):
        # In a format that it does not open, the engine still checks the store that was found here.
        apart = engine.read_apart(store.store.data)
        return apart if apart.store is not None else reading
    return reading


def _responders(record: Record, context: Context) -> tuple[str, ...]:
    """Whom to ask whether the signer's certificate was revoked; nobody where it cannot be asked safely."""
    signature = record.validation.active.signature if record.validation is not None else None
    return () if signature is None else may_be_asked(signature.chain, context.trust)


def _with_reference(asset: OpenAsset, second: SecondReading) -> SecondReading:
    """The second engine's reading of a text, with the address of its manifest, which that engine passes over."""
    if second.outcome is not ReadOutcome.ABSENT:
        return second
    url = referenced_url(bytes(asset.content()), asset.media_type)
    return changed(second, outcome=ReadOutcome.REMOTE, remote_url=url) if url else second


def _read_segments(engine: Engine, asset: OpenAsset, context: Context) -> StoreReading:
    """Every segment by itself; the first that does not hold speaks for the stream."""
    for segment in context.segments:
        reading = engine.read_segment(asset, segment)
        if reading.store is None or integrity_of(reading.codes) is not IntegrityState.INTACT:
            break
    return reading


def _is_part_of_stream(asset: OpenAsset, reading: Reading) -> bool:
    if asset.family is Family.SEGMENT:
        return True
    return reading.record.validation is not None and asset.family is Family.MOVIE and is_initialization_segment(asset)


def _read_sidecar(asset: OpenAsset, sidecar: Path, context: Context) -> Reading:
    external = say("remark.sidecar", name=sidecar.name)
    try:
        manifest = read_small_file(sidecar, limits.MAX_MANIFEST_STORE)
    except AssetError as error:
        unreadable = StoreReading(ReadOutcome.UNREADABLE, message=str(error))
        return Reading(Record(ReadOutcome.UNREADABLE), unreadable, external=external)
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
        if reading.shown.outcome is not ReadOutcome.READ:
            raise FetchError(say("fetch.no_manifest"))
    except FetchError as error:
        failed = say("limit.fetch_failed", url=link.url, why=error.why)
        absent = StoreReading(ReadOutcome.REMOTE, remote_url=link.url)
        return Reading(Record(ReadOutcome.ABSENT), absent, not_fetched=failed)
    return changed(reading, external=say("remark.manifest_fetched", url=fetched.url))
