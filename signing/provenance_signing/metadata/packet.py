"""An XMP packet with properties in place of older ones; all else in it stays byte for byte. ISO 16684-1, section 7.

A packet is edited as bytes, at the places that the parser names: no serialiser would keep its line ends and quotes.
"""

import re
from collections.abc import Sequence
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from provenance.limits import MAX_XMP_SIZE
from provenance.sources.metadata.xmp import RDF, read_xmp

from .declarations import IPTC_EXTENSION, TC260, Declared

# Section 7.3.3 recommends two to four kilobytes, so that a packet can be changed without moving what follows it.
_PADDING: Final = 2048

_SPACE: Final = b" \t\r\n"
_HEADER: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'.encode()
_NEW: Final = (
    _HEADER + b'\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    b' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    b' </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="%b"?>'
)
_DESCRIPTION: Final = (
    '\n  <rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about={subject}\n'
    f'    xmlns:Iptc4xmpExt="{IPTC_EXTENSION}" xmlns:TC260="{TC260}">'
    "{properties}\n  </rdf:Description>"
)

_TAG: Final = re.compile(rb"""<([^\s/>]+)(?:"[^"]*"|'[^']*'|[^"'>])*>""")
_ATTRIBUTE: Final = re.compile(rb"""\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_ABOUT: Final = RDF + "about"
_SEPARATOR: Final = "\x01"  # cannot stand in a name, nor in a namespace


def merged(
    packet: bytes | None, declared: Declared, *, limit: int = MAX_XMP_SIZE, read_only: bool = False
) -> bytes | None:
    """The packet, or a new one, with these properties; None where it cannot be read, or grows beyond `limit`.

    Keeps the packet's size where its padding allows. `read_only` marks a new packet for formats with checksums.
    """
    if packet is not None and len(packet) > MAX_XMP_SIZE:
        return None
    old = _NEW % (b"r" if read_only else b"w") if packet is None else packet
    if old.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            old = old.decode("utf-16").encode()
        except UnicodeError:
            return None
    start = max(old.find(b"<"), 0)
    text = _edited(old[start:], declared)
    if text is None:
        return None
    made = _padded(old[:start] + text, 0 if packet is None else len(old), limit, 0 if read_only else _PADDING)
    return made if len(made) <= limit and agree([made], declared) else None


def agree(packets: Sequence[bytes], declared: Declared) -> bool:
    """Whether the packets of one asset say what is declared, and nothing else beside it."""
    properties, damaged = read_xmp(packets)
    values = {name: properties.get(name, []) for name in declared.properties}
    return not damaged and values == {name: [value] if value else [] for name, value in declared.properties.items()}


def _edited(text: bytes, declared: Declared) -> bytes | None:
    places = _Places(text.rstrip(b"\0" + _SPACE), declared.replaced)
    if places.end is None:
        return None
    made = _description(places.subject, declared)
    end, close = places.end, b""
    if text[end : end + 2] == b"/>":  # an empty RDF element: open it
        made, close, end = b">" + made, b"</" + places.rdf + b">", end + 2
    kept, at = [], 0
    for start, stop in places.removed:
        kept.append(text[at:start])
        at = stop
    return b"".join((*kept, text[at : places.end], made, close, text[end:]))


def _description(subject: str, declared: Declared) -> bytes:
    elements = [f"\n    <{name}>{escape(value)}</{name}>" for name, value in declared.properties.items() if value]
    return _DESCRIPTION.format(subject=quoteattr(subject), properties="".join(elements)).encode()


def _padded(packet: bytes, size: int, limit: int, padding: int) -> bytes:
    """The packet at this size if its padding allows it, else with some padding, as far as the limit allows."""
    trailer = packet.rfind(b"<?xpacket end")
    if trailer < 0:
        return packet
    head, tail = packet[:trailer].rstrip(_SPACE), packet[trailer:]
    room = size - len(head) - len(tail)
    if room < 1:
        room = max(1, min(padding, limit - len(head) - len(tail)))
    lines = (b"\n" + b" " * 99) * (room // 100 + 1)
    return head + lines[: room - 1] + b"\n" + tail


class _Places:
    """Where in a packet's XML the replaced properties stand, and where a new description may be put.

    All descriptions directly in the RDF are looked at: they describe one resource (section 7.4), and other readers do
    not tell them apart. A description that has nothing left is removed with its last property.
    """

    def __init__(self, text: bytes, replaced: frozenset[str]) -> None:
        self.removed: list[tuple[int, int]] = []
        self.subject = ""
        self.rdf = b""  # the RDF element's name as it is written
        self.end: int | None = None  # of the content of RDF; None where the packet cannot be read
        self._text, self._replaced = text, replaced
        self._open: list[tuple[str, int, int]] = []  # name, start and end of the start tag
        self._level = -1  # of the RDF element
        self._first_removed, self._kept = 0, False  # in the description at hand
        self._parser = expat.ParserCreate("UTF-8", _SEPARATOR)
        self._parser.namespace_prefixes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._stop
        self._parser.StartDoctypeDeclHandler = self._doctype
        try:
            self._parser.Parse(text, True)
        except (expat.ExpatError, ValueError):
            self.end = None

    def _doctype(self, *_: object) -> None:
        raise ValueError("XMP has no document type; entities could grow without end")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        tag = _TAG.match(self._text, start)
        if tag is None:
            raise ValueError("a tag that cannot be found again")
        level, full = len(self._open), _full_name(name)
        self._open.append((full, start, tag.end()))
        if full == RDF + "RDF" and level < 2 and self._level < 0:
            self._level, self.rdf = level, tag[1]
        elif self._in_rdf(level, 1) and full == RDF + "Description":
            self._describe(tag, attributes)
        elif self._in_rdf(level, 2) and full not in self._replaced:
            self._kept = True

    def _describe(self, tag: re.Match[bytes], attributes: dict[str, str]) -> None:
        names = {_written_name(name): _full_name(name) for name in attributes}
        self.subject = self.subject or next(
            (text for name, text in attributes.items() if _full_name(name) == _ABOUT), ""
        )
        self._first_removed = len(self.removed)
        self._kept = not self._replaced.issuperset(set(names.values()) - {_ABOUT})
        for attribute in _ATTRIBUTE.finditer(tag[0]):
            if names.get(attribute[1]) in self._replaced:
                self.removed.append((tag.start() + attribute.start(), tag.start() + attribute.end()))

    def _stop(self, _name: str) -> None:
        name, start, content = self._open.pop()
        level, here = len(self._open), self._parser.CurrentByteIndex
        empty = self._text[content - 2 : content] == b"/>"
        after = content if empty else self._text.index(b">", here) + 1
        if level == self._level and self.end is None:
            self.end = content - 2 if empty else self._without_space(here)
        elif self._in_rdf(level, 2) and name in self._replaced:
            self.removed.append((self._without_space(start), after))
        elif self._in_rdf(level, 1) and name == RDF + "Description" and self._emptied:
            self.removed[self._first_removed :] = [(self._without_space(start), after)]

    @property
    def _emptied(self) -> bool:
        return not self._kept and len(self.removed) > self._first_removed

    def _in_rdf(self, level: int, below: int) -> bool:
        """Whether an element at this level stands so far below the RDF element, which is still open."""
        return self._level >= 0 and self.end is None and level == self._level + below

    def _without_space(self, end: int) -> int:
        while end and self._text[end - 1] in _SPACE:
            end -= 1
        return end


def _full_name(name: str) -> str:
    """`{namespace}name`, as the reader has it."""
    parts = name.split(_SEPARATOR)
    return f"{{{parts[0]}}}{parts[1]}" if len(parts) > 1 else name


def _written_name(name: str) -> bytes:
    parts = name.split(_SEPARATOR)
    return (f"{parts[2]}:{parts[1]}" if len(parts) > 2 else parts[-1]).encode()
