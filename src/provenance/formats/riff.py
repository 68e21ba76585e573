"""RIFF (WebP, WAV, AVI): a list of chunks. RFC 9649, sections 2.3 and 2.4."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .. import limits
from ..asset import OpenAsset

LIST: Final = b"RIFF"
FIRST_CHUNK: Final = 12  # behind the list's own header, and what it is a list of


@dataclass(frozen=True, slots=True)
class RiffChunk:
    """One chunk, from its kind to its end. `size`: of its content, as it says."""

    kind: bytes
    start: int
    size: int

    @property
    def content(self) -> int:
        """Where the content begins."""
        return self.start + 8

    @property
    def end(self) -> int:
        """Where the chunk ends, with the byte that makes it even."""
        return self.start + 8 + self.size + self.size % 2


def end_of_list(asset: OpenAsset) -> int:
    """Where the file's list ends, as its header says."""
    return 8 + int.from_bytes(asset.read_at(4, 4), "little")


def chunks(asset: OpenAsset, end: int | None = None) -> Iterator[RiffChunk]:
    """The chunks of the file's list up to `end`; without one all, also those of lists behind it: a long AVI is several.

    A chunk may say that it is longer than the file.
    """
    offset = FIRST_CHUNK
    for _ in range(limits.MAX_SEGMENTS):
        if end is not None and offset + 8 > end:
            return
        head = asset.read_at(offset, 8)
        if len(head) < 8:
            return
        chunk = RiffChunk(head[:4], offset, int.from_bytes(head[4:], "little"))
        yield chunk
        offset = offset + FIRST_CHUNK if chunk.kind == LIST and end is None else chunk.end


def made(kind: bytes, content: bytes) -> bytes:
    """A whole chunk of this content."""
    return kind + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)
