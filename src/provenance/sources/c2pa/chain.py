"""The signer's certificate chain, taken from the manifest store's own bytes.

The engine says whether it trusts a chain, but does not hand it out; and a name in a certificate proves nothing until
the chain shows which authority vouches for it. JUMBF: ISO 19566-5. COSE: RFC 9052, RFC 9360 (x5chain).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import cbor2

from ... import limits

_X5CHAIN: Final = (33, "x5chain")
_COSE_SIGN1_LENGTH: Final = 4


def certificate_chain(store: bytes, manifest: str) -> list[bytes]:
    """The DER certificates of this manifest's signature, the signer's own first; empty where they cannot be read."""
    for content in _boxes_at(memoryview(store), ("c2pa", manifest, "c2pa.signature")):
        try:
            sign1 = cbor2.loads(bytes(content))
            return _x5chain(sign1.value if isinstance(sign1, cbor2.CBORTag) else sign1)
        except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError):
            return []
    return []


def _x5chain(sign1: Any) -> list[bytes]:
    if not isinstance(sign1, list | tuple) or len(sign1) != _COSE_SIGN1_LENGTH:
        return []
    protected = cbor2.loads(sign1[0]) if sign1[0] else {}
    for header in (protected, sign1[1]):
        for key in _X5CHAIN:
            chain = header.get(key) if isinstance(header, Mapping) else None
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
