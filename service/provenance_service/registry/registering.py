"""Registering a signed asset: its manifest, what its signature says, its bindings, and how copies are found.

All of it is found out in a worker process; the registry keeps the answer.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from provenance import Evidence, Kind, Report, Status
from provenance.credentials import SignerState
from provenance.errors import ProvenanceError
from provenance.sentences import clean
from provenance.sources.c2pa.manifest_store import Manifest, StoreError, parse_store

from ..workers import Tools
from .evidence import Standing
from .fingerprint import Fingerprint, to_register

# Of one manifest: real ones have one or two, each of a few hundred characters.
MAX_BINDINGS: Final = 20
MAX_BINDING_VALUE: Final = 400

# Labels of manifests are URNs, and older ones begin with the name of whoever made them.
MAX_ID: Final = 400
ID_PATTERN: Final = rf"^[\x21-\x7e]{{1,{MAX_ID}}}$"

_ID: Final = re.compile(ID_PATTERN)

_SOFT_BINDING: Final = "c2pa.soft-binding"

_STANDING: Final = {SignerState.TRUSTED: Standing.TRUSTED, SignerState.KNOWN: Standing.KNOWN}


@dataclass(frozen=True)
class Registration:
    """What is to be kept of a signed asset. `bindings`: algorithm and value of those that its manifest names."""

    manifest_id: str
    manifest: bytes
    asset_sha256: str
    media_type: str
    evidence: Evidence
    standing: Standing
    fingerprint: Fingerprint | None
    bindings: tuple[tuple[str, str], ...]

    @property
    def manifest_sha256(self) -> str:
        """Of the whole manifest store."""
        return hashlib.sha256(self.manifest).hexdigest()


@dataclass(frozen=True)
class NotRegistered:
    """Why an asset cannot be registered, in words for the client; and the manifest that it was about, where one is."""

    why: str
    manifest_id: str = ""


@dataclass(frozen=True)
class RegisterTask:
    """An asset and its manifest store. `is_ours`: this service signed it, and the store stands in the asset."""

    path: Path
    name: str
    manifest: bytes
    is_ours: bool = False

    def run(self, tools: Tools) -> Registration | NotRegistered:
        """Verifies it and takes its fingerprint; or why it cannot be registered."""
        try:
            beside = None if self.is_ours else self.manifest
            report = tools.verifier.verify(self.path, name=self.name, manifest=beside)
        except ProvenanceError as error:
            return NotRegistered(str(error).replace(str(self.path), self.name), named_in(self.manifest))
        signed = [each for each in report.evidence if each.kind is Kind.SIGNED_MANIFEST]
        history = report.credentials.history
        manifest_id = history.steps[0].manifest if history is not None and history.steps else None
        if not manifest_id or not signed or any(each.status is not Status.VALID for each in signed):
            return NotRegistered("its manifest does not hold, or is of another file", named_in(self.manifest))
        if not _ID.fullmatch(manifest_id):
            return NotRegistered("the name of its manifest cannot be asked for", named_in(self.manifest))
        try:
            bindings = tuple(bindings_in(parse_store(self.manifest).active))
        except StoreError as error:
            return NotRegistered(error.reason.text, named_in(self.manifest))
        fingerprint = to_register(self.path)
        return Registration(
            manifest_id,
            self.manifest,
            report.asset.sha256,
            report.asset.media_type,
            signed[0],
            self._standing(report),
            fingerprint if isinstance(fingerprint, Fingerprint) else None,
            bindings,
        )

    def _standing(self, report: Report) -> Standing:
        otherwise = Standing.OPERATOR if self.is_ours else Standing.UNLISTED
        return _STANDING.get(report.credentials.signer.state, otherwise)


def named_in(store: bytes) -> str:
    """What the active manifest calls itself, for the audit log: the last one of a store (C2PA 2.4, section 11.1.4)."""
    try:
        return clean(parse_store(store).active.label)
    except StoreError:
        return ""


def bindings_in(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """The soft bindings that a manifest names (C2PA 2.4, section 18.10): algorithm and value, as text."""
    found = (
        (assertion.data["alg"], block["value"])
        for label, assertion in manifest.assertions.items()
        if label.partition("__")[0] == _SOFT_BINDING and isinstance(assertion.data, dict)
        for block in _blocks(assertion.data)
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


def object_key(manifest_id: str, number: int, manifest_sha256: str) -> str:
    """Where the manifest store of an entry is kept; of one that is older than the hashes, under its id alone."""
    return f"manifests/{number}-{manifest_sha256}" if manifest_sha256 else _old_key(manifest_id)


def _old_key(manifest_id: str) -> str:
    return f"manifests/{hashlib.sha256(manifest_id.encode()).hexdigest()}"
