"""What certificates say, down to their extensions, for whoever asks how a trust decision came about. RFC 5280."""

import hashlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .. import limits
from ..sentences import clean
from .certificates import KEY_USAGES, extended_usages, extension, is_authority, responders

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def certificate_details(ders: Iterable[bytes]) -> list[dict[str, Any]]:
    """What each DER certificate says, in the order given, as plain data.

    Every text is cleaned. A part that cannot be read is null; of bytes that are no certificate only `fingerprint` and
    `error` are there. Nothing is judged: see `ClaimSigner` for whom the certificates lead to.
    """
    return [_details(der) for _, der in zip(range(limits.MAX_CHAIN_LENGTH), ders, strict=False)]


def _details(der: bytes) -> dict[str, Any]:
    from cryptography import x509

    fingerprint = hashlib.sha256(der).hexdigest()
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError as error:
        return {"fingerprint": fingerprint, "error": clean(str(error))}
    readers: dict[str, Callable[[Certificate], Any]] = {
        "subject": lambda certificate: clean(certificate.subject.rfc4514_string()),
        "issuer": lambda certificate: clean(certificate.issuer.rfc4514_string()),
        "serial": lambda certificate: f"{certificate.serial_number:x}",
        "valid_from": lambda certificate: certificate.not_valid_before_utc.isoformat(),
        "valid_until": lambda certificate: certificate.not_valid_after_utc.isoformat(),
        "key": _key,
        "signature_algorithm": _signature_algorithm,
        "authority": is_authority,
        "key_usage": _key_usage,
        "extended_key_usage": lambda certificate: sorted(extended_usages(certificate)),
        "policies": _policies,
        "ocsp": lambda certificate: [clean(url) for url in responders(certificate)],
        "crl": _revocation_lists,
    }
    return {"fingerprint": fingerprint} | {name: _or_none(read, certificate) for name, read in readers.items()}


def _or_none(read: "Callable[[Certificate], Any]", certificate: "Certificate") -> Any:
    """One part, or None: parts are parsed when they are read, and a crafted one must not cost the others."""
    try:
        return read(certificate)
    except Exception:  # cryptography raises nearly anything
        return None


def _key(certificate: "Certificate") -> str:
    """Algorithm, and size in bits or name of the curve."""
    key: Any = certificate.public_key()
    algorithm = type(key).__name__.removesuffix("PublicKey")
    curve = getattr(key, "curve", None)
    size = curve.name if curve is not None else getattr(key, "key_size", None)
    return f"{algorithm} {size}" if size else str(algorithm)


def _signature_algorithm(certificate: "Certificate") -> str:
    oid = certificate.signature_algorithm_oid
    name = getattr(oid, "_name", None)
    return f"{name} ({oid.dotted_string})" if name and name != "Unknown OID" else str(oid.dotted_string)


def _key_usage(certificate: "Certificate") -> list[str]:
    from cryptography import x509

    usage = extension(certificate, x509.KeyUsage)
    return [name for name in KEY_USAGES if usage is not None and getattr(usage, name)]


def _policies(certificate: "Certificate") -> list[str]:
    from cryptography import x509

    policies = extension(certificate, x509.CertificatePolicies)
    return [policy.policy_identifier.dotted_string for policy in policies or ()]


def _revocation_lists(certificate: "Certificate") -> list[str]:
    from cryptography import x509

    points = extension(certificate, x509.CRLDistributionPoints)
    names = [name for point in points or () for name in point.full_name or ()]
    return [clean(name.value) for name in names if isinstance(name, x509.UniformResourceIdentifier)]
