"""The boxes of a manifest store, to be changed in one place while all else stays byte for byte. ISO 19566-5."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from provenance import limits

from ..errors import OutputError

_LABEL: Final = 17  # where a description's label begins: after the type, and a byte that says what follows


@dataclass(frozen=True)
class RawBox:
    """A box as it is: its kind, all of its bytes, and where its content begins; of a superbox, its label too."""

    kind: bytes
    data: bytes
    content_start: int
    label: str | None

    @property
    def content(self) -> bytes:
        """What follows the box's header."""
        return self.data[self.content_start :]

    @property
    def children(self) -> tuple["RawBox", ...]:
        """The boxes in it."""
        return boxes(self.content)


def boxes(data: bytes) -> tuple[RawBox, ...]:
    """The boxes that fill these bytes. Raises `OutputError` where they do not."""
    parsed: list[RawBox] = []
    offset = 0
    while offset < len(data):
        size, start = int.from_bytes(data[offset : offset + 4], "big"), 8
        if size == 1:
            size, start = int.from_bytes(data[offset + 8 : offset + 16], "big"), 16
        if size < start or offset + size > len(data) or len(parsed) == limits.MAX_SEGMENTS:
            raise OutputError("the manifest store is not made of boxes as the standard has it")
        kind, whole = data[offset + 4 : offset + 8], data[offset : offset + size]
        parsed.append(RawBox(kind, whole, start, _label(whole[start:]) if kind == b"jumb" else None))
        offset += size
    return tuple(parsed)


def box(kind: bytes, content: bytes) -> bytes:
    """A box with this content."""
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def superbox(children: Sequence[bytes]) -> bytes:
    """A superbox of these boxes, its description first."""
    return box(b"jumb", b"".join(children))


def changed(outer: RawBox, label: str, change: Callable[[RawBox], bytes]) -> bytes:
    """The superbox with the last superbox of this label in it changed. Raises `OutputError` where there is none."""
    children = outer.children
    place = max((at for at, child in enumerate(children) if child.label == label), default=None)
    if place is None:
        raise OutputError(f"the manifest store lacks {label}")
    return superbox([change(child) if at == place else child.data for at, child in enumerate(children)])


def described(description: RawBox, label: str) -> bytes:
    """The description box with another label; what may follow the label stays."""
    _, _, rest = description.content[_LABEL:].partition(b"\0")
    return box(b"jumd", description.content[:_LABEL] + label.encode() + b"\0" + rest)


def _label(content: bytes) -> str:
    start = 8 + _LABEL
    return content[start:].split(b"\0", 1)[0].decode("utf-8", "replace") if content[4:8] == b"jumd" else ""
