"""Trust: which authorities may vouch for a signer, and which one does vouch for this chain.

The engine checks that a chain leads to some anchor. This module says to which one, on which list, and refuses a chain
in which a certificate acts as an authority without being one.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

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
    from cryptography.x509 import Certificate

__all__ = ["Purpose", "SignerCertificate", "TrustAnchor", "TrustList", "TrustStore", "Vouched"]


@dataclass(frozen=True)
class Vouched:
    """An authority that vouches for a chain: its anchor, and the list that it stands on."""

    trust_list: TrustList
    anchor: TrustAnchor


@dataclass(frozen=True)
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
        return "\n".join(_pem(anchor.der) for each in self.lists for anchor in each.anchors)

    def who_vouches(self, chain: "list[Certificate]") -> Vouched | None:
        """The anchor that vouches for a signer's chain, the signer's own certificate first; None if there is none.

        Each certificate must be issued by the next one, and every one but the first must be an authority (RFC 5280,
        4.2.1.9). Anchors for time stamps vouch for no signer. The strongest list wins.
        """
        for position, certificate in enumerate(chain):
            if position and not (_is_authority(certificate) and _issued(certificate, chain[position - 1])):
                return None
            for each in self._signer_lists:
                for anchor in each.anchors:
                    if self._anchors(anchor, certificate) and _may_vouch_for(anchor, chain[0]):
                        return Vouched(each, anchor)
        return None

    @cached_property
    def _signer_lists(self) -> tuple[TrustList, ...]:
        strength = (Purpose.SIGNERS, Purpose.OWN_SIGNERS, Purpose.KNOWN_SIGNERS)
        chosen = [each for each in self.lists if each.purpose in strength]
        return tuple(sorted(chosen, key=lambda each: strength.index(each.purpose)))

    @staticmethod
    def _anchors(anchor: TrustAnchor, certificate: "Certificate") -> bool:
        authority = anchor.certificate
        return authority == certificate or _issued(authority, certificate)


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


def parse_chain(ders: list[bytes]) -> "list[Certificate]":
    """The certificates of a chain; empty where one of them does not parse."""
    from cryptography import x509

    try:
        return [x509.load_der_x509_certificate(der) for der in ders]
    except ValueError:
        return []


def valid_at(chain: "list[Certificate]", time: datetime) -> bool:
    """Whether every certificate of the chain is inside its validity at this time."""
    return all(each.not_valid_before_utc <= time <= each.not_valid_after_utc for each in chain)


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

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode("ascii")
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
