"""An identity by a certificate: a COSE_Sign1 over the signer's payload. CAWG Identity 1.2, section 8.2.

Signed are the bytes of the payload in CBOR's deterministic encoding. Writers before that rule, and c2pa-rs until now,
sign the payload in the order of fields in which it stands; it is the same statement, so both are taken.
"""

from datetime import UTC, datetime
from typing import Any, Final

from ...declared import IdentityState
from ...formats.jumbf import StoreError
from ...sentences import clean
from ...trust import TrustStore, Vouched, identify, identify_time_stamp
from ...trust.certificates import certificate_policies, extended_usages, read_certificate
from ...trust.profiles import may_name_actor
from ...trust.store import FOR_IDENTITIES
from . import engine
from .cose import Signature, parse_signature
from .identity_assertion import MALFORMED, Checked, IdentityAssertion
from .time_stamp import time_stamp_of

MISMATCH: Final = "cawg.x509.signature.mismatch"

# NOTE: c2pa-rs 0.91 checks the order of fields that it writes itself, and not the deterministic encoding. Where the
# signature was made over that one, this engine looked at other bytes.
_OTHER_BYTES: Final = frozenset({(engine.NAME, MISMATCH)})
_UNTRUSTED: Final = "cawg.x509.credential.untrusted"
_EXPIRED: Final = "cawg.x509.credential.expired"


def check(identity: IdentityAssertion, trust: TrustStore, proven: datetime | None, at: datetime | None) -> Checked:
    """Who signed, and whether a list for identities vouches for the certificate.

    `proven`: when the claim was signed, by a trusted time stamp. `at`: when to judge, where nothing proves the time.
    """
    try:
        signature = parse_signature(identity.signature, version=1)
    except StoreError:
        return Checked(IdentityState.BROKEN, (MALFORMED,))
    payload = next((each for each in (identity.deterministic, identity.stored) if signature.holds_over(each)), None)
    if payload is None:
        return Checked(IdentityState.BROKEN, (MISMATCH,))
    excused = _OTHER_BYTES if payload != identity.stored else frozenset()
    stamped = proven_by(signature, payload, trust) or proven
    found = identify(trust, signature.chain, FOR_IDENTITIES)
    if found is None:
        return Checked(IdentityState.UNTRUSTED, (_UNTRUSTED,), excused=excused)
    own = found.certificate
    facts: dict[str, Any] = {
        "name": own.organisation and clean(own.organisation),
        "common_name": own.common_name and clean(own.common_name),
        "issuer": own.issuer and clean(own.issuer),
    }
    code = _why_not(
        signature.chain[0], found.vouched, stamped, valid=found.valid_at(stamped or at or datetime.now(UTC))
    )
    if code is not None or found.vouched is None:
        return Checked(IdentityState.UNTRUSTED, (code or _UNTRUSTED,), facts, excused)
    facts["trust_list"] = found.vouched.trust_list.name
    return Checked(IdentityState.TRUSTED, (), facts, excused)


def proven_by(signature: Signature, payload: bytes, trust: TrustStore) -> datetime | None:
    """The time that a stamp of this signature proves; None where no listed authority made one."""
    stamp = time_stamp_of(signature, payload)
    authority = identify_time_stamp(trust, stamp.certificates) if stamp is not None else None
    if stamp is None or authority is None or authority.vouched is None or not authority.valid_at(stamp.time):
        return None
    return stamp.time


def _why_not(der: bytes, vouched: Vouched | None, stamped: datetime | None, *, valid: bool) -> str | None:
    """The code by which a certificate is not believed."""
    certificate = read_certificate(der)
    if vouched is None or not may_name_actor(extended_usages(certificate), certificate_policies(certificate), stamped):
        return _UNTRUSTED
    return None if valid else _EXPIRED
