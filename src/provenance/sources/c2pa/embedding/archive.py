"""ZIP-based documents: the store as the file `META-INF/content_credential.c2pa`, not compressed. C2PA 2.4, A.6."""

import io
import struct
import zipfile
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from .place import Embedding, Range, only, store_in

ENTRY: Final = "META-INF/content_credential.c2pa"
LOCAL_HEADER: Final = 30
_SIZES_FOLLOW: Final = 0x08  # the flag that sizes and checksum stand behind the content


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the archive's directory."""
    try:
        with zipfile.ZipFile(Stream(asset)) as archive:
            entries = [each for each in archive.infolist() if each.filename.casefold() == ENTRY.casefold()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, UnicodeDecodeError):
        return None
    return only([_embedding(asset, each) for each in entries[:2]])


def _embedding(asset: OpenAsset, entry: zipfile.ZipInfo) -> Embedding:
    if entry.header_offset < 0:
        raise StoreError("store.junk")
    header = asset.read_at(entry.header_offset, LOCAL_HEADER)
    if entry.compress_type != zipfile.ZIP_STORED or header[:4] != b"PK\x03\x04" or entry.filename != ENTRY:
        raise StoreError("store.compressed")
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    if not _is_told_twice_alike(header, entry):
        raise StoreError("store.junk")
    start = entry.header_offset + LOCAL_HEADER + lengths
    store = store_in(asset, start, start + entry.file_size)
    return Embedding(store, (Range(entry.header_offset, start + entry.file_size),))


def _is_told_twice_alike(header: bytes, entry: zipfile.ZipInfo) -> bool:
    """Whether the header before the entry says what the directory says, which alone is signed. APPNOTE, 4.3.7."""
    flags, method, checksum, compressed, size = struct.unpack("<6xHH4xIII4x", header)
    told = (checksum, compressed, size)
    unsaid = flags & _SIZES_FOLLOW and told == (0, 0, 0)
    known = (entry.CRC, entry.compress_size, entry.file_size)
    return (flags, method) == (entry.flag_bits, entry.compress_type) and (bool(unsaid) or told == known)


class Stream(io.RawIOBase):
    """The asset as `zipfile` reads it: the asset's own stream is given back as it was."""

    def __init__(self, asset: OpenAsset) -> None:
        self._asset, self._at = asset, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._asset.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._asset.size - self._at if size is None or size < 0 else size
        data = self._asset.read_at(self._at, max(0, min(wanted, limits.MAX_ZIP_DIRECTORY)))
        self._at += len(data)
        return data
