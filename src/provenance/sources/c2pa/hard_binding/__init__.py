"""The hard binding of a manifest: the hashes that tie it to one content, made anew here. C2PA 2.4, section 9.1.

Nothing is called unchanged by it but what a hash covers: see `Coverage.left_out`.
"""

from collections.abc import Mapping
from typing import Any, Final

from ....asset import OpenAsset
from ..embedding import Range
from ..manifest_store import Manifest
from . import bmff_hash, box_hash, collection_hash, data_hash
from .coverage import Coverage, MalformedBindingError, UnsupportedHashError

__all__ = ["Coverage", "MalformedBindingError", "UnsupportedHashError", "bindings_of", "code_name", "coverage_of"]

_BMFF_VERSIONS: Final = {"c2pa.hash.bmff": 1, "c2pa.hash.bmff.v2": 2, "c2pa.hash.bmff.v3": 3}
_CODES: Final = {
    "c2pa.hash.data": "dataHash",
    "c2pa.hash.boxes": "boxesHash",
    "c2pa.hash.collection.data": "collectionHash",
    "c2pa.hash.multi-asset": "multiAssetHash",
    **dict.fromkeys(_BMFF_VERSIONS, "bmffHash"),
}


def bindings_of(manifest: Manifest) -> list[str]:
    """The labels of the hard bindings of a manifest, of which a standard one has one."""
    return [label for label in manifest.assertions if label.split("__")[0] in _CODES]


def code_name(label: str) -> str:
    """What validation codes call this kind of binding, such as `dataHash`."""
    return _CODES[label.split("__", maxsplit=1)[0]]


def coverage_of(
    asset: OpenAsset, manifest: Manifest, label: str, own: tuple[Range, ...], *, updated: bool = False
) -> Coverage:
    """What this binding covers of the asset, in which `own` are the bytes that are there for the manifest alone.

    `updated`: an update manifest was added since, so that the manifest's place is longer than it was then.

    Raises `MalformedBindingError`, `UnsupportedHashError`, `StoreError`.
    """
    binding, kind = manifest.assertions[label].data, label.split("__", maxsplit=1)[0]
    if not isinstance(binding, Mapping):
        raise MalformedBindingError
    algorithm: Any = manifest.claim.get("alg")
    if kind == "c2pa.hash.data":
        return data_hash.coverage_of(asset, binding, own, algorithm=algorithm, updated=updated)
    if kind == "c2pa.hash.boxes":
        return box_hash.coverage_of(asset, binding, own, algorithm=algorithm)
    if kind == "c2pa.hash.collection.data":
        return collection_hash.coverage_of(asset, binding, own, algorithm=algorithm)
    if kind in _BMFF_VERSIONS:
        return bmff_hash.coverage_of(asset, binding, own, algorithm=algorithm, version=_BMFF_VERSIONS[kind])
    # Several assets in one file: their parts are found by the engines alone.
    return Coverage(None, (Range(0, asset.size),))
