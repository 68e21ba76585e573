"""Ogg: the store as the first packet of a logical bitstream of its own. C2PA 2.4, section A.3.10; RFC 3533."""

from typing import Final

from .... import limits
from ....asset import OpenAsset
from ..manifest_store import StoreError
from .place import Embedding, Range, begins_store, only

_HEADER: Final = 27
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
