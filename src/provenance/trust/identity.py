"""Who stands behind a chain of certificates: of a signer, or of a time stamp."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from .certificates import TIME_STAMPING, SignerCertificate, extended_usages, issued, read_certificate
from .lists import Purpose
from .products import conforming_product
from .store import FOR_SIGNERS, FOR_TIME_STAMPS, TrustStore, Vouched


@dataclass(frozen=True)
class ChainIdentity:
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
) -> ChainIdentity | None:
    """Who stands behind a chain of DER certificates, the end certificate first; None where it cannot be read."""
    try:
        certificates = [read_certificate(der) for der in chain]
        if not certificates:
            return None
        vouched = trust.who_vouches(certificates, purposes)
        relied_on = certificates if vouched is None else certificates[: vouched.length]
        return ChainIdentity(
            SignerCertificate.of(certificates[0]),
            vouched,
            max(certificate.not_valid_before_utc for certificate in relied_on),
            min(certificate.not_valid_after_utc for certificate in relied_on),
            conforming_product(certificates[0]) if vouched and vouched.trust_list.purpose is Purpose.SIGNERS else None,
        )
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def identify_time_stamp(trust: TrustStore, certificates: tuple[bytes, ...]) -> ChainIdentity | None:
    """Who stands behind a time stamp that was verified with the first of these DER certificates.

    None where that is no certificate for time stamps and nothing else (RFC 3161, section 2.3), or cannot be read. The
    others are those that came with it, in any order; the line goes up from the first through those that issued it.
    """
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        own, *others = (read_certificate(der) for der in certificates)
    except ValueError:
        return None
    if extended_usages(own) != {TIME_STAMPING}:
        return None
    line = [own]
    while above := [certificate for certificate in others if certificate not in line and issued(certificate, line[-1])]:
        line.append(above[0])
    return identify(trust, tuple(certificate.public_bytes(Encoding.DER) for certificate in line), FOR_TIME_STAMPS)
