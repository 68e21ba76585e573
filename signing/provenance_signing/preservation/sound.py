"""MP3 and FLAC: the sound behind the ID3 tag, and what the tag says. ID3v2.4.0, sections 3 and 4."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from provenance.asset import OpenAsset
from provenance.limits import MIB
from provenance.media_type import id3_length

_HEADER: Final = 10
_SHORT_NAMES: Final = 2  # the version in which frames have names of three letters


def behind_tags(before: OpenAsset, after: OpenAsset) -> str | None:
    """The sound, and each frame of the tag by its name: the engine writes the tag anew, in the newest version."""
    if _sound(before) != _sound(after):
        return "its sound would be changed"
    lost = Counter(_frames(before)) - Counter(_frames(after))
    if lost:
        return f"the field {next(iter(lost))} of its tag would be lost"
    return None


def _sound(asset: OpenAsset) -> bytes:
    digest, offset = hashlib.sha256(), id3_length(asset.read_at(0, _HEADER)) or 0
    while chunk := asset.read_at(offset, MIB):
        digest.update(chunk)
        offset += len(chunk)
    return digest.digest()


def _frames(asset: OpenAsset) -> Iterator[str]:
    """The names of the tag's frames; none of a version whose names were others."""
    head = asset.read_at(0, _HEADER)
    end = id3_length(head) or 0
    version, flags = (head[3], head[5]) if end else (0, 0)
    if version <= _SHORT_NAMES or flags:  # an extended header, or unsynchronised
        return
    offset = _HEADER
    while offset + _HEADER <= end:
        frame = asset.read_at(offset, _HEADER)
        name = frame[:4].decode("ascii", "replace")
        if not name.isalnum():
            return
        size = int.from_bytes(frame[4:8], "big")
        if version > 3:  # seven bits of each byte
            size = sum((byte & 0x7F) << shift for byte, shift in zip(frame[4:8], (21, 14, 7, 0), strict=True))
        yield name
        offset += _HEADER + size
