"""The media type of a file, found from its first bytes. Names lie; content does not.

Only between kinds of text, which look alike, does the name choose.
"""

import re
import zlib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

from .errors import RefusedTypeError
from .format_table import FORMATS, TEXTS, family_of, format_of_suffix

_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")

# Of the places that Latin-1 keeps for control characters, those to which Windows gives quotation marks and the like.
_WINDOWS: Final = frozenset(map(chr, range(0x80, 0xA0))) - {"\x81", "\x8d", "\x8f", "\x90", "\x9d"}

# Enough for the longest look-ahead: the first ZIP entry of an Office document, an SVG after its XML declaration.
SNIFF_LENGTH: Final = 4096

UNKNOWN: Final = "application/octet-stream"
PROGRAM: Final = "application/x-executable"
ISO_SEGMENT: Final = "video/iso.segment"  # one media segment of a stream (DASH, CMAF)
MANIFEST_STORE: Final = "application/c2pa"  # C2PA 2.4, section 11.4

# The description box of a manifest store. C2PA 2.4, section 11.1.4; ISO 19566-5.
STORE_DESCRIPTION: Final = b"jumd" + bytes.fromhex("63327061" + "00110010800000aa00389b71")

_MAGIC: Final = tuple((magic, row.media_type) for row in FORMATS for magic in row.magic)

# Programs: ELF, Java and universal Mach-O, Mach-O of either order and width, WebAssembly.
_PROGRAMS: Final = (
    *(b"\x7fELF", b"\xca\xfe\xba\xbe", b"\0asm"),
    *(b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
)

_LISTS: Final = {row.list_type: row.media_type for row in FORMATS if row.list_type}
_BRANDS: Final = {brand: row.media_type for row in FORMATS for brand in row.brands}

# QuickTime File Format, "Movie atoms": what an old file may begin with.
_QUICKTIME_STARTS: Final = (b"moov", b"mdat", b"wide", b"pnot")

# A first `mimetype` entry (OpenDocument, EPUB) names the type; Office files name it in `[Content_Types].xml`, which
# they put first, and are else told by their folders.
_OFFICE_PART: Final = re.compile(rb'"(application/vnd\.[\w.-]{1,100}?)\.main(?:\+xml)?"')
_OFFICE: Final = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)


def media_type_of(head: bytes, name: str | None = None) -> str:
    """The media type that the first `SNIFF_LENGTH` bytes of a file show; `application/octet-stream` if none.

    `name` chooses between kinds of text, and is not asked for anything else.
    """
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(_PROGRAMS) or (head[:2] == b"MZ" and b"\0" in head[:64]):
        return PROGRAM
    return _by_box(head) or _by_structure(head) or _text(head, name)


def _by_structure(head: bytes) -> str | None:
    """The type of a file whose first bytes alone do not tell it."""
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":  # two letters alone begin many a text
        return "image/bmp"
    if head[:4] == b"RIFF":
        return _LISTS.get(head[8:12])
    if head[:4] == b"PK\x03\x04":
        return _zip(head)
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "audio/mpeg"  # an MPEG audio frame, layer III, without an ID3 tag
    return None


def _by_box(head: bytes) -> str | None:
    """The type of a file of boxes, each with its length and its kind. ISO/IEC 14496-12, section 4.2; ISO 19566-5."""
    kind = head[4:8]
    if kind == b"ftyp":
        return _iso_media(head)
    if kind in _QUICKTIME_STARTS and int.from_bytes(head[:4], "big") >= 8:
        return "video/quicktime"  # from before there was a box that names the type
    if kind in (b"styp", b"sidx", b"moof"):
        return ISO_SEGMENT
    if kind == b"jumb" and head[12:32] == STORE_DESCRIPTION:
        return MANIFEST_STORE
    return None


def is_text(media_type: str) -> bool:
    """Whether files of this type are read as text."""
    return family_of(media_type) in TEXTS


def has_no_place_for_manifest(media_type: str, head: bytes) -> bool:
    """Whether this form of the type, by its first eight bytes, cannot hold a manifest, nor say where one is.

    A bare JPEG XL codestream has no boxes; a movie from before there was a box for its type is read by no engine; the
    carriers of text are in UTF-8.
    """
    if media_type == "image/jxl":
        return head.startswith(b"\xff\x0a")
    if media_type == "video/quicktime":
        return head[4:8] in _QUICKTIME_STARTS
    return is_text(media_type) and head.startswith(_UTF_16_MARKS)


def check_type(media_type: str, refused: Sequence[str]) -> None:
    """Raises `RefusedTypeError` for one of these types; `video/*` is all that begin so."""
    if any(fnmatchcase(media_type, pattern) for pattern in refused):
        raise RefusedTypeError(media_type)


def id3_length(head: bytes) -> int:
    """The length of an ID3v2 tag at the start, 0 if there is none: sound of several types may follow it."""
    if head[:3] != b"ID3" or len(head) < 10 or head[3] not in (2, 3, 4):
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))


def media_type_of_name(name: str) -> str | None:
    """What a file's suffix promises; None where nothing is known of it, and of text, whose types look alike."""
    row = format_of_suffix(name)
    return row.media_type if row and row.family not in TEXTS else None


def names_agree(promised: str, actual: str) -> bool:
    """Whether a name that promises one type may stand on content of the other without misleading anybody."""
    return promised == actual or (family_of(promised) is not None and family_of(promised) == family_of(actual))


def _iso_media(head: bytes) -> str:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    major = _BRANDS.get(brands[0])
    if major and major != "image/heif":
        return major
    for brand in brands[1:]:  # `mif1` says only that it is some HEIF; a later brand may say which
        if _BRANDS.get(brand, "").startswith("image/") and _BRANDS[brand] != "image/heif":
            return _BRANDS[brand]
    return major or "video/mp4"


def _zip(head: bytes) -> str:
    name_length = int.from_bytes(head[26:28], "little")
    extra_length = int.from_bytes(head[28:30], "little")
    if head[30 : 30 + name_length] == b"mimetype":
        start = 30 + name_length + extra_length
        length = min(int.from_bytes(head[18:22], "little"), 100)
        declared = head[start : start + length].decode("ascii", "replace").strip()
        if declared.startswith("application/"):
            return declared
    if head[30 : 30 + name_length] == b"[Content_Types].xml":
        part = _OFFICE_PART.search(_unpacked(head, 30 + name_length + extra_length))
        if part:
            declared = part.group(1).decode("ascii").lower()
            return declared + ".12" if declared.endswith("macroenabled") else declared
    for folder, media_type in _OFFICE:
        if folder in head:
            return media_type
    return "application/zip"


def _unpacked(head: bytes, start: int) -> bytes:
    """What the head shows of its first ZIP entry."""
    if int.from_bytes(head[8:10], "little") != 8:
        return head[start:]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(head[start:], 8 * SNIFF_LENGTH)
    except zlib.error:
        return b""


def _text(head: bytes, name: str | None) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head):
        return "image/svg+xml"
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    if not _is_text(head):
        return UNKNOWN
    if start.startswith(b"<?xml"):
        return "application/xhtml+xml" if b"http://www.w3.org/1999/xhtml" in head else "application/xml"
    row = format_of_suffix(name or "")
    return row.media_type if row and row.family in TEXTS else "text/plain"


def _is_text(head: bytes) -> bool:
    """Whether this is text, perhaps cut inside its last character, without control characters.

    UTF-8, or UTF-16 with its mark, as Windows saves it; else an encoding of one byte a letter, such as Latin-1.
    """
    if head.startswith(_UTF_16_MARKS):
        text = head[: len(head) & ~1].decode("utf-16", "replace").rstrip("\ufffd")
    else:
        try:
            text = head.decode("utf-8")
        except UnicodeDecodeError as error:
            cut = len(head) == SNIFF_LENGTH and error.start >= len(head) - 3
            text = head[: error.start].decode("utf-8") if cut else head.decode("latin-1")
            if not cut and not _looks_like_words(text):
                return False
    return bool(text) and not any(char < " " and char not in "\t\n\r\f" for char in text)


def _looks_like_words(text: str) -> bool:
    """Whether text of one byte a letter is mostly plain letters and spaces: of any bytes some would be letters."""
    plain = sum(char.isascii() for char in text)
    return plain >= 0.7 * len(text) and not any("\x7f" <= char < "\xa0" and char not in _WINDOWS for char in text)
