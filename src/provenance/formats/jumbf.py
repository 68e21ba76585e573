"""JUMBF: boxes with labels, one inside the other. ISO 19566-5.

Read strictly: what two readers could understand differently is an error, and never a choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from .. import limits
from ..sentences import Message, say

SUPERBOX: Final = b"jumb"
DESCRIPTION: Final = b"jumd"
LABEL_START: Final = 17  # in a description: behind the type, and a byte that says what follows

_TOGGLES_WITH_LABEL: Final = 0x02
_TOGGLES_WITH_ID: Final = 0x04
_TOGGLES_WITH_HASH: Final = 0x08
_TOGGLES_WITH_PRIVATE_BOX: Final = 0x10
_KNOWN_TOGGLES: Final = 0x1F


class StoreError(Exception):
    """A manifest store that cannot be read beyond doubt; `reason` says why, for people."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.reason: Message = say(key, **values)


@dataclass(frozen=True)
class JumbfBox:
    """One superbox: what its description says, and its content, which is what a hashed URI is the hash of."""

    kind: bytes  # the UUID of its type
    label: str
    content: memoryview  # description and children, without the header of eight bytes
    children: tuple[tuple[bytes, memoryview], ...]  # type and content of each box behind the description

    @cached_property
    def superboxes(self) -> "tuple[JumbfBox, ...]":
        """The children, where all of them are superboxes. Raises `StoreError` where one is not."""
        if any(kind != SUPERBOX for kind, _ in self.children):
            raise StoreError("store.unknown_box")
        return tuple(read_superbox(content) for _, content in self.children)


def box(kind: bytes, content: bytes | memoryview) -> bytes:
    """A box with this content."""
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def read_superbox(content: memoryview) -> JumbfBox:
    """The superbox of which this is the content. Raises `StoreError`."""
    children = list(read_boxes(content))
    if not children or children[0][0] != DESCRIPTION:
        raise StoreError("store.unknown_box")
    kind, label = _described(children[0][1])
    return JumbfBox(kind, label, content, tuple(children[1:]))


def _described(description: memoryview) -> tuple[bytes, str]:
    """Type and label of a description box: 16 bytes of type, one of toggles, the label up to a zero byte, and more."""
    data = bytes(description)
    toggles = data[16] if len(data) > 16 else 0
    end = data.find(b"\0", LABEL_START)
    if not toggles & _TOGGLES_WITH_LABEL or toggles & ~_KNOWN_TOGGLES or end == -1:
        raise StoreError("store.breaks_off")
    rest = end + 1 + (4 if toggles & _TOGGLES_WITH_ID else 0) + (32 if toggles & _TOGGLES_WITH_HASH else 0)
    if toggles & _TOGGLES_WITH_PRIVATE_BOX:
        private = list(read_boxes(description[rest:]))
        if [kind for kind, _ in private] != [b"c2sh"]:  # a salt. C2PA 2.4, section 8.4.2.3
            raise StoreError("store.unknown_box")
    elif rest != len(data):
        raise StoreError("store.trailing")
    try:
        return data[:16], data[LABEL_START:end].decode("utf-8")
    except UnicodeDecodeError:
        raise StoreError("store.label", part="") from None


def read_boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Type and content of each box, which must fill the data to its last byte.

    A size in the long form, or one that means "to the end", is refused: nobody needs it in a store of this size, and
    readers differ on both. Raises `StoreError`.
    """
    offset, count = 0, 0
    while offset < len(data):
        count += 1
        if count > limits.MAX_STORE_BOXES:
            raise StoreError("store.too_many")
        size = int.from_bytes(data[offset : offset + 4], "big")
        if size < 8 or offset + size > len(data):
            raise StoreError("store.breaks_off")
        yield bytes(data[offset + 4 : offset + 8]), data[offset + 8 : offset + size]
        offset += size
