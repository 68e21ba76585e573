"""Certificate signing requests by C2PA's certificate profile, for a real CA. RFC 2986; C2PA Certificate Policy 0.2."""

import re
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import NameOID

from ..algorithms import MIN_RSA_BITS, PrivateKey, algorithms_for
from ..errors import CredentialError
from .authority import CLAIM_SIGNING, LEAF_USAGE

_POLICY: Final = ObjectIdentifier("1.3.6.1.4.1.62558.1.1")
_ASSURANCE: Final = ObjectIdentifier("1.3.6.1.4.1.62558.3")
_RECORD: Final = ObjectIdentifier("1.3.6.1.4.1.62558.4")

# 1.3.6.1.4.1.62558.3.10 and .20 in DER.
_LEVELS: Final = {1: bytes.fromhex("060a2b0601040183e85e030a"), 2: bytes.fromhex("060a2b0601040183e85e0314")}
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAX_NAME: Final = 64  # RFC 5280, appendix A.1


@dataclass(frozen=True)
class ConformingProduct:
    """A product on C2PA's list of conforming products, for which the certificate is to be."""

    record: str  # the identifier of its record, a UUID
    assurance: int = 1  # the assurance level, 1 or 2


def request(
    key: PrivateKey, *, organisation: str, common_name: str, country: str, product: ConformingProduct | None = None
) -> bytes:
    """A request in PEM for a certificate that signs claims with this key.

    With a `product` it asks for what C2PA's certificate policy adds for conforming products. Raises `CredentialError`
    for a key that C2PA excludes, or a name that no certificate holds.
    """
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < MIN_RSA_BITS:
        raise CredentialError(f"the RSA key has {key.key_size} bits; C2PA asks for {MIN_RSA_BITS} at least")
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(_subject(organisation, common_name, country))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(LEAF_USAGE, critical=True)
        .add_extension(x509.ExtendedKeyUsage(CLAIM_SIGNING), critical=False)
    )
    if product is not None:
        builder = _for_product(builder, product)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else algorithms_for(key)[0].hash
    return builder.sign(key, digest).public_bytes(Encoding.PEM)


def _subject(organisation: str, common_name: str, country: str) -> x509.Name:
    if not re.fullmatch("[A-Z]{2}", country):
        raise CredentialError(f"{country}: a country is given by its two capital letters, as in FR")
    for name in (organisation, common_name):
        if not name.strip() or len(name.encode()) > _MAX_NAME:
            raise CredentialError(f"a name in a certificate has between 1 and {_MAX_NAME} bytes")
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _for_product(
    builder: x509.CertificateSigningRequestBuilder, product: ConformingProduct
) -> x509.CertificateSigningRequestBuilder:
    record = product.record.lower()
    if product.assurance not in _LEVELS:
        raise CredentialError(f"{product.assurance}: the assurance levels are 1 and 2")
    if not _UUID.fullmatch(record):
        raise CredentialError(f"{product.record}: a record on the list of conforming products is named by a UUID")
    text = b"\x0c" + bytes([len(record)]) + record.encode()  # UTF8String in DER
    return (
        builder.add_extension(x509.CertificatePolicies([x509.PolicyInformation(_POLICY, None)]), critical=False)
        .add_extension(x509.UnrecognizedExtension(_ASSURANCE, _LEVELS[product.assurance]), critical=False)
        .add_extension(x509.UnrecognizedExtension(_RECORD, text), critical=False)
    )
