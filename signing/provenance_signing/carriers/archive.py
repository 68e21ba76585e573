"""A ZIP archive, taken apart so that every byte of it belongs to one entry or to the directory. ZIP AppNote 6.3.10."""

from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import Final, NamedTuple, Self

from ..errors import FormatError

_LOCAL_MARK, _HEADER_MARK, _END_MARK, _DESCRIPTOR_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\7\x08"

# Sections 4.3.7, 4.3.12 and 4.3.16.
_LOCAL: Final = Struct("<4s5H3I2H")
_HEADER: Final = Struct("<4s6H3I5H2I")
_END: Final = Struct("<4s4H2IH")

# Section 4.3.9: with or without a mark, and with sizes of four or eight bytes.
_DESCRIPTOR_LENGTHS: Final = (12, 16, 20, 24)

# Section 4.4.4: the flags for a data descriptor, and for an encrypted directory.
_DESCRIBED, _HIDDEN = 1 << 3, 1 << 13

# Section 4.4.1.4: these values say that the real ones are in ZIP64 records.
_MANY, _LARGE = 0xFFFF, 0xFFFFFFFF

# What nothing takes at most, where it is packed all the same. RFC 1951, section 3.2.6.
_EMPTY: Final = 2

CHECKSUM_IN_HEADER: Final = slice(16, 20)
_OFFSET_IN_HEADER: Final = slice(42, 46)


@dataclass(frozen=True)
class ArchiveEntry:
    """One file: its header in the directory, and where its own header, content and data descriptor stand together."""

    name: str
    start: int
    end: int
    header: bytes

    @property
    def is_folder(self) -> bool:
        """Whether it says only that there is a folder."""
        return self.name.endswith("/")

    def header_at(self, offset: int) -> bytes:
        """Its header in the directory, where the file has moved to this offset."""
        return _replaced(self.header, _OFFSET_IN_HEADER, offset.to_bytes(4, "little"))


@dataclass(frozen=True)
class Archive:
    """The entries in the order of the directory, where the record at its end starts, and the comment in that."""

    entries: tuple[ArchiveEntry, ...]
    end: int
    comment: bytes

    @classmethod
    def of(cls, document: bytes) -> Self:
        """The archive that these bytes are. Raises `FormatError` for what cannot be bound to a manifest as a whole.

        Among it are ZIP64, archives in parts, names that occur twice, and bytes that belong to no entry: who looks for
        entries otherwise than by the directory would find there what no hash covers.
        """
        end = document.rfind(_END_MARK)
        if end < 0 or end + _END.size > len(document):
            raise FormatError("the document is no ZIP archive, or it breaks off")
        _, disk, first, here, count, size, directory, comment = _END.unpack_from(document, end)
        if _MANY in (here, count) or _LARGE in (size, directory):
            raise FormatError("ZIP64 archives are not signed")
        if disk or first or here != count or directory + size != end or end + _END.size + comment != len(document):
            raise FormatError("the ZIP archive is damaged, in parts, or has something before or behind it")
        headers = _headers(document, directory, end)
        if len(headers) != count or len({_name(document, header) for header in headers}) != count:
            raise FormatError("the ZIP archive's directory is damaged, or has two entries of one name")
        return cls(_entries(document, headers, directory), end, document[end + _END.size :])


def stored_entry(name: str, content: bytes, checksum: int, offset: int) -> tuple[bytes, bytes]:
    """A file without compression, as it stands in the archive at this offset, and its header in the directory."""
    encoded = name.encode("ascii")
    # Version 2.0, no flags, not compressed, and the first day that ZIP knows: zero is no date to some readers.
    facts = (20, 0, 0, 0, 0x21, checksum, len(content), len(content), len(encoded), 0)
    header = _HEADER.pack(_HEADER_MARK, 20, *facts, 0, 0, 0, 0, offset)
    return _LOCAL.pack(_LOCAL_MARK, *facts) + encoded + content, header + encoded


def end_record(count: int, size: int, directory: int, comment: bytes) -> bytes:
    """The end of an archive. Raises `FormatError` where it would need ZIP64."""
    if count >= _MANY or directory + size >= _LARGE:
        raise FormatError("the document is too large for a ZIP archive without ZIP64")
    return _END.pack(_END_MARK, 0, 0, count, count, size, directory, len(comment)) + comment


class _Header(NamedTuple):
    start: int
    end: int
    flags: int
    checksum: int
    packed_size: int
    name_length: int
    offset: int


def _headers(document: bytes, start: int, end: int) -> list[_Header]:
    """The headers that fill the directory. Section 4.3.12."""
    headers: list[_Header] = []
    while start + _HEADER.size <= end:
        mark, _, _, flags, _, _, _, checksum, packed, size, name, extra, note, disk, _, _, offset = _HEADER.unpack_from(
            document, start
        )
        if mark != _HEADER_MARK or disk or flags & _HIDDEN or _LARGE in (packed, size, offset):
            raise FormatError("the ZIP archive's directory is damaged, encrypted, or needs ZIP64")
        after = start + _HEADER.size + name + extra + note
        headers.append(_Header(start, after, flags, checksum, packed, name, offset))
        start = after
    if start != end:
        raise FormatError("the ZIP archive's directory is damaged")
    return headers


def _entries(document: bytes, headers: list[_Header], directory: int) -> tuple[ArchiveEntry, ...]:
    places = sorted({header.offset for header in headers} | {directory})
    if places[0] != 0 or len(places) != len(headers) + 1:
        raise FormatError("the ZIP archive has something before its first entry, or entries in one another")
    ends = dict(pairwise(places))
    return tuple(_entry(document, header, ends.get(header.offset, 0)) for header in headers)


def _entry(document: bytes, header: _Header, end: int) -> ArchiveEntry:
    """The file that a header in the directory stands for, which reaches to the next one. Section 4.3.6."""
    start = header.offset
    content = start + _LOCAL.size
    if end < content or document[start : start + 4] != _LOCAL_MARK:
        raise FormatError("the ZIP archive's entries are damaged")
    *_, name_length, extra_length = _LOCAL.unpack_from(document, start)
    name = document[content : content + name_length]
    if name != _raw_name(document, header):
        raise FormatError("the ZIP archive names an entry in two ways")
    descriptor = document[content + name_length + extra_length + header.packed_size : end]
    if header.flags & _DESCRIBED:
        marked = descriptor.startswith(_DESCRIPTOR_MARK)
        checksum = descriptor[4:8] if marked else descriptor[:4]
        fits = len(descriptor) in _DESCRIPTOR_LENGTHS and checksum == header.checksum.to_bytes(4, "little")
    else:
        fits = not descriptor and content + name_length + extra_length + header.packed_size == end
    if not fits:
        raise FormatError("the ZIP archive has something between its entries")
    entry = ArchiveEntry(_name(document, header), start, end, document[header.start : header.end])
    if entry.is_folder and header.packed_size > _EMPTY:
        raise FormatError("the ZIP archive has a folder with content of its own, which no hash would cover")
    return entry


def _raw_name(document: bytes, header: _Header) -> bytes:
    start = header.start + _HEADER.size
    return document[start : start + header.name_length]


def _name(document: bytes, header: _Header) -> str:
    """The name, which C2PA has as a URI. Other encodings are read in many ways (appendix D)."""
    try:
        return _raw_name(document, header).decode()
    except UnicodeDecodeError:
        raise FormatError("the ZIP archive has a name that is not UTF-8") from None


def _replaced(data: bytes, place: slice, value: bytes) -> bytes:
    return data[: place.start] + value + data[place.stop :]
