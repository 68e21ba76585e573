"""The boxes of a manifest store as they stand, for what is taken out or looked up in a store that was verified before.

JUMBF: ISO 19566-5; C2PA 2.4, section 11.1. What is believed of a store is parsed by `manifest_store`, strictly.
"""

from collections.abc import Iterator
from typing import Any

from ... import limits
from . import manifest_store


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


def content_of(superbox: memoryview, kind: bytes) -> bytes:
    """What the first box of this type in a superbox holds; nothing where there is none."""
    return bytes(next((content for each, content in _boxes(superbox) if each == kind), b""))


def cbor_in(superbox: memoryview) -> Any:
    """What the CBOR box of a superbox holds; None where there is none, or where it cannot be read."""
    return read_cbor(content_of(superbox, b"cbor"))


def read_cbor(data: bytes) -> Any:
    """One CBOR value from a file; None where it cannot be read beyond doubt."""
    try:
        return manifest_store.read_cbor(data)
    except manifest_store.StoreError:
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
