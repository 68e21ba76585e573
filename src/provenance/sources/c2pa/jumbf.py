"""The boxes of a manifest store, walked without any copying. JUMBF: ISO 19566-5; C2PA 2.4, section 11.1."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import cbor2

from ... import limits

# Where a superbox, in its description, says what kind it is; and the kind of update manifests. Section 11.2.
_KIND: Final = slice(8, 12)
_UPDATE_MANIFEST: Final = b"c2um"


def superboxes(data: memoryview) -> dict[str, memoryview]:
    """The superboxes that stand directly in this content, by their labels; of several with one label, the first."""
    found: dict[str, memoryview] = {}
    for kind, content in _boxes(data):
        if kind == b"jumb" and (first := next(_boxes(content), None)) and first[0] == b"jumd":
            found.setdefault(_label(first[1]), content)
    return found


def manifests_in(store: bytes) -> dict[str, memoryview]:
    """The manifests of a store, by their labels: to be kept where more than one is asked for."""
    return superboxes(superbox_at(memoryview(store), "c2pa"))


def superbox_at(data: memoryview, *path: str) -> memoryview:
    """The content of the superbox at this path of labels; nothing where there is none."""
    for label in path:
        data = superboxes(data).get(label, memoryview(b""))
    return data


def update_manifests(manifests: Mapping[str, memoryview]) -> frozenset[str]:
    """The labels of those that are update manifests: they add to the record and leave the content as it was."""
    return frozenset(label for label, content in manifests.items() if bytes(content[_KIND]) == _UPDATE_MANIFEST)


def active_manifest(store: bytes) -> bytes:
    """A store with the active manifest alone, which is the last one (C2PA 2.4, section 11.1.4); as it is where none."""
    outer = next((content for kind, content in _boxes(memoryview(store)) if kind == b"jumb"), None)
    if outer is None:
        return store
    inside = list(_boxes(outer))
    description = [box for box in inside[:1] if box[0] == b"jumd"]
    manifests = [box for box in inside if box[0] == b"jumb"]
    if not description or not manifests:
        return store
    return _box(b"jumb", b"".join(_box(kind, bytes(content)) for kind, content in (*description, manifests[-1])))


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def cbor_in(superbox: memoryview) -> Any:
    """What the CBOR box of a superbox holds; None where there is none, or where it cannot be read."""
    content = next((content for kind, content in _boxes(superbox) if kind == b"cbor"), None)
    return None if content is None else read_cbor(bytes(content))


def read_cbor(data: bytes) -> Any:
    """One CBOR value from a file; None where it cannot be read."""
    try:
        return cbor2.loads(data)
    except (cbor2.CBORDecodeError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None


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
