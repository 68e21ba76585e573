"""The time stamp of a signature: an RFC 3161 token, checked here over the very bytes that it must be about.

Message imprint, CMS signature (RFC 5652), and the certificate that made it, which alone is named. C2PA 2.4, 14.6.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import cbor2

from ... import limits
from .cose import RSA_BITS, Signature, load_certificate
from .der import (
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    Value,
    context,
    value_of,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"

# C2PA 2.4, section 13.1: the hashes that are allowed.
HASHES: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}

# Signature algorithms, each with the hash that its name says: it must be the one of the digest. RFC 5754.
_PKCS1: Final = {
    "1.2.840.113549.1.1.1": None,
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_PSS: Final = "1.2.840.113549.1.1.10"
_ECDSA: Final = {
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
_ED25519: Final = "1.3.101.112"

# Of PKIStatus, the two by which a stamp was granted. RFC 3161, section 2.4.2.
_GRANTED: Final = (0, 1)


@dataclass(frozen=True)
class TimeStamp:
    """A token that holds: when, and the DER certificates that it carries, that of whoever made it first."""

    time: datetime
    certificates: tuple[bytes, ...]


def time_stamp_of(signature: Signature, claim: bytes) -> TimeStamp | None:
    """The time stamp of a claim's signature; None where there is none, or none that holds.

    `sigTst2` is about the signature; `sigTst`, of version 1 claims, about the claim, and may come in a response.
    """
    if signature.time_stamp is None:
        return None
    header, token = signature.time_stamp
    if len(token) > limits.MAX_CHAIN_SIZE:
        return None
    subject = cbor2.dumps(signature.value) if header == "sigTst2" else claim
    try:
        return _checked(signed_data_of(token), signature.covers(subject, context="CounterSignature"))
    except (ValueError, IndexError, OverflowError):  # what cannot be read proves nothing
        return None


def certificates_of_token(token: bytes) -> tuple[bytes, ...]:
    """The DER certificates that a token carries, whether it holds or not; none where it cannot be read."""
    try:
        return tuple(_certificates(signed_data_of(token)))
    except (ValueError, IndexError, OverflowError):
        return ()


def _certificates(signed_data: list[Value]) -> list[bytes]:
    """The optional certificates of a SignedData. RFC 5652, section 5.1."""
    return [value.whole for part in signed_data[3:] if part.tag == context(0) for value in part.inside()]


def signed_data_of(token: bytes) -> list[Value]:
    """The fields of the CMS SignedData, of a token or of the token in a response. Raises `ValueError`, `IndexError`."""
    fields = value_of(token).expect(SEQUENCE).inside()
    if fields[0].tag == SEQUENCE:  # the status of a response. RFC 3161, section 2.4.2
        if fields[0].inside(INTEGER)[0].number not in _GRANTED or len(fields) != 2:
            raise ValueError("no time stamp was granted")
        fields = fields[1].expect(SEQUENCE).inside()
    if len(fields) != 2 or fields[0].expect(OBJECT_IDENTIFIER).identifier != SIGNED_DATA:
        raise ValueError("not a time stamp")
    return value_of(fields[1].expect(context(0)).content).inside(INTEGER, SET, SEQUENCE)


def info_in(signed_data: list[Value]) -> bytes:
    """What was stamped and when, in DER. Raises `ValueError`."""
    kind, content = signed_data[2].inside(OBJECT_IDENTIFIER, context(0))
    if kind.identifier != TST_INFO:
        raise ValueError("not a time stamp")
    return value_of(content.content).expect(OCTET_STRING).content


def fields_of(info: bytes) -> list[Value]:
    """Version, policy, imprint, number, time, and what may follow. RFC 3161, section 2.4.2. Raises `ValueError`."""
    return value_of(info).inside(INTEGER, OBJECT_IDENTIFIER, SEQUENCE, INTEGER, GENERALIZED_TIME)


def _checked(signed_data: list[Value], covered: bytes) -> TimeStamp | None:
    """The time stamp, where every part of it holds over these bytes."""
    info = info_in(signed_data)
    fields = fields_of(info)
    algorithm, imprint = fields[2].inside(SEQUENCE, OCTET_STRING)
    if imprint.content != _digest(_hash_of(algorithm), covered):
        return None
    certificates = _certificates(signed_data)
    signers = signed_data[-1].expect(SET).inside(SEQUENCE)
    own = _certificate_of(signers[0], certificates) if len(signers) == 1 else None
    if own is None or not _signed(signers[0], info, own):
        return None
    others = (certificate for certificate in dict.fromkeys(certificates) if certificate != own)
    return TimeStamp(_time(fields[4].content), (own, *others))


def _certificate_of(signer: Value, certificates: list[bytes]) -> bytes | None:
    """The one certificate that the signer's identifier leads to; None where it leads to none, or to several."""
    if len(certificates) > limits.MAX_CHAIN_LENGTH:
        return None
    sid = signer.inside(INTEGER)[1]
    certificates_of_signer = [der for der in dict.fromkeys(certificates) if _is_identified(load_certificate(der), sid)]
    return certificates_of_signer[0] if len(certificates_of_signer) == 1 else None


def _is_identified(certificate: "Certificate | None", sid: Value) -> bool:
    from cryptography import x509

    from ...trust.certificates import extension

    if certificate is None:
        return False
    if sid.tag == SEQUENCE:
        issuer, serial = sid.inside(SEQUENCE, INTEGER)
        return certificate.issuer.public_bytes() == issuer.whole and certificate.serial_number == serial.number
    key = extension(certificate, x509.SubjectKeyIdentifier)
    return key is not None and key.digest == sid.expect(context(0, constructed=False)).content


def _signed(signer: Value, content: bytes, own: bytes) -> bool:
    """Whether this certificate's key signed the content, by the attributes that say so. RFC 5652, section 5.4."""
    _, _, digest, attributes, algorithm, signature = signer.inside(INTEGER)[:6]
    digest_name = _hash_of(digest.expect(SEQUENCE))
    signed: dict[str, Value] = {}
    for attribute in attributes.expect(context(0)).inside():
        name, among = attribute.expect(SEQUENCE).inside(OBJECT_IDENTIFIER, SET)
        if name.identifier in signed:
            return False
        signed[name.identifier] = value_of(among.content)
    if signed[CONTENT_TYPE].identifier != TST_INFO if CONTENT_TYPE in signed else True:
        return False
    if MESSAGE_DIGEST not in signed or signed[MESSAGE_DIGEST].content != _digest(digest_name, content):
        return False
    if not all(
        _names(signed[identifier], own, identifier)
        for identifier in (_SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2)
        if identifier in signed
    ):
        return False
    certificate = load_certificate(own)
    # What was signed is the SET OF that the attributes are, not the tag by which they stand in the signer's fields.
    covered = bytes([SET]) + attributes.whole[1:]
    scheme = algorithm.expect(SEQUENCE).inside(OBJECT_IDENTIFIER)[0].identifier
    return certificate is not None and _verified(
        certificate, scheme, digest_name, signature.expect(OCTET_STRING).content, covered
    )


def _names(attribute: Value, own: bytes, kind: str) -> bool:
    """Whether the attribute names this certificate as the signer's. RFC 2634, section 5.4; RFC 5816, section 2.2.1."""
    fields = attribute.inside(SEQUENCE)[0].inside(SEQUENCE)[0].inside()
    if kind == _SIGNING_CERTIFICATE:
        algorithm = "sha1"
    elif fields[0].tag == SEQUENCE:
        algorithm = _hash_of(fields.pop(0))
    else:
        algorithm = "sha256"
    return fields[0].expect(OCTET_STRING).content == hashlib.new(algorithm, own).digest()


def _verified(certificate: "Certificate", algorithm: str, digest: str, signature: bytes, covered: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    digested = getattr(hashes, digest.upper())()
    try:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS:
            if algorithm == _PSS:
                key.verify(signature, covered, padding.PSS(padding.MGF1(digested), padding.PSS.AUTO), digested)
                return True
            if algorithm not in _PKCS1 or _PKCS1[algorithm] not in (None, digest):
                return False
            key.verify(signature, covered, padding.PKCS1v15(), digested)
        elif isinstance(key, ec.EllipticCurvePublicKey) and _ECDSA.get(algorithm) == digest:
            key.verify(signature, covered, ec.ECDSA(digested))
        elif isinstance(key, ed25519.Ed25519PublicKey) and algorithm == _ED25519:
            key.verify(signature, covered)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _hash_of(algorithm: Value) -> str:
    """The name of an allowed hash. Raises `ValueError` for any other."""
    name = HASHES.get(algorithm.inside(OBJECT_IDENTIFIER)[0].identifier)
    if name is None:
        raise ValueError("a hash that is not allowed")
    return name


def _digest(algorithm: str, data: bytes) -> bytes:
    return hashlib.new(algorithm, data).digest()


def _time(text: bytes) -> datetime:
    """A GeneralizedTime in UTC, with or without parts of a second. RFC 3161, section 2.4.2."""
    moment, _, fraction = text.decode("ascii").removesuffix("Z").partition(".")
    if not text.endswith(b"Z") or len(moment) != 14 or not moment.isdigit() or (fraction and not fraction.isdigit()):
        raise ValueError("not a time")
    return datetime.strptime(moment, "%Y%m%d%H%M%S").replace(
        tzinfo=UTC, microsecond=int(fraction[:6].ljust(6, "0") or 0)
    )
