"""The signature of a claim: a COSE_Sign1, checked here over the very bytes of the claim.

RFC 9052; C2PA 2.4, section 13.

The certificate that is named anywhere is the one whose key this check was made with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import cbor2

from ... import limits
from ...formats.jumbf import StoreError
from ...trust.certificates import read_certificate
from .store_values import read_cbor

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_SIGN1_TAG: Final = 18
_ALGORITHM: Final = 1
_X5CHAIN: Final = (33, "x5chain")
_TIME_STAMPS: Final = ("sigTst", "sigTst2")

# C2PA 2.4, section 13.2: the hash of each algorithm that is allowed, by its number in COSE.
_ECDSA: Final = {-7: "SHA256", -35: "SHA384", -36: "SHA512"}
_PSS: Final = {-37: "SHA256", -38: "SHA384", -39: "SHA512"}
_EDDSA: Final = -8

# C2PA 2.4, section 13.2.1: shorter keys are refused; longer ones than this only cost time.
RSA_BITS: Final = range(2048, 16384 + 1)
_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")


@dataclass(frozen=True)
class Signature:
    """A claim's signature: its parts as they stand in the manifest."""

    protected: bytes
    algorithm: int
    chain: tuple[bytes, ...]  # DER, the signer's own certificate first; none where the key is known otherwise
    value: bytes
    time_stamp: tuple[str, bytes] | None = None  # the header, sigTst or sigTst2, and its one token
    stapled: bool = False  # it carries an answer about revocation. C2PA 2.4, section 14.7

    def covers(self, payload: bytes, *, context: str = "Signature1") -> bytes:
        """The bytes that a signature, or a countersignature, over this payload is made of. RFC 9052, section 4.4."""
        return cbor2.dumps([context, self.protected, b"", payload])

    def holds_over(self, payload: bytes) -> bool:
        """Whether the key of the first certificate made this signature over the payload."""
        certificate = load_certificate(self.chain[0])
        return certificate is not None and _verified(certificate, self.algorithm, self.value, self.covers(payload))


@dataclass(frozen=True)
class Sign1:
    """A COSE_Sign1 as it stands. RFC 9052, section 4.2."""

    protected: bytes
    header: Mapping[Any, Any]  # what the protected bytes hold
    unprotected: Mapping[Any, Any]
    payload: Any
    value: bytes

    @property
    def algorithm(self) -> int:
        """The number of its algorithm. Raises `StoreError` where none is named once, in the protected header."""
        algorithm = self.header.get(_ALGORITHM)
        if not isinstance(algorithm, int) or _ALGORITHM in self.unprotected:
            raise StoreError("store.signature")
        return algorithm

    @property
    def time_stamp(self) -> tuple[str, bytes] | None:
        """The one time stamp token. Raises `StoreError` where there is more than one, or something else."""
        return _time_stamp(self.header, self.unprotected)


def parse_sign1(data: bytes) -> Sign1:
    """Parses a COSE_Sign1. Raises `StoreError` for anything else."""
    sign1 = read_cbor(data)
    if isinstance(sign1, cbor2.CBORTag):
        sign1 = sign1.value if sign1.tag == _SIGN1_TAG else None
    if not isinstance(sign1, list | tuple) or len(sign1) != 4:
        raise StoreError("store.signature")
    protected, unprotected, payload, value = sign1
    if not isinstance(protected, bytes) or not isinstance(unprotected, Mapping) or not isinstance(value, bytes):
        raise StoreError("store.signature")
    header = read_cbor(protected) if protected else {}
    if not isinstance(header, Mapping):
        raise StoreError("store.signature")
    return Sign1(protected, header, unprotected, payload, value)


def parse_signature(data: bytes, *, version: int) -> Signature:
    """Parses a detached COSE_Sign1. Raises `StoreError` for one that is not as the standard has it.

    `version` of the claim: from 2 on the certificates stand in the protected header (C2PA 2.4, section 14.6); older
    writers put them into the other one. Two chains are refused, for nobody knows whose name a reader would show.
    """
    sign1 = parse_sign1(data)
    # Bytes in the place of the claim would be what some readers check the signature against.
    if sign1.payload not in (None, b""):
        raise StoreError("store.signature")
    header, unprotected = sign1.header, sign1.unprotected
    places = (header,) if version > 1 else (header, unprotected)
    found = [place[key] for place in (header, unprotected) for key in _X5CHAIN if key in place]
    if len(found) != 1 or not any(key in place for place in places for key in _X5CHAIN):
        raise StoreError("store.chain")
    return Signature(
        sign1.protected,
        sign1.algorithm,
        _chain(found[0]),
        sign1.value,
        sign1.time_stamp,
        any("rVals" in place for place in (header, unprotected)),
    )


def _chain(value: Any) -> tuple[bytes, ...]:
    certificates = [value] if isinstance(value, bytes) else value
    if not isinstance(certificates, list | tuple) or not all(isinstance(der, bytes) and der for der in certificates):
        raise StoreError("store.chain")
    if not 0 < len(certificates) <= limits.MAX_CHAIN_LENGTH or sum(map(len, certificates)) > limits.MAX_CHAIN_SIZE:
        raise StoreError("store.chain")
    return tuple(certificates)


def _time_stamp(header: Mapping[Any, Any], unprotected: Mapping[Any, Any]) -> tuple[str, bytes] | None:
    """The one time stamp token. C2PA 2.4, section 14.6.4: of several nobody knows which one a reader would show."""
    found = [(key, place[key]) for place in (header, unprotected) for key in _TIME_STAMPS if key in place]
    if not found:
        return None
    key, container = found[0]
    tokens = container.get("tstTokens") if isinstance(container, Mapping) else None
    if len(found) != 1 or not isinstance(tokens, list | tuple) or len(tokens) > 1:
        raise StoreError("store.time_stamps")
    if not tokens:
        return None
    value = tokens[0].get("val") if isinstance(tokens[0], Mapping) else None
    if not isinstance(value, bytes):
        raise StoreError("store.time_stamps")
    return key, value


@lru_cache(maxsize=1024)
def load_certificate(der: bytes) -> "Certificate | None":
    """A certificate from its DER bytes, or None where it cannot be read; kept, for a platform signs with few."""
    try:
        return read_certificate(der)
    except ValueError:
        return None


def _verified(certificate: "Certificate", algorithm: int, signature: bytes, covered: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    try:
        key = certificate.public_key()
        if algorithm in _ECDSA and isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
            half = (key.curve.key_size + 7) // 8
            if len(signature) != 2 * half:
                return False
            r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            key.verify(encode_dss_signature(r, s), covered, ec.ECDSA(getattr(hashes, _ECDSA[algorithm])()))
        elif algorithm in _PSS and isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS:
            digest = getattr(hashes, _PSS[algorithm])()
            key.verify(signature, covered, padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH), digest)
        elif algorithm == _EDDSA and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, covered)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True
