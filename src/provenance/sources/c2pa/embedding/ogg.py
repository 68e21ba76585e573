"""Ogg: the store as the first packet of a logical bitstream of its own. C2PA 2.4, section A.3.10; RFC 3533."""

import zlib
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from ....formats.ogg import pages as walked
from .place import Embedding, Range, begins_store, only

_LONGEST_PAGE: Final = 27 + 255 + 255 * 255
_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_MARK: Final = b"\0c2pa"


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the pages of the bitstream that begins with its mark."""
    pages: dict[bytes, list[Range]] = {}
    packets: dict[bytes, bytearray] = {}
    for page in walked(asset):
        serial = page.serial
        if serial not in pages and asset.read_at(page.content, len(_MARK)) == _MARK:
            pages[serial], packets[serial] = [], bytearray()
        if serial in pages:
            _check_page(asset, Range(page.start, page.end), len(pages[serial]))
            pages[serial].append(Range(page.start, page.end))
            packets[serial] += asset.read_at(page.content, page.end - page.content)
            if len(packets[serial]) > limits.MAX_MANIFEST_STORE or len(pages) > 2:
                raise StoreError("store.too_large")
    embeddings = []
    for serial, packet in packets.items():
        store = bytes(packet[len(_MARK) :])
        if not begins_store(store) or int.from_bytes(store[:4], "big") != len(store):
            raise StoreError("store.junk")
        embeddings.append(Embedding(store, tuple(pages[serial])))
    return only(embeddings)


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
