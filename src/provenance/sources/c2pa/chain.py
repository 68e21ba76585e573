"""The certificates of the signer and of the time stamp, taken from the manifest store's own bytes.

The engine says whether it trusts a chain, but does not hand it out; and a name in a certificate proves nothing until
the chain shows which authority vouches for it. JUMBF: ISO 19566-5. COSE: RFC 9052, RFC 9360 (x5chain).
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cbor2

from ... import limits

_X5CHAIN: Final = (33, "x5chain")
_COSE_SIGN1_LENGTH: Final = 4

# The object identifier of CMS SignedData, and the lengths that the header of the sequence around it can have.
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_ASN1_HEADERS: Final = (4, 2, 3, 5)


@dataclass(frozen=True)
class SignatureCertificates:
    """The DER certificates that a manifest's signature carries; empty where they cannot be read."""

    signer: tuple[bytes, ...] = ()  # the signer's own first
    time_stamp: frozenset[bytes] = frozenset()


def signature_certificates(store: bytes, manifest: str) -> SignatureCertificates:
    """The certificates of this manifest's signature and of its time stamp."""
    for content in _boxes_at(memoryview(store), ("c2pa", manifest, "c2pa.signature")):
        try:
            sign1 = cbor2.loads(bytes(content))
            headers = _headers(sign1.value if isinstance(sign1, cbor2.CBORTag) else sign1)
            return SignatureCertificates(tuple(_x5chain(headers)), frozenset(_time_stamp(headers)))
        except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError):
            break
    return SignatureCertificates()


def _headers(sign1: Any) -> list[Mapping[Any, Any]]:
    """The protected and the unprotected header of a COSE_Sign1."""
    if not isinstance(sign1, list | tuple) or len(sign1) != _COSE_SIGN1_LENGTH:
        return []
    protected = cbor2.loads(sign1[0]) if sign1[0] else {}
    return [header for header in (protected, sign1[1]) if isinstance(header, Mapping)]


def _time_stamp(headers: list[Mapping[Any, Any]]) -> list[bytes]:
    """The certificates of the time stamp token. C2PA 2.4, section 14.6; RFC 3161, section 2.4.2.

    `sigTst2` holds a bare token; `sigTst`, of version 1 claims, a response with a short status in front of the token.
    """
    for header in headers:
        for key in ("sigTst2", "sigTst"):
            tokens = header.get(key, {}).get("tstTokens") or ()
            values = [token.get("val") for token in tokens if isinstance(token, Mapping)]
            if len(values) == 1 and isinstance(values[0], bytes):
                return _certificates_of_token(values[0])
    return []


def _certificates_of_token(value: bytes) -> list[bytes]:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    # Time stamps in the wild are not strict DER, of which cryptography warns.
    warnings.filterwarnings("ignore", message="PKCS#7 certificates could not be parsed as DER")
    start = value.find(_SIGNED_DATA)
    header = next((size for size in _ASN1_HEADERS if start >= size and value[start - size] == 0x30), None)
    if header is None or len(value) > limits.MAX_CHAIN_SIZE:
        return []
    certificates = pkcs7.load_der_pkcs7_certificates(value[start - header :])
    fits = len(certificates) <= limits.MAX_CHAIN_LENGTH
    return [certificate.public_bytes(Encoding.DER) for certificate in certificates] if fits else []


def _x5chain(headers: list[Mapping[Any, Any]]) -> list[bytes]:
    for header in headers:
        for key in _X5CHAIN:
            chain = header.get(key)
            certificates = [chain] if isinstance(chain, bytes) else chain
            if isinstance(certificates, list | tuple) and all(isinstance(der, bytes) for der in certificates):
                fits = (
                    len(certificates) <= limits.MAX_CHAIN_LENGTH
                    and sum(map(len, certificates)) <= limits.MAX_CHAIN_SIZE
                )
                return list(certificates) if fits else []
    return []


def _boxes_at(data: memoryview, path: tuple[str, ...]) -> Iterator[memoryview]:
    """The CBOR content of the superbox at this path of labels."""
    for kind, content in _boxes(data):
        if kind != b"jumb":
            continue
        children = list(_boxes(content))
        if not children or children[0][0] != b"jumd" or _label(children[0][1]) != path[0]:
            continue
        if len(path) == 1:
            yield from (inner for inner_kind, inner in children if inner_kind == b"cbor")
        else:
            yield from _boxes_at(content, path[1:])


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    offset = 0
    for _ in range(limits.MAX_SEGMENTS):
        if offset + 8 > len(data):
            return
        size, header = int.from_bytes(data[offset : offset + 4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(data[offset + 8 : offset + 16], "big"), 16
        elif size == 0:
            size = len(data) - offset
        if size < header:
            return
        yield bytes(data[offset + 4 : offset + 8]), data[offset + header : offset + size]
        offset += size


def _label(description: memoryview) -> str:
    """The label of a JUMBF description box: 16 bytes of type, one of toggles, then the label up to a zero byte."""
    return bytes(description[17:]).split(b"\0", 1)[0].decode("utf-8", "replace")
