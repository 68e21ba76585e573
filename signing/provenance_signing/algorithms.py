"""The signature algorithms of C2PA, and how each signs and is checked. C2PA 2.4, section 13.2.1; RFC 9053."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

# C2PA 2.4, section 14.5.1.1: a shorter modulus is refused by every verifier.
MIN_RSA_BITS: Final = 2048


class Algorithm(StrEnum):
    """A signature algorithm that C2PA allows."""

    ES256 = "es256"
    ES384 = "es384"
    ES512 = "es512"
    PS256 = "ps256"
    PS384 = "ps384"
    PS512 = "ps512"
    ED25519 = "ed25519"

    @property
    def cose(self) -> int:
        """Its number in COSE. RFC 9053, sections 2.1 and 2.2; RFC 8230, section 2."""
        return _COSE[self]

    @property
    def hash(self) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
        """The hash that goes before the signature. Ed25519 has its own and is not asked."""
        return _HASHES[self[-3:]]()

    def sign(self, key: PrivateKey, data: bytes) -> bytes:
        """The signature over `data` as COSE has it: ECDSA as r and s side by side, of the curve's length."""
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return self.from_der(key.sign(data, ec.ECDSA(self.hash)), key.public_key())
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, self._padding, self.hash)
        return key.sign(data)

    def from_der(self, signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
        """An ECDSA signature in DER, as most keys and devices give it, as COSE has it. RFC 9053, section 2.1."""
        length = (key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(signature)
        return r.to_bytes(length, "big") + s.to_bytes(length, "big")

    def is_valid(self, key: PublicKey, signature: bytes, data: bytes) -> bool:
        """Whether this is the key's signature over `data`."""
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                half = len(signature) // 2
                r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
                key.verify(encode_dss_signature(r, s), data, ec.ECDSA(self.hash))
            elif isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, self._padding, self.hash)
            else:
                key.verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True

    def fits(self, key: object) -> bool:
        """Whether keys of this kind sign with this algorithm."""
        return self in algorithms_for(key)

    @property
    def _padding(self) -> padding.PSS:
        return padding.PSS(mgf=padding.MGF1(self.hash), salt_length=self.hash.digest_size)


_HASHES: Final[dict[str, Callable[[], hashes.SHA256 | hashes.SHA384 | hashes.SHA512]]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}

_COSE: Final = {
    Algorithm.ES256: -7,
    Algorithm.ES384: -35,
    Algorithm.ES512: -36,
    Algorithm.PS256: -37,
    Algorithm.PS384: -38,
    Algorithm.PS512: -39,
    Algorithm.ED25519: -8,
}

_CURVES: Final = {
    "secp256r1": Algorithm.ES256,
    "secp384r1": Algorithm.ES384,
    "secp521r1": Algorithm.ES512,
}


def new_key(algorithm: Algorithm) -> PrivateKey:
    """A new private key for this algorithm. RSA keys get 3072 bits, as C2PA's certificate policy has it."""
    if algorithm is Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm in (Algorithm.PS256, Algorithm.PS384, Algorithm.PS512):
        return rsa.generate_private_key(public_exponent=65537, key_size=3072)
    curves = {Algorithm.ES256: ec.SECP256R1(), Algorithm.ES384: ec.SECP384R1(), Algorithm.ES512: ec.SECP521R1()}
    return ec.generate_private_key(curves[algorithm])


def algorithms_for(key: object) -> tuple[Algorithm, ...]:
    """The algorithms that a public or private key of this kind signs with, the usual one first; none for others."""
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return (_CURVES[key.curve.name],) if key.curve.name in _CURVES else ()
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return (Algorithm.PS256, Algorithm.PS384, Algorithm.PS512)
    if isinstance(key, ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey):
        return (Algorithm.ED25519,)
    return ()
