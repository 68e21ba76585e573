"""What Samsung's phones put behind the end of a picture: named blocks, and a directory of them at the end of the file.

The format is not published; exiftool's module for Samsung describes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .. import limits
from ..asset import OpenAsset

_END: Final = b"SEFT"
_DIRECTORY: Final = b"SEFH"
_HEADER: Final = 12
_ENTRY: Final = 12
_MAX_BLOCKS: Final = 256  # real files have about ten
_LONGEST_NAME: Final = 128


@dataclass(frozen=True, slots=True)
class SamsungBlock:
    """One block: its name, and where its content begins and ends."""

    name: bytes
    content: int
    end: int


def blocks(asset: OpenAsset, start: int) -> Iterator[SamsungBlock]:
    """The blocks that the directory at the end of the file names, all of which stand behind `start`."""
    tail = asset.read_at(max(start, asset.size - 8), 8)
    length = int.from_bytes(tail[:4], "little")
    place = asset.size - 8 - length
    if tail[4:] != _END or place < start or length > limits.MIB:
        return
    directory = asset.read_at(place, length)
    count = int.from_bytes(directory[8:_HEADER], "little")
    if not directory.startswith(_DIRECTORY) or count > _MAX_BLOCKS:
        return
    for at in range(_HEADER, min(len(directory) - _ENTRY + 1, _HEADER + count * _ENTRY), _ENTRY):
        first = place - int.from_bytes(directory[at + 4 : at + 8], "little")
        end = min(first + int.from_bytes(directory[at + 8 : at + 12], "little"), place)
        head = asset.read_at(first, 8) if first >= start else b""
        name_length = int.from_bytes(head[4:], "little")
        if head and name_length <= _LONGEST_NAME and first + 8 + name_length <= end:
            yield SamsungBlock(asset.read_at(first + 8, name_length), first + 8 + name_length, end)
