"""What the registry keeps of a signed asset: its manifest, what its signature says, its bindings, its fingerprint."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from provenance import Evidence
from provenance.formats.jumbf import StoreError
from provenance.sentences import clean
from provenance.sources.c2pa.manifest_store import Manifest, parse_store

from .evidence import Standing
from .fingerprint import Fingerprint

# Of one manifest: real ones have one or two, each of a few hundred characters.
MAX_BINDINGS: Final = 20
MAX_BINDING_VALUE: Final = 400

# Labels of manifests are URNs, and older ones begin with the name of their maker.
MAX_ID: Final = 400
ID_PATTERN: Final = rf"^[\x21-\x7e]{{1,{MAX_ID}}}$"

_ID: Final = re.compile(ID_PATTERN)

_SOFT_BINDING: Final = "c2pa.soft-binding"


@dataclass(frozen=True)
class Registration:
    """The entry of a signed asset in the registry. `bindings`: algorithm and value of its soft bindings."""

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
class RegistrationRefusal:
    """Why an asset cannot be registered, in words for the client; and the manifest that it was about, where one is."""

    reason: str
    manifest_id: str = ""


def is_manifest_id(manifest_id: str) -> bool:
    """Whether a manifest can be asked for by this id."""
    return _ID.fullmatch(manifest_id) is not None


def active_label(store: bytes) -> str:
    """What the active manifest calls itself, for the audit log: the last one of a store (C2PA 2.4, section 11.1.4)."""
    try:
        return clean(parse_store(store).active.label)
    except StoreError:
        return ""


def soft_bindings(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """The soft bindings that a manifest names (C2PA 2.4, section 18.10): algorithm and value, as text."""
    bindings = (
        (assertion.data["alg"], block["value"])
        for label, assertion in manifest.assertions.items()
        if label.partition("__")[0] == _SOFT_BINDING and isinstance(assertion.data, dict)
        for block in _blocks(assertion.data)
    )
    for number, (algorithm, value) in enumerate(bindings):
        if number == MAX_BINDINGS:
            return
        text = value if isinstance(value, str) else value.hex() if isinstance(value, bytes) else ""
        if isinstance(algorithm, str) and 0 < len(algorithm) <= 100 and 0 < len(text) <= MAX_BINDING_VALUE:
            yield algorithm, text


def _blocks(assertion: dict[Any, Any]) -> list[dict[Any, Any]]:
    blocks = assertion.get("blocks")
    if not isinstance(blocks, list) or "alg" not in assertion:
        return []
    return [block for block in blocks if isinstance(block, dict) and "value" in block]


def object_key(manifest_id: str, number: int, manifest_sha256: str) -> str:
    """Where the manifest store of an entry is kept; of one that is older than the hashes, under its id alone."""
    return f"manifests/{number}-{manifest_sha256}" if manifest_sha256 else _old_key(manifest_id)


def _old_key(manifest_id: str) -> str:
    return f"manifests/{hashlib.sha256(manifest_id.encode()).hexdigest()}"
