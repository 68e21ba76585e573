"""The signed record of an asset as it was read and verified here: the store, or why there is none to rely on."""

from dataclasses import dataclass
from typing import Any, Final

from ...asset import OpenAsset
from ...credentials import Code, IntegrityState
from ...sentences import Message
from .embedding import Embedding, embedding_in, is_walked
from .engine import Outcome
from .hard_binding import bindings_of
from .manifest_store import StoreError, parse_store
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


def read_record(asset: OpenAsset, manifest: bytes | None = None, *, whole: bool = True) -> Record:
    """Reads and verifies the store in the asset, or the external `manifest`. Anything ambiguous makes it unreadable.

    `whole`: the asset is one file; of a stream's first part the hard binding is not checked here.
    """
    try:
        embedding = embedding_in(asset)
        if manifest is None and embedding is None:
            return Record(Outcome.ABSENT if is_walked(asset.media_type) else Outcome.UNSUPPORTED)
        data = manifest if manifest is not None else _store(embedding)
        store = parse_store(data)
        place = embedding if embedding is not None and embedding.store == data else None
        return Record(Outcome.READ, validate(store, asset if whole else None, place))
    except StoreError as error:
        return Record(Outcome.UNREADABLE, why=error.reason)


def _store(embedding: Embedding | None) -> bytes:
    return embedding.store if embedding is not None else b""


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
