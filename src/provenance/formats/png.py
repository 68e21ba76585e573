"""PNG: chunks one behind the other. W3C PNG, third edition, section 5."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .. import limits
from ..asset import OpenAsset

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
END: Final = b"IEND"
TEXT: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})
XMP_KEYWORD: Final = b"XML:com.adobe.xmp"


@dataclass(frozen=True, slots=True)
class PngChunk:
    """One chunk, from its length to its checksum."""

    kind: bytes
    start: int
    length: int

    @property
    def content(self) -> int:
        """Where the content begins."""
        return self.start + 8

    @property
    def end(self) -> int:
        """Where the chunk ends, with its checksum."""
        return self.start + 12 + self.length


def chunks(asset: OpenAsset) -> Iterator[PngChunk]:
    """The chunks, up to the end chunk; it is not the last one where the file breaks off, or has too many.

    A chunk may say that it is longer than the file.
    """
    offset = len(SIGNATURE)
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, 8)
        if len(head) < 8:
            return
        chunk = PngChunk(head[4:], offset, int.from_bytes(head[:4], "big"))
        yield chunk
        if chunk.kind == END:
            return
        offset = chunk.end


def checksum(kind: bytes, content: bytes) -> bytes:
    """What stands behind the content. Section 5.5."""
    return zlib.crc32(content, zlib.crc32(kind)).to_bytes(4, "big")


def made(kind: bytes, content: bytes) -> bytes:
    """A whole chunk of this content."""
    return len(content).to_bytes(4, "big") + kind + content + checksum(kind, content)
