"""EXIF and IPTC-IIM: camera, software, author and credit. CIPA DC-008 (EXIF 3.0); IPTC-IIM 4.2."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from ... import limits
from ...encodings import decoded, user_comment
from ...formats.tiff import Directory, TiffEntry, directories, directory_at, layout_of, value_of
from ...sentences import clean

_EXIF_DIRECTORY: Final = 0x8769
_GPS_DIRECTORY: Final = 0x8825
_USER_COMMENT: Final = 0x9286

_TAGS: Final = {
    0x010E: "exif:ImageDescription",
    0x010F: "exif:Make",
    0x0110: "exif:Model",
    0x0131: "exif:Software",
    0x0132: "exif:DateTime",
    0x013B: "exif:Artist",
    0x8298: "exif:Copyright",
    _USER_COMMENT: "exif:UserComment",  # some writers put it here
    0x9C9C: "exif:XPComment",
}
_EXIF_TAGS: Final = {
    0x9003: "exif:DateTimeOriginal",
    0x9004: "exif:DateTimeDigitized",
    0x9010: "exif:OffsetTime",
    0x9011: "exif:OffsetTimeOriginal",
    0x9012: "exif:OffsetTimeDigitized",
    _USER_COMMENT: "exif:UserComment",
    0x829A: "exif:ExposureTime",
    0xA434: "exif:LensModel",
    0xA437: "exif:Photographer",
}
_IPTC_DATASETS: Final = {
    55: "iptc:DateCreated",
    60: "iptc:TimeCreated",
    80: "iptc:By-line",
    90: "iptc:City",
    92: "iptc:Sub-location",
    105: "iptc:Headline",
    110: "iptc:Credit",
    115: "iptc:Source",
    116: "iptc:CopyrightNotice",
    120: "iptc:Caption",
}

_GPS_TAGS: Final = {1: "south", 2: "latitude", 3: "west", 4: "longitude"}

# ComfyUI and its nodes put a graph into any of the texts, behind its name.
_GRAPH: Final = re.compile(r"\s*(prompt|workflow)\s*:\s*(?=\{)", re.I)
_MAX_TEXTS: Final = 64  # the first directory has some twenty tags
_WINDOWS_TEXTS: Final = range(0x9C9B, 0x9CA0)

_ASCII, _SHORT, _LONG, _RATIONAL, _SIGNED_RATIONAL = 2, 3, 4, 5, 10  # the kinds of values


def read_exif(data: bytes) -> dict[str, str]:
    """The fields of interest of an EXIF block; one that is damaged hides no other."""
    block = _Block(data)
    first = next(directories(block), None)
    if first is None:
        return {}
    fields = block.fields(first, _TAGS)
    for entry in first.entries[:_MAX_TEXTS]:
        if entry.kind == _ASCII and (name := _GRAPH.match(block.text(entry, 64))):
            fields.setdefault(f"generator:{name[1].lower()}", block.text(entry)[name.end() :])
    if inner := block.directory(first, _EXIF_DIRECTORY):
        fields |= block.fields(inner, _EXIF_TAGS)
    if place := block.directory(first, _GPS_DIRECTORY):
        fields |= block.position(place)
    return fields


class _Block:
    """An EXIF block: a TIFF structure, whose directories may all lead to the same bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._layout = layout_of(self)
        self._left = 2 * len(data)  # bytes of values that may still be read: each is named once, where nothing is amiss

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`."""
        return self._data[offset : offset + length]

    def directory(self, directory: Directory, tag: int) -> Directory | None:
        """The directory that this entry leads to."""
        start = next((entry.value for entry in directory.entries if entry.tag == tag), 0)
        return directory_at(self, self._layout, start) if start else None

    def fields(self, directory: Directory, names: Mapping[int, str]) -> dict[str, str]:
        """The values of these tags as texts; the first of each counts."""
        texts: dict[str, str] = {}
        for entry in directory.entries:
            name = names.get(entry.tag)
            if name is not None and name not in texts and (text := self.text(entry)):
                texts[name] = text
        return texts

    def text(self, entry: TiffEntry, most: int = limits.MAX_EXIF_SIZE) -> str:
        """The value of an entry as a text; empty where it has none."""
        if entry.kind in (_RATIONAL, _SIGNED_RATIONAL):
            return next((str(number) for number in self.rationals(entry)), "")
        data = value_of(self, self._layout, entry, max(0, min(most, self._left)))
        self._left -= len(data)
        if entry.kind in (_SHORT, _LONG):
            return str(entry.value) if entry.count == 1 else ""
        if entry.tag == _USER_COMMENT:
            return user_comment(data)
        if entry.tag in _WINDOWS_TEXTS:
            return data.decode("utf-16-le", "replace").strip("\0 ")
        return decoded(data).strip("\0 ")

    def rationals(self, entry: TiffEntry) -> list[Fraction]:
        """Up to three numbers; none where one has no value."""
        data = value_of(self, self._layout, entry, 24)
        parts = [int.from_bytes(data[at : at + 4], self._layout.order) for at in range(0, len(data) - 3, 4)]
        pairs = list(zip(parts[0::2], parts[1::2], strict=False))
        return [Fraction(upper, lower) for upper, lower in pairs] if all(lower for _, lower in pairs) else []

    def position(self, directory: Directory) -> dict[str, str]:
        """Where the picture was taken: degrees north and east. CIPA DC-008, 4.6.7."""
        entries = {_GPS_TAGS[entry.tag]: entry for entry in directory.entries if entry.tag in _GPS_TAGS}
        if len(entries) < len(_GPS_TAGS):
            return {}
        degrees = []
        for name, other, limit in (("latitude", "south", 90), ("longitude", "west", 180)):
            parts = self.rationals(entries[name])
            value = sum((part / 60**power for power, part in enumerate(parts)), Fraction())
            if not parts or value > limit:
                return {}
            degrees.append(float(-value if self.text(entries[other])[:1].upper() in ("S", "W") else value))
        return {"exif:GPSPosition": "{:.6f}, {:.6f}".format(*degrees)} if any(degrees) else {}


def read_iptc(data: bytes) -> dict[str, str]:
    """The fields of interest among IPTC-IIM datasets of the application record."""
    fields: dict[str, str] = {}
    offset = 0
    while data[offset : offset + 1] == b"\x1c" and offset + 5 <= len(data):
        record, dataset = data[offset + 1], data[offset + 2]
        size = int.from_bytes(data[offset + 3 : offset + 5], "big")
        if size & 0x8000:  # an extended dataset, which none of these fields is
            break
        if record == 2 and dataset in _IPTC_DATASETS:
            # The character set that dataset 1:90 names is often wrong; UTF-8 is told by itself.
            fields.setdefault(_IPTC_DATASETS[dataset], clean(decoded(data[offset + 5 : offset + 5 + size])))
        offset += 5 + size
    return fields
