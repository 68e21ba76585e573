"""Who says that they made the asset: the identity assertions of its manifest, apart from whoever signed the manifest.

CAWG Identity Assertion 1.2. The engines check the signatures; here is said what they found, and of whom. No list says
which certificates or which identity services to believe in this, so the most that is said is "signed, by somebody on no
list". Nothing is fetched: where the key is kept on the internet (`did:web`), the signature was not checked.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

import cbor2

from ... import limits
from ...credentials import Code, IntegrityState
from ...declared import Identity, IdentityKind, IdentityState, VerifiedIdentity
from ...sentences import clean
from ...trust import TrustStore, identify
from .cose import parse_signature
from .jumbf import cbor_in, read_cbor, superbox_at, superboxes
from .manifest_store import StoreError
from .validation import IdentityAnswer, identity_answer, manifest_label

KEY_NOT_FETCHED: Final = "cawg.ica.did_unavailable"

_MALFORMED: Final = "cawg.identity.cbor.invalid"

_LABEL: Final = "cawg.identity"
_KINDS: Final = {
    "cawg.x509.cose": IdentityKind.X509,
    "cawg.identity_claims_aggregation": IdentityKind.CLAIMS_AGGREGATION,
}


def identities_of(
    store: bytes,
    manifest: str,
    codes: tuple[Code, ...],
    second: tuple[Code, ...],
    integrity: IntegrityState,
    trust: TrustStore,
) -> tuple[Identity, ...]:
    """The identity assertions of this manifest, by the codes of the first and of the second engine."""
    assertions = superboxes(superbox_at(memoryview(store), "c2pa", manifest, "c2pa.assertions"))
    labels = [label for label in assertions if label.split("__")[0] == _LABEL][: limits.MAX_IDENTITIES]
    found = []
    for label in labels:
        own = [each for each in codes if manifest_label(each.url) == manifest and _names(each, label)]
        # The second engine speaks of the active manifest alone, and gives the bare label.
        other = [each for each in second if _names(each, label)]
        found.append(_identity(label, cbor_in(assertions[label]), own, other, integrity, trust))
    return tuple(found)


def _names(code: Code, label: str) -> bool:
    return code.code.startswith("cawg.") and (code.url or "").rsplit("/", 1)[-1] == label


def _identity(
    label: str, data: Any, codes: list[Code], second: list[Code], integrity: IntegrityState, trust: TrustStore
) -> Identity:
    failures = [each for each in codes if each.kind == "failure"]
    # What breaks it comes first, before who it is.
    failures.sort(key=lambda each: identity_answer(each) is IdentityAnswer.WHO)
    failed = tuple(dict.fromkeys(each.code for each in failures))
    payload = data.get("signer_payload") if isinstance(data, dict) else None
    signature = data.get("signature") if isinstance(data, dict) else None
    if not isinstance(payload, dict) or not isinstance(signature, bytes) or len(signature) > limits.MAX_IDENTITY_SIZE:
        return Identity(label=label, state=IdentityState.BROKEN, codes=failed or (_MALFORMED,))
    kind = _KINDS.get(str(payload.get("sig_type")), IdentityKind.OTHER)
    facts: dict[str, Any] = {}
    if kind is IdentityKind.X509:
        facts = _certified(signature, trust)
    elif kind is IdentityKind.CLAIMS_AGGREGATION:
        facts = _aggregated(read_cbor(signature))
    references = (_text(each.get("url")) for each in _maps(payload.get("referenced_assertions")))
    roles = payload.get("role")
    return Identity(
        label=label,
        kind=kind,
        # What was signed is this asset in this state; of another one nothing was said.
        state=_state(codes, second) if integrity is IntegrityState.INTACT else IdentityState.UNCHECKED,
        roles=tuple(filter(None, map(_text, _some(roles)))),
        assertions=tuple(url.rsplit("/", 1)[-1] for url in references if url),
        codes=failed,
        **facts,
    )


def _state(codes: list[Code], second: list[Code]) -> IdentityState:
    """By the first engine. The second is heard on the signature alone, where they differ in what must have been signed:
    the deterministic encoding that the standard asks for, or the order of fields that was usual before.
    """
    answers, other = _answers(codes), _answers(second)
    if IdentityAnswer.BROKEN in answers:
        return IdentityState.BROKEN
    if IdentityAnswer.MISMATCH in answers:
        return IdentityState.DISPUTED if IdentityAnswer.HOLDS in other else IdentityState.BROKEN
    if IdentityAnswer.HOLDS in answers and IdentityAnswer.MISMATCH in other:
        return IdentityState.DISPUTED
    if IdentityAnswer.UNCHECKED in answers or IdentityAnswer.HOLDS not in answers:
        return IdentityState.UNCHECKED
    return IdentityState.UNTRUSTED


def _answers(codes: Iterable[Code]) -> set[IdentityAnswer]:
    answers = (identity_answer(code) for code in codes)
    return {answer for answer in answers if answer is not None}


def _certified(signature: bytes, trust: TrustStore) -> dict[str, Any]:
    """What the certificate says of the one who signed."""
    try:
        identity = identify(trust, parse_signature(signature, version=1).chain)
    except StoreError:
        identity = None
    if identity is None:
        return {}
    own = identity.certificate
    return {"name": _text(own.organisation), "common_name": _text(own.common_name), "issuer": _text(own.issuer)}


def _aggregated(sign1: Any) -> dict[str, Any]:
    """What an identity service says that it verified. CAWG Identity Assertion 1.2, section 8.1."""
    sign1 = sign1.value if isinstance(sign1, cbor2.CBORTag) else sign1
    try:
        credential = json.loads(sign1[2])
        subject = credential.get("credentialSubject")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return {}
    given = _maps(subject.get("verifiedIdentities") if isinstance(subject, dict) else None)
    return {"issuer": _text(credential.get("issuer")), "verified": tuple(map(_verified, given))}


def _verified(data: dict[Any, Any]) -> VerifiedIdentity:
    provider = data.get("provider")
    return VerifiedIdentity(
        type=_text(data.get("type")),
        name=_text(data.get("name")),
        username=_text(data.get("username")),
        uri=_text(data.get("uri")),
        provider=_text(provider.get("name")) if isinstance(provider, dict) else None,
        verified_at=_text(data.get("verifiedAt")),
    )


def _maps(values: Any) -> list[dict[Any, Any]]:
    return [each for each in _some(values) if isinstance(each, dict)]


def _some(values: Any) -> list[Any]:
    return values[: limits.MAX_IDENTITY_PARTS] if isinstance(values, list) else []


def _text(value: Any) -> str | None:
    return clean(value) or None if isinstance(value, str) else None
