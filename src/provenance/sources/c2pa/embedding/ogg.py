"""Ogg: the store as the first packet of a logical bitstream of its own. C2PA 2.4, section A.3.10; RFC 3533."""

import zlib
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from .place import Embedding, Range, begins_store, only

_HEADER: Final = 27
_LONGEST_PAGE: Final = _HEADER + 255 + 255 * 255
_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_MARK: Final = b"\0c2pa"


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the pages of the bitstream that begins with its mark."""
    pages: dict[bytes, list[Range]] = {}
    packets: dict[bytes, bytearray] = {}
    offset = 0
    for _ in range(asset.size // _HEADER + 1):
        head = asset.read_at(offset, _HEADER + 255 + len(_MARK))
        if head[:4] != b"OggS" or len(head) < _HEADER:
            break
        laces = head[_HEADER : _HEADER + head[26]]
        serial, body = head[14:18], offset + _HEADER + len(laces)
        end = body + sum(laces)
        if serial not in pages and head[_HEADER + len(laces) :].startswith(_MARK):
            pages[serial], packets[serial] = [], bytearray()
        if serial in pages:
            _check_page(asset, Range(offset, end), len(pages[serial]))
            pages[serial].append(Range(offset, end))
            packets[serial] += asset.read_at(body, end - body)
            if len(packets[serial]) > limits.MAX_MANIFEST_STORE or len(pages) > 2:
                raise StoreError("store.too_large")
        offset = end
    found = []
    for serial, packet in packets.items():
        store = bytes(packet[len(_MARK) :])
        if not begins_store(store) or int.from_bytes(store[:4], "big") != len(store):
            raise StoreError("store.junk")
        found.append(Embedding(store, tuple(pages[serial])))
    return only(found)


def _check_page(asset: OpenAsset, page: Range, number: int) -> None:
    """Raises `StoreError` for a page that a player would pass over: it would look for others inside. Section 6."""
    if page.end - page.start > _LONGEST_PAGE:
        raise StoreError("store.junk")
    data = asset.read_at(page.start, page.end - page.start)
    checksum, blank = data[22:26], data[:22] + bytes(4) + data[26:]
    sequence = int.from_bytes(data[18:22], "little")
    if data[4] != 0 or sequence != number or checksum != _checksum(blank):
        raise StoreError("store.junk")


def _checksum(page: bytes) -> bytes:
    """The CRC of a page: that of zlib, with the bits of each byte and of the result the other way round. Appendix A."""
    mirrored = ~zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) & 0xFFFFFFFF
    return mirrored.to_bytes(4, "big").translate(_MIRRORED)
