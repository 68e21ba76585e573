"""Texts in metadata, in the encoding that they are written in, whatever the field promises.

CIPA DC-008 (EXIF 3.0), 4.6.6.6 for the user comment; XML 1.0, appendix F for packets without a byte order mark.
"""

import codecs
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)

# How a document begins that has no mark: with a `<` in each encoding.
_BEGINNINGS: Final = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)

_PADDING: Final = "\0 \t\r\n"


def decoded(data: bytes) -> str:
    """A text with or without a byte order mark: UTF-8 where it is that, otherwise Latin-1."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def decoded_wide(data: bytes) -> str:
    """A text that is said to be in UTF-16: in either order, with or without a mark, or in UTF-8 after all."""
    if data.startswith(tuple(mark for mark, _ in _MARKS)):
        return decoded(data)
    first, second = data[0::2], data[1::2]
    if b"\0" not in data.strip(b"\0"):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    # The upper bytes of a text are often zero, and always few different ones: it stays in one or two alphabets.
    zeros = second.count(0) - first.count(0)
    little = zeros > 0 if zeros else len(set(second)) <= len(set(first))
    return data.decode("utf-16-le" if little else "utf-16-be", "replace")


def user_comment(data: bytes) -> str:
    """An EXIF user comment: eight bytes that name its encoding, which many writers use as they like, then the text."""
    name, body = data[:8].rstrip(b"\0 ").upper(), data[8:]
    if name == b"UNICODE":
        text = decoded_wide(body)
    elif name == b"JIS":
        text = _japanese(body)
    elif name in (b"ASCII", b""):
        text = decoded(body)
    else:
        text = decoded(data)
    return text.strip(_PADDING)


def document(packet: bytes) -> bytes:
    """The XML of a packet, in UTF-8. Some writers put JPEG's header in front in other formats, and all pad the end."""
    for mark, encoding in _MARKS:
        if packet.startswith(mark):
            return _in_utf8(packet[len(mark) :].decode(encoding, "replace"))
    for beginning, encoding in _BEGINNINGS:
        if packet.startswith(beginning):
            return _in_utf8(packet.decode(encoding, "replace"))
    return packet[max(packet.find(b"<"), 0) :].strip(_PADDING.encode())


def _in_utf8(text: str) -> bytes:
    """Without the declaration of the encoding that it had."""
    text = text.strip(_PADDING)
    if text.startswith("<?xml "):
        text = text.partition("?>")[2]
    return text.encode("utf-8", "replace")


def _japanese(data: bytes) -> str:
    for encoding in ("iso2022_jp", "shift_jis", "euc_jp"):
        try:
            return data.rstrip(b"\0").decode(encoding)
        except UnicodeDecodeError:
            continue
    return decoded(data)
