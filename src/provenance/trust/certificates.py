"""What single certificates say: whose they are, who issued them, and what they may be used for. RFC 5280."""

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self, TypeVar

if TYPE_CHECKING:  # cryptography is loaded when the first certificate is looked at: it takes longer than all else
    from cryptography.x509 import Certificate, ExtensionType, Name, ObjectIdentifier

_Extension = TypeVar("_Extension", bound="ExtensionType")

# The organisational unit of every certificate that the toolkit makes for development, so that none is taken for real.
DEVELOPMENT_UNIT: Final = "FOR DEVELOPMENT ONLY"

# What a key may be used for. RFC 5280, section 4.2.1.3, without the two bits that only narrow key agreement.
KEY_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)

# Extended usages: for time stamps (RFC 3161, section 2.3), and for anything (RFC 5280, section 4.2.1.12).
TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
_ANY_USAGE: Final = "2.5.29.37.0"

# Extensions that are looked at here, or say nothing of what a certificate may do: basic constraints, key usage,
# extended key usage, other names, and policies. Constraints on names are not evaluated: nothing rests on who has them.
_UNDERSTOOD: Final = frozenset({"2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.32"})


@dataclass(frozen=True)
class SignerCertificate:
    """What the signer's own certificate says."""

    organisation: str | None
    common_name: str | None
    issuer: str | None
    valid_from: datetime
    valid_until: datetime
    serial: int = 0
    development: bool = False  # it says itself that it was made for development

    @classmethod
    def of(cls, certificate: "Certificate") -> Self:
        """Reads subject, issuer and validity."""
        from cryptography.x509.oid import NameOID

        def first(name: "Name", oid: "ObjectIdentifier") -> str | None:
            values = name.get_attributes_for_oid(oid)
            return str(values[0].value) if values else None

        issuer = certificate.issuer
        units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return cls(
            organisation=first(certificate.subject, NameOID.ORGANIZATION_NAME),
            common_name=first(certificate.subject, NameOID.COMMON_NAME),
            issuer=first(issuer, NameOID.ORGANIZATION_NAME) or first(issuer, NameOID.COMMON_NAME),
            valid_from=certificate.not_valid_before_utc,
            valid_until=certificate.not_valid_after_utc,
            serial=certificate.serial_number,
            development=any(unit.value == DEVELOPMENT_UNIT for unit in units),
        )


def read_certificate(der: bytes) -> "Certificate":
    """A certificate whose names, dates and serial number can be read. Raises `ValueError` for any other bytes.

    Each part is parsed when it is asked for, and what is odd in one is said by exceptions of many kinds: an attribute
    of the wrong type by a `TypeError`. So all are asked for here, and a certificate that was handed out breaks nowhere.
    """
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(der)
        SignerCertificate.of(certificate)
    except Exception as error:
        raise ValueError(f"a certificate cannot be read: {error}") from None
    return certificate


def issued(authority: "Certificate", certificate: "Certificate") -> bool:
    """Whether this authority's key signed the certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except Exception:  # not issued, or a key or an algorithm that cannot be read: cryptography raises nearly anything
        return False
    return True


def is_authority(certificate: "Certificate") -> bool:
    """Whether it may issue certificates. RFC 5280, section 4.2.1.9."""
    from cryptography import x509

    constraints = extension(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def may_certify(certificate: "Certificate", below: int) -> bool:
    """Whether it may issue a certificate under which this many authorities stand. RFC 5280, 4.2.1.3 and 4.2.1.9."""
    from cryptography import x509

    usage = extension(certificate, x509.KeyUsage)
    return (
        is_authority(certificate) and (usage is None or usage.key_cert_sign) and may_certify_below(certificate, below)
    )


def may_certify_below(certificate: "Certificate", below: int) -> bool:
    """Whether it is no signer's, and may have this many authorities below it. An anchor may say nothing of either."""
    from cryptography import x509

    constraints = extension(certificate, x509.BasicConstraints)
    if constraints is None or below < 0:  # below nobody: it is the signer's own
        return True
    return constraints.ca and (constraints.path_length is None or below <= constraints.path_length)


def may_certify_for(certificate: "Certificate", usages: Collection[str]) -> bool:
    """Whether the certificates that it issues may be for one of these extended usages; all, where it names none."""
    own = extended_usages(certificate)
    return not own or _ANY_USAGE in own or not own.isdisjoint(usages)


def may_sign(certificate: "Certificate") -> bool:
    """Whether its key may be used for signatures. C2PA 2.4, section 14.5.1.1."""
    from cryptography import x509

    usage = extension(certificate, x509.KeyUsage)
    return usage is not None and usage.digital_signature


def is_understood(certificate: "Certificate") -> bool:
    """Whether all that it marks as critical is looked at here; else nothing may rest on it. RFC 5280, section 4.2."""
    return all(carried.oid.dotted_string in _UNDERSTOOD for carried in certificate.extensions if carried.critical)


def extended_usages(certificate: "Certificate") -> frozenset[str]:
    """The object identifiers of its extended key usages; none where it has no such extension."""
    from cryptography import x509

    usage = extension(certificate, x509.ExtendedKeyUsage)
    return frozenset(usage_oid.dotted_string for usage_oid in usage or ())


def certificate_policies(certificate: "Certificate") -> frozenset[str]:
    """The object identifiers of the policies by which it was issued. RFC 5280, section 4.2.1.4."""
    from cryptography import x509

    policies = extension(certificate, x509.CertificatePolicies)
    return frozenset(policy.policy_identifier.dotted_string for policy in policies or ())


def responders(certificate: "Certificate") -> list[str]:
    """The addresses of the OCSP responders that it names. RFC 5280, section 4.2.2.1."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    access = extension(certificate, x509.AuthorityInformationAccess)
    return [
        description.access_location.value
        for description in access or ()
        if description.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(description.access_location, x509.UniformResourceIdentifier)
    ]


def extension(certificate: "Certificate", kind: "type[_Extension]") -> "_Extension | None":
    """This extension of a certificate; None where it has none, or where its extensions cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except Exception:  # not there, or any of the extensions is odd: cryptography raises nearly anything
        return None


def pem(der: bytes) -> str:
    """A certificate as PEM."""
    body = base64.encodebytes(der).decode("ascii")
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
