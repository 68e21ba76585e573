"""Registering a signed asset: its manifest, what its signature says, its bindings, and how copies are found.

All of it is found out in a worker process; the registry keeps the answer.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from provenance import Evidence, Kind, Status
from provenance.errors import ProvenanceError
from provenance.sources.c2pa.jumbf import cbor_in, manifests_in, superbox_at, superboxes

from ..workers import Tools
from .fingerprint import Fingerprint, to_register

# Of one manifest: real ones have one or two, each of a few hundred characters.
MAX_BINDINGS: Final = 20
MAX_BINDING_VALUE: Final = 400

_SOFT_BINDING: Final = "c2pa.soft-binding"


@dataclass(frozen=True)
class Registration:
    """What is to be kept of a signed asset. `bindings`: algorithm and value of those that its manifest names."""

    manifest_id: str
    manifest: bytes
    asset_sha256: str
    media_type: str
    evidence: Evidence
    fingerprint: Fingerprint | None
    bindings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RegisterTask:
    """An asset and its manifest store. `is_embedded`: it stands in the asset too."""

    path: Path
    name: str
    manifest: bytes
    is_embedded: bool = False

    def run(self, tools: Tools) -> Registration | str:
        """Verifies it and takes its fingerprint; or why it cannot be registered, in words for the client."""
        try:
            beside = None if self.is_embedded else self.manifest
            report = tools.verifier.verify(self.path, name=self.name, manifest=beside)
        except ProvenanceError as error:
            return str(error).replace(str(self.path), self.name)
        signed = [each for each in report.evidence if each.kind is Kind.SIGNED_MANIFEST]
        history = report.credentials.history
        manifest_id = history.steps[0].manifest if history is not None and history.steps else None
        if not manifest_id or not signed or any(each.status is not Status.VALID for each in signed):
            return "its manifest does not hold, or is of another file"
        fingerprint = to_register(self.path)
        return Registration(
            manifest_id,
            self.manifest,
            report.asset.sha256,
            report.asset.media_type,
            signed[0],
            fingerprint if isinstance(fingerprint, Fingerprint) else None,
            tuple(bindings_in(self.manifest, manifest_id)),
        )


def bindings_in(store: bytes, manifest_id: str) -> Iterator[tuple[str, str]]:
    """The soft bindings that a manifest names (C2PA 2.4, section 18.10): algorithm and value, as text."""
    manifest = manifests_in(store).get(manifest_id, memoryview(b""))
    found = (
        (assertion["alg"], block["value"])
        for label, box in superboxes(superbox_at(manifest, "c2pa.assertions")).items()
        if label.partition("__")[0] == _SOFT_BINDING and isinstance(assertion := cbor_in(box), dict)
        for block in _blocks(assertion)
    )
    for number, (algorithm, value) in enumerate(found):
        if number == MAX_BINDINGS:
            return
        text = value if isinstance(value, str) else value.hex() if isinstance(value, bytes) else ""
        if isinstance(algorithm, str) and 0 < len(algorithm) <= 100 and 0 < len(text) <= MAX_BINDING_VALUE:
            yield algorithm, text


def _blocks(assertion: dict[Any, Any]) -> list[dict[Any, Any]]:
    blocks = assertion.get("blocks")
    if not isinstance(blocks, list) or "alg" not in assertion:
        return []
    return [each for each in blocks if isinstance(each, dict) and "value" in each]


def object_key(manifest_id: str) -> str:
    """Where the manifest store of a registered manifest is kept."""
    return f"manifests/{hashlib.sha256(manifest_id.encode()).hexdigest()}"
