"""PDF: the few objects that say what a document is, found without reading the others. ISO 32000-2, section 7.

The last version of an object counts, as a document is changed by what is appended to it. What is encrypted is not read.
"""

import re
import zlib
from collections import deque
from collections.abc import Iterator
from typing import Final

from .. import limits

_REFERENCE: Final = rb"\s*(\d{1,10})\s+(\d{1,5})\s+R\b"
_STREAM: Final = re.compile(rb"stream\r?\n")
_END_OF_STREAM: Final = b"endstream"
_OBJECT_STREAM: Final = re.compile(rb"/Type\s*/ObjStm\b")
_MAX_DICTIONARY: Final = 64 * limits.KIB  # of the catalogue or the information: real ones have one or two kilobytes
_MAX_OBJECT_STREAMS: Final = 2_000  # a document of a thousand pages has some hundreds
_MAX_INFLATED: Final = 1 * limits.MIB  # of an object stream, which holds a hundred small objects or so
_MAX_ALL_INFLATED: Final = 32 * limits.MIB

_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\r": b"", b"\n": b""}
_STRING_PART: Final = re.compile(rb"\\([0-7]{1,3})|\\(\r\n|.)|([()])|[^\\()]+", re.S)


class Document:
    """A PDF in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._packed: dict[int, bytes] | None = None

    @property
    def information(self) -> bytes:
        """The information dictionary; empty where there is none, or it is encrypted."""
        return b"" if re.search(rb"/Encrypt\s*[<\d]", self._content) else self._named(b"/Info")

    @property
    def metadata(self) -> bytes:
        """The stream of XMP that the catalogue names as the document's own; empty where there is none."""
        reference = re.search(rb"/Metadata" + _REFERENCE, self._named(b"/Root"))
        place = self._place(*map(int, reference.groups())) if reference else -1
        return stream_at(self._content, place, limits.MAX_XMP_SIZE) if place != -1 else b""

    def _named(self, name: bytes) -> bytes:
        """The dictionary that the last trailer leads to by this name."""
        last = deque(re.finditer(re.escape(name) + _REFERENCE, self._content), maxlen=1)
        if not last:
            return b""
        number, generation = int(last[0][1]), int(last[0][2])
        place = self._place(number, generation)
        if place == -1:
            return self._in_object_streams().get(number, b"")
        end = self._content.find(b"endobj", place, place + _MAX_DICTIONARY)
        return self._content[place : end if end != -1 else place + _MAX_DICTIONARY]

    def _place(self, number: int, generation: int) -> int:
        """Where the last version of an object begins; -1 where it does not stand in the file itself."""
        head = b"%d %d obj" % (number, generation)
        place = len(self._content)
        while (place := self._content.rfind(head, 0, place)) > 0:
            if not self._content[place - 1 : place].isdigit():
                return place + len(head)
        return -1

    def _in_object_streams(self) -> dict[int, bytes]:
        """The objects in streams of objects, by their numbers. Section 7.5.7."""
        if self._packed is None:
            self._packed = {number: data for stream in self._object_streams() for number, data in _unpacked(stream)}
        return self._packed

    def _object_streams(self) -> Iterator[tuple[int, bytes]]:
        left, read_up_to = _MAX_ALL_INFLATED, 0
        for count, kind in enumerate(_OBJECT_STREAM.finditer(self._content)):
            if count == _MAX_OBJECT_STREAMS or left <= 0:
                return
            if kind.start() < read_up_to:
                continue
            start = self._content.rfind(b"obj", max(0, kind.start() - 512), kind.start())
            begin = _STREAM.search(self._content, kind.end(), kind.end() + 512)
            first = re.search(rb"/First\s+(\d{1,7})", self._content[start : begin.start()]) if begin else None
            if start == -1 or begin is None or first is None:
                continue
            read_up_to = self._content.find(_END_OF_STREAM, begin.end())
            if read_up_to == -1:
                return
            data = stream_at(self._content, start, min(left, _MAX_INFLATED))
            left -= len(data)
            yield int(first[1]), data


def _unpacked(stream: tuple[int, bytes]) -> Iterator[tuple[int, bytes]]:
    first, data = stream
    numbers = [int(digits) for digits in data[:first].split() if digits.isdigit() and len(digits) <= 10]
    places = [first + offset for offset in numbers[1::2]]
    for at, (number, place) in enumerate(zip(numbers[0::2], places, strict=False)):
        end = places[at + 1] if at + 1 < len(places) and places[at + 1] > place else len(data)
        yield number, data[place : min(end, place + _MAX_DICTIONARY)]


def stream_at(content: bytes, place: int, most: int) -> bytes:
    """The content of the stream of the object that begins here, up to `most` bytes; empty where it cannot be read."""
    begin = _STREAM.search(content, place, place + _MAX_DICTIONARY)
    end = content.find(_END_OF_STREAM, begin.end()) if begin else -1
    if begin is None or end == -1:
        return b""
    dictionary = content[place : begin.start()]
    if b"/Filter" not in dictionary:
        return content[begin.end() : min(end, begin.end() + most)]
    if not re.search(rb"/Filter\s*\[?\s*/(FlateDecode|Fl)\b\s*\]?", dictionary):
        return b""
    try:
        return zlib.decompressobj().decompress(content[begin.end() : end], most)
    except zlib.error:
        return b""


def text_of(dictionary: bytes, name: bytes) -> bytes:
    """The string of this name in a dictionary; empty where there is none. Section 7.3.4."""
    name_before = re.search(rb"/" + re.escape(name) + rb"\s*(?=[(<])", dictionary)
    if name_before is None:
        return b""
    rest = dictionary[name_before.end() :]
    if rest.startswith(b"<"):
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", rest[1:].partition(b">")[0])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    out, depth = bytearray(), 0
    for part in _STRING_PART.finditer(rest):
        octal, escaped, bracket = part.groups()
        if bracket:
            depth += 1 if bracket == b"(" else -1
            if depth == 0:
                break
            if part.start() == 0:
                continue
        if octal:
            out.append(int(octal, 8) & 255)
        else:
            out += _ESCAPES.get(escaped.replace(b"\r\n", b"\n"), escaped) if escaped else part[0]
    return bytes(out)
