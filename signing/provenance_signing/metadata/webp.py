"""WebP: the packet as the last chunk of an extended file, which a simple one becomes. RFC 9649, sections 2.5 to 2.7."""

from typing import Final

from provenance import limits
from provenance.asset import OpenAsset

from .declared import Declared
from .packet import merged
from .splices import Plan, Splice

# RFC 9649, section 2.7: the flags of the extended header, by the chunks that they announce.
_FLAGS: Final = {b"ICCP": 0x20, b"ALPH": 0x10, b"EXIF": 0x08, b"XMP ": 0x04}
_ALPHA, _XMP = _FLAGS[b"ALPH"], _FLAGS[b"XMP "]

# RFC 9649, section 2.4: the size of the whole is a number of 32 bits, and must be even.
_MAX_SIZE: Final = 2**32 - 10


def plan(asset: OpenAsset, declared: Declared) -> Plan | None:
    """How the packet gets into a WebP; None where it is damaged."""
    chunks = _chunks(asset)
    packets = [each for each in chunks if each[0] == b"XMP "]
    if not chunks or len(packets) > 1:
        return None
    replaced, removed = None, []
    for _, start, size in packets:
        if size > limits.MAX_XMP_SIZE:
            return None
        replaced = asset.read_at(start + 8, size)
        removed = [Splice(start, start + 8 + size + size % 2)]
    packet = merged(replaced, declared)
    header = _header(asset, chunks)
    if packet is None or header is None:
        return None
    end = 8 + int.from_bytes(asset.read_at(4, 4), "little")
    splices = [header, *removed, Splice(end, end, _made(b"XMP ", packet))]
    size = end - 8 + sum(len(each.content) - (each.end - each.start) for each in splices)
    if size > _MAX_SIZE:
        return None
    return Plan(packet, replaced, (Splice(4, 8, size.to_bytes(4, "little")), *splices))


def _chunks(asset: OpenAsset) -> list[tuple[bytes, int, int]]:
    """Kind, start and content size of each chunk; none where they do not fill the file as its header says."""
    found: list[tuple[bytes, int, int]] = []
    head = asset.read_at(0, 12)
    end = 8 + int.from_bytes(head[4:8], "little")
    if head[:4] != b"RIFF" or head[8:] != b"WEBP" or end > asset.size:
        return []
    offset = 12
    for _ in range(limits.MAX_SEGMENTS):
        if offset >= end:
            return found if offset == end else []
        head = asset.read_at(offset, 8)
        size = int.from_bytes(head[4:], "little")
        found.append((head[:4], offset, size))
        offset += 8 + size + size % 2
    return []


def _header(asset: OpenAsset, chunks: list[tuple[bytes, int, int]]) -> Splice | None:
    """The extended header with the flag for XMP, made from the image's own header where there is none."""
    kind, start, size = chunks[0]
    data = asset.read_at(start + 8, 10)
    if kind == b"VP8X" and size == 10:
        return Splice(start + 8, start + 9, bytes([data[0] | _XMP]))
    if kind == b"VP8 " and size >= 10 and data[3:6] == b"\x9d\x01\x2a":
        # RFC 6386, section 9.1: 14 bits each, and two of scaling
        width, height, alpha = data[6] | (data[7] & 0x3F) << 8, data[8] | (data[9] & 0x3F) << 8, 0
    elif kind == b"VP8L" and size >= 5 and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")  # RFC 9649, section 3.4
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1
    else:
        return None
    if not width or not height:
        return None
    flags = _XMP | alpha * _ALPHA
    for chunk, _, _ in chunks:
        flags |= _FLAGS.get(chunk, 0)
    content = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return Splice(start, start, _made(b"VP8X", content))


def _made(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)
