"""An identity by a service that verified it: a verifiable credential in a COSE_Sign1. CAWG Identity 1.2, section 8.1.

The key is the one of the issuer's decentralised identifier, and nothing is fetched for it: see `trust.did`.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ... import limits
from ...declared import IdentityState, VerifiedIdentity
from ...formats.jumbf import StoreError
from ...iso_time import parse_time
from ...sentences import clean
from ...trust import TrustStore
from ...trust.did import DidError, keys_of, subject_of
from . import second_engine
from .cose import Sign1, Signature, parse_sign1
from .identity_assertion import Checked, IdentityAssertion
from .named_actor import proven_by
from .store_values import read_json
from .time_stamp import time_stamp_of

KEY_NOT_FETCHED: Final = "cawg.ica.did_unavailable"

_NO_TIME_STAMP: Final = "cawg.ica.time_stamp.invalid"

# The key could not be had, so nothing is known of the signature.
_UNCHECKED: Final = frozenset({KEY_NOT_FETCHED, "cawg.ica.did_unsupported_method"})

# NOTE: encypher 1.7 takes no hashes as numbers, in which services wrote them before CAWG 1.2.
_OLDER_FORM: Final = frozenset({(second_engine.NAME, "cawg.ica.signer_payload.mismatch")})

_EDDSA: Final = -8  # the only algorithm that known services sign with, and that c2pa-rs knows
_CONTENT_TYPE: Final = 3
_TYPES: Final = frozenset({"VerifiableCredential", "IdentityClaimsAggregationCredential"})


def check(identity: IdentityAssertion, trust: TrustStore, proven: datetime | None, at: datetime | None) -> Checked:
    """What a service says that it verified, and whether the service is one that the user believes.

    `proven`: when the claim was signed, by a trusted time stamp. `at`: when to judge, where nothing proves the time.
    """
    try:
        sign1 = parse_sign1(identity.signature)
    except StoreError:
        return Checked(IdentityState.BROKEN, ("cawg.ica.invalid_cose_sign1",))
    try:
        algorithm = sign1.algorithm
    except StoreError:
        return Checked(IdentityState.BROKEN, ("cawg.ica.invalid_alg",))
    try:
        signature = Signature(sign1.protected, algorithm, (), sign1.value, sign1.time_stamp)
    except StoreError:
        return Checked(IdentityState.BROKEN, (_NO_TIME_STAMP,))
    try:
        credential = _credential(sign1.payload)
    except (StoreError, TypeError):
        return Checked(IdentityState.BROKEN, ("cawg.ica.invalid_verifiable_credential",))
    issuer = credential["issuer"]
    subject = credential["credentialSubject"]
    asset = subject["c2paAsset"]
    excused = _OLDER_FORM if _has_older_hashes(asset) else frozenset()
    codes = list(dict.fromkeys(_failures(sign1, signature, credential, trust, proven, at)))
    if not _is_about(asset, identity):
        codes.append("cawg.ica.signer_payload.mismatch")
    facts: dict[str, Any] = {"issuer": clean(issuer) or None, "verified": tuple(map(_verified, _accounts(subject)))}
    if set(codes) - _UNCHECKED:
        return Checked(IdentityState.BROKEN, tuple(codes), facts)
    if codes:
        return Checked(IdentityState.UNCHECKED, tuple(codes), facts)
    if subject_of(issuer) not in trust.identity_services:
        return Checked(IdentityState.UNTRUSTED, ("cawg.ica.untrusted_issuer",), facts, excused)
    return Checked(IdentityState.TRUSTED, (), facts, excused)


def _failures(
    sign1: Sign1,
    signature: Signature,
    credential: dict[str, Any],
    trust: TrustStore,
    proven: datetime | None,
    at: datetime | None,
) -> Iterator[str]:
    """The codes of what does not hold. CAWG Identity 1.2, section 8.1.7."""
    if signature.algorithm != _EDDSA:
        yield "cawg.ica.invalid_alg"
    if sign1.header.get(_CONTENT_TYPE) != "application/vc":
        yield "cawg.ica.invalid_content_type"
    try:
        keys = keys_of(credential["issuer"], trust.identity_services)
        if not any(_holds(key, signature, sign1.payload) for key in keys):
            yield "cawg.ica.signature_mismatch"
    except DidError as error:
        yield error.code
    stamp = time_stamp_of(signature, sign1.payload)
    if signature.time_stamp is not None and stamp is None:
        yield _NO_TIME_STAMP
    moments = [proven_by(signature, sign1.payload, trust) or proven or at or datetime.now(UTC)]
    if stamp is not None:  # on no list it proves nothing for the credential, but speaks against it all the same
        moments.append(stamp.time)
    yield from _outside(credential, moments)


def _outside(credential: dict[str, Any], moments: list[datetime]) -> Iterator[str]:
    """The codes of a credential that was not valid at one of these times. W3C VC 2.0, section 4.9."""
    start, end = credential.get("validFrom"), credential.get("validUntil")
    if start is None:
        yield "cawg.ica.valid_from.missing"
    elif (since := _time(start)) is None or any(moment < since for moment in moments):
        yield "cawg.ica.valid_from.invalid"
    if end is not None and ((until := _time(end)) is None or any(moment > until for moment in moments)):
        yield "cawg.ica.valid_until.invalid"


def _time(value: Any) -> datetime | None:
    try:
        return parse_time(value)
    except (ValueError, TypeError):
        return None


def _holds(key: bytes, signature: Signature, payload: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature.value, signature.covers(payload))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _credential(payload: Any) -> dict[str, Any]:
    """The credential, as far as it has the form of one. Raises `StoreError`, `TypeError`."""
    credential = read_json(payload) if isinstance(payload, bytes) else None
    subject = credential.get("credentialSubject") if isinstance(credential, dict) else None
    if (
        not isinstance(credential, dict)
        or not isinstance(credential.get("type"), list)
        or not {each for each in credential["type"] if isinstance(each, str)} >= _TYPES
        or not isinstance(credential.get("issuer"), str)
        or not isinstance(subject, dict)
        or not _accounts(subject)
        or not isinstance(subject.get("c2paAsset"), dict)
    ):
        raise StoreError("store.cbor")
    return credential


def _is_about(asset: dict[str, Any], identity: IdentityAssertion) -> bool:
    """Whether the credential is about this payload: the same fields, and the same references in the same order."""
    references, payload = _list(asset.get("referenced_assertions")), identity.payload
    if asset.keys() != payload.keys() or len(references) != len(identity.references):
        return False
    if any(asset[name] != payload[name] for name in payload if name != "referenced_assertions"):
        return False
    return all(map(_same_reference, references, identity.references))


def _same_reference(reference: Any, signed: Any) -> bool:
    """Whether two references are one. NOTE: Adobe's service names the algorithm in its own alone, as c2pa-rs has it."""
    if not isinstance(reference, Mapping) or not isinstance(signed, Mapping):
        return False
    same = reference.get("url") == signed.get("url") and signed.get("alg", reference.get("alg")) == reference.get("alg")
    return same and _hash(reference.get("hash")) == signed.get("hash")


def _has_older_hashes(asset: dict[str, Any]) -> bool:
    references = _list(asset.get("referenced_assertions"))
    return any(isinstance(each, Mapping) and isinstance(each.get("hash"), list) for each in references)


def _hash(value: Any) -> bytes | None:
    """A hash in base64: as text, or as the numbers of its letters, as services wrote it before CAWG 1.2."""
    try:
        text = bytes(value) if isinstance(value, list) else value.encode("ascii")
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        return None


def _accounts(subject: dict[str, Any]) -> list[dict[str, Any]]:
    given = _list(subject.get("verifiedIdentities"))
    return [each for each in given[: limits.MAX_IDENTITY_PARTS] if isinstance(each, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _verified(data: dict[str, Any]) -> VerifiedIdentity:
    provider = data.get("provider")
    return VerifiedIdentity(
        type=_text(data.get("type")),
        name=_text(data.get("name")),
        username=_text(data.get("username")),
        uri=_text(data.get("uri")),
        provider=_text(provider.get("name")) if isinstance(provider, dict) else None,
        verified_at=_text(data.get("verifiedAt")),
    )


def _text(value: Any) -> str | None:
    return clean(value) or None if isinstance(value, str) else None
