"""JPEG: the packet as an APP1 segment before the image data. ITU-T T.81, annex B; XMP part 3, section 1.1.3."""

from typing import Final

from provenance import limits
from provenance.asset import OpenAsset

from .declared import Declared
from .packet import merged
from .splices import Plan, Splice

_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF: Final = b"Exif\0\0"
_MULTI_PICTURE: Final = b"MPF\0"

# XMP part 3, section 1.1.3.1: a segment holds no more, and only other packets may go on in further ones.
_MAX_PACKET: Final = 65502

_APP0, _APP1, _APP2 = 0xE0, 0xE1, 0xE2
_SOS, _EOI = 0xDA, 0xD9
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def plan(asset: OpenAsset, declared: Declared) -> Plan | None:
    """How the packet gets into a JPEG; None where it is damaged, or where it would move what others point at."""
    place, old, indexed = 2, None, False
    for start, end, marker in _segments(asset):
        head = asset.read_at(start + 4, max(0, min(len(_XMP), end - start - 4)))
        if marker == _SOS:
            break
        if start == place and (marker == _APP0 or (marker == _APP1 and head.startswith(_EXIF))):
            place = end  # JFIF and Exif ask to come first
        elif marker == _APP1 and head == _XMP:
            # The index of a multi-picture file counts from itself: what follows it must not move (CIPA DC-007, 5.2.3).
            if old is not None or indexed:
                return None
            old = (start, end)
        elif marker == _APP2 and head.startswith(_MULTI_PICTURE):
            indexed = True
    else:
        return None
    replaced = asset.read_at(old[0] + 4 + len(_XMP), old[1] - old[0] - 4 - len(_XMP)) if old else None
    packet = merged(replaced, declared, limit=_MAX_PACKET)
    if packet is None:
        return None
    segment = b"\xff\xe1" + (2 + len(_XMP) + len(packet)).to_bytes(2, "big") + _XMP + packet
    return Plan(packet, replaced, (Splice(*(old or (place, place)), segment),))


def _segments(asset: OpenAsset) -> list[tuple[int, int, int]]:
    """Start, end and marker of each segment up to the image data; none where the file breaks off before."""
    found: list[tuple[int, int, int]] = []
    if asset.read_at(0, 2) != b"\xff\xd8":
        return []
    offset = 2
    for _ in range(limits.MAX_SEGMENTS):
        head = asset.read_at(offset, 4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == _EOI:
            return []
        marker = head[1]
        if marker == 0xFF:  # a fill byte
            offset += 1
            continue
        end = offset + 2 if marker in _STANDALONE else offset + 2 + int.from_bytes(head[2:], "big")
        if end > asset.size or (marker not in _STANDALONE and end < offset + 4):
            return []
        found.append((offset, end, marker))
        if marker == _SOS:
            return found
        offset = end
    return []
