"""Certificates as tests want them: a chain by the official profile, in which one thing at a time is made wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

C2PA = "1.3.6.1.4.1.62558"
CLAIM_SIGNING = ObjectIdentifier(f"{C2PA}.2.1")
PEM = Encoding.PEM

_BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)

Extensions = Mapping[type[x509.ExtensionType] | str, tuple[x509.ExtensionType, bool] | None]


def usage(*bits: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{bit: bit in bits for bit in _BITS})


def name(common: str, organisation: str = "Example press", country: str | None = "FR") -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, country),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common),
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text is not None])


def unrecognised(oid: str, der: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(ObjectIdentifier(oid), der)


@dataclass(frozen=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True)
class Recipe:
    """All that goes into a certificate."""

    subject: x509.Name
    extensions: Extensions
    key: Any
    days: float = 90
    since: datetime | None = None
    serial: int | None = None
    hash: hashes.HashAlgorithm | None = None

    def but(self, changes: Extensions | None = None, **more: Any) -> "Recipe":
        return replace(self, extensions={**self.extensions, **(changes or {})}, **more)

    def issue(self, above: Issued | None = None) -> Issued:
        """Issued by an authority, or by itself."""
        signer = above.key if above else self.key
        issuer = above.certificate.subject if above else self.subject
        since = self.since or datetime.now(UTC) - timedelta(hours=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer)
            .public_key(self.key.public_key())
            .serial_number(self.serial or x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(since + timedelta(days=self.days))
        )
        found = {
            x509.SubjectKeyIdentifier: (x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False),
            x509.AuthorityKeyIdentifier: above
            and (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
            **self.extensions,
        }
        for entry in found.values():
            if entry is not None:
                builder = builder.add_extension(entry[0], critical=entry[1])
        digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else self.hash or hashes.SHA384()
        return Issued(builder.sign(signer, digest), self.key)


def policies() -> tuple[x509.ExtensionType, bool]:
    return x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(f"{C2PA}.1.1"), None)]), False


def responder(url: str = "http://ocsp.example.org") -> tuple[x509.ExtensionType, bool]:
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))
    return x509.AuthorityInformationAccess([access]), False


def authority(common: str, path_length: int, *, root: bool = False) -> Recipe:
    extensions: dict[Any, Any] = {
        x509.BasicConstraints: (x509.BasicConstraints(ca=True, path_length=path_length), True),
        x509.KeyUsage: (usage("key_cert_sign", "crl_sign"), True),
    }
    if not root:
        extensions[x509.CertificatePolicies] = policies()
        extensions[x509.AuthorityInformationAccess] = responder()
    if path_length == 0:
        purposes = x509.ExtendedKeyUsage([CLAIM_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
        extensions[x509.ExtendedKeyUsage] = (purposes, False)
    return Recipe(name(common), extensions, ec.generate_private_key(ec.SECP384R1()), days=1827)


def signer(assurance: int = 1) -> Recipe:
    # DER: the object identifier of the level; a text of 36 characters.
    level = bytes.fromhex("060a2b0601040183e85e030a") if assurance == 1 else bytes.fromhex("060a2b0601040183e85e0314")
    record = b"\x0c\x24" + b"0d0f1e2d-3c4b-5a69-7887-96a5b4c3d2e1"
    return Recipe(
        name("Example camera"),
        {
            x509.BasicConstraints: (x509.BasicConstraints(ca=False, path_length=None), True),
            x509.KeyUsage: (usage("digital_signature", "content_commitment"), True),
            x509.ExtendedKeyUsage: (
                x509.ExtendedKeyUsage([CLAIM_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]),
                False,
            ),
            x509.CertificatePolicies: policies(),
            x509.AuthorityInformationAccess: responder(),
            "level": (unrecognised(f"{C2PA}.3", level), False),
            "record": (unrecognised(f"{C2PA}.4", record), False),
        },
        ec.generate_private_key(ec.SECP256R1()),
    )


ROOT = authority("Example root", 2, root=True)
INTERMEDIATE = authority("Example first CA", 1)
ISSUING = authority("Example issuing CA", 0)


def chain(*issued: Issued) -> bytes:
    return b"".join(each.pem for each in issued)


def official(
    leaf: Recipe | None = None,
    *,
    issuing: Recipe = ISSUING,
    intermediate: Recipe = INTERMEDIATE,
    root: Recipe = ROOT,
) -> tuple[Issued, ...]:
    """A chain by the official profile, the signer's first and the root last."""
    top = root.issue()
    first = intermediate.issue(top)
    last = issuing.issue(first)
    return ((leaf or signer()).issue(last), last, first, top)
