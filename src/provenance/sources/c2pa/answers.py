"""The answers about a manifest store: is the asset unchanged, who signed it, when, and does its history hold?"""

from datetime import UTC, datetime

from ...credentials import (
    ClaimSigner,
    Code,
    Credentials,
    Integrity,
    ManifestPlace,
    Revocation,
    RevocationState,
    SignerState,
    SigningTime,
    TimeState,
)
from ...iso_time import parse_time
from ...sentences import clean
from ...trust import ChainIdentity, Purpose, Vouched, identify, identify_time_stamp
from .. import Context
from .cose import Signature
from .engine import ReadOutcome
from .history import history_of
from .identities import identities_of
from .reading import Reading
from .revocation import revocation_of
from .rubric import rubric_name
from .signals import signals_of
from .thumbnails import thumbnails_of
from .time_stamp import TimeStamp
from .validation import Failures, signature_holds, time_stamp_holds
from .validator import Validation, Verified


def credentials_of(reading: Reading, validation: Validation, context: Context, *, external: bool) -> Credentials:
    """The four answers about a record that was read, with its codes, and who says that they made the asset.

    Who signed, and when, is what was verified over this very record; the engines are heard on whether it holds.
    """
    shown, store = reading.shown, reading.shown.store or {}
    codes = reading.codes
    active = validation.active
    label = active.manifest.label

    def signer_state(step: str) -> SignerState:
        return signer.state if step == label else _step_signer(validation.verified.get(step), context)

    heard = reading.first.outcome is ReadOutcome.READ
    time = _time(active.time_stamp, codes, context, heard=heard)
    signer = _signer(active.signature, codes, time, context, online=shown.asked_online, heard=heard)
    signals = signals_of(validation.verified)
    second_codes = reading.second.codes if reading.second is not None else ()
    return Credentials(
        integrity=Integrity(
            state=reading.integrity,
            own=reading.record.integrity,
            manifest=ManifestPlace.EXTERNAL if external else ManifestPlace.EMBEDDED,
        ),
        engines=reading.agreement.engines,
        signer=signer,
        time=time,
        history=history_of(
            store,
            Failures(store, codes),
            signer_state,
            signals,
            thumbnails_of(validation) if context.thumbnails else None,
            updates=frozenset(label for label, verified in validation.verified.items() if verified.manifest.is_update),
            holds=active.signature is not None,
        ),
        signals=signals.get(label),
        signals_rubric=rubric_name() if signals else None,
        identities=identities_of(active, codes, second_codes, reading.integrity, context, _proven(time)),
        codes=codes,
    )


def _time(stamp: TimeStamp | None, codes: tuple[Code, ...], context: Context, *, heard: bool) -> SigningTime:
    """When it was signed: proven only by a time stamp of an authority on a list for time stamps.

    `heard`: the first engine read the record, and must trust the stamp too.
    """
    if stamp is None:
        return SigningTime()
    identity = identify_time_stamp(context.trust, stamp.certificates)
    trusted = (
        identity is not None
        and identity.vouched is not None
        and identity.valid_at(stamp.time)
        and (time_stamp_holds(codes) or not heard)
    )
    name = identity and (identity.certificate.common_name or identity.certificate.organisation)
    return SigningTime(
        state=TimeState.TRUSTED if trusted else TimeState.CLAIMED,
        time=stamp.time.isoformat(),
        authority=clean(name) if name else None,
    )


def _signer(
    signature: Signature | None,
    codes: tuple[Code, ...],
    time: SigningTime,
    context: Context,
    *,
    online: bool,
    heard: bool,
) -> ClaimSigner:
    """Who signed: the certificate by which the signature was verified here. A name counts only with who vouches for it.

    `heard`: the first engine read the record, and must find the same authority behind it.
    """
    if signature is None or (heard and not signature_holds(codes)):
        return ClaimSigner()
    identity = identify(context.trust, signature.chain)
    if identity is None:
        return ClaimSigner(state=SignerState.UNTRUSTED)
    own = identity.certificate
    active = {code.code for code in codes if code.ingredient is None}
    reference = _reference_time(time, context)
    expired = not identity.valid_at(reference)
    # The engine refuses a chain that is not valid today altogether; who vouched for it can still be said.
    not_valid_today = not identity.valid_at(datetime.now(UTC))
    believed = not heard or "signingCredential.trusted" in active or _directly(identity, active)
    vouched = identity.vouched if expired or not_valid_today or believed else None
    revocation = revocation_of(codes, stapled=signature.stapled, online=online)
    state = _standing(vouched, revocation, expired=expired)
    return ClaimSigner(
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


def _standing(vouched: Vouched | None, revocation: Revocation, *, expired: bool) -> SignerState:
    if revocation.state is RevocationState.REVOKED:
        return SignerState.REVOKED
    if vouched is None:
        return SignerState.UNTRUSTED
    if expired or vouched.trust_list.purpose is Purpose.KNOWN_SIGNERS:
        return SignerState.KNOWN
    return SignerState.TRUSTED


def _directly(identity: ChainIdentity, active: set[str]) -> bool:
    """Whether the user trusts this very certificate, and the engine finds it fit to sign claims.

    NOTE: c2pa-rs 0.91 has a setting for such certificates (`allowed_list`), which changes nothing. Its part here is to
    check the signature against the certificate; no authority has to be found.
    """
    return identity.vouched is not None and identity.vouched.directly and "signingCredential.invalid" not in active


def _step_signer(verified: Verified | None, context: Context) -> SignerState:
    """Of a step: nothing proves when it was signed, so its certificate must be valid at the time of asking."""
    if verified is None or verified.signature is None:
        return SignerState.NONE
    identity = identify(context.trust, verified.signature.chain)
    if identity is None or identity.vouched is None:
        return SignerState.UNTRUSTED
    listed = identity.vouched.trust_list.purpose is not Purpose.KNOWN_SIGNERS
    valid = identity.valid_at(_reference_time(SigningTime(), context))
    return SignerState.TRUSTED if listed and valid else SignerState.KNOWN


def _reference_time(time: SigningTime, context: Context) -> datetime:
    """The time at which certificates must be valid: that of a trusted time stamp, else the one asked for, else now."""
    return _proven(time) or context.at or datetime.now(UTC)


def _proven(time: SigningTime) -> datetime | None:
    return parse_time(time.time) if time.state is TimeState.TRUSTED and time.time else None
