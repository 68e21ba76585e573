"""Who stands behind a chain of certificates: of a signer, or of a time stamp."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from .certificates import SignerCertificate, extended_usages, issued, read_certificate
from .lists import Purpose
from .products import conforming_product
from .store import FOR_SIGNERS, FOR_TIME_STAMPS, TrustStore, Vouched

_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"  # id-kp-timeStamping, RFC 3161, section 2.3


@dataclass(frozen=True)
class Identity:
    """Who stands behind a chain: the signer's own certificate, who vouches for it, and when it is valid."""

    certificate: SignerCertificate
    vouched: Vouched | None
    valid_from: datetime
    valid_until: datetime
    product: str | None = None  # on the C2PA list of conforming products

    def valid_at(self, time: datetime) -> bool:
        """Whether every certificate that the answer rests on is inside its validity at this time."""
        return self.valid_from <= time <= self.valid_until


# A platform signs all its files with few certificates, and looking one up takes longer than reading a small file.
@lru_cache(maxsize=1024)
def identify(
    trust: TrustStore, chain: tuple[bytes, ...], purposes: tuple[Purpose, ...] = FOR_SIGNERS
) -> Identity | None:
    """Who stands behind a chain of DER certificates, the end certificate first; None where it cannot be read."""
    try:
        certificates = [read_certificate(der) for der in chain]
        if not certificates:
            return None
        vouched = trust.who_vouches(certificates, purposes)
        directly = vouched is not None and vouched.directly
        relied_on = certificates[:1] if directly else certificates
        return Identity(
            SignerCertificate.of(certificates[0]),
            vouched,
            max(each.not_valid_before_utc for each in relied_on),
            min(each.not_valid_after_utc for each in relied_on),
            conforming_product(certificates[0]) if vouched and vouched.trust_list.purpose is Purpose.SIGNERS else None,
        )
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def identify_time_stamp(trust: TrustStore, certificates: frozenset[bytes]) -> Identity | None:
    """Who stands behind a time stamp with these DER certificates; None where that is not beyond doubt.

    All of them must form one line, from the time stamping authority's own up. A stamp that carries an honest
    authority's certificates beside those of the one that really made it has more than one line.
    """
    try:
        parsed = {der: read_certificate(der) for der in certificates}
    except ValueError:
        return None
    issuers = {
        der: [other for other in parsed if other != der and issued(parsed[other], parsed[der])] for der in parsed
    }
    ends = [der for der in parsed if not any(der in above for above in issuers.values())]
    if len(ends) != 1 or _TIME_STAMPING not in extended_usages(parsed[ends[0]]):
        return None
    line = [ends[0]]
    while above := issuers[line[-1]]:
        if len(above) != 1 or above[0] in line:
            return None
        line.append(above[0])
    return identify(trust, tuple(line), FOR_TIME_STAMPS) if len(line) == len(parsed) else None
