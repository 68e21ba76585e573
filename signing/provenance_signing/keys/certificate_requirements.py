"""What the rules of `certificate_profile.toml` look at in a certificate."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provenance.sources.c2pa import der
from provenance.trust.certificates import KEY_USAGES, extended_usages, extension, issued, responders
from provenance.trust.profiles import accepted_usages

from ..algorithms import PublicKey

# issuerUniqueID and subjectUniqueID, a primitive or a constructed bit string each. RFC 5280, section 4.1.
_UNIQUE_IDENTIFIERS: Final = {der.context(number, constructed=form) for number in (1, 2) for form in (False, True)}

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class ChainMember:
    """A certificate in its chain. Each method is what rules of its name look at, with the arguments of the rule.

    It says whether the certificate is so, or None where the question does not arise.
    """

    certificate: x509.Certificate
    position: int
    above: tuple[x509.Certificate, ...]  # the next one, or none
    key: PublicKey | None  # that should belong to the signer
    time: datetime

    def check(self, rule: Mapping[str, Any]) -> bool | None:
        """Whether the certificate is as the rule says."""
        arguments = {name: rule[name] for name in rule if name not in ("for", "check", "section", "assurance", "says")}
        answer: bool | None = getattr(self, rule["check"])(**arguments)
        return answer

    def version(self) -> bool:
        return self.certificate.version is x509.Version.v3

    def serial_number(self) -> bool:
        return 0 < self.certificate.serial_number < 1 << 159  # the highest bit of 20 octets is the sign

    def signed_with(self, algorithms: Sequence[str]) -> bool:
        certificate = self.certificate
        if certificate.signature_algorithm_oid.dotted_string not in algorithms:
            return False
        try:
            parameters, hashed = certificate.signature_algorithm_parameters, certificate.signature_hash_algorithm
        except (UnsupportedAlgorithm, ValueError):
            return False
        if not isinstance(parameters, padding.PSS):
            return True
        if hashed is None or hashed.name not in ("sha256", "sha384", "sha512"):
            return False
        return parameters.mgf == padding.MGF1(hashed)

    def key_kind(self, curves: Sequence[str], rsa_bits: int, ed25519: bool) -> bool:
        key = _public_key(self.certificate)
        if isinstance(key, ec.EllipticCurvePublicKey):
            return key.curve.name in curves
        if isinstance(key, rsa.RSAPublicKey):
            return key.key_size >= rsa_bits
        return ed25519 and isinstance(key, Ed25519PublicKey)

    def no_unique_identifiers(self) -> bool:
        try:
            fields = der.value_of(self.certificate.tbs_certificate_bytes).inside()
        except ValueError:
            return False
        return not {field.tag for field in fields} & _UNIQUE_IDENTIFIERS

    def has_extension(self, oid: str, present: bool = True, critical: bool | None = None) -> bool:
        carried = _extension(self.certificate, oid)
        if carried is None:
            return not present
        return present and critical in (None, carried.critical)

    def basic_constraints(
        self, authority: bool, may_be_absent: bool = False, path_lengths: Sequence[int] | None = None
    ) -> bool:
        constraints = extension(self.certificate, x509.BasicConstraints)
        if constraints is None:
            return may_be_absent
        return constraints.ca is authority and (path_lengths is None or constraints.path_length in path_lengths)

    def path_length_kept(self) -> bool | None:
        constraints = extension(self.certificate, x509.BasicConstraints)
        if constraints is None or not constraints.ca or constraints.path_length is None:
            return None
        return constraints.path_length >= self.position - 1

    def key_usage(self, bits: Sequence[str], without: Sequence[str] = (), only: bool = False) -> bool:
        usage = extension(self.certificate, x509.KeyUsage)
        if usage is None:
            return False
        given = {name for name in KEY_USAGES if getattr(usage, name)}
        return given.issuperset(bits) and given.isdisjoint(without) and (not only or given == set(bits))

    def accepted_usage(self) -> bool:
        return not accepted_usages().isdisjoint(extended_usages(self.certificate))

    def extended_key_usage(
        self, all_of: Sequence[str] = (), any_of: Sequence[str] = (), none_of: Sequence[str] = ()
    ) -> bool:
        given = extended_usages(self.certificate)
        return given.issuperset(all_of) and given.isdisjoint(none_of) and not (any_of and given.isdisjoint(any_of))

    def issued_by_another(self) -> bool:
        return self.certificate.subject != self.certificate.issuer

    def issued_by_next(self) -> bool | None:
        return all(issued(authority, self.certificate) for authority in self.above) if self.above else None

    def valid_now(self) -> bool:
        return self.certificate.not_valid_before_utc <= self.time <= self.certificate.not_valid_after_utc

    def valid_days(self, at_most: int) -> bool:
        lifetime = self.certificate.not_valid_after_utc - self.certificate.not_valid_before_utc
        return lifetime <= timedelta(days=at_most)

    def critical_known(self, oids: Sequence[str]) -> bool:
        try:
            return all(carried.oid.dotted_string in oids for carried in self.certificate.extensions if carried.critical)
        except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
            return False

    def key_belongs(self) -> bool | None:
        if self.key is None:
            return None
        key = _public_key(self.certificate)
        return key is not None and _encoded(key) == _encoded(self.key)

    def subject(self, attributes: Sequence[str]) -> bool:
        return {attribute.oid.dotted_string for attribute in self.certificate.subject if attribute.value}.issuperset(
            attributes
        )

    def ascii_subject(self) -> bool:
        return all(str(attribute.value).isascii() for attribute in self.certificate.subject)

    def key_identifier(self) -> bool:
        identifier = extension(self.certificate, x509.SubjectKeyIdentifier)
        key = _public_key(self.certificate)
        return None not in (identifier, key) and identifier == x509.SubjectKeyIdentifier.from_public_key(key)

    def issuer_identifier(self) -> bool:
        identifier = extension(self.certificate, x509.AuthorityKeyIdentifier)
        if identifier is None or identifier.key_identifier is None:
            return False
        above = [extension(authority, x509.SubjectKeyIdentifier) for authority in self.above]
        return all(
            of_authority is not None and of_authority.digest == identifier.key_identifier for of_authority in above
        )

    def policy(self, oid: str) -> bool:
        policies = extension(self.certificate, x509.CertificatePolicies)
        return oid in [policy.policy_identifier.dotted_string for policy in policies or ()]

    def status_address(self, or_list: bool = False) -> bool:
        lists = extension(self.certificate, x509.CRLDistributionPoints) if or_list else None
        names = [name for point in lists or () for name in point.full_name or ()]
        addresses = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
        return any(
            address.lower().startswith(("http://", "https://"))
            for address in (*responders(self.certificate), *addresses)
        )

    def identifier(self, oid: str, value: str) -> bool:
        return self.has_extension(oid, critical=False) and stated(self.certificate, oid) == value

    def record(self, oid: str) -> bool:
        carried = _extension(self.certificate, oid)
        try:
            text = (
                der.value_of(carried.value.public_bytes()).expect(der.UTF8_STRING).content.decode() if carried else ""
            )
        except ValueError:
            return False
        return carried is not None and not carried.critical and _UUID.fullmatch(text) is not None


def stated(certificate: x509.Certificate, oid: str) -> str | None:
    """The object identifier, in dotted form, that an extension consists of."""
    carried = _extension(certificate, oid)
    try:
        return der.value_of(carried.value.public_bytes()).expect(der.OBJECT_IDENTIFIER).identifier if carried else None
    except ValueError:
        return None


def _extension(certificate: x509.Certificate, oid: str) -> "x509.Extension[x509.ExtensionType] | None":
    try:
        return next(
            (carried for carried in certificate.extensions if carried.oid.dotted_string == oid),
            None,
        )
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return None


def _public_key(certificate: x509.Certificate) -> Any:
    try:
        return certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return None


def _encoded(key: Any) -> bytes:
    return bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
