"""DER values as they stand in the bytes, for what `cryptography` does not know: time stamps. X.690, section 10.

Only definite lengths in their shortest form are taken, so that one text of bytes has one reading.
"""

from dataclasses import dataclass
from typing import Final

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT_IDENTIFIER: Final = 0x06
UTF8_STRING: Final = 0x0C
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

# What stands in a token beside each other: certificates, attributes, fields.
_MAX_VALUES: Final = 64


def context(number: int, *, constructed: bool = True) -> int:
    """The tag of a field by its number, such as `[0]`."""
    return (0xA0 if constructed else 0x80) | number


@dataclass(frozen=True)
class Value:
    """One value: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def inside(self, *tags: int) -> "list[Value]":
        """The values inside, of which the first must have these tags. Raises `ValueError`."""
        inner = values(self.content)
        if tuple(value.tag for value in inner[: len(tags)]) != tags:
            raise ValueError("not the values that belong here")
        return inner

    def expect(self, tag: int) -> "Value":
        """This value, if that is its tag. Raises `ValueError`."""
        if self.tag != tag:
            raise ValueError("not the value that belongs here")
        return self

    @property
    def number(self) -> int:
        """The value of an integer."""
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def identifier(self) -> str:
        """An object identifier in dots."""
        numbers, value = [], 0
        for byte in self.content:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        if not numbers or self.content[-1] & 0x80:
            raise ValueError("not an object identifier")
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def value_of(data: bytes) -> Value:
    """The one value that the data are, from the first to the last byte. Raises `ValueError`."""
    parsed = values(data)
    if len(parsed) != 1:
        raise ValueError("not one value")
    return parsed[0]


def values(data: bytes) -> list[Value]:
    """The values that fill the data. Raises `ValueError` for what is not DER."""
    parsed: list[Value] = []
    offset = 0
    while offset < len(data):
        if offset + 2 > len(data) or data[offset] & 0x1F == 0x1F or len(parsed) >= _MAX_VALUES:
            raise ValueError("not DER")
        tag, length, start = data[offset], data[offset + 1], offset + 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[start : start + size], "big")
            if not 1 <= size <= 4 or length < 0x80 or length.bit_length() <= 8 * (size - 1):
                raise ValueError("a length is not in its shortest form")
            start += size
        if start + length > len(data):
            raise ValueError("a value is longer than what holds it")
        parsed.append(Value(tag, data[start : start + length], data[offset : start + length]))
        offset = start + length
    return parsed


def encoded(tag: int, *contents: bytes) -> bytes:
    """One value with this content, or of these values."""
    content = b"".join(contents)
    if (size := len(content)) < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(number: int) -> bytes:
    """An integer in as few bytes as it takes."""
    size = (number + (number < 0)).bit_length() // 8 + 1  # with a bit for the sign
    return encoded(INTEGER, number.to_bytes(size, signed=True))


def object_identifier(dotted: str) -> bytes:
    """An object identifier, from its numbers in dots."""
    first, second, *others = map(int, dotted.split("."))
    return encoded(OBJECT_IDENTIFIER, *map(_in_sevens, (40 * first + second, *others)))


def _in_sevens(number: int) -> bytes:
    """Seven bits a byte, of which all but the last have the eighth bit."""
    sevens = [number & 0x7F]
    while number := number >> 7:
        sevens.append(number & 0x7F | 0x80)
    return bytes(reversed(sevens))
