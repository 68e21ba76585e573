"""Where a manifest store stands in a file, so that any other store of the same length can be put there.

A library signs once, with much room; what the file's own hard binding covers stays as it is from then on.
"""

import base64
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import c2pa_text

from .stores import UnfitError

# A ZIP entry of a manifest (C2PA 2.4, section A.6), in the local header and in the directory.
MANIFEST_ENTRY: Final = b"META-INF/content_credential.c2pa"
_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"

_GIF_MARK: Final = b"C2PA_GIF\x01\x00\x00"


@dataclass(frozen=True)
class Slot:
    """A file around a store. `how` the store is written: raw, base64, blocks (GIF), invisible (text), pages (Ogg)."""

    head: bytes
    tail: bytes
    room: int
    encoding: str = "raw"
    written: int = 0  # bytes of the store as it is written

    def filled(self, store: bytes) -> bytes:
        """The file with this store. Raises `UnfitError` where it has not the right length."""
        if len(store) != self.room:
            raise UnfitError(f"{len(store)} bytes for a room of {self.room}")
        return self.around(self.encoded(store))

    def around(self, written: bytes) -> bytes:
        """The file with these bytes in the store's place, and the container's checksums set right."""
        return _checked(self.head, written, self.tail)

    def encoded(self, store: bytes) -> bytes:
        """The store as it stands in the file."""
        if self.encoding == "base64":
            return base64.b64encode(store)
        if self.encoding == "blocks":
            parts = (store[at : at + 255] for at in range(0, len(store), 255))
            return b"".join(bytes([len(part)]) + part for part in parts)
        if self.encoding == "invisible":
            return invisible(store, self.written)
        return store


def invisible(store: bytes, length: int) -> bytes:
    """The store as an invisible run of characters (C2PA 2.4, section A.8) of so many bytes."""
    try:
        return bytes(c2pa_text.encode_wrapper_padded(store, length).encode())
    except ValueError as error:
        raise UnfitError(str(error)) from None


def slot_in(signed: bytes, store: bytes) -> Slot:
    """Where this store stands in the signed file. Raises `UnfitError` where it is not found."""
    room = len(store)
    if signed.count(store) == 1:
        at = signed.index(store)
        return Slot(signed[:at], signed[at + room :], room, written=room)
    text = base64.b64encode(store)
    if text in signed:
        at = signed.index(text)
        return Slot(signed[:at], signed[at + len(text) :], room, "base64", len(text))
    if _GIF_MARK in signed:
        at = signed.index(_GIF_MARK) + len(_GIF_MARK)
        length = room + -(-room // 255)
        return Slot(signed[:at], signed[at + length :], room, "blocks", length)
    run = re.search("\ufeff[\ufe00-\ufe0f\U000e0100-\U000e01ef]+".encode().decode(), signed.decode("utf-8", "replace"))
    if run is None:
        raise UnfitError("the store is not in the file")
    written = run.group().encode()
    at = signed.index(written)
    return Slot(signed[:at], signed[at + len(written) :], room, "invisible", len(written))


def _checked(head: bytes, written: bytes, tail: bytes) -> bytes:
    if head[-4:] == b"caBX":
        return head + written + struct.pack(">I", zlib.crc32(b"caBX" + written)) + tail[4:]
    if head[:4] == _LOCAL:
        return _zip_checked(head, written, tail)
    return head + written + tail


def _zip_checked(head: bytes, written: bytes, tail: bytes) -> bytes:
    """The checksum of the manifest's entry, in its local header and in the directory."""
    checksum = struct.pack("<I", zlib.crc32(written))
    local = head.rindex(MANIFEST_ENTRY) - 30
    head = head[: local + 14] + checksum + head[local + 18 :]
    central = tail.rindex(MANIFEST_ENTRY) - 46
    return head + written + tail[: central + 16] + checksum + tail[central + 20 :]


def zip_ranges(data: bytes) -> list[range]:
    """What belongs to the manifest in a ZIP file: its entry, and its checksum in the directory."""
    local = data.index(MANIFEST_ENTRY) - 30
    size = int.from_bytes(data[local + 18 : local + 22], "little")
    extra = int.from_bytes(data[local + 28 : local + 30], "little")
    central = data.rindex(MANIFEST_ENTRY) - 46
    length = 46 + sum(int.from_bytes(data[central + at : central + at + 2], "little") for at in (28, 30, 32))
    return [range(local, local + 30 + len(MANIFEST_ENTRY) + extra + size), range(central, central + length)]


def top_boxes(data: bytes) -> list[tuple[bytes, range]]:
    """The boxes of an ISO media file at its top, by kind and place."""
    top, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        size = size or len(data) - at
        if size < 8:
            break
        top.append((data[at + 4 : at + 8], range(at, min(at + size, len(data)))))
        at += size
    return top


def in_ranges(place: int, ranges: Sequence[range]) -> bool:
    """Whether one of them holds this place."""
    return any(place in places for places in ranges)
