"""The signed record of an asset as it was read and verified here: the store, or why there is none to rely on."""

from dataclasses import dataclass
from typing import Any, Final

from ...asset import OpenAsset
from ...credentials import Code, IntegrityState
from ...formats.jumbf import StoreError
from ...sentences import Message
from .embedding import Embedding, embedding_in, is_walked
from .engine import Outcome
from .hard_binding import bindings_of
from .manifest_store import ManifestStore, parse_store
from .validation import integrity_of
from .validator import Validation, validate


@dataclass(frozen=True)
class Record:
    """What was found in the asset, or of the manifest given with it. `why` says why a store is not read."""

    outcome: Outcome
    validation: Validation | None = None
    why: Message | None = None

    @property
    def integrity(self) -> IntegrityState | None:
        """What was verified here of the asset; None where there is no store, or only engines can check its binding."""
        if self.validation is None:
            return None
        coverage = self.validation.coverage
        assumed = _MATCHED if self.is_left_to_engines else ()  # so that all but the binding is asked
        state = integrity_of((*self.validation.codes, *assumed))
        if state is IntegrityState.INTACT and coverage is not None and coverage.left_out:
            return IntegrityState.PARTIAL
        return None if state is IntegrityState.INTACT and self.is_left_to_engines else state

    @property
    def is_left_to_engines(self) -> bool:
        """Whether only engines can tell if the hard binding matches."""
        coverage = self.validation.coverage if self.validation is not None else None
        return coverage is None or coverage.matched is None


_MATCHED: Final = (Code(code="assertion.bmffHash.match", kind="success"),)


@dataclass(frozen=True)
class FoundStore:
    """A store that was found and parsed, and its place in the asset, if it is inside."""

    store: ManifestStore
    place: Embedding | None

    def verified(self, asset: OpenAsset, *, whole: bool = True) -> Record:
        """Verifies the store. Anything ambiguous makes the record unreadable.

        `whole`: the asset is one file; of a stream's first part the hard binding is not checked here.
        """
        try:
            return Record(Outcome.READ, validate(self.store, asset if whole else None, self.place))
        except StoreError as error:
            return Record(Outcome.UNREADABLE, why=error.reason)


def find_store(asset: OpenAsset, manifest: bytes | None = None) -> FoundStore | Record:
    """Finds and parses the store in the asset, or the external `manifest`; a record says why there is none."""
    try:
        embedding = embedding_in(asset)
        if manifest is not None:
            place = embedding if embedding is not None and embedding.store == manifest else None
            return FoundStore(parse_store(manifest), place)
        if embedding is not None:
            return FoundStore(parse_store(embedding.store), embedding)
    except StoreError as error:
        return Record(Outcome.UNREADABLE, why=error.reason)
    return Record(Outcome.ABSENT if is_walked(asset.media_type) else Outcome.UNSUPPORTED)


def documents_by_array(record: Record) -> bool:
    """Whether the binding is that of a document as the standard has it: an array, which c2pa-rs (0.91) cannot read."""
    if record.validation is None:
        return False
    active = record.validation.store.active
    try:
        data: Any = next((active.assertions[each].data for each in bindings_of(active)), None)
    except StoreError:
        return False
    return isinstance(data, dict) and isinstance(data.get("uris"), list)
