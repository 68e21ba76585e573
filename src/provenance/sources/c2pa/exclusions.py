"""What a hard binding leaves out: a signer may exclude more than the manifest, and nobody would notice a change there.

C2PA 2.4, sections 18.5 (data hash), 18.6 (BMFF hash), 18.7 (general box hash).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .jumbf import cbor_in, superbox_at, superboxes

# Boxes that hold the sound and pictures of a file, or say where they are.
_CONTENT_BOXES: Final = ("/mdat", "/moov", "/moof", "/idat", "/meta")

# A TIFF also leaves out the entries that say where its manifest is, some bytes each.
_POINTERS: Final = 64


def leaves_content_out(manifest: memoryview) -> bool:
    """Whether the hard binding of this manifest excludes more of the asset than its own manifest store."""
    assertions = superboxes(superbox_at(manifest, "c2pa.assertions"))
    return any(_leaves_out(label, cbor_in(content)) for label, content in assertions.items() if "c2pa.hash." in label)


def _leaves_out(label: str, binding: Any) -> bool:
    if not isinstance(binding, Mapping):
        return False
    if label.startswith("c2pa.hash.data"):
        lengths = sorted(_number(each.get("length")) for each in _maps(binding.get("exclusions")))
        return sum(lengths[:-1]) > _POINTERS  # the longest is the manifest itself
    if label.startswith("c2pa.hash.bmff"):
        return any(
            str(each.get("xpath")) in _CONTENT_BOXES and _whole(each) for each in _maps(binding.get("exclusions"))
        )
    if label.startswith("c2pa.hash.boxes"):
        return any(each.get("excluded") for each in _maps(binding.get("boxes")))
    return False


def _whole(exclusion: Mapping[Any, Any]) -> bool:
    """Whether all boxes of this path are excluded, not only some by what they hold, nor a part of each."""
    return not any(exclusion.get(name) for name in ("data", "subset", "flags"))


def _number(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _maps(value: Any) -> list[Mapping[Any, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, Sequence) else []
