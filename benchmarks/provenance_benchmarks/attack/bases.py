"""Signed files of every format: made once for a run, by c2pa-python and by the project's own signer.

Into each, stores that are written here can be put: with the file's own hard binding, which goes on holding.
"""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import c2pa
import cbor2

import provenance_signing
from provenance_signing.algorithms import Algorithm
from provenance_signing.keys.pem import PemKey

from .carriers import MANIFEST_ENTRY, Slot, in_ranges, slot_in, top_boxes, zip_ranges
from .media import TEXTS, media, zipped
from .principals import Principals
from .stores import CAPTURED, EditableBox, UnfitError, assertion, padded, parsed

# Room for a store with two manifests and their chains.
_ROOM: Final = 7_000
_FILLER: Final = {"label": "org.example.filler", "data": {"room": "." * _ROOM}}

# Boxes that the standard itself leaves out of the hash of an ISO media file (C2PA 2.4, section 18.6.2), and free space.
_LEFT_OUT: Final = frozenset({b"ftyp", b"mfra", b"free", b"skip"})

_APART: Final = frozenset({"jpeg", "png", "wav", "pdf", "txt", "md", "html", "json"})
_JPEG_NAMES: Final = {0xE0: "APP0", 0xDB: "DQT", 0xC4: "DHT", 0xC0: "SOF0", 0xEB: "C2PA", 0xFE: "COM"}


@dataclass(frozen=True)
class Base:
    """A signed file, and what its hard binding says.

    `own`: the bytes of the manifest's container; `left_out`: those that the standard leaves out of the hash.
    Without a `slot` the manifest is given apart from the file.
    """

    name: str
    file: str
    media_type: str
    plain: bytes
    signed: bytes
    slot: Slot | None
    label: str
    binding: Any
    own: tuple[range, ...] = ()
    left_out: tuple[range, ...] = ()

    @property
    def family(self) -> str:
        """The format alone."""
        return self.name.partition("-")[0]

    def bound(self, **fields: Any) -> EditableBox:
        """The hard binding's assertion."""
        return assertion(self.label, {**self.binding, **fields} if fields else self.binding)

    def put(self, store: EditableBox) -> tuple[bytes, bytes | None]:
        """The file with this store, and the store where it is apart. Raises `UnfitError`."""
        if self.slot is None:
            return self.plain, store.dumped()
        return self.slot.filled(padded(store, self.slot.room)), None

    def extended(self, at: int, more: bytes) -> "Base":
        """The file with more bytes at this place outside the container, and a data hash that covers them."""
        if self.slot is None or self.label != "c2pa.hash.data":
            raise UnfitError("no data hash")
        signed = self.signed[:at] + more + self.signed[at:]
        own = [
            range(place.start + len(more), place.stop + len(more)) if place.start >= at else place for place in self.own
        ]
        into_tail = at - len(self.slot.head) - self.slot.written
        slot = (
            replace(self.slot, head=self.slot.head[:at] + more + self.slot.head[at:])
            if into_tail < 0
            else replace(self.slot, tail=self.slot.tail[:into_tail] + more + self.slot.tail[into_tail:])
        )
        left = bytes(byte for place, byte in enumerate(signed) if not in_ranges(place, own))
        exclusions = [{"start": place.start, "length": len(place)} for place in own]
        binding = {**self.binding, "exclusions": exclusions, "hash": hashlib.sha256(left).digest()}
        return replace(self, signed=signed, slot=slot, own=tuple(own), binding=binding)

    def is_own(self, place: int) -> bool:
        """Whether this byte is the manifest's container's."""
        return in_ranges(place, self.own)

    def is_left_out(self, place: int) -> bool:
        """Whether the standard leaves this byte out."""
        return in_ranges(place, self.left_out)


_SIGNED_APART: Final = ("json", "csv")


def bases(people: Principals, formats: Sequence[str] = ()) -> list[Base]:
    """All of them, or those of these formats."""
    made: list[Base] = []
    for name, media_type, plain in media():
        if not formats or name in formats:
            made.extend(_by_engine(people, name, media_type, plain))
    for name, (media_type, text) in TEXTS.items():
        if not formats or name in formats:
            made.extend(_by_signer(people, name, media_type, text.encode()))
    return made


def _by_engine(people: Principals, name: str, media_type: str, plain: bytes) -> Iterator[Base]:
    chain, key = people.newsroom.pem
    action = {"action": "c2pa.created", "digitalSourceType": CAPTURED, "softwareAgent": {"name": "a camera"}}
    manifest = {
        "claim_generator_info": [{"name": "a camera"}],
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": [action]}}, _FILLER],
    }
    settings = {"verify": {"verify_after_sign": False}, "builder": {"thumbnail": {"enabled": False}}}
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, key, None)
    out = io.BytesIO()
    context = c2pa.Context.from_dict(settings)
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest), context=context) as builder:
        store = builder.sign(signer, media_type.replace("application/zip", "application/x-zip"), io.BytesIO(plain), out)
    yield from _described(name, media_type, plain, out.getvalue(), store)


def _by_signer(people: Principals, name: str, media_type: str, plain: bytes) -> Iterator[Base]:
    credential = provenance_signing.Credential(
        people.newsroom.certificates, PemKey(people.newsroom.key), Algorithm.ES256
    )
    signer = provenance_signing.Signer(credential, profile="published", trust=people.trust())
    # What the signer keeps apart from its file is a wrapped text here, as others embed it.
    signed = signer.sign(plain, name=f"a.{'txt' if name in _SIGNED_APART else name}")
    assert signed.data is not None
    yield from _described(name, media_type, plain, signed.data, signed.manifest)


def _described(name: str, media_type: str, plain: bytes, signed: bytes, store: bytes) -> Iterator[Base]:
    slot = slot_in(signed, store)
    assertions = parsed(store).children[-1].find("c2pa.assertions").children or []  # type: ignore[index]
    box = next(box for box in assertions if box.label.startswith(b"c2pa.hash."))
    label, binding = box.label.decode(), cbor2.loads((box.children or [])[0].content)
    if isinstance(binding.get("uris"), dict):  # in another order in each run
        binding["uris"] = dict(sorted(binding["uris"].items()))
    own: list[range] = []
    left_out: list[range] = []
    if label == "c2pa.hash.data":
        own = [
            range(exclusion["start"], exclusion["start"] + exclusion["length"]) for exclusion in binding["exclusions"]
        ]
    elif "collection" in label:
        own = zip_ranges(signed)
    else:
        boxes = top_boxes(signed)
        own = [place for kind, place in boxes if kind == b"uuid"]
        left_out = [place for kind, place in boxes if kind in _LEFT_OUT]
    base = Base(name, f"a.{name}", media_type, plain, signed, slot, label, binding, tuple(own), tuple(left_out))
    yield base
    if name in _APART:
        whole = {"name": "whole", "alg": "sha256", "hash": hashlib.sha256(plain).digest(), "pad": b""}
        yield replace(
            base, name=f"{name}-apart", signed=plain, slot=None, label="c2pa.hash.data", binding=whole, own=()
        )
    if name in ("jpeg", "png"):
        boxes_hash = {"boxes": _jpeg_boxes(signed) if name == "jpeg" else _png_boxes(signed)}
        yield replace(base, name=f"{name}-boxes", label="c2pa.hash.boxes", binding=boxes_hash)
    if name == "epub":
        yield _as_array(base)


def _box_hash(name: str, content: bytes) -> dict[str, Any]:
    value = b"\0" if name == "C2PA" else hashlib.sha256(content).digest()
    return {"names": [name], "alg": "sha256", "hash": value, "pad": b""}


def _jpeg_boxes(data: bytes) -> list[dict[str, Any]]:
    """The general box hash of a JPEG (C2PA 2.4, section 18.7)."""
    hashes, at = [_box_hash("SOI", data[:2])], 2
    while data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0] + 2
        hashes.append(_box_hash(_JPEG_NAMES[data[at + 1]], data[at : at + length]))
        at += length
    end = data.rindex(b"\xff\xd9")
    return [*hashes, _box_hash("SOS", data[at:end]), _box_hash("EOI", data[end:])]


def _png_boxes(data: bytes) -> list[dict[str, Any]]:
    """The same of a PNG."""
    hashes, at = [_box_hash("PNGh", data[:8])], 8
    while at < len(data):
        length = 12 + struct.unpack(">I", data[at : at + 4])[0]
        kind = data[at + 4 : at + 8].decode()
        hashes.append(_box_hash("C2PA" if kind == "caBX" else kind, data[at : at + length]))
        at += length
    return hashes


def _as_array(base: Base) -> Base:
    """The same document as the standard has it: an array of the entries' hashes (section 18.8)."""
    with zipfile.ZipFile(io.BytesIO(base.plain)) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    store = b"\0" * _ROOM
    data = zipped({**entries, MANIFEST_ENTRY.decode(): store})
    own = zip_ranges(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        ends = [*(entry.header_offset for entry in archive.infolist()), archive.start_dir]
    uris = [
        {"uri": name, "hash": hashlib.sha256(data[start:end]).digest()}
        for name, start, end in zip(entries, ends, ends[1:], strict=False)
    ]
    checksum = own[1].start + 16
    covered = data[ends[-1] : checksum] + data[checksum + 4 :]
    binding = {"uris": uris, "alg": "sha256", "zip_central_directory_hash": hashlib.sha256(covered).digest()}
    slot = slot_in(data, store)
    return replace(base, name="epub-array", signed=data, slot=slot, binding=binding, own=tuple(own))


__all__ = ["Base", "UnfitError", "bases"]
