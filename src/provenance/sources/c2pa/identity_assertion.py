"""One identity assertion, checked here: its form, what it refers to, and the bytes that were signed.

CAWG Identity 1.2, sections 5 and 7. Whose signature it is: `named_actor`, `claims_aggregation`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2

from ... import limits
from ...declared import IdentityState
from ...formats.jumbf import StoreError
from .hard_binding import bindings_of
from .manifest_store import Assertion
from .store_values import value_bytes
from .validator import Verified, assertion_at, hash_fits

MALFORMED: Final = "cawg.identity.cbor.invalid"

# What a signer expected of the claim, or of other signers: not checked here, and nothing is said of such an identity.
_EXPECTATIONS: Final = "expected_"


@dataclass(frozen=True)
class IdentityAssertion:
    """What an identity assertion holds: who signed what, in which bytes."""

    payload: Mapping[str, Any]
    signature: bytes
    deterministic: bytes  # the payload as the standard has it signed. RFC 8949, section 4.2
    stored: bytes  # the payload as it stands in the assertion, which writers signed before there was that rule
    padded_with: tuple[Any, ...]

    @property
    def kind(self) -> str:
        """How the signature is to be checked: `sig_type`."""
        return str(self.payload.get("sig_type"))

    @property
    def references(self) -> list[Any]:
        """The hashed references to what was signed. Raises `StoreError` where there are none, or too many."""
        found = self.payload.get("referenced_assertions")
        if not isinstance(found, list) or len(found) > limits.MAX_IDENTITY_PARTS:
            raise StoreError("store.cbor")
        return found

    @property
    def has_expectations(self) -> bool:
        """Whether its signer expected more than is checked here."""
        return any(name.startswith(_EXPECTATIONS) for name in self.payload)


@dataclass(frozen=True)
class Checked:
    """What was found of an identity: its state, the codes that failed, and what may be said of it.

    `excused`: what an engine says, by its name and code, that does not read the form in which this was signed.
    """

    state: IdentityState
    codes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    excused: frozenset[tuple[str, str]] = frozenset()


def read_assertion(assertion: Assertion) -> IdentityAssertion:
    """Reads an identity assertion. Raises `StoreError` for what is none."""
    data = assertion.data
    payload = data.get("signer_payload") if isinstance(data, dict) else None
    signature = data.get("signature") if isinstance(data, dict) else None
    if not isinstance(payload, dict) or not all(isinstance(name, str) for name in payload):
        raise StoreError("store.cbor")
    if not isinstance(signature, bytes) or not 0 < len(signature) <= limits.MAX_IDENTITY_SIZE:
        raise StoreError("store.cbor")
    stored = value_bytes(bytes(assertion.box.children[0][1]), "signer_payload")
    try:
        deterministic = cbor2.dumps(payload, canonical=True)
    except (cbor2.CBOREncodeError, ValueError, TypeError, RecursionError):
        raise StoreError("store.cbor") from None
    padding = (data.get("pad1"), data.get("pad2", b""))
    found = IdentityAssertion(payload, signature, deterministic, stored, padding)
    if not isinstance(payload.get("sig_type"), str) or not _are_roles(payload.get("role")):
        raise StoreError("store.cbor")
    return found


def failures_of(identity: IdentityAssertion, verified: Verified) -> Iterator[str]:
    """The codes of what is wrong with its form, or with what it refers to. CAWG Identity 1.2, section 7.1.

    What it refers to must be what the claim names, by the same hash, and the hard binding must be among it: then who
    signed it signed this content and no other.
    """
    if not all(isinstance(each, bytes) and not any(each) for each in identity.padded_with):
        yield "cawg.identity.pad.invalid"
    manifest, labels = verified.manifest, []
    for reference in identity.references:
        assertion = assertion_at(manifest, reference.get("url")) if isinstance(reference, Mapping) else None
        if (
            assertion is None
            or assertion.label not in verified.declared
            or not hash_fits(assertion.box, reference, manifest.claim.get("alg"))
        ):
            yield "cawg.identity.assertion.mismatch"
        else:
            labels.append(assertion.label)
    if len(set(labels)) < len(labels):
        yield "cawg.identity.assertion.duplicate"
    if not set(bindings_of(manifest)) & set(labels):
        yield "cawg.identity.hard_binding_missing"


def _are_roles(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, str) for each in value))
