"""The boxes of a manifest store, as far as the engine does not hand out what is in them. JUMBF: ISO 19566-5."""

from collections.abc import Iterator
from typing import Final

from ... import limits

# The type of a manifest that adds to the record of an asset without changing the asset. C2PA 2.4, section 11.1.4.
_UPDATE_MANIFEST: Final = b"c2um"


def cbor_at(store: bytes, path: tuple[str, ...]) -> Iterator[memoryview]:
    """The CBOR content of the superbox at this path of labels."""
    for superbox in _superboxes_at(memoryview(store), path):
        yield from (content for kind, content in _boxes(superbox) if kind == b"cbor")


def update_manifests(store: bytes) -> frozenset[str]:
    """The labels of the update manifests in a store."""
    found = set()
    for superbox in _superboxes_at(memoryview(store), ("c2pa",)):
        for kind, manifest in _boxes(superbox):
            description = _description(manifest) if kind == b"jumb" else None
            if description is not None and bytes(description[:4]) == _UPDATE_MANIFEST:
                found.add(_label(description))
    return frozenset(found)


def _superboxes_at(data: memoryview, path: tuple[str, ...]) -> Iterator[memoryview]:
    for kind, superbox in _boxes(data):
        description = _description(superbox) if kind == b"jumb" else None
        if description is None or _label(description) != path[0]:
            continue
        if len(path) == 1:
            yield superbox
        else:
            yield from _superboxes_at(superbox, path[1:])


def _description(superbox: memoryview) -> memoryview | None:
    """The first box of a superbox, which says what it is."""
    kind, content = next(_boxes(superbox), (b"", superbox))
    return content if kind == b"jumd" else None


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
