"""Values in a manifest store, in CBOR and JSON: read within limits, and counted before they are. RFC 8949; RFC 8259."""

import io
import json
from typing import Any, Final

import cbor2

from ... import limits
from ...formats.jumbf import StoreError

_MAX_CBOR_DEPTH: Final = 64


def read_cbor(data: memoryview | bytes) -> Any:
    """One CBOR value, and nothing behind it. Raises `StoreError`, also where a map holds a name twice."""
    if count_cbor(data) > limits.MAX_STORE_VALUES:
        raise StoreError("store.too_many")
    stream = io.BytesIO(data)
    value = _next_value(stream)
    if stream.tell() != len(data):
        raise StoreError("store.trailing")
    return value


def value_bytes(data: bytes, name: str) -> bytes:
    """The bytes of a value in a CBOR map, as they stand there. Raises `StoreError` where the map has none so called."""
    stream = io.BytesIO(data)
    head = stream.read(1)
    kind, count = (head[0] >> 5, head[0] & 0x1F) if head else (0, 0)
    if kind != _CBOR_MAP or count > _CBOR_LONGEST:  # a map without a length is not deterministic
        raise StoreError("store.cbor")
    if count >= _CBOR_LENGTHS:
        count = int.from_bytes(stream.read(1 << (count - _CBOR_LENGTHS)), "big")
    for _ in range(count):
        key, start = _next_value(stream), stream.tell()
        _next_value(stream)
        if key == name:
            return data[start : stream.tell()]
    raise StoreError("store.cbor")


# The head of a CBOR map: its kind, and from which value on its length stands in the bytes after it. RFC 8949, 3.1.
_CBOR_MAP: Final = 5
_CBOR_LENGTHS: Final = 24
_CBOR_LONGEST: Final = 27


def _next_value(stream: io.BytesIO) -> Any:
    try:
        return cbor2.load(stream, allow_duplicate_keys=False, max_depth=_MAX_CBOR_DEPTH, semantic_decoders=_PLAIN_TAGS)
    except (cbor2.CBORDecodeError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):
        raise StoreError("store.cbor") from None


def count_cbor(data: memoryview | bytes) -> int:
    """How many values CBOR holds, no further than one above `limits.MAX_STORE_VALUES`. RFC 8949, section 3.

    Nothing is built: an empty map takes one byte of the file, and seventy of memory.
    """
    at, count, size = 0, 0, len(data)
    while at < size and count <= limits.MAX_STORE_VALUES:
        kind, length = data[at] >> 5, data[at] & 31
        at, count = at + 1, count + 1
        if 24 <= length <= 27:  # the number itself stands in the next 1, 2, 4 or 8 bytes
            wide = 1 << length - 24
            length, at = int.from_bytes(data[at : at + wide], "big"), at + wide
        elif length > 27:  # without a length: its parts follow, each with its own
            continue
        if kind in _CBOR_STRINGS:
            at += length
    return count


_CBOR_STRINGS: Final = (2, 3)  # of bytes, of text


def count_json(data: memoryview) -> int:
    """How many values JSON holds at most: what stands in a text counts too."""
    text = bytes(data)
    return 1 + sum(text.count(mark) for mark in (b",", b":", b"[", b"{"))


def _untagged(value: Any, _immutable: bool) -> Any:
    return value


def _refused(_value: Any, _immutable: bool) -> Any:
    raise ValueError("values that refer to each other")


# Values stay what they are written as: cbor2 would make dates, expressions and fractions of them, some at a cost
# without measure. Long numbers, and values that refer to each other, no record has. RFC 8949, section 3.4.
_REFUSED_TAGS: Final = (2, 3, 25, 28, 29, 256)
_PLAIN_TAGS: Final = {
    **dict.fromkeys((0, 1, 4, 5, 30, 35, 36, 37, 52, 54, 100, 258, 260, 261, 1004, 43000, 55799), _untagged),
    **dict.fromkeys(_REFUSED_TAGS, _refused),
}


def read_json(data: memoryview | bytes) -> Any:
    """One JSON value. Raises `StoreError`, also where an object holds a name twice."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice")
        return found

    try:
        return json.loads(bytes(data).rstrip(b"\0"), object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise StoreError("store.cbor") from None
