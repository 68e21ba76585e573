"""Trust: which authorities may vouch for a signer, and which one does vouch for this chain.

The engine checks that a chain leads to some anchor. This module says to which one, on which list, and refuses a chain
in which a certificate acts as an authority without being one.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

from .lists import (
    Purpose,
    TrustAnchor,
    TrustList,
    known_signers,
    official_signers,
    official_time_stamps,
    own_anchors,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, ExtensionType

_Extension = TypeVar("_Extension", bound="ExtensionType")

# In order of strength.
FOR_SIGNERS: Final = (Purpose.SIGNERS, Purpose.OWN_SIGNERS, Purpose.KNOWN_SIGNERS)
FOR_TIME_STAMPS: Final = (Purpose.TIME_STAMPS,)

__all__ = [
    "Identity",
    "Purpose",
    "SignerCertificate",
    "TrustAnchor",
    "TrustList",
    "TrustStore",
    "Vouched",
    "identify",
    "identify_time_stamp",
]


@dataclass(frozen=True)
class Vouched:
    """An authority that vouches for a chain: its anchor, and the list that it stands on."""

    trust_list: TrustList
    anchor: TrustAnchor


@dataclass(frozen=True, eq=False)
class TrustStore:
    """The trust lists that a verification uses. Immutable, so that it can be shared between threads."""

    lists: tuple[TrustList, ...]

    @classmethod
    def default(cls) -> Self:
        """The official C2PA lists and the known signers, as shipped."""
        return cls((official_signers(), official_time_stamps(), known_signers()))

    def with_own_anchors(self, source: str | Path | bytes) -> Self:
        """This store, and the user's own anchors as PEM. Raises `TrustError` where they cannot be read."""
        own = own_anchors(source)
        return type(self)((own, *(each for each in self.lists if each.purpose is not Purpose.OWN_SIGNERS)))

    def engine_anchors(self) -> str:
        """All anchors as one PEM text, for an engine that knows one pool; `who_vouches` tells them apart again."""
        ders = dict.fromkeys(anchor.der for each in self.lists for anchor in each.anchors)
        return "\n".join(_pem(der) for der in ders)

    def who_vouches(
        self, chain: "Sequence[Certificate]", purposes: tuple[Purpose, ...] = FOR_SIGNERS
    ) -> Vouched | None:
        """The anchor that vouches for a chain, the end certificate first; None if there is none.

        Each certificate must be issued by the next one, and every one but the first must be an authority (RFC 5280,
        4.2.1.9). Only anchors of these purposes count, so that one for time stamps vouches for no signer, nor the
        other way round. The strongest list wins.
        """
        for position, certificate in enumerate(chain):
            if position and not (_is_authority(certificate) and _issued(certificate, chain[position - 1])):
                return None
            for each, anchor in self._anchors_for(certificate):
                if each.purpose in purposes and _may_vouch_for(anchor, chain[0]):
                    return Vouched(each, anchor)
        return None

    def _anchors_for(self, certificate: "Certificate") -> list[tuple[TrustList, TrustAnchor]]:
        """The anchors that are this certificate or issued it, the strongest list first."""
        candidates = self._by_subject.get(certificate.issuer.public_bytes(), ())
        same = self._by_subject.get(certificate.subject.public_bytes(), ())
        return [
            (each, anchor)
            for each, anchor in (*candidates, *same)
            if anchor.certificate == certificate or _issued(anchor.certificate, certificate)
        ]

    @cached_property
    def _by_subject(self) -> dict[bytes, list[tuple[TrustList, TrustAnchor]]]:
        found: dict[bytes, list[tuple[TrustList, TrustAnchor]]] = {}
        for purpose in (*FOR_SIGNERS, *FOR_TIME_STAMPS):
            for each in self.lists:
                for anchor in each.anchors if each.purpose is purpose else ():
                    found.setdefault(anchor.certificate.subject.public_bytes(), []).append((each, anchor))
        return found


@dataclass(frozen=True)
class SignerCertificate:
    """What the signer's own certificate says."""

    organisation: str | None
    common_name: str | None
    issuer: str | None
    valid_from: datetime
    valid_until: datetime

    @classmethod
    def of(cls, certificate: "Certificate") -> Self:
        """Reads subject, issuer and validity."""
        from cryptography.x509.oid import NameOID

        def first(name: object, oid: object) -> str | None:
            values = name.get_attributes_for_oid(oid)  # type: ignore[attr-defined]
            return str(values[0].value) if values else None

        issuer = certificate.issuer
        return cls(
            organisation=first(certificate.subject, NameOID.ORGANIZATION_NAME),
            common_name=first(certificate.subject, NameOID.COMMON_NAME),
            issuer=first(issuer, NameOID.ORGANIZATION_NAME) or first(issuer, NameOID.COMMON_NAME),
            valid_from=certificate.not_valid_before_utc,
            valid_until=certificate.not_valid_after_utc,
        )


@dataclass(frozen=True)
class Identity:
    """Who stands behind a chain: the signer's own certificate, who vouches for it, and when it is valid."""

    certificate: SignerCertificate
    vouched: Vouched | None
    valid_from: datetime
    valid_until: datetime

    def valid_at(self, time: datetime) -> bool:
        """Whether every certificate of the chain is inside its validity at this time."""
        return self.valid_from <= time <= self.valid_until


# A platform signs all its files with few certificates, and looking one up takes longer than reading a small file.
@lru_cache(maxsize=1024)
def identify(
    trust: TrustStore, chain: tuple[bytes, ...], purposes: tuple[Purpose, ...] = FOR_SIGNERS
) -> Identity | None:
    """Who stands behind a chain of DER certificates, the end certificate first; None where it cannot be read."""
    from cryptography import x509

    try:
        certificates = [x509.load_der_x509_certificate(der) for der in chain]
        if not certificates:
            return None
        return Identity(
            SignerCertificate.of(certificates[0]),
            trust.who_vouches(certificates, purposes),
            max(each.not_valid_before_utc for each in certificates),
            min(each.not_valid_after_utc for each in certificates),
        )
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def identify_time_stamp(trust: TrustStore, certificates: frozenset[bytes]) -> Identity | None:
    """Who stands behind a time stamp with these DER certificates; None where that is not beyond doubt.

    All of them must form one line, from the time stamping authority's own up. A stamp that carries an honest
    authority's certificates beside those of the one that really made it has more than one line.
    """
    from cryptography import x509

    try:
        parsed = {der: x509.load_der_x509_certificate(der) for der in certificates}
    except ValueError:
        return None
    issuers = {
        der: [other for other in parsed if other != der and _issued(parsed[other], parsed[der])] for der in parsed
    }
    ends = [der for der in parsed if not any(der in above for above in issuers.values())]
    if len(ends) != 1 or not _stamps_time(parsed[ends[0]]):
        return None
    line = [ends[0]]
    while above := issuers[line[-1]]:
        if len(above) != 1 or above[0] in line:
            return None
        line.append(above[0])
    return identify(trust, tuple(line), FOR_TIME_STAMPS) if len(line) == len(parsed) else None


def _stamps_time(certificate: "Certificate") -> bool:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = _extension(certificate, x509.ExtendedKeyUsage)
    return usage is not None and ExtendedKeyUsageOID.TIME_STAMPING in usage


def _may_vouch_for(anchor: TrustAnchor, signer: "Certificate") -> bool:
    return anchor.organisations is None or SignerCertificate.of(signer).organisation in anchor.organisations


def _issued(authority: "Certificate", certificate: "Certificate") -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _is_authority(certificate: "Certificate") -> bool:
    from cryptography import x509

    constraints = _extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _extension(certificate: "Certificate", kind: "type[_Extension]") -> "_Extension | None":
    """This extension of a certificate; None where it has none, or where its extensions cannot be read."""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return None


def _pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode("ascii")
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
