"""Taking the fingerprint of a query to the registry, in a worker process."""

from dataclasses import dataclass
from pathlib import Path

from provenance.fetching import FetchError

from ..registry.fingerprint import Fingerprint, to_ask
from .worker import WorkerContext


@dataclass(frozen=True)
class FingerprintTask:
    """A file whose fingerprint is looked for."""

    path: Path

    def run(self, context: WorkerContext) -> Fingerprint | None:  # noqa: ARG002 - a fingerprint needs nothing of it
        """The fingerprint; None for what has none."""
        fingerprint = to_ask(self.path)
        return fingerprint if isinstance(fingerprint, Fingerprint) else None


@dataclass(frozen=True)
class FingerprintUrlTask:
    """An address whose content's fingerprint is looked for."""

    url: str
    max_size: int
    media_type: str | None

    def run(self, context: WorkerContext) -> Fingerprint | str | None:
        """The fingerprint; None for content without one; or which problem it has: it cannot be fetched as described."""
        try:
            fetched = context.verifier.fetcher.fetch(self.url, max_size=self.max_size)
        except FetchError:
            return "bad-query"
        if self.media_type is not None and fetched.media_type != self.media_type:
            return "bad-query"
        fingerprint = to_ask(fetched.data)
        return fingerprint if isinstance(fingerprint, Fingerprint) else None
