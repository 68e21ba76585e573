"""A signed store with another hard binding: for content whose hash the engine does not make as the standard has it.

In the active manifest, the last one (C2PA 2.4, section 11.1.4.2), the data hash gives way to the new assertion,
the claim refers to that, and is signed again. All other boxes, and all other manifests, stay byte for byte.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import cbor2

from provenance.formats.jumbf import StoreError
from provenance.sources.c2pa.store_values import read_cbor

from ..errors import OutputError
from .jumbf import Box, box, boxes, changed, described, superbox

_DATA_HASH: Final = "c2pa.hash.data"
_ASSERTIONS, _CLAIM, _SIGNATURE = "c2pa.assertions", "c2pa.claim.v2", "c2pa.signature"


def rebind(store: bytes, label: str, binding: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    """The store with this binding, under its label, in place of the data hash. `sign` signs a claim, as COSE has it.

    Raises `OutputError` where the store is not such as the engine makes.
    """
    whole = boxes(store)
    manifests = whole[0].children[1:] if len(whole) == 1 else ()
    if not manifests:
        raise OutputError("the manifest store holds no manifest")
    active = manifests[-1]
    old = _at(active, _ASSERTIONS, _DATA_HASH)
    new = superbox([described(old.children[0], label), box(b"cbor", cbor2.dumps(dict(binding)))])
    claim = _claim(_cbor(_at(active, _CLAIM)), label, old.content, boxes(new)[0].content)
    steps: dict[str, Callable[[Box], bytes]] = {
        _ASSERTIONS: lambda found: changed(found, _DATA_HASH, lambda _: new),
        _CLAIM: lambda found: _with_cbor(found, claim),
        _SIGNATURE: lambda found: _with_cbor(found, sign(claim)),
    }
    made = active
    for name, step in steps.items():
        made = boxes(changed(made, name, step))[0]
    return superbox([*(each.data for each in whole[0].children[:-1]), made.data])


def _claim(claim: bytes, label: str, old: bytes, new: bytes) -> bytes:
    """The claim with its reference to the data hash changed. As bytes: what is not decoded is not encoded otherwise."""
    try:
        decoded = read_cbor(claim)
    except StoreError as error:
        raise OutputError(error.reason.text) from None
    references = decoded.get("created_assertions", ()) if isinstance(decoded, dict) else ()
    reference = next((each for each in references if str(each.get("url")).endswith(f"/{_DATA_HASH}")), None)
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


def _at(outer: Box, *path: str) -> Box:
    for label in path:
        found = [each for each in outer.children if each.label == label]
        if len(found) != 1:
            raise OutputError(f"the manifest store has no {label}, or several")
        outer = found[0]
    return outer


def _cbor(outer: Box) -> bytes:
    return next((each.content for each in outer.children if each.kind == b"cbor"), b"")


def _with_cbor(outer: Box, content: bytes) -> bytes:
    return superbox([box(b"cbor", content) if each.kind == b"cbor" else each.data for each in outer.children])
