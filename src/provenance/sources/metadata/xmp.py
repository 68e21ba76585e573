"""XMP: reads the few properties that speak of origin. ISO 16684-1; IPTC Photo Metadata Standard 2025.1."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_IPTC_EXTENSION: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_PHOTOSHOP: Final = "{http://ns.adobe.com/photoshop/1.0/}"
_XMP: Final = "{http://ns.adobe.com/xap/1.0/}"
_DUBLIN_CORE: Final = "{http://purl.org/dc/elements/1.1/}"
_TIFF: Final = "{http://ns.adobe.com/tiff/1.0/}"
_AIGC: Final = "{http://www.tc260.org.cn/ns/AIGC/1.0/}"

# The names under which the properties appear in a report.
PROPERTIES: Final = {
    _IPTC_EXTENSION + "DigitalSourceType": "Iptc4xmpExt:DigitalSourceType",
    _IPTC_EXTENSION + "DigitalSourcefileType": "Iptc4xmpExt:DigitalSourceType",  # as an early draft named it
    _IPTC_EXTENSION + "AISystemUsed": "Iptc4xmpExt:AISystemUsed",
    _IPTC_EXTENSION + "AISystemVersionUsed": "Iptc4xmpExt:AISystemVersionUsed",
    _IPTC_EXTENSION + "AIPromptInformation": "Iptc4xmpExt:AIPromptInformation",
    _IPTC_EXTENSION + "AIPromptWriterName": "Iptc4xmpExt:AIPromptWriterName",
    _PHOTOSHOP + "Credit": "photoshop:Credit",
    _XMP + "CreatorTool": "xmp:CreatorTool",
    _DUBLIN_CORE + "creator": "dc:creator",
    _TIFF + "Make": "tiff:Make",
    _TIFF + "Model": "tiff:Model",
    _AIGC + "AIGC": "TC260:AIGC",
}

_RESOURCE: Final = RDF + "resource"
_CONTAINERS: Final = frozenset({RDF + "Alt", RDF + "Bag", RDF + "Seq"})


def read_xmp(packets: Iterable[bytes]) -> tuple[dict[str, list[str]], bool]:
    """The values of each property that the packets hold, in order, and whether some packet could not be read."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    properties: dict[str, list[str]] = {}
    damaged = False
    for packet in packets:
        try:
            root = fromstring(_document(packet))
        except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
            damaged = True
            continue
        for name, value in _properties(root):
            values = properties.setdefault(name, [])
            if value and value not in values:
                values.append(value)
    return properties, damaged


def _document(packet: bytes) -> bytes:
    """The XML of a packet. Some writers put JPEG's header in front in other formats too, and all pad it at the end."""
    if packet.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16: zero bytes are a part of the text
        return packet
    return packet[max(packet.find(b"<"), 0) :].strip(b"\0 \t\r\n")


def _properties(root: Any) -> Iterator[tuple[str, str]]:
    """The properties of the asset itself: those of an ingredient, or of another resource, are not its own."""
    rdf = root if root.tag == RDF + "RDF" else root.find(RDF + "RDF")
    descriptions = [] if rdf is None else rdf.findall(RDF + "Description")
    subject = next(
        (description.get(RDF + "about") for description in descriptions if description.get(RDF + "about")), ""
    )
    for description in descriptions:
        if description.get(RDF + "about", "") not in ("", subject):
            continue
        for name, value in description.attrib.items():
            if name in PROPERTIES:
                yield PROPERTIES[name], value.strip()
        for element in description:
            if element.tag in PROPERTIES:
                yield PROPERTIES[element.tag], _value(element)


def _value(element: Any) -> str:
    """A property's value: its resource, the first item of its list, or its text."""
    if resource := element.get(_RESOURCE):
        return str(resource).strip()
    for container in element:
        if container.tag in _CONTAINERS:
            item = container.find(RDF + "li")
            return ((item.get(_RESOURCE) or item.text or "") if item is not None else "").strip()
    return (element.text or "").strip()
