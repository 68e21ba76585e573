"""The answers about a manifest store: is the asset unchanged, who signed it, when, and does its history hold?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...credentials import (
    Code,
    Credentials,
    Integrity,
    IntegrityState,
    ManifestPlace,
    RevocationState,
    Signer,
    SignerState,
    SigningTime,
    TimeState,
)
from ...sentences import clean
from ...trust import Identity, Purpose, identify, identify_time_stamp
from .. import Context
from .agreement import Agreement
from .chain import SignatureCertificates, certificates_in
from .engine import StoreReading
from .exclusions import leaves_content_out
from .history import history_of
from .identities import identities_of
from .jumbf import manifests_in, update_manifests
from .revocation import revocation_of
from .signals import rubric, signals_of
from .validation import Failures, codes_of, integrity_of, signature_holds, time_stamp_holds


def credentials_of(
    reading: StoreReading,
    context: Context,
    agreement: Agreement,
    *,
    second_codes: tuple[Code, ...] = (),
    external: bool,
) -> Credentials:
    """The four answers about a manifest store that was read, with its codes, and who says that they made the asset."""
    store = reading.store or {}
    codes = codes_of(store)

    active = store["manifests"][store["active_manifest"]]
    signed_at = (active.get("signature_info") or {}).get("time")
    manifests = manifests_in(reading.store_bytes)
    own = manifests.get(store["active_manifest"], memoryview(b""))

    def signer_state(label: str) -> SignerState:
        if label == store["active_manifest"]:
            return signer.state
        return _step_signer(manifests.get(label, memoryview(b"")), store["manifests"].get(label) or {}, context)

    certificates = certificates_in(own)
    time = _time(codes, signed_at, certificates.time_stamp, context) if signed_at else SigningTime()
    if not _is_checked_one(certificates.signer, active, context):
        certificates = SignatureCertificates()
    signer = _signer(codes, certificates, time, context, online=reading.asked_online)
    signals = signals_of(manifests)
    integrity = agreement.integrity or integrity_of(codes)
    if integrity is IntegrityState.INTACT and leaves_content_out(own):
        integrity = IntegrityState.PARTIAL
    return Credentials(
        integrity=Integrity(
            state=integrity,
            manifest=ManifestPlace.EXTERNAL if external else ManifestPlace.EMBEDDED,
        ),
        engines=agreement.engines,
        signer=signer,
        time=time if signature_holds(codes) else SigningTime(),
        history=history_of(
            store,
            Failures(store, codes),
            signer_state,
            signals,
            reading.thumbnails,
            updates=update_manifests(manifests),
            holds=signature_holds(codes),
        ),
        signals=signals.get(store["active_manifest"]),
        signals_rubric=rubric() if signals else None,
        identities=identities_of(
            reading.store_bytes, store["active_manifest"], codes, second_codes, integrity, context.trust
        ),
        codes=codes,
    )


def _time(codes: tuple[Code, ...], time: str, certificates: frozenset[bytes], context: Context) -> SigningTime:
    """When it was signed: proven only by a time stamp of an authority on a list for time stamps."""
    identity = identify_time_stamp(context.trust, certificates) if certificates else None
    stamped_at = _parse_time(time)
    trusted = (
        identity is not None
        and identity.vouched is not None
        and stamped_at is not None
        and identity.valid_at(stamped_at)
        and time_stamp_holds(codes)
    )
    name = identity and (identity.certificate.common_name or identity.certificate.organisation)
    return SigningTime(
        state=TimeState.TRUSTED if trusted else TimeState.CLAIMED, time=time, authority=clean(name) if name else None
    )


def _signer(
    codes: tuple[Code, ...],
    certificates: SignatureCertificates,
    time: SigningTime,
    context: Context,
    *,
    online: bool,
) -> Signer:
    """Who signed. A signature that does not hold names nobody; a name counts only with the authority behind it."""
    if not signature_holds(codes):
        return Signer()
    identity = identify(context.trust, certificates.signer)
    if identity is None:
        return Signer(state=SignerState.UNTRUSTED)
    own = identity.certificate
    active = {code.code for code in codes if code.ingredient is None}
    reference = _reference_time(time, context)
    expired = not identity.valid_at(reference)
    # The engine refuses a chain that is not valid today altogether; who vouched for it can still be said.
    not_valid_today = not identity.valid_at(datetime.now(UTC))
    believed = "signingCredential.trusted" in active or _directly(identity, active)
    vouched = identity.vouched if expired or not_valid_today or believed else None
    revocation = revocation_of(codes, certificates, online=online)
    if revocation.state is RevocationState.REVOKED:
        state = SignerState.REVOKED
    elif vouched is None:
        state = SignerState.UNTRUSTED
    elif expired or vouched.trust_list.purpose is Purpose.KNOWN_SIGNERS:
        state = SignerState.KNOWN
    else:
        state = SignerState.TRUSTED
    return Signer(
        state=state,
        name=own.organisation and clean(own.organisation),
        common_name=own.common_name and clean(own.common_name),
        issuer=own.issuer and clean(own.issuer),
        trust_list=vouched.trust_list.name if vouched else None,
        entity=vouched.anchor.entity if vouched else None,
        trusted_directly=vouched is not None and vouched.directly,
        product=identity.product if state is SignerState.TRUSTED else None,
        development=own.development,
        revocation=revocation,
        expired=expired,
        not_yet_valid=reference < identity.valid_from,
        valid_from=own.valid_from.isoformat(),
        valid_until=own.valid_until.isoformat(),
    )


def _is_checked_one(chain: tuple[bytes, ...], manifest: Mapping[str, Any], context: Context) -> bool:
    """Whether this chain is the one by which the engine checked the signature: it tells that certificate's number."""
    checked = (manifest.get("signature_info") or {}).get("cert_serial_number")
    identity = identify(context.trust, chain)
    return identity is not None and (checked is None or str(identity.certificate.serial) == str(checked))


def _directly(identity: Identity, active: set[str]) -> bool:
    """Whether the user trusts this very certificate, and the engine finds it fit to sign claims.

    NOTE: c2pa-rs 0.91 has a setting for such certificates (`allowed_list`), which changes nothing. Its part here is to
    check the signature against the certificate; no authority has to be found.
    """
    return identity.vouched is not None and identity.vouched.directly and "signingCredential.invalid" not in active


def _step_signer(boxes: memoryview, manifest: Mapping[str, Any], context: Context) -> SignerState:
    """Of a step: nothing proves when it was signed, so its certificate must be valid at the time of asking."""
    chain = certificates_in(boxes).signer
    identity = identify(context.trust, chain)
    if identity is None or identity.vouched is None or not _is_checked_one(chain, manifest, context):
        return SignerState.UNTRUSTED
    listed = identity.vouched.trust_list.purpose is not Purpose.KNOWN_SIGNERS
    valid = identity.valid_at(_reference_time(SigningTime(), context))
    return SignerState.TRUSTED if listed and valid else SignerState.KNOWN


def _reference_time(time: SigningTime, context: Context) -> datetime:
    """The time at which certificates must be valid: that of a trusted time stamp, else the one asked for, else now."""
    proven = _parse_time(time.time) if time.state is TimeState.TRUSTED and time.time else None
    return proven or context.at or datetime.now(UTC)


def _parse_time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
