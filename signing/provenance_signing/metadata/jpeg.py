"""JPEG: the packet as an APP1 segment before the image data. ITU-T T.81, annex B; XMP part 3, section 1.1.3."""

from typing import Final

from provenance.asset import OpenAsset
from provenance.formats.jpeg import APP0, APP1, APP2, EXIF, FILL, MULTI_PICTURE, SOS, XMP, Segment, segments

from .declarations import Declared
from .packet import merged
from .splices import Plan, Splice

# XMP part 3, section 1.1.3.1: a segment holds no more, and only other packets may go on in further ones.
_MAX_PACKET: Final = 65502


def plan(asset: OpenAsset, declared: Declared) -> Plan | None:
    """How the packet gets into a JPEG; None where it is damaged, or where it would move what others point at."""
    place, old, indexed = 2, None, False
    for segment in _segments(asset):
        start, end, marker = segment.start, segment.end, segment.marker
        head = asset.read_at(start + 4, max(0, min(len(XMP), end - start - 4)))
        if marker == SOS:
            break
        if start == place and (marker == APP0 or (marker == APP1 and head.startswith(EXIF))):
            place = end  # JFIF and Exif ask to come first
        elif marker == APP1 and head == XMP:
            # The index of a multi-picture file counts from itself: what follows it must not move (CIPA DC-007, 5.2.3).
            if old is not None or indexed:
                return None
            old = (start, end)
        elif marker == APP2 and head.startswith(MULTI_PICTURE):
            indexed = True
    else:
        return None
    replaced = asset.read_at(old[0] + 4 + len(XMP), old[1] - old[0] - 4 - len(XMP)) if old else None
    packet = merged(replaced, declared, limit=_MAX_PACKET)
    if packet is None:
        return None
    made = b"\xff\xe1" + (2 + len(XMP) + len(packet)).to_bytes(2, "big") + XMP + packet
    return Plan(packet, replaced, (Splice(*(old or (place, place)), made),))


def _segments(asset: OpenAsset) -> list[Segment]:
    """The segments up to the image data; none where the file breaks off before."""
    all_segments = list(segments(asset)) if asset.read_at(0, 2) == b"\xff\xd8" else []
    if not all_segments or all_segments[-1].marker != SOS or all_segments[-1].end > asset.size:
        return []
    return [segment for segment in all_segments if segment.marker != FILL]
