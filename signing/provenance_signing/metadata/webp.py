"""WebP: the packet as the last chunk of an extended file, which a simple one becomes. RFC 9649, sections 2.5 to 2.7."""

from typing import Final

from provenance import limits
from provenance.asset import OpenAsset
from provenance.formats.riff import FIRST_CHUNK, LIST, RiffChunk, chunks, end_of_list, made

from .declarations import Declared
from .packet import merged
from .splices import Plan, Splice

# RFC 9649, section 2.7: the flags of the extended header, by the chunks that they announce.
_FLAGS: Final = {b"ICCP": 0x20, b"ALPH": 0x10, b"EXIF": 0x08, b"XMP ": 0x04}
_ALPHA, _XMP = _FLAGS[b"ALPH"], _FLAGS[b"XMP "]

# RFC 9649, section 2.4: the size of the whole is a number of 32 bits, and must be even.
_MAX_SIZE: Final = 2**32 - 10


def plan(asset: OpenAsset, declared: Declared) -> Plan | None:
    """How the packet gets into a WebP; None where it is damaged."""
    present = _chunks(asset)
    packets = [chunk for chunk in present if chunk.kind == b"XMP "]
    if not present or len(packets) > 1:
        return None
    replaced, removed = None, []
    for chunk in packets:
        if chunk.size > limits.MAX_XMP_SIZE:
            return None
        replaced = asset.read_at(chunk.content, chunk.size)
        removed = [Splice(chunk.start, chunk.end)]
    packet = merged(replaced, declared)
    header = _header(asset, present)
    if packet is None or header is None:
        return None
    end = end_of_list(asset)
    splices = [header, *removed, Splice(end, end, made(b"XMP ", packet))]
    size = end - 8 + sum(len(splice.content) - (splice.end - splice.start) for splice in splices)
    if size > _MAX_SIZE:
        return None
    return Plan(packet, replaced, (Splice(4, 8, size.to_bytes(4, "little")), *splices))


def _chunks(asset: OpenAsset) -> list[RiffChunk]:
    """The chunks of the list; none where they do not fill the file as its header says."""
    head, end = asset.read_at(0, FIRST_CHUNK), end_of_list(asset)
    if head[:4] != LIST or head[8:] != b"WEBP" or end > asset.size:
        return []
    present = list(chunks(asset, end))
    return present if present and present[-1].end == end else []


def _header(asset: OpenAsset, present: list[RiffChunk]) -> Splice | None:
    """The extended header with the flag for XMP, made from the image's own header where there is none."""
    kind, start, size = present[0].kind, present[0].start, present[0].size
    data = asset.read_at(present[0].content, 10)
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
    for chunk in present:
        flags |= _FLAGS.get(chunk.kind, 0)
    content = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return Splice(start, start, made(b"VP8X", content))
