"""An HTTP endpoint: `POST` with the file as the body and its media type, answered by `{"score": 1.3}` as JSON.

`probability` (0 to 1) and `decision` (`ai`, `not-ai`, `abstain`) may stand beside the score. Any status but 200 is a
failure of that item. A token is taken from PROVENANCE_BENCH_TOKEN and sent as a bearer token.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from ..samples import Sample
from . import Outcome
from .command import outcome_of

_MEDIA_TYPES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".txt": "text/plain"}


class Endpoint:
    """Asked one item at a time, over one connection."""

    version = ""
    batch = 8

    def __init__(self, url: str, *, modality: str = "image", time_limit: float = 60.0) -> None:
        parts = urlsplit(url)
        self._url = url
        self.name = f"http-{parts.hostname}".lower()[:60]
        self.modalities = frozenset({modality})
        token = os.environ.get("PROVENANCE_BENCH_TOKEN")
        self._client = httpx.Client(
            timeout=time_limit, headers={"Authorization": f"Bearer {token}"} if token else {}, trust_env=False
        )

    def card(self) -> Mapping[str, Any]:
        """The address, without what stands after a question mark: it may be a secret."""
        return {"name": self.name, "url": self._url.partition("?")[0]}

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        """One request a sample."""
        return [self._ask(sample) for sample in samples]

    def _ask(self, sample: Sample) -> Outcome:
        media_type = _MEDIA_TYPES.get(sample.suffix, "application/octet-stream")
        try:
            response = self._client.post(self._url, content=sample.data, headers={"Content-Type": media_type})
            if response.status_code != httpx.codes.OK:
                return Outcome(failure=f"HTTP status {response.status_code}")
            record = response.json()
        except (httpx.HTTPError, ValueError) as error:
            return Outcome(failure=f"{type(error).__name__}: {str(error)[:150]}")
        return outcome_of(record) if isinstance(record, dict) else Outcome(failure="the answer is no JSON object")
