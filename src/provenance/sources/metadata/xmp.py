"""XMP: reads the few properties that speak of origin. ISO 16684-1; IPTC Photo Metadata Standard 2025.1."""

from collections.abc import Iterable
from typing import Final

from ... import limits

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


def read_xmp(packets: Iterable[bytes]) -> tuple[dict[str, str], bool]:
    """The properties that the packets hold, the first of each, and whether some packet could not be read."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    found: dict[str, str] = {}
    damaged = False
    for packet in packets:
        if len(packet) > limits.MAX_XMP_SIZE:
            damaged = True
            continue
        try:
            # Some writers put JPEG's header in front of the packet in other formats too, and all pad it at the end.
            root = fromstring(packet[max(packet.find(b"<"), 0) :].strip(b"\0 \t\r\n"))
        except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
            damaged = True
            continue
        # Only properties of the asset itself: those of an ingredient stand deeper, in structures.
        for description in root.iter(RDF + "Description"):
            for name, value in description.attrib.items():
                if name in PROPERTIES:
                    found.setdefault(PROPERTIES[name], value)
            for element in description:
                if element.tag in PROPERTIES and (text := _value(element)):
                    found.setdefault(PROPERTIES[element.tag], text)
    return found, damaged


def _value(element: object) -> str:
    """A property's value: its text, its resource, or the first item of its list."""
    resource = element.get(_RESOURCE)  # type: ignore[attr-defined]
    if resource:
        return str(resource).strip()
    text = "".join(element.itertext())  # type: ignore[attr-defined]
    first = next((item for item in element.iter(RDF + "li")), None)  # type: ignore[attr-defined]
    return (first.text or "").strip() if first is not None and first.text else text.strip()
