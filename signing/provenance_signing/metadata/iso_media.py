"""MP4, MOV and M4A: the packet as a `uuid` box at the top level. ISO/IEC 14496-12, section 11.1; XMP part 3, 2.2."""

from typing import Final

from provenance import limits
from provenance.asset import OpenAsset
from provenance.formats.iso_media import is_initialization_segment

from ..iso_boxes import boxes
from .declarations import Declared
from .packet import merged
from .splices import Plan, Splice

_XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")

# Boxes of fragmented files and streams, whose parts are found by counting bytes. ISO/IEC 14496-12, section 8.8.
_FRAGMENTED: Final = frozenset({b"moof", b"mfra", b"sidx", b"styp"})


def plan(asset: OpenAsset, declared: Declared) -> Plan | None:
    """How the packet gets into a movie without moving anything else; None where that cannot be done.

    Chunk offsets count from the file's start (section 8.7.5), so nothing before the end may change its size.
    """
    top_boxes = boxes(asset)
    kinds = {box.kind for box in top_boxes}
    if b"moov" not in kinds or not kinds.isdisjoint(_FRAGMENTED) or is_initialization_segment(asset):
        return None
    if not top_boxes[-1].sized:  # what is put behind it would become a part of it
        return None
    packets = [box for box in top_boxes if box.kind == b"uuid" and asset.read_at(box.content, 16) == _XMP_UUID]
    if not packets:
        packet = merged(None, declared)
        return Plan(packet, None, (Splice(asset.size, asset.size, _made(packet)),)) if packet else None
    old = packets[0]
    start, size = old.content + 16, old.end - old.content - 16
    if len(packets) > 1 or not 0 <= size <= limits.MAX_XMP_SIZE:
        return None
    replaced = asset.read_at(start, size)
    packet = merged(replaced, declared)
    if packet is None:
        return None
    if len(packet) == size:
        splices = [Splice(start, old.end, packet)]
    elif old.end == asset.size:
        splices = [Splice(old.start, old.end, _made(packet))]
    else:
        length = old.end - old.start
        free = length.to_bytes(4, "big") + b"free" + bytes(length - 8)
        splices = [Splice(old.start, old.end, free), Splice(asset.size, asset.size, _made(packet))]
    return Plan(packet, replaced, tuple(splices))


def _made(packet: bytes) -> bytes:
    return (24 + len(packet)).to_bytes(4, "big") + b"uuid" + _XMP_UUID + packet
