"""Signed texts for tests: a manifest made by c2pa-rs, put into the text the way C2PA 2.4, sections A.7 to A.9, says.

No public fixtures of signed text exist, so these are made here, and read back by an engine that had no part in it.
"""

import ctypes
import hashlib
import json
import unicodedata
from collections.abc import Callable
from typing import Any

import c2pa
import c2pa_text
from c2pa.c2pa import _check_ffi_operation_result, _lib  # the Python layer does not wrap signing for embedders

from .signing import Credential

_ROUNDS = 12  # until the store's size no longer changes, and for plain text fills whole groups of three bytes

_BYTES = ctypes.POINTER(ctypes.c_ubyte)
_lib.c2pa_builder_data_hashed_placeholder.restype = ctypes.c_int64
_lib.c2pa_builder_data_hashed_placeholder.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_char_p,
    ctypes.POINTER(_BYTES),
]
_lib.c2pa_builder_sign_data_hashed_embeddable.restype = ctypes.c_int64
_lib.c2pa_builder_sign_data_hashed_embeddable.argtypes = [
    *(ctypes.c_void_p, ctypes.c_void_p),
    *(ctypes.c_char_p, ctypes.c_char_p),
    ctypes.c_void_p,
    ctypes.POINTER(_BYTES),
]

_STORE = b"application/c2pa"

# Puts a store into a text; gives the whole text, and where and how long the excluded part is, in bytes.
Embedder = Callable[[str, bytes], tuple[str, int, int]]


def in_plain_text(text: str, store: bytes) -> tuple[str, int, int]:
    """Section A.8: an invisible run of variation selectors at the end."""
    text = unicodedata.normalize("NFC", text)
    target = c2pa_text.worst_case_wrapper_byte_length(len(store))
    wrapper = c2pa_text.encode_wrapper_padded(store, target)
    return text + wrapper, len(text.encode()), len(wrapper.encode())


def in_comment(prefix: str, suffix: str = "") -> Embedder:
    """Section A.9: a block between two delimiters, as the host language's comment."""

    def embed(text: str, store: bytes) -> tuple[str, int, int]:
        made = c2pa_text.embed_structured(text, c2pa_text.encode_data_uri(store), prefix, suffix)
        return made.text, made.exclusion_start, made.exclusion_length

    return embed


def in_html(text: str, store: bytes) -> tuple[str, int, int]:
    """Section A.7: a script element in the head."""
    made = c2pa_text.embed_html_inline(text, store)
    return made.html, made.exclusion_start, made.exclusion_length


def sign_text(credential: Credential, text: str, manifest: dict[str, Any], embed: Embedder) -> bytes:
    """The text with a manifest whose data hash covers all but the manifest."""
    store = bytes(20_000)
    for _ in range(_ROUNDS):
        whole, start, length = embed(text, store)
        data = whole.encode()
        digest = hashlib.sha256(data[:start] + data[start + length :]).digest()
        binding = {
            "exclusions": [{"start": start, "length": length}],
            "name": "jumbf manifest",
            "alg": "sha256",
            "hash": list(digest),
            "pad": [],
        }
        store = _store(credential, manifest, binding)
        whole, *place = embed(text, store)
        if place == [start, length]:
            return whole.encode()
    raise AssertionError("the size of the manifest store does not settle")


def _store(credential: Credential, manifest: dict[str, Any], binding: dict[str, Any]) -> bytes:
    settings = c2pa.Context.from_dict({"verify": {"verify_after_sign": False}})
    with credential.signer() as signer, c2pa.Builder(json.dumps(manifest), context=settings) as builder:
        made = _BYTES()
        reserved = signer.reserve_size()
        held = _lib.c2pa_builder_data_hashed_placeholder(builder._handle, reserved, _STORE, ctypes.byref(made))
        _check_ffi_operation_result(held, "no placeholder", check=lambda size: size <= 0)
        size = _lib.c2pa_builder_sign_data_hashed_embeddable(
            builder._handle, signer._handle, json.dumps(binding).encode(), _STORE, None, ctypes.byref(made)
        )
        _check_ffi_operation_result(size, "signing failed", check=lambda size: size <= 0)
        return bytes(made[:size])
