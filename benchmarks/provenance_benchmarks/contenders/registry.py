"""The registry of the service: it is shown the unedited pictures, and leads edited copies back to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from provenance.sentences import Message
from provenance_service.registry.fingerprint import ALGORITHM, BITS, to_ask, to_register
from provenance_service.registry.index import THRESHOLD, FingerprintIndex

from ..errors import ContenderError
from ..samples import Sample
from ..tasks.retrieval import NEAREST
from . import Contender, Outcome


class FingerprintRegistry:
    """The index of fingerprints, as the service uses it."""

    name = "registry-fingerprint"
    version = "1"
    modalities = frozenset({"image"})
    batch = 8

    def __init__(self) -> None:
        self._index = FingerprintIndex()
        self._items: list[str] = []

    def card(self) -> Mapping[str, Any]:
        """What it is."""
        return {
            "name": self.name, "version": self.version, "algorithm": ALGORITHM, "bits": BITS, "threshold": THRESHOLD,
            "summary": "ISCC Image-Codes of several views of each registered picture.",
        }  # fmt: skip

    def register(self, samples: Sequence[Sample]) -> None:
        """Registers these pictures; one without a fingerprint cannot be found later."""
        for sample in samples:
            fingerprint = to_register(sample.data)
            if not isinstance(fingerprint, Message):
                self._index.add(len(self._items), fingerprint.views)
                self._items.append(sample.unit.item)

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        """The item that each was led back to; nothing where none was near enough."""
        return [self._outcome(sample) for sample in samples]

    def _outcome(self, sample: Sample) -> Outcome:
        fingerprint = to_ask(sample.data)
        matches = [] if isinstance(fingerprint, Message) else self._index.nearest(fingerprint.views, limit=1)
        return Outcome(answers={NEAREST: self._items[matches[0].key] if matches else ""})


def registry(name: str) -> Contender:
    """The registry of this name. Raises `ContenderError`."""
    if name != "fingerprint":
        raise ContenderError(f"no registry called {name}; there is: fingerprint")
    return FingerprintRegistry()
