"""A signed store with another hard binding: for content whose hash the engine does not make as the standard has it.

In the active manifest, the last one (C2PA 2.4, section 11.1.4.2), the data hash gives way to the new assertion,
the claim refers to that, and is signed again. All other boxes, and all other manifests, stay byte for byte.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import cbor2

from provenance.formats.jumbf import LABEL_START, SUPERBOX, JumbfBox, StoreError, box, read_boxes, read_superbox
from provenance.sources.c2pa.store_values import read_cbor

from ..errors import OutputError

_DATA_HASH: Final = "c2pa.hash.data"
_ASSERTIONS, _CLAIM, _SIGNATURE = "c2pa.assertions", "c2pa.claim.v2", "c2pa.signature"


def rebind(store: bytes, label: str, binding: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    """The store with this binding, under its label, in place of the data hash. `sign` signs a claim, as COSE has it.

    Raises `OutputError` where the store is not such as the engine makes.
    """
    try:
        return _rebound(store, label, binding, sign)
    except StoreError as error:
        raise OutputError(error.reason.text) from None


def _rebound(store: bytes, label: str, binding: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    outermost = _superbox(store)
    if not outermost.superboxes:
        raise OutputError("the manifest store holds no manifest")
    active = outermost.superboxes[-1]
    old = _at(active, _ASSERTIONS, _DATA_HASH)
    assertion = [_described(old, label), box(b"cbor", cbor2.dumps(dict(binding)))]
    claim = _claim(_cbor(_at(active, _CLAIM)), label, bytes(old.content), b"".join(assertion))
    steps: dict[str, Callable[[JumbfBox], bytes]] = {
        _ASSERTIONS: lambda assertions: _changed(assertions, _DATA_HASH, lambda _: _joined(assertion)),
        _CLAIM: lambda superseded: _with_cbor(superseded, claim),
        _SIGNATURE: lambda superseded: _with_cbor(superseded, sign(claim)),
    }
    manifest = active
    for name, step in steps.items():
        manifest = _superbox(_changed(manifest, name, step))
    *before, _ = read_boxes(outermost.content)
    return _joined([*(box(*part) for part in before), box(SUPERBOX, manifest.content)])


def _claim(claim: bytes, label: str, old: bytes, new: bytes) -> bytes:
    """The claim with its reference to the data hash changed. As bytes: what is not decoded is not encoded otherwise."""
    decoded = read_cbor(claim)
    references = decoded.get("created_assertions", ()) if isinstance(decoded, dict) else ()
    reference = next(
        (assertion for assertion in references if str(assertion.get("url")).endswith(f"/{_DATA_HASH}")), None
    )
    if reference is None:
        raise OutputError("the claim does not refer to its data hash")
    algorithm = reference.get("alg") or decoded.get("alg", "sha256")
    if hashlib.new(algorithm, old).digest() != reference["hash"]:
        raise OutputError("the claim refers to another data hash")
    url = reference["url"].removesuffix(_DATA_HASH) + label
    changed_reference = {**reference, "url": url, "hash": hashlib.new(algorithm, new).digest()}
    before = cbor2.dumps(reference)
    if claim.count(before) != 1:
        raise OutputError("the claim's reference to its data hash cannot be found")
    return claim.replace(before, cbor2.dumps(changed_reference))


def _superbox(data: bytes) -> JumbfBox:
    """The one superbox that fills these bytes."""
    parts = list(read_boxes(memoryview(data)))
    if [kind for kind, _ in parts] != [SUPERBOX]:
        raise OutputError("the manifest store is not made of boxes as the standard has it")
    return read_superbox(parts[0][1])


def _joined(parts: Iterable[bytes]) -> bytes:
    """A superbox of these boxes, its description first."""
    return box(SUPERBOX, b"".join(parts))


def _changed(outer: JumbfBox, label: str, change: Callable[[JumbfBox], bytes]) -> bytes:
    """The superbox with the one of this label in it changed; all else stays as it is."""
    superseded = _at(outer, label).content
    parts = read_boxes(outer.content)
    return _joined(
        change(read_superbox(content)) if content == superseded else box(kind, content) for kind, content in parts
    )


def _described(outer: JumbfBox, label: str) -> bytes:
    """The description of the superbox with another label; what may follow the label stays."""
    kind, description = next(read_boxes(outer.content))
    _, _, rest = bytes(description[LABEL_START:]).partition(b"\0")
    return box(kind, bytes(description[:LABEL_START]) + label.encode() + b"\0" + rest)


def _at(outer: JumbfBox, *path: str) -> JumbfBox:
    for label in path:
        labelled = [child for child in outer.superboxes if child.label == label]
        if len(labelled) != 1:
            raise OutputError(f"the manifest store has no {label}, or several")
        outer = labelled[0]
    return outer


def _cbor(outer: JumbfBox) -> bytes:
    return next((bytes(content) for kind, content in outer.children if kind == b"cbor"), b"")


def _with_cbor(outer: JumbfBox, content: bytes) -> bytes:
    parts = read_boxes(outer.content)
    return _joined(box(kind, content if kind == b"cbor" else unchanged) for kind, unchanged in parts)
