"""MP3: the store in a general object of the ID3 tag. C2PA 2.4, section A.3.3; ID3v2.3, section 4.16."""

from typing import Final

from ....asset import OpenAsset
from ....formats.id3 import UNSYNCHRONISED, frames
from ....formats.jumbf import StoreError
from .place import Embedding, Range, only, store_in

# The second is that of c2pa-rs up to 2024.
_TYPES: Final = (b"application/c2pa", b"application/x-c2pa-manifest-store")


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the tag at the start."""
    embeddings = []
    for frame in frames(asset):
        if frame.name not in (b"GEOB", b"GEO"):
            continue
        data = asset.read_at(frame.content, min(frame.end - frame.content, 512))
        media_type, name_and_more = data[1:].split(b"\0", 1) if b"\0" in data[1:] else (b"", b"")
        if media_type.strip().lower() not in _TYPES:
            continue
        if frame.tag_flags & UNSYNCHRONISED or frame.flags[1:] != b"\0"[: len(frame.flags[1:])]:
            raise StoreError("store.compressed")
        texts = _two_texts(name_and_more, wide=data[0] in (1, 2))
        first = frame.content + 1 + len(media_type) + 1 + texts
        embeddings.append(Embedding(store_in(asset, first, frame.end), (Range(first, frame.end),)))
    return only(embeddings)


def _two_texts(data: bytes, *, wide: bool) -> int:
    """The length of a file name and a description, each with its end; in UTF-16 an end is two zero bytes."""
    length = 0
    for _ in range(2):
        step = 2 if wide else 1
        while data[length : length + step] not in (b"\0" * step, b""):
            length += step
        length += step
    return length
