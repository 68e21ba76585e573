"""PNG: the packet as an international text behind the header. W3C PNG, third edition, 11.3; XMP part 3, 1.1.5."""

import json
import zlib
from dataclasses import dataclass
from typing import Final

from provenance import limits
from provenance.asset import OpenAsset

from .declared import Declared
from .packet import merged
from .splices import Plan, Splice

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_XMP: Final = b"XML:com.adobe.xmp\0"
_LABEL: Final = b"AIGC\0"
_TEXT: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})


@dataclass(frozen=True)
class _Chunk:
    kind: bytes
    start: int
    end: int
    keyword: bytes  # of a text, with its zero byte


def plan(asset: OpenAsset, declared: Declared) -> Plan | None:
    """How the packet, and the AIGC label as a text of its own, get into a PNG; None where it is damaged."""
    chunks = _chunks(asset)
    header = next((each for each in chunks if each.kind == b"IHDR"), None)
    packets = [each for each in chunks if each.kind == b"iTXt" and each.keyword == _XMP]
    labels = [each for each in chunks if each.keyword == _LABEL] if declared.aigc else []
    if header is None or len(packets) > 1:
        return None
    replaced = None
    if packets:
        replaced = _international_text(asset, packets[0])
        if replaced is None:
            return None
    # The checksum forbids a change in place: XMP part 3 asks for a packet that says so.
    packet = merged(replaced, declared, read_only=True)
    if packet is None:
        return None
    made = _made(b"iTXt", _XMP + bytes(4) + packet)
    if declared.aigc:
        made += _made(b"tEXt", _LABEL + json.dumps(declared.aigc.fields).encode())
    removed = (Splice(each.start, each.end) for each in packets + labels)
    return Plan(packet, replaced, (Splice(header.end, header.end, made), *removed))


def _chunks(asset: OpenAsset) -> list[_Chunk]:
    """The chunks up to the end chunk; none where the file breaks off before it."""
    found: list[_Chunk] = []
    if asset.read_at(0, 8) != _SIGNATURE:
        return []
    offset = 8
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, 8 + len(_XMP))
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        end = offset + 12 + length
        if len(head) < 8 or end > asset.size:
            return []
        content = head[8 : 8 + length] if kind in _TEXT else b""
        keyword = content[: content.find(b"\0") + 1]
        found.append(_Chunk(kind, offset, end, keyword))
        if kind == b"IEND":
            return found
        offset = end
    return []


def _international_text(asset: OpenAsset, chunk: _Chunk) -> bytes | None:
    """The text of an `iTXt` chunk, unpacked; None where it is damaged or too large."""
    length = chunk.end - chunk.start - 12
    if length > limits.MAX_TEXT_CHUNK:
        return None
    data = asset.read_at(chunk.start + 8, length)
    compressed, rest = data[len(_XMP) : len(_XMP) + 1] == b"\1", data[len(_XMP) + 2 :]
    _, _, rest = rest.partition(b"\0")  # language
    _, _, text = rest.partition(b"\0")  # translated keyword
    if not compressed:
        return text
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(text, limits.MAX_XMP_SIZE)
    except zlib.error:
        return None
    return text if inflate.eof else None


def _made(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
