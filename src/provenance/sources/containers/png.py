"""PNG: metadata in text chunks, `eXIf`, and XMP as an international text. W3C PNG, third edition, section 11.3."""

import zlib
from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...formats.jpeg import EXIF, PHOTOSHOP, XMP
from ...formats.png import END, TEXT, XMP_KEYWORD, chunks
from .blocks import Blocks, trailing_after
from .jpeg import IPTC_RESOURCE, image_resources

_XMP_KEYWORD: Final = XMP_KEYWORD.decode()
_RAW_PROFILE: Final = "Raw profile type "


def read_png(asset: OpenAsset) -> Blocks:
    """The blocks of a PNG, and what comes after its end chunk."""
    blocks = Blocks()
    total, kind = 0, b""
    for chunk in chunks(asset):
        kind = chunk.kind
        if kind == END:
            blocks.trailing = trailing_after(asset, chunk.end)
        elif kind in TEXT and (chunk.length > limits.MAX_TEXT_CHUNK or total >= limits.MAX_TEXT_TOTAL):
            blocks.truncated = True
        elif kind in TEXT:
            keyword, text = _text_chunk(kind, asset.read_at(chunk.content, chunk.length))
            total += len(text)
            if keyword == _XMP_KEYWORD:
                blocks.xmp.append(text.encode("utf-8", "replace"))
            elif keyword.startswith(_RAW_PROFILE):
                _profile(blocks, keyword.removeprefix(_RAW_PROFILE), text)
            elif keyword and len(blocks.text) < limits.MAX_TEXT_CHUNKS:
                blocks.text.setdefault(keyword, text)
        elif kind == b"eXIf" and blocks.has_room_for(chunk.length, limits.MAX_EXIF_SIZE):
            blocks.exif = asset.read_at(chunk.content, chunk.length)
    blocks.truncated = blocks.truncated or kind != END
    return blocks


def _profile(blocks: Blocks, kind: str, text: str) -> None:
    """A block as ImageMagick keeps it in a text: its name, its length, and its bytes in hexadecimal."""
    try:
        data = bytes.fromhex("".join(text.split()[2:]))
    except ValueError:
        return
    if kind == "xmp" or (kind == "APP1" and data.startswith(XMP)):
        blocks.xmp.append(data.removeprefix(XMP))
    elif kind in ("exif", "APP1") and blocks.exif is None:
        blocks.exif = data.removeprefix(EXIF)
    elif kind == "iptc":
        data = data.removeprefix(PHOTOSHOP)
        blocks.iptc.extend(image_resources(data, IPTC_RESOURCE) if data.startswith(b"8BIM") else [data])


def _text_chunk(kind: bytes, data: bytes) -> tuple[str, str]:
    """Keyword and text of a text chunk; an empty keyword where it is malformed."""
    keyword, _, rest = data.partition(b"\0")
    if kind == b"tEXt":
        # Latin-1 by the standard; generators write UTF-8.
        return keyword.decode("latin-1"), _utf8_or_latin1(rest)
    if kind == b"zTXt":
        return keyword.decode("latin-1"), _utf8_or_latin1(_inflate(rest[1:]))
    compressed, rest = rest[:1] == b"\1", rest[2:]
    _, _, rest = rest.partition(b"\0")  # language
    _, _, rest = rest.partition(b"\0")  # translated keyword
    return keyword.decode("latin-1"), (_inflate(rest) if compressed else rest).decode("utf-8", "replace")


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, limits.MAX_TEXT_CHUNK)
    except zlib.error:
        return b""


def _utf8_or_latin1(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
