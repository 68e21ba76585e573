"""The asset: the bytes that somebody asks about, opened once, hashed, and its media type found from its content."""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, Field

from . import limits
from .errors import AssetError
from .files import open_regular_file
from .format_table import Family, family_of
from .media_type import SNIFF_LENGTH, id3_length, media_type_of

Input = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

# C2PA 2.4, section 11.4: an external manifest stands beside its asset under the same name.
SIDECAR_SUFFIX = ".c2pa"

_CHUNK = 1 * limits.MIB


class Asset(BaseModel):
    """What was examined, so that a report names exactly one content."""

    model_config = ConfigDict(frozen=True)

    sha256: str = Field(description="SHA-256 of the whole file, hexadecimal.")
    media_type: str = Field(description="Found from the content, never from the name.")
    size: int = Field(description="Bytes.")
    name: str | None = Field(default=None, description="The file's name, where it has one.")
    segments: tuple[str, ...] = Field(
        default=(), description="Of a stream: the SHA-256 of each media segment that was examined with it, in order."
    )


class OpenAsset:
    """An asset while it is examined: a seekable stream, with the facts that do not need its whole content.

    `sidecar` is a file beside it that may hold its manifest.

    Used by one thread at a time, except for `sha256`, which opens the content anew where it can.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        name: str | None,
        pread: bool = False,
        data: memoryview | None = None,
        sidecar: Path | None = None,
    ) -> None:
        self.stream = stream
        self.name = name
        self.sidecar = sidecar
        self._pread = pread
        self._data = data
        self.size = stream.seek(0, io.SEEK_END)
        head = self.read_at(0, SNIFF_LENGTH)
        self.media_type = media_type_of(head, name)
        if (tag := id3_length(head)) and self.read_at(tag, 4) == b"fLaC":
            self.media_type = "audio/flac"
        stream.seek(0)

    @property
    def family(self) -> Family | None:
        """What the file is inside; None where nothing is known of its media type."""
        return family_of(self.media_type)

    @property
    def can_be_read_aside(self) -> bool:
        """Whether another thread may read at places, or hash the whole, while the stream is read in this one."""
        return self._pread or self._data is not None

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer at the end of the file, and none behind it.

        Both come from files: they may be larger than any file, and than what the system can be asked for.
        """
        length = self._within(offset, length)
        if length <= 0:
            return b""
        if self._data is not None:
            return bytes(self._data[offset : offset + length])
        if self._pread:
            return b"".join(_pieces_of_descriptor(self.stream.fileno(), offset, length))
        self.stream.seek(offset)
        return self.stream.read(length)

    def view_at(self, offset: int, length: int) -> bytes | memoryview:
        """The same, without a copy where the content is in memory."""
        length = self._within(offset, length)
        if length <= 0:
            return b""
        if self._data is not None:
            return self._data[offset : offset + length]
        return self.read_at(offset, length)

    def _within(self, offset: int, length: int) -> int:
        """How much of this length there is."""
        return min(length, self.size - offset)

    def content(self) -> bytes | memoryview:
        """The whole content in memory; whoever asks has looked at `size` first."""
        return self._data if self._data is not None else self.read_at(0, self.size)

    def sha256(self) -> str:
        """SHA-256 of the whole content, hexadecimal; memory use does not grow with the file."""
        if self._data is not None:
            return hashlib.sha256(self._data).hexdigest()
        if self._pread:
            # The open descriptor, not the name: the name may by now lead to another file.
            return _sha256_of_descriptor(self.stream.fileno())
        self.stream.seek(0)
        digest = hashlib.sha256()
        while chunk := self.stream.read(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest()


def _sha256_of_descriptor(descriptor: int) -> str:
    digest, offset = hashlib.sha256(), 0
    while chunk := os.pread(descriptor, _CHUNK, offset):
        digest.update(chunk)
        offset += len(chunk)
    return digest.hexdigest()


def _pieces_of_descriptor(descriptor: int, offset: int, length: int) -> Iterator[bytes]:
    """What stands there, in as many pieces as the system gives it."""
    while length > 0 and (piece := os.pread(descriptor, length, offset)):
        yield piece
        offset, length = offset + len(piece), length - len(piece)


@contextmanager
def open_asset(source: Input, *, name: str | None = None) -> Iterator[OpenAsset]:
    """Opens a path, bytes, or a binary file object as an asset.

    Raises `AssetError` where there is nothing to examine: no such file, a folder, a pipe or device, no permission.
    A file object that the caller gives is left open, at its end; one that cannot seek is copied to disk first.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        data = memoryview(source)
        yield OpenAsset(io.BytesIO(data), name=name, data=data)
        return
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        with open_regular_file(path) as stream:
            beside = path.with_suffix(SIDECAR_SUFFIX)
            sidecar = beside if beside != path and beside.is_file() else None
            size = os.fstat(stream.fileno()).st_size
            if size <= limits.MAX_HELD_ASSET:
                content = stream.read()
                yield OpenAsset(io.BytesIO(content), name=name or path.name, data=memoryview(content), sidecar=sidecar)
                return
            yield OpenAsset(stream, name=name or path.name, pread=hasattr(os, "pread"), sidecar=sidecar)
        return
    if not hasattr(source, "read"):
        raise TypeError(f"verify() takes a path, bytes or a binary file, not {type(source).__name__}")
    name = name or _name_of(source)
    if source.seekable():
        yield OpenAsset(source, name=name)
        return
    with tempfile.TemporaryFile() as spool:
        _copy_stream(source, spool)
        yield OpenAsset(spool, name=name)


def _copy_stream(source: BinaryIO, target: BinaryIO) -> None:
    copied = 0
    while chunk := source.read(_CHUNK):
        copied += len(chunk)
        if copied > limits.MAX_STREAM_SIZE:
            raise AssetError(f"the stream is larger than {limits.MAX_STREAM_SIZE} bytes; save it to a file first")
        target.write(chunk)


def _name_of(stream: BinaryIO) -> str | None:
    name = getattr(stream, "name", None)
    return Path(name).name if isinstance(name, str) else None
