"""The manifest store, parsed once and strictly into one typed structure. ISO 19566-5; C2PA 2.4, section 11.1.

All that is said of a signature is said of the bytes that this structure holds. Whatever two readers could understand
differently is an error here, and never a choice.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from ... import limits
from ...formats.jumbf import SUPERBOX, JumbfBox, StoreError, box, read_boxes, read_superbox
from .store_values import count_cbor, count_json, read_cbor, read_json

# What a superbox is, as the first four bytes of its type say; the rest is the same for all of them.
STORE: Final = b"c2pa"
MANIFEST: Final = b"c2ma"
UPDATE_MANIFEST: Final = b"c2um"
_CLAIM: Final = b"c2cl"
_SIGNATURE: Final = b"c2cs"
_ASSERTIONS: Final = b"c2as"
_CREDENTIALS: Final = b"c2vc"
_DATABOXES: Final = b"c2db"
_TYPE_TAIL: Final = bytes.fromhex("00110010800000aa00389b71")
_CBOR: Final = b"cbor" + _TYPE_TAIL
_JSON: Final = b"json" + _TYPE_TAIL
_EMBEDDED_FILE: Final = bytes.fromhex("40cb0c32bb8a489da70b2ad6f47f4369")
_UUID: Final = b"uuid" + _TYPE_TAIL

ASSERTIONS_LABEL: Final = "c2pa.assertions"
_CLAIM_LABELS: Final = ("c2pa.claim", "c2pa.claim.v2")
_SIGNATURE_LABEL: Final = "c2pa.signature"

# How the address of a part begins. Before a CBOR text stands its length: in the same byte, in one more, or in two.
SELF: Final = "self#jumbf="
_URI: Final = re.compile(SELF.encode())
_SHORT_TEXT, _TEXT_OF_ONE_BYTE, _TEXT_OF_TWO_BYTES = 0x60, 0x78, 0x79


@dataclass(frozen=True)
class Assertion:
    """One assertion, or data box: its label and its box."""

    label: str
    box: JumbfBox

    @cached_property
    def data(self) -> Any:
        """What its CBOR or JSON box holds; None for a file. Raises `StoreError` for what cannot be read."""
        if self.box.kind == _CBOR:
            return read_cbor(self._only(b"cbor"))
        if self.box.kind == _JSON:
            return read_json(self._only(b"json"))
        return None

    @property
    def file(self) -> bytes | None:
        """The bytes of an embedded file; None where it is none."""
        kinds = [kind for kind, _ in self.box.children]
        if self.box.kind != _EMBEDDED_FILE or kinds != [b"bfdb", b"bidb"]:
            return None
        return bytes(self.box.children[1][1])

    def _only(self, kind: bytes) -> memoryview:
        if [each for each, _ in self.box.children] != [kind]:
            raise StoreError("store.unknown_box")
        return self.box.children[0][1]


@dataclass(frozen=True)
class Manifest:
    """One manifest: its claim, the claim's signature, and its assertions by their labels. C2PA 2.4, section 11.1.4."""

    label: str
    box: JumbfBox
    claim_label: str
    claim_bytes: bytes
    claim: dict[str, Any]
    signature_box: JumbfBox
    signature: bytes  # the COSE_Sign1, as it stands
    assertions: dict[str, Assertion]
    databoxes: dict[str, Assertion] = field(default_factory=dict)
    credentials: dict[str, Assertion] = field(default_factory=dict)

    def uri(self, *path: str) -> str:
        """The JUMBF URI of this manifest, or of what lies at this path in it. C2PA 2.4, section 8.3."""
        return "/".join((f"{SELF}/c2pa", self.label, *path))

    @property
    def is_update(self) -> bool:
        """Whether it is an update manifest: it adds to the record, and the content stays what it was."""
        return self.box.kind.startswith(UPDATE_MANIFEST)

    @property
    def version(self) -> int:
        """The version of its claim: 1 or 2."""
        return 2 if self.claim_label == _CLAIM_LABELS[1] else 1


@dataclass(frozen=True)
class ManifestStore:
    """A manifest store: its bytes, and its manifests by their labels, the active one last."""

    data: bytes
    manifests: dict[str, Manifest]

    @property
    def active(self) -> Manifest:
        """The manifest that speaks of the asset itself. C2PA 2.4, section 11.1.4.2."""
        return next(reversed(self.manifests.values()))

    @property
    def active_alone(self) -> bytes:
        """The bytes of a store that holds the active manifest alone."""
        description = self.data[8 : 8 + int.from_bytes(self.data[8:12], "big")]
        manifest = self.active.box.content
        content = description + box(SUPERBOX, manifest)
        return box(SUPERBOX, content)


def parse_store(data: bytes) -> ManifestStore:
    """Parses a manifest store, from its first byte to its last. Raises `StoreError` for anything ambiguous in it."""
    if len(data) > limits.MAX_MANIFEST_STORE:
        raise StoreError("store.too_large")
    _check_uris(data)
    boxes = list(read_boxes(memoryview(data)))
    if len(boxes) != 1 or boxes[0][0] != SUPERBOX:
        raise StoreError("store.trailing")
    store = read_superbox(boxes[0][1])
    if store.kind != STORE + _TYPE_TAIL or store.label != "c2pa":
        raise StoreError("store.unknown_box")
    manifests = [_manifest(box) for box in _named(store)]
    if not manifests:
        raise StoreError("store.missing", part="manifest")
    if sum(max(len(each.assertions), _count_references(each.claim)) for each in manifests) > limits.MAX_ASSERTIONS:
        raise StoreError("store.too_many")
    left = limits.MAX_STORE_VALUES
    for data_box in (data_box for each in manifests for data_box in _data_boxes(each)):
        left -= _values_in(data_box)
        if left < 0:
            raise StoreError("store.too_many")
    return ManifestStore(data, {each.label: each for each in manifests})


def _check_uris(store: bytes) -> None:
    """Raises `StoreError` where a JUMBF URI is not in ASCII, as every label is.

    Each is a CBOR text, so that its length stands before it (RFC 8949, section 3).

    NOTE: c2pa-rs 0.91 ends its process over a label in other letters, wherever it is cited.
    """
    for found in _URI.finditer(store):
        start = found.start()
        size = store[start - 1] - _SHORT_TEXT
        if store[start - 2] == _TEXT_OF_ONE_BYTE:
            size = max(size, store[start - 1])
        elif store[start - 3] == _TEXT_OF_TWO_BYTES:
            size = max(size, int.from_bytes(store[start - 2 : start], "big"))
        if not store[start : start + max(size, 0)].isascii():
            raise StoreError("store.label", part=SELF)


def path_in(url: Any) -> list[str]:
    """The labels in a JUMBF URI; none where it is something else. C2PA 2.4, section 8.3.

    Some writers leave out the slash before `c2pa`, which is no part of any manifest.
    """
    if not isinstance(url, str) or not url.startswith(SELF):
        return []
    return url.removeprefix(SELF).removeprefix("/").split("/")


def _data_boxes(manifest: Manifest) -> Iterator[JumbfBox]:
    for group in (manifest.assertions, manifest.databoxes, manifest.credentials):
        yield from (each.box for each in group.values())


def _values_in(box: JumbfBox) -> int:
    counts = {b"cbor": count_cbor, b"json": count_json}
    return sum(counts[kind](content) for kind, content in box.children if kind in counts)


def _count_references(claim: dict[str, Any]) -> int:
    lists = (claim.get(name) for name in ("assertions", "created_assertions", "gathered_assertions"))
    return sum(len(each) for each in lists if isinstance(each, list))


def _manifest(box: JumbfBox) -> Manifest:
    if box.kind not in (MANIFEST + _TYPE_TAIL, UPDATE_MANIFEST + _TYPE_TAIL):
        raise StoreError("store.unknown_box")
    parts: dict[bytes, JumbfBox] = {}
    for part in _named(box):
        if part.kind[4:] != _TYPE_TAIL or part.kind[:4] in parts:
            raise StoreError("store.unknown_box" if part.kind[4:] != _TYPE_TAIL else "store.twice", part=part.label)
        parts[part.kind[:4]] = part
    if parts.keys() - {_CLAIM, _SIGNATURE, _ASSERTIONS, _CREDENTIALS, _DATABOXES}:
        raise StoreError("store.unknown_box")
    for kind, labels in _PLACES.items():
        if kind not in parts:
            if kind in (_CLAIM, _SIGNATURE, _ASSERTIONS):
                raise StoreError("store.missing", part=labels[-1])
        elif parts[kind].label not in labels:
            raise StoreError("store.unknown_box")
    claim_bytes = _cbor_of(parts[_CLAIM])
    claim = read_cbor(claim_bytes)
    if not isinstance(claim, dict):
        raise StoreError("store.cbor")
    return Manifest(
        label=box.label,
        box=box,
        claim_label=parts[_CLAIM].label,
        claim_bytes=claim_bytes,
        claim=claim,
        signature_box=parts[_SIGNATURE],
        signature=_cbor_of(parts[_SIGNATURE]),
        assertions=_assertions(parts[_ASSERTIONS]),
        databoxes=_assertions(parts.get(_DATABOXES)),
        credentials=_assertions(parts.get(_CREDENTIALS)),
    )


_PLACES: Final = {
    _CLAIM: _CLAIM_LABELS,
    _SIGNATURE: (_SIGNATURE_LABEL,),
    _ASSERTIONS: (ASSERTIONS_LABEL,),
    _CREDENTIALS: ("c2pa.credentials",),
    _DATABOXES: ("c2pa.databoxes",),
}


def _assertions(box: JumbfBox | None) -> dict[str, Assertion]:
    return {} if box is None else {each.label: Assertion(each.label, each) for each in _named(box)}


def _cbor_of(box: JumbfBox) -> bytes:
    if [kind for kind, _ in box.children] != [b"cbor"]:
        raise StoreError("store.unknown_box")
    return bytes(box.children[0][1])


def _named(box: JumbfBox) -> list[JumbfBox]:
    """The superboxes inside, each of whose labels must be one that no reader could take for another's."""
    found: dict[str, JumbfBox] = {}
    for each in box.superboxes:
        name = unicodedata.normalize("NFKC", each.label).casefold()
        if not each.label or name in found:
            raise StoreError("store.twice", part=each.label)
        # NOTE: c2pa-rs 0.91 ends its process over a label whose parts do not begin with a letter of ASCII.
        if (
            not (each.label.isascii() and each.label.isprintable())
            or "/" in each.label
            or name in _RESERVED_INSIDE.get(box.kind[:4], ())
        ):
            raise StoreError("store.label", part=each.label)
        if box.kind[:4] == STORE and any(part in name for part in _RESERVED):
            raise StoreError("store.label", part=each.label)
        found[name] = each
    return list(found.values())


# A manifest's label in which a standard part's name stands leads some readers to that part instead.
_RESERVED: Final = (ASSERTIONS_LABEL, _SIGNATURE_LABEL, "c2pa.claim", "c2pa.credentials", "c2pa.databoxes")
_RESERVED_INSIDE: Final = {_ASSERTIONS: frozenset({"c2pa", *_RESERVED})}
