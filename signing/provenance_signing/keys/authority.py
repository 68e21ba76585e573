"""Authorities for development. Their keys exist in memory only, so nobody can issue more in their name.

Every certificate says itself, in its subject, that it is for development.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenance.trust.certificates import DEVELOPMENT_UNIT, KEY_USAGES

from ..algorithms import PublicKey
from ..errors import CredentialError

# C2PA Certificate Policy 0.2, claim signing leaf: the first, and one of the other two.
CLAIM_SIGNING: Final = (x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1"), ExtendedKeyUsageOID.EMAIL_PROTECTION)

# RFC 3161, section 2.3: this one and no other, and critical.
TIME_STAMPING: Final = (ExtendedKeyUsageOID.TIME_STAMPING,)

# As long as C2PA Certificate Policy 0.2 allows for an issuing authority.
_AUTHORITY_DAYS: Final = 1827

_CLOCKS_DIFFER: Final = timedelta(minutes=5)  # whoever verifies may have a clock that is a little behind
_MAX_NAME: Final = 64  # RFC 5280, appendix A.1: the upper bound of an organisation's and of a common name
_NONE: Final = dict.fromkeys((*KEY_USAGES, "encipher_only", "decipher_only"), False)
LEAF_USAGE: Final = x509.KeyUsage(**{**_NONE, "digital_signature": True, "content_commitment": True})
_AUTHORITY_USAGE: Final = x509.KeyUsage(**{**_NONE, "key_cert_sign": True, "crl_sign": True})


@dataclass(frozen=True)
class Authority:
    """A development authority, on P-384: what C2PA's certificate policy asks of authorities."""

    organisation: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def root(cls, organisation: str) -> Self:
        """A new root, under which one authority may issue certificates.

        Raises `CredentialError` for a name that is empty, or longer than a certificate holds.
        """
        if not 1 <= len(organisation.strip()) <= _MAX_NAME:
            raise CredentialError(f"an organisation's name in a certificate has between 1 and {_MAX_NAME} characters")
        key = ec.generate_private_key(ec.SECP384R1())
        subject = _subject(organisation, "root")
        certificate = (
            _builder(subject, subject, key.public_key(), _AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .add_extension(_AUTHORITY_USAGE, critical=True)
            .sign(key, hashes.SHA384())
        )
        return cls(organisation, certificate, key)

    def below(self, usages: tuple[x509.ObjectIdentifier, ...]) -> Self:
        """A new authority under this one, which issues signers' certificates for these purposes."""
        key = ec.generate_private_key(ec.SECP384R1())
        certificate = (
            self._issued_to(_subject(self.organisation, "issuing CA"), key.public_key(), _AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_AUTHORITY_USAGE, critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .sign(self.key, hashes.SHA384())
        )
        return type(self)(self.organisation, certificate, key)

    def issue(self, key: PublicKey, usages: tuple[x509.ObjectIdentifier, ...], *, days: int) -> x509.Certificate:
        """A certificate for this key and these purposes."""
        return (
            self._issued_to(_subject(self.organisation), key, days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(LEAF_USAGE, critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=usages == TIME_STAMPING)
            .sign(self.key, hashes.SHA384())
        )

    def _issued_to(self, subject: x509.Name, key: PublicKey, days: int) -> x509.CertificateBuilder:
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return _builder(subject, self.certificate.subject, key, days).add_extension(above, critical=False)


def _builder(subject: x509.Name, issuer: x509.Name, key: PublicKey, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now - _CLOCKS_DIFFER + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(organisation: str, role: str = "") -> x509.Name:
    mark = f" (development) {role}".rstrip()
    short = organisation.encode()[: _MAX_NAME - len(mark)].decode("utf-8", "ignore")
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEVELOPMENT_UNIT),
            x509.NameAttribute(NameOID.COMMON_NAME, short + mark),
        ]
    )
