"""Signed text, fonts and Ogg for tests: a manifest made by c2pa-rs, put where C2PA 2.4, annex A, says.

No public fixtures of these exist, so they are made here, and read back by an engine that had no part in it.
"""

import hashlib
import struct
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import c2pa_text

import provenance_signing
from provenance_signing.algorithms import Algorithm
from provenance_signing.engine import Order, sign_embeddable
from provenance_signing.keys.pem import PemKey

from .signing import Credential

_ROUNDS = 4  # until the store's size no longer changes

# Puts a store into content; gives the whole, and where and how long the excluded part is, in bytes.
Embedder = Callable[[bytes, bytes], tuple[bytes, int, int]]


def in_plain_text(text: bytes, store: bytes) -> tuple[bytes, int, int]:
    """Section A.8: an invisible run of variation selectors at the end."""
    normal = unicodedata.normalize("NFC", text.decode()).encode()
    wrapper = c2pa_text.encode_wrapper_padded(store, c2pa_text.worst_case_wrapper_byte_length(len(store))).encode()
    return normal + wrapper, len(normal), len(wrapper)


def in_comment(prefix: str, suffix: str = "") -> Embedder:
    """Section A.9: a block between two delimiters, as the host language's comment."""

    def embed(text: bytes, store: bytes) -> tuple[bytes, int, int]:
        made = c2pa_text.embed_structured(text.decode(), c2pa_text.encode_data_uri(store), prefix, suffix)
        return made.text.encode(), made.exclusion_start, made.exclusion_length

    return embed


def in_html(text: bytes, store: bytes) -> tuple[bytes, int, int]:
    """Section A.7: a script element in the head."""
    made = c2pa_text.embed_html_inline(text.decode(), store)
    return made.html.encode(), made.exclusion_start, made.exclusion_length


def in_font(table: bytes, store: bytes) -> tuple[bytes, int, int]:
    """An SFNT font of two tables: the store as `C2PA`, and `name`."""
    first = 12 + 2 * 16
    second = first + len(store) + -len(store) % 4
    directory = struct.pack(">4sHHHH", b"\0\1\0\0", 2, 32, 1, 0)
    directory += struct.pack(">4sIII", b"C2PA", 0, first, len(store))
    directory += struct.pack(">4sIII", b"name", 0, second, len(table))
    return directory + store.ljust(second - first, b"\0") + table, first, len(store)


def in_ogg(packet: bytes, store: bytes) -> tuple[bytes, int, int]:
    """Two logical bitstreams (RFC 3533): the store behind its mark in the second."""
    sound = b"".join(ogg_pages(1, packet))
    manifest = b"".join(ogg_pages(2, b"\0c2pa" + store))
    return sound + manifest, len(sound), len(manifest)


def ogg_pages(serial: int, packet: bytes) -> Iterator[bytes]:
    """One packet as a logical bitstream of its own."""
    laces = [255] * (len(packet) // 255) + [len(packet) % 255]
    for number, start in enumerate(range(0, len(laces), 255)):
        here = laces[start : start + 255]
        flags = (number > 0) | (number == 0) << 1 | (start + 255 >= len(laces)) << 2
        head = struct.pack("<4sBBqIII", b"OggS", 0, flags, 0, serial, number, 0) + bytes([len(here), *here])
        page = head + packet[start * 255 : start * 255 + sum(here)]
        yield page[:22] + struct.pack("<I", _ogg_checksum(page)) + page[26:]


def _ogg_checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value & 0x80000000 else value << 1
    return value


def sign_embedded(credential: Credential, content: bytes, manifest: dict[str, Any], embed: Embedder) -> bytes:
    """The content with a manifest whose data hash covers all but the manifest."""
    signing = provenance_signing.Credential(tuple(credential.chain), PemKey(credential.key), Algorithm.ES256)
    store = bytes(20_000)
    for _ in range(_ROUNDS):
        whole, start, length = embed(content, store)
        binding = {
            "exclusions": [{"start": start, "length": length}],
            "name": "jumbf manifest",
            "alg": "sha256",
            "hash": hashlib.sha256(whole[:start] + whole[start + length :]).digest(),
        }
        store = sign_embeddable(Order(manifest), signing, binding).store
        whole, *place = embed(content, store)
        if place == [start, length]:
            return whole
    raise AssertionError("the size of the manifest store does not settle")
