"""MP3: the store in a general object of the ID3 tag. C2PA 2.4, section A.3.3; ID3v2.3, section 4.16."""

from collections.abc import Iterator
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from ....media_type import id3_length
from .place import Embedding, Range, only, store_in

# The second is that of c2pa-rs up to 2024.
_TYPES: Final = (b"application/c2pa", b"application/x-c2pa-manifest-store")
_UNSYNCHRONISED: Final = 0x80


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the tag at the start."""
    head = asset.read_at(0, 10)
    end = id3_length(head)
    found = []
    for kind, start, stop, flags in _frames(asset, head, end):
        if kind not in (b"GEOB", b"GEO"):
            continue
        data = asset.read_at(start, min(stop - start, 512))
        media_type, name_and_more = data[1:].split(b"\0", 1) if b"\0" in data[1:] else (b"", b"")
        if media_type.strip().lower() not in _TYPES:
            continue
        if head[5] & _UNSYNCHRONISED or flags[1:] != b"\0"[: len(flags[1:])]:
            raise StoreError("store.compressed")
        texts = _two_texts(name_and_more, wide=data[0] in (1, 2))
        first = start + 1 + len(media_type) + 1 + texts
        found.append(Embedding(store_in(asset, first, stop), (Range(first, stop),)))
    return only(found)


def _frames(asset: OpenAsset, head: bytes, end: int) -> Iterator[tuple[bytes, int, int, bytes]]:
    """Each frame's name, where its content starts and stops, and its flags."""
    name_length, header = (3, 6) if head[3] == 2 else (4, 10)
    offset = 10
    if head[5] & 0x40:  # an extended header
        length = asset.read_at(offset, 4)
        offset += _syncsafe(length) if head[3] == 4 else 4 + int.from_bytes(length, "big")
    for _ in range(limits.MAX_SEGMENTS):
        frame = asset.read_at(offset, header)
        if offset + header > end or len(frame) < header or frame[0] == 0:
            return
        digits = frame[name_length : 2 * name_length]
        size = _syncsafe(digits) if head[3] == 4 else int.from_bytes(digits, "big")
        start = offset + header
        if start + size > end:
            return
        yield frame[:name_length], start, start + size, frame[8:10]
        offset = start + size


def _syncsafe(digits: bytes) -> int:
    value = 0
    for digit in digits:
        value = value << 7 | digit & 0x7F
    return value


def _two_texts(data: bytes, *, wide: bool) -> int:
    """The length of a file name and a description, each with its end; in UTF-16 an end is two zero bytes."""
    length = 0
    for _ in range(2):
        step = 2 if wide else 1
        while data[length : length + step] not in (b"\0" * step, b""):
            length += step
        length += step
    return length
