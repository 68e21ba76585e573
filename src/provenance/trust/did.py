"""Decentralised identifiers (DID): whose key an identifier stands for. W3C DID 1.0; CAWG Identity 1.2, section 8.1.

Nothing is fetched: a key is in the identifier itself (`did:jwk`), or in a document that the user gives (`did:web`).
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .. import limits
from ..errors import TrustError
from .lists import read_limited

_DID: Final = re.compile(r"did:([a-z0-9]+):([A-Za-z0-9._:%-]+)")


class DidError(ValueError):
    """An identifier that leads to no key; `code` is the validation code that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class DidDocument:
    """The document of an identifier, as the user gave it."""

    id: str
    text: str

    @property
    def data(self) -> dict[str, Any]:
        """The document, parsed."""
        parsed: dict[str, Any] = json.loads(self.text)
        return parsed

    def assertion_keys(self) -> list[bytes]:
        """The Ed25519 keys by which its subject makes assertions: no other key of the document counts.

        Each method stands under `assertionMethod`, or is named there and stands under `verificationMethod` (DID 1.0,
        section 5.3.2).
        """
        data = self.data
        listed = {self._absolute(method.get("id")): method for method in _maps(data.get("verificationMethod"))}
        methods = data.get("assertionMethod")
        named = methods[: limits.MAX_IDENTITY_PARTS] if isinstance(methods, list) else []
        resolved = (method if isinstance(method, dict) else listed.get(self._absolute(method)) for method in named)
        keys = (_key_or_none(method.get("publicKeyJwk")) for method in resolved if method is not None)
        return [key for key in keys if key is not None]

    def _absolute(self, method: Any) -> str:
        text = str(method)
        return self.id + text if text.startswith("#") else text


def keys_of(issuer: str, documents: Mapping[str, DidDocument]) -> list[bytes]:
    """The Ed25519 keys, of 32 bytes each, that an issuer may sign credentials with. Raises `DidError`."""
    identifier = subject_of(issuer)
    match = _DID.fullmatch(identifier)
    if match is None:
        raise DidError("cawg.ica.invalid_issuer")
    method, name = match.groups()
    if method == "jwk":
        return [_key(_parsed(name))]
    if method != "web":
        raise DidError("cawg.ica.did_unsupported_method")
    if identifier not in documents:
        raise DidError("cawg.ica.did_unavailable")
    keys = documents[identifier].assertion_keys()
    if not keys:
        raise DidError("cawg.ica.invalid_did_document")
    return keys


def subject_of(issuer: str) -> str:
    """The identifier itself, without the part of its document that it may point to."""
    return issuer.partition("#")[0]


def read_document(source: str | Path | bytes) -> DidDocument:
    """A DID document from a JSON file or JSON bytes. Raises `TrustError` where it is none."""
    where = "the given DID document" if isinstance(source, bytes) else str(source)
    content = source if isinstance(source, bytes) else read_limited(Path(source))
    try:
        text = content.decode("utf-8")
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TrustError(f"{where}: this is not a DID document in JSON ({error})") from None
    identifier = data.get("id") if isinstance(data, dict) else None
    if not isinstance(identifier, str) or not _DID.fullmatch(identifier):
        raise TrustError(f"{where}: a DID document has an “id” that begins with did:")
    return DidDocument(identifier, text)


def document_with(identifier: str, key: bytes) -> dict[str, Any]:
    """A DID document in its plainest form, with one key for assertions."""
    method = {
        "id": f"{identifier}#key-0",
        "type": "JsonWebKey2020",
        "controller": identifier,
        "publicKeyJwk": {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": base64.urlsafe_b64encode(key).rstrip(b"=").decode("ascii"),
            "alg": "EdDSA",
        },
    }
    return {"@context": "https://www.w3.org/ns/did/v1", "id": identifier, "assertionMethod": [method]}


def _parsed(name: str) -> Any:
    """The key in a `did:jwk`: JSON in base64url."""
    try:
        return json.loads(_decoded(name))
    except (ValueError, RecursionError):
        raise DidError("cawg.ica.invalid_did_document") from None


def _key(jwk: Any) -> bytes:
    """An Ed25519 key from its JWK. RFC 8037, section 2. Raises `DidError` for anything else."""
    key = _key_or_none(jwk)
    if key is None:
        raise DidError("cawg.ica.invalid_did_document")
    return key


def _key_or_none(jwk: Any) -> bytes | None:
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        return None
    try:
        key = _decoded(str(jwk.get("x")))
    except ValueError:
        return None
    return key if len(key) == 32 else None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64url") from None


def _maps(values: Any) -> list[dict[str, Any]]:
    parts = values[: limits.MAX_IDENTITY_PARTS] if isinstance(values, list) else []
    return [part for part in parts if isinstance(part, dict)]
