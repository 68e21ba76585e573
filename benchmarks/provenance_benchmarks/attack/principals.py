"""Who signs: honest authorities on trust lists, and an attacker who gives himself any certificate that he likes.

All keys come from the seed, and signatures are deterministic, so that a case is the same bytes in every run.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provenance.trust import Purpose, TrustAnchor, TrustList, TrustStore

DER: Final = serialization.Encoding.DER
PEM: Final = serialization.Encoding.PEM

# Wide of any day on which this is run; "expired" ended before the harness was written.
SINCE: Final = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
UNTIL: Final = dt.datetime(2049, 1, 1, tzinfo=dt.UTC)
EXPIRED: Final = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
WHILE_VALID: Final = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)

ISSUERS: Final = frozenset({"Honest Authority", "Known Authority", "A private authority"})

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256: FIPS 186-4, D.1.2.3


@dataclass(frozen=True)
class Principal:
    """A key, and the chain that goes with it, the signer's own certificate first."""

    name: str
    key: ec.EllipticCurvePrivateKey
    certificates: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's own."""
        return self.certificates[0]

    @cached_property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates as DER."""
        return tuple(certificate.public_bytes(DER) for certificate in self.certificates)

    def signature(self, data: bytes) -> bytes:
        """ECDSA over SHA-256, as DER."""
        return self.key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))

    @property
    def pem(self) -> tuple[bytes, bytes]:
        """The chain and the key as PEM, for libraries that sign."""
        key = self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return b"".join(certificate.public_bytes(PEM) for certificate in self.certificates), key


def name_of(organisation: str, common_name: str | None = None) -> x509.Name:
    """A distinguished name with this organisation."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name or organisation),
        ]
    )


@dataclass(frozen=True)
class Maker:
    """Makes keys and certificates from a seed."""

    seed: int

    def key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """The key of this name."""
        number = int.from_bytes(hashlib.sha256(f"{self.seed}/{name}".encode()).digest(), "big")
        return ec.derive_private_key(number % (ORDER - 1) + 1, ec.SECP256R1())

    def authority(self, name: str, above: Principal | None = None) -> Principal:
        """A root, or an authority below another one."""
        return self.issue(name, above, authority=True, usage=None)

    def issue(
        self,
        name: str,
        above: Principal | None,
        *,
        subject: x509.Name | None = None,
        issuer: x509.Name | None = None,
        serial: int | None = None,
        since: dt.datetime = SINCE,
        until: dt.datetime = UNTIL,
        authority: bool = False,
        usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.EMAIL_PROTECTION,
        key_name: str | None = None,
    ) -> Principal:
        """A certificate, signed by itself where there is no authority `above`."""
        key = self.key(key_name or name)
        subject = subject or name_of(name)
        signer = above.key if above else key
        number = serial or int.from_bytes(hashlib.sha256(f"{self.seed}#{name}".encode()).digest()[:8], "big") >> 1
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or (above.certificate.subject if above else subject))
            .public_key(key.public_key())
            .serial_number(number)
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(_key_usage(authority=authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if usage is not None:
            stamping = usage == ExtendedKeyUsageOID.TIME_STAMPING  # RFC 3161, section 2.3
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=stamping)
        certificate = builder.sign(signer, hashes.SHA256(), ecdsa_deterministic=True)
        return Principal(name, key, (certificate, *(above.certificates if above else ())))

    def impostor(self, victim: x509.Certificate, **arguments: Any) -> Principal:
        """An attacker's certificate with the victim's names, number and dates, under a root that he called alike."""
        root = self.issue(
            "attacker root", None, subject=victim.issuer, authority=True, usage=None, key_name=f"root {victim.issuer}"
        )
        alike: dict[str, Any] = {
            "subject": victim.subject,
            "serial": victim.serial_number,
            "since": victim.not_valid_before_utc,
            "until": victim.not_valid_after_utc,
        }
        return self.issue("the attacker", root, **(alike | arguments))


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        decipher_only=False,
        **dict.fromkeys(others, False),
    )


@dataclass(frozen=True)
class Principals:
    """Everybody who takes part."""

    maker: Maker
    root: Principal
    newsroom: Principal  # on the user's own list, as the next three
    ai_maker: Principal
    expired: Principal
    intermediate: Principal  # an authority
    colleague: Principal  # trusted directly
    known: Principal  # recognised, as the next one
    known_expired: Principal
    stamper: Principal  # a time stamping authority on a list
    attacker: Principal
    attacker_stamper: Principal
    listed: tuple[TrustAnchor, ...] = field(repr=False)  # signers on the shipped lists: certificates without keys
    listed_stampers: tuple[TrustAnchor, ...] = field(repr=False)

    @classmethod
    def of_seed(cls, seed: int) -> "Principals":
        """The same people for the same seed."""
        maker = Maker(seed)
        root = maker.authority("Honest Authority")
        known_root = maker.authority("Known Authority")
        stamps = maker.authority("Honest Stamp Authority")
        stamping = ExtendedKeyUsageOID.TIME_STAMPING
        return cls(
            maker=maker,
            root=root,
            newsroom=maker.issue("Victim News", root),
            ai_maker=maker.issue("Generator Works", root),
            expired=maker.issue("Old Gazette", root, until=EXPIRED),
            intermediate=maker.authority("Honest Signing Desk", root),
            colleague=maker.issue("Colleague Ltd", maker.authority("A private authority")),
            known=maker.issue("Known Maker", known_root),
            known_expired=maker.issue("Known Maker", known_root, until=EXPIRED, key_name="Known Maker, before"),
            stamper=maker.issue("Honest Stamps", stamps, usage=stamping),
            attacker=maker.issue("Nobody at all", maker.authority("Nobody's authority")),
            attacker_stamper=maker.issue("Forged Stamps", maker.authority("Forged stamp root"), usage=stamping),
            listed=tuple(_anchors(Purpose.SIGNERS, Purpose.KNOWN_SIGNERS)),
            listed_stampers=tuple(_anchors(Purpose.TIME_STAMPS)),
        )

    @property
    def signers(self) -> tuple[Principal, ...]:
        """Those of whom somebody in this run thinks something."""
        return (
            *(self.newsroom, self.ai_maker, self.expired, self.intermediate, self.root),
            *(self.colleague, self.known, self.known_expired),
        )

    def trust(self) -> TrustStore:
        """The shipped lists, and these people's."""
        shipped = TrustStore.default()
        return replace(
            shipped,
            lists=(
                *shipped.lists,
                _list("Own trust anchors", Purpose.OWN_SIGNERS, self.root.certificates[-1:]),
                _list("Certificates trusted directly", Purpose.ALLOWED, self.colleague.certificates[:1]),
                _list("Known here", Purpose.KNOWN_SIGNERS, self.known.certificates[-1:], "Known Maker"),
                _list("Own time stamping authorities", Purpose.TIME_STAMPS, self.stamper.certificates[-1:]),
            ),
        )

    def victims(self) -> tuple[tuple[bytes, ...], ...]:
        """Chains that an attacker can copy out of public files and lists."""
        above_nobody = tuple(signer.chain[:1] for signer in self.signers)  # the root itself is on the list
        return (*(signer.chain for signer in self.signers), *above_nobody, *((anchor.der,) for anchor in self.listed))


def _anchors(*purposes: Purpose) -> Sequence[TrustAnchor]:
    return [
        anchor
        for trust_list in TrustStore.default().lists
        if trust_list.purpose in purposes
        for anchor in trust_list.anchors
    ]


def _list(name: str, purpose: Purpose, certificates: Sequence[x509.Certificate], *only: str) -> TrustList:
    anchors = (
        TrustAnchor(certificate.public_bytes(DER), name, frozenset(only) or None) for certificate in certificates
    )
    return TrustList(name, purpose, "2026-11-28", tuple(anchors))
