"""The parts that answers are made with, put together once."""

from dataclasses import dataclass
from typing import Self

from provenance import Verifier

from .access.access import Access
from .settings import MAX_UPLOADS_AT_ONCE, Settings
from .storage import Storage
from .tracing import Tracing
from .upload_slots import UploadSlots
from .workers import Workers


@dataclass(frozen=True)
class Service:
    """One running service."""

    settings: Settings
    storage: Storage
    access: Access
    workers: Workers
    upload_slots: UploadSlots
    verifier: Verifier
    """Of this process: for answers that need no look into a file."""
    tracing: Tracing | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say. Raises `SettingError`, and `TrustError` for trust anchors that cannot be read."""
        storage = Storage.of(settings)
        return cls(
            settings,
            storage,
            Access(settings, storage),
            Workers(settings),
            UploadSlots(MAX_UPLOADS_AT_ONCE),
            Verifier(**settings.trust_arguments()),
            Tracing(settings.collector) if settings.collector else None,
        )
