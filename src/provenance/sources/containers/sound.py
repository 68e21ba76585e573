"""Sound: ID3 frames, Vorbis comments in FLAC and Ogg, and the lists of WAV and AVI.

ID3v2.3 and 2.4, section 4; Vorbis I, section 5; EBU Tech 3285 (`bext`); XMP part 3, sections 1.1.6 and 1.2.
"""

from itertools import islice
from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...formats.flac import COMMENTS
from ...formats.flac import blocks as flac_blocks
from ...formats.id3 import UNSYNCHRONISED, frames
from ...formats.ogg import pages
from ...formats.riff import chunks
from ...media_type import id3_length
from .blocks import Blocks

# Texts by the names of their frames, of ID3v2.3 and 2.4, and of 2.2.
_FRAMES: Final = {
    **dict.fromkeys((b"TIT2", b"TT2"), "title"),
    **dict.fromkeys((b"TPE1", b"TP1"), "artist"),
    **dict.fromkeys((b"TSSE", b"TSS", b"TENC", b"TEN"), "encoder"),
    **dict.fromkeys((b"TDRC", b"TYER", b"TYE"), "date"),
    **dict.fromkeys((b"TCOP", b"TCR"), "copyright"),
}
_OWN_TEXTS: Final = (b"TXXX", b"TXX")
_COMMENTS: Final = (b"COMM", b"COM")
_XMP_OWNER: Final = b"XMP\0"
_ENCODINGS: Final = ("latin-1", "utf-16", "utf-16-be", "utf-8")

_INFO_TEXTS: Final = {
    b"ICMT": "comment",
    b"ISFT": "encoder",
    b"IART": "artist",
    b"INAM": "title",
    b"ICOP": "copyright",
    b"ICRD": "date",
    b"IPRD": "album",
}
_BEXT: Final = ((0, 256, "description"), (256, 32, "artist"), (320, 10, "date"))
_COMMENT_STARTS: Final = (b"\3vorbis", b"OpusTags")
_PACKETS_LOOKED_AT: Final = 4  # the comments are the second packet of their bitstream; a file has one or two


def read_mp3(asset: OpenAsset) -> Blocks:
    """The blocks of the tag at the start."""
    blocks = Blocks(text_of="tag")
    _tag(blocks, asset, 0)
    return blocks


def read_flac(asset: OpenAsset) -> Blocks:
    """The blocks of the comments before the sound, and of a tag before them."""
    blocks = Blocks(text_of="tag")
    if id3_length(asset.read_at(0, 10)):
        _tag(blocks, asset, 0)
    for block in flac_blocks(asset):
        size = block.end - block.content
        if block.kind == COMMENTS and blocks.has_room_for(size, limits.MAX_TEXT_CHUNK):
            _vorbis_comments(blocks, asset.read_at(block.content, size))
    return blocks


def read_ogg(asset: OpenAsset) -> Blocks:
    """The blocks of the comments, which are the second packet of each bitstream."""
    blocks = Blocks(text_of="tag")
    packets: dict[bytes, list[bytearray]] = {}
    for count, page in enumerate(islice(pages(asset), limits.MAX_SEGMENTS)):
        parts = packets.setdefault(page.serial, [bytearray()])
        offset = page.content
        for lace in page.laces:
            if len(parts) <= 2 and blocks.has_room_for(lace, 255):
                parts[-1] += asset.read_at(offset, lace)
            offset += lace
            if lace < 255:
                parts.append(bytearray())
        complete = all(len(parts_of_stream) > 2 for parts_of_stream in packets.values())
        if (complete and count >= _PACKETS_LOOKED_AT) or len(packets) > _PACKETS_LOOKED_AT or blocks.truncated:
            break
    for parts in packets.values():
        for packet in parts[:2]:
            start = next((len(mark) for mark in _COMMENT_STARTS if packet.startswith(mark)), 0)
            if start:
                _vorbis_comments(blocks, bytes(packet[start:]))
    return blocks


def read_riff_media(asset: OpenAsset) -> Blocks:
    """The blocks of WAV and AVI: the list `INFO`, `bext`, XMP, and a tag of ID3."""
    blocks = Blocks(text_of="tag")
    tagged = False
    for chunk in chunks(asset):
        if chunk.kind == b"LIST" and asset.read_at(chunk.content, 4) == b"INFO":
            if blocks.has_room_for(chunk.size, limits.MAX_TEXT_CHUNK):
                _information(blocks, asset.read_at(chunk.content + 4, chunk.size - 4))
        elif chunk.kind == b"bext":
            data = asset.read_at(chunk.content, min(chunk.size, 602))
            for start, length, name in _BEXT:
                if text := data[start : start + length].rstrip(b"\0 "):
                    blocks.add_tag(name, text)
        elif chunk.kind == b"_PMX" and blocks.has_room_for(chunk.size, limits.MAX_XMP_SIZE):
            blocks.xmp.append(asset.read_at(chunk.content, chunk.size))
        elif chunk.kind in (b"id3 ", b"ID3 ") and not tagged:  # a tag may say that it is longer than its chunk
            tagged = True
            _tag(blocks, asset, chunk.content)
    return blocks


def _information(blocks: Blocks, data: bytes) -> None:
    offset = 0
    while offset + 8 <= len(data):
        kind, size = data[offset : offset + 4], int.from_bytes(data[offset + 4 : offset + 8], "little")
        name = _INFO_TEXTS.get(kind) or kind.decode("latin-1")
        blocks.add_tag(name, data[offset + 8 : offset + 8 + size])
        offset += 8 + size + size % 2


def _tag(blocks: Blocks, asset: OpenAsset, start: int) -> None:
    for frame in frames(asset, start):
        size = frame.end - frame.content
        wanted = frame.name in _FRAMES or frame.name in (*_OWN_TEXTS, *_COMMENTS, b"PRIV")
        if not wanted or not blocks.has_room_for(size, limits.MAX_TEXT_CHUNK):
            continue
        data = asset.read_at(frame.content, size)
        if frame.tag_flags & UNSYNCHRONISED:
            data = data.replace(b"\xff\0", b"\xff")
        if frame.name == b"PRIV":
            if data.startswith(_XMP_OWNER):
                blocks.xmp.append(data[len(_XMP_OWNER) :])
        elif data:
            language = 3 if frame.name in _COMMENTS else 0
            encoding = _ENCODINGS[data[0]] if data[0] < len(_ENCODINGS) else "latin-1"
            name, _, text = data[1 + language :].decode(encoding, "replace").partition("\0")
            if frame.name in _FRAMES:
                blocks.add_tag(_FRAMES[frame.name], name.encode())
            else:
                own = "comment" if language else name
                blocks.add_tag(own, text.strip("\ufeff\ufffe").encode("utf-8", "replace"))


def _vorbis_comments(blocks: Blocks, data: bytes) -> None:
    """A vendor's name, then `name=text` each behind its length."""

    def take(offset: int) -> tuple[bytes, int]:
        size = int.from_bytes(data[offset : offset + 4], "little")
        return data[offset + 4 : offset + 4 + size], offset + 4 + size

    vendor, offset = take(0)
    blocks.add_tag("muxer", vendor)
    count = int.from_bytes(data[offset : offset + 4], "little")
    offset += 4
    for _ in range(min(count, limits.MAX_TEXT_CHUNKS)):
        if offset + 4 > len(data):
            blocks.truncated = True
            break
        comment, offset = take(offset)
        name, separator, text = comment.partition(b"=")
        if separator:
            blocks.add_tag(name.decode("utf-8", "replace"), text)
