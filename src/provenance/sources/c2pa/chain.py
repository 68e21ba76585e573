"""The certificates of the signer and of the time stamp, taken from the manifest store's own bytes.

The engine says whether it trusts a chain, but does not hand it out; and a name in a certificate proves nothing until
the chain shows which authority vouches for it. COSE: RFC 9052, RFC 9360 (x5chain).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cbor2

from ... import limits
from .jumbf import cbor_in, read_cbor, superbox_at

_X5CHAIN: Final = (33, "x5chain")
_COSE_SIGN1_LENGTH: Final = 4

# The object identifier of CMS SignedData, and the tag of its optional certificates.
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_CERTIFICATES: Final = 0xA0


@dataclass(frozen=True)
class SignatureCertificates:
    """The DER certificates that a manifest's signature carries; empty where they cannot be read."""

    signer: tuple[bytes, ...] = ()  # the signer's own first
    time_stamp: frozenset[bytes] = frozenset()
    stapled: bool = False  # the signature carries an answer about revocation. C2PA 2.4, section 14.7


def signature_certificates(store: bytes, manifest: str) -> SignatureCertificates:
    """The certificates of this manifest's signature and of its time stamp."""
    return certificates_in(superbox_at(memoryview(store), "c2pa", manifest))


def certificates_in(manifest: memoryview) -> SignatureCertificates:
    """The same of a manifest that was found already: each search walks past all others."""
    return certificates_of(cbor_in(superbox_at(manifest, "c2pa.signature")))


def certificates_of(sign1: Any) -> SignatureCertificates:
    """The certificates that a COSE_Sign1 carries."""
    try:
        headers = _headers(sign1.value if isinstance(sign1, cbor2.CBORTag) else sign1)
        stapled = any("rVals" in header for header in headers)
        return SignatureCertificates(tuple(_x5chain(headers)), frozenset(_time_stamp(headers)), stapled)
    except (ValueError, TypeError, AttributeError):
        return SignatureCertificates()


def _headers(sign1: Any) -> list[Mapping[Any, Any]]:
    """The protected and the unprotected header of a COSE_Sign1."""
    if not isinstance(sign1, list | tuple) or len(sign1) != _COSE_SIGN1_LENGTH:
        return []
    protected = read_cbor(sign1[0]) if sign1[0] else {}
    return [header for header in (protected, sign1[1]) if isinstance(header, Mapping)]


def _time_stamp(headers: list[Mapping[Any, Any]]) -> list[bytes]:
    """The certificates of the time stamp token. C2PA 2.4, section 14.6; RFC 3161, section 2.4.2.

    `sigTst2` holds a bare token; `sigTst`, of version 1 claims, a response with a short status in front of the token.
    Of two tokens nobody knows which one the engine checked: a decoy with an honest authority's certificates counts
    for nothing.
    """
    found = [header[key] for header in headers for key in ("sigTst2", "sigTst") if key in header]
    if len(found) != 1 or not isinstance(found[0], Mapping):
        return []
    values = [token.get("val") for token in found[0].get("tstTokens") or () if isinstance(token, Mapping)]
    if len(values) != 1 or not isinstance(values[0], bytes):
        return []
    try:
        return _certificates_of_token(values[0])
    except (ValueError, StopIteration):  # the signer's own certificates are read all the same
        return []


def _certificates_of_token(value: bytes) -> list[bytes]:
    """The certificates of a CMS SignedData (RFC 5652, section 5.1), as they stand; none where it is not plain DER."""
    if len(value) > limits.MAX_CHAIN_SIZE:
        return []
    place = value.find(_SIGNED_DATA)
    if place == -1:
        return []
    content = next(_values(value, place + len(_SIGNED_DATA), len(value)))  # [0] around the SignedData
    signed_data = next(_values(value, content.start, content.end))
    for field in _values(value, signed_data.start, signed_data.end):
        if field.tag == _CERTIFICATES:
            found = [value[each.offset : each.end] for each in _values(value, field.start, field.end)]
            return found if len(found) <= limits.MAX_CHAIN_LENGTH else []
    return []


@dataclass(frozen=True)
class _Value:
    """One DER value: its tag, where it begins, and where its content lies."""

    tag: int
    offset: int
    start: int
    end: int


def _values(data: bytes, offset: int, end: int) -> Iterator[_Value]:
    """The DER values in this part of the data. Raises `ValueError` for what is not DER of definite length."""
    while offset < end:
        if offset + 2 > end:
            raise ValueError("a value breaks off")
        tag, length, start = data[offset], data[offset + 1], offset + 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                raise ValueError("a length is indefinite or too long")
            length, start = int.from_bytes(data[start : start + size], "big"), start + size
        if start + length > end:
            raise ValueError("a value is longer than what holds it")
        yield _Value(tag, offset, start, start + length)
        offset = start + length


def _x5chain(headers: list[Mapping[Any, Any]]) -> list[bytes]:
    """The certificates of the signer; none where there are two chains: the engine may have checked the other."""
    found = [header[key] for header in headers for key in _X5CHAIN if key in header]
    if len(found) != 1:
        return []
    certificates = [found[0]] if isinstance(found[0], bytes) else found[0]
    if not isinstance(certificates, list | tuple) or not all(isinstance(der, bytes) for der in certificates):
        return []
    fits = len(certificates) <= limits.MAX_CHAIN_LENGTH and sum(map(len, certificates)) <= limits.MAX_CHAIN_SIZE
    return list(certificates) if fits else []
