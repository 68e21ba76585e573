"""Manifest stores as trees of boxes that can be taken apart and put together in any wrong way.

JUMBF: ISO 19566-5. Claims of versions 1 and 2: C2PA 2.4, section 10. Signatures: RFC 9052, section 4.4.
"""

import copy
import hashlib
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from .principals import Principal

_UUID_TAIL: Final = bytes.fromhex("00110010800000aa00389b71")
STORE, MANIFEST, UPDATE, ASSERTIONS, CLAIM, SIGNATURE, CBOR, JSON = (
    kind.encode() + _UUID_TAIL for kind in ("c2pa", "c2ma", "c2um", "c2as", "c2cl", "c2cs", "cbor", "json")
)
EMBEDDED_FILE: Final = bytes.fromhex("40cb0c32bb8a489da70b2ad6f47f4369")

IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CAPTURED, AI = IPTC + "digitalCapture", IPTC + "trainedAlgorithmicMedia"


class UnfitError(Exception):
    """What was to be made does not go into this file."""


@dataclass
class EditableBox:
    """One box; a superbox where it has `children`."""

    kind: bytes
    content: bytes = b""
    children: list["EditableBox"] | None = None
    type: bytes = b""
    label: bytes = b""
    toggles: int = 3
    private: bytes = b""  # what follows the label in the description
    header: str = "plain"  # wide: with 64 bits; rest: "up to the end"
    lie: int = 0  # added to the length that the header tells

    def dumped(self) -> bytes:
        """The box as bytes."""
        content = self.content
        if self.children is not None:
            described = self.type + bytes([self.toggles]) + self.label + b"\0" + self.private
            content = struct.pack(">I4s", len(described) + 8, b"jumd") + described
            content += b"".join(child.dumped() for child in self.children)
        size = len(content) + 8 + self.lie
        if self.header == "wide":
            return struct.pack(">I4sQ", 1, self.kind, max(0, size + 8)) + content
        return struct.pack(">I4s", 0 if self.header == "rest" else max(0, size) & 0xFFFFFFFF, self.kind) + content

    def all(self) -> Iterator["EditableBox"]:
        """This box and all below it."""
        yield self
        for child in self.children or ():
            yield from child.all()

    def find(self, *labels: str) -> "EditableBox":
        """The first superbox at this path of labels. Raises `UnfitError`."""
        box = self
        for label in labels:
            inside = (child for child in box.children or () if child.label == label.encode())
            match = next(inside, None)
            if match is None:
                raise UnfitError(label)
            box = match
        return box

    def copy(self) -> "EditableBox":
        """The same, apart."""
        return copy.deepcopy(self)


def superbox(kind: bytes, label: str | bytes, *children: EditableBox) -> EditableBox:
    """A superbox of this type and label."""
    named = label if isinstance(label, bytes) else label.encode()
    return EditableBox(b"jumb", children=list(children), type=kind, label=named)


def assertion(label: str, value: Any) -> EditableBox:
    """An assertion in CBOR."""
    return superbox(CBOR, label, EditableBox(b"cbor", cbor2.dumps(value)))


def embedded(label: str, data: bytes, media_type: str = "application/octet-stream") -> EditableBox:
    """An assertion that is a file."""
    return superbox(
        EMBEDDED_FILE, label, EditableBox(b"bfdb", b"\0" + media_type.encode() + b"\0"), EditableBox(b"bidb", data)
    )


def parsed(data: bytes) -> EditableBox:
    """The tree of a store that is well formed."""
    return next(_boxes(data))


def _boxes(data: bytes) -> Iterator[EditableBox]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + size]
        at += max(size, 8)
        if kind != b"jumb":
            yield EditableBox(kind, content)
            continue
        length = int.from_bytes(content[:4], "big")
        description = content[8:length]
        label, _, private = description[17:].partition(b"\0")
        yield EditableBox(kind, b"", list(_boxes(content[length:])), description[:16], label, description[16], private)


def digest(box: EditableBox) -> bytes:
    """The hash by which claims and ingredients refer to a box: without its header (section 8.4.2.3)."""
    return hashlib.sha256(box.dumped()[8:]).digest()


def reference(url: str, box: EditableBox) -> dict[str, Any]:
    """A hashed reference."""
    return {"url": f"self#jumbf={url}", "hash": digest(box)}


@dataclass
class ManifestRecipe:
    """What one manifest is made of. `signature`: these bytes in place of a real one."""

    label: str
    signer: Principal
    assertions: list[EditableBox]
    version: int = 2
    kind: bytes = MANIFEST
    generator: str = "a camera"
    claim: Mapping[str, Any] = field(default_factory=dict)
    chain: Sequence[bytes] | None = None
    protected: Mapping[Any, Any] | None = None
    encoded_protected: bytes | None = None  # the same, as it is to be written
    unprotected: Mapping[Any, Any] = field(default_factory=dict)
    signature: bytes | None = None
    encode: Callable[[Any], bytes] = cbor2.dumps  # of the claim
    stamp: Any = None  # makes the value of sigTst (version 1) or sigTst2 from what is to be stamped
    stamp_as: str | None = None

    @property
    def claim_label(self) -> str:
        """By version."""
        return "c2pa.claim" if self.version == 1 else "c2pa.claim.v2"

    def manifest(self) -> EditableBox:
        """The manifest, signed."""
        claim = self.encode(self.claim_map())
        return superbox(
            self.kind,
            self.label,
            superbox(ASSERTIONS, "c2pa.assertions", *self.assertions),
            superbox(CLAIM, self.claim_label, EditableBox(b"cbor", claim)),
            superbox(SIGNATURE, "c2pa.signature", EditableBox(b"cbor", self.signed(claim))),
        )

    def claim_map(self) -> dict[str, Any]:
        """The claim over the assertions."""
        references = [reference(f"c2pa.assertions/{box.label.decode()}", box) for box in self.assertions]
        signature = f"self#jumbf=/c2pa/{self.label}/c2pa.signature"
        common = {"instanceID": f"xmp:iid:{self.label[-12:]}", "signature": signature, "alg": "sha256"}
        if self.version == 1:
            old = {"claim_generator": self.generator, "dc:format": "image/jpeg", "assertions": references}
            return {**common, **old, **self.claim}
        new = {"claim_generator_info": {"name": self.generator}, "created_assertions": references}
        return {**common, **new, **self.claim}

    def signed(self, claim: bytes) -> bytes:
        """A COSE_Sign1 over the detached claim."""
        chain = list(self.signer.chain if self.chain is None else self.chain)
        header = {1: -7, 33: chain} if self.protected is None else self.protected
        protected = self.encoded_protected or cbor2.dumps(header)
        signature = self.signature
        if signature is None:
            signature = cose_signature(self.signer, protected, claim)
        unprotected = dict(self.unprotected)
        if self.stamp is not None:
            named = self.stamp_as or ("sigTst" if self.version == 1 else "sigTst2")
            stamped = cbor2.dumps(
                ["CounterSignature", protected, b"", claim if named == "sigTst" else cbor2.dumps(signature)]
            )
            unprotected[named] = {"tstTokens": [{"val": self.stamp(stamped, named)}]}
        return cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected, None, signature]))


def cose_signature(signer: Principal, protected: bytes, claim: bytes) -> bytes:
    """ES256, RFC 9053."""
    r, s = decode_dss_signature(signer.signature(cbor2.dumps(["Signature1", protected, b"", claim])))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def store_of(*manifests: EditableBox) -> EditableBox:
    """A store; the last manifest is the active one."""
    return superbox(STORE, "c2pa", *manifests)


def actions(*declared: Mapping[str, Any], version: int = 2) -> EditableBox:
    """The actions assertion."""
    return assertion("c2pa.actions" if version == 1 else "c2pa.actions.v2", {"actions": list(declared)})


def created(source_type: str, agent: str = "a tool", version: int = 2) -> dict[str, Any]:
    """The action by which an asset began."""
    named = agent if version == 1 else {"name": agent}
    return {"action": "c2pa.created", "digitalSourceType": source_type, "softwareAgent": named}


def citation(
    cited: EditableBox, relationship: str, version: int = 2, number: int = 0, more: Mapping[str, Any] | None = None
) -> EditableBox:
    """The ingredient assertion that cites a manifest."""
    label = cited.label.decode()
    named = ("c2pa.ingredient" if version == 1 else "c2pa.ingredient.v3") + (f"__{number}" if number else "")
    facts = {"dc:title": "part.jpg", "dc:format": "image/jpeg", "relationship": relationship}
    if version == 1:
        whole = reference(f"/c2pa/{label}", cited)
        return assertion(named, {**facts, "instanceID": "xmp:iid:part", "c2pa_manifest": whole, **(more or {})})
    signature = f"/c2pa/{label}/c2pa.signature"
    success = [{"code": "claimSignature.validated", "url": f"self#jumbf={signature}"}]
    results = {"activeManifest": {"success": success, "informational": [], "failure": []}}
    references = {
        "activeManifest": reference(f"/c2pa/{label}", cited),
        "claimSignature": reference(signature, cited.find("c2pa.signature")),
    }
    return assertion(named, {**facts, **references, "validationResults": results, **(more or {})})


def label_of(number: int, version: int = 2) -> str:
    """A manifest's label, in the form of its version."""
    name = f"{number:08x}-2222-4333-8444-555555555555"
    return f"acme:urn:uuid:{name}" if version == 1 else f"urn:c2pa:{name}"


def padded(store: EditableBox, room: int) -> bytes:
    """The store as exactly so many bytes, by padding the active manifest's signature as signers do.

    Where that cannot be found any more, a free box pads the store. Raises `UnfitError` where there is too little room.
    """
    missing = room - len(store.dumped())
    if missing < 0:
        raise UnfitError("too large")
    if missing == 0:
        return store.dumped()
    store = store.copy()
    try:
        leaf = (store.children or [])[-1].find("c2pa.signature").children[0]  # type: ignore[index]
        sign1 = cbor2.loads(leaf.content)
        parts = list(sign1.value)
        unprotected, before = dict(parts[1]), len(leaf.content)
        for length in range(missing, max(-1, missing - 24), -1):
            parts[1] = {**unprotected, "pad": bytes(length)}
            leaf.content = cbor2.dumps(cbor2.CBORTag(18, parts))
            if len(leaf.content) == before + missing:
                return store.dumped()
        leaf.content = cbor2.dumps(cbor2.CBORTag(18, [parts[0], unprotected, *parts[2:]]))
    except (UnfitError, IndexError, AttributeError, TypeError, ValueError, cbor2.CBORDecodeError):
        pass
    if missing >= 8 and store.children is not None:
        store.children.append(EditableBox(b"free", bytes(missing - 8)))
        return store.dumped()
    return store.dumped() + bytes(missing)
