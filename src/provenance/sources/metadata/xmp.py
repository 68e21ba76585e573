"""XMP: reads the few properties that speak of origin. ISO 16684-1; IPTC Photo Metadata Standard 2025.1."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ...encodings import document

RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_IPTC_EXTENSION: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_PHOTOSHOP: Final = "{http://ns.adobe.com/photoshop/1.0/}"
_XMP: Final = "{http://ns.adobe.com/xap/1.0/}"
_DUBLIN_CORE: Final = "{http://purl.org/dc/elements/1.1/}"
_TIFF: Final = "{http://ns.adobe.com/tiff/1.0/}"
_EXIF: Final = "{http://ns.adobe.com/exif/1.0/}"
_AUXILIARY: Final = "{http://ns.adobe.com/exif/1.0/aux/}"
_IPTC_CORE: Final = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_AIGC: Final = "{http://www.tc260.org.cn/ns/AIGC/1.0/}"

# The names under which the properties appear in a report.
PROPERTIES: Final = {
    _IPTC_EXTENSION + "DigitalSourceType": "Iptc4xmpExt:DigitalSourceType",
    _IPTC_EXTENSION + "DigitalSourcefileType": "Iptc4xmpExt:DigitalSourceType",  # as an early draft named it
    _IPTC_EXTENSION + "DigitalSourceFileType": "Iptc4xmpExt:DigitalSourceType",  # as Google writes it
    _IPTC_EXTENSION + "AISystemUsed": "Iptc4xmpExt:AISystemUsed",
    _IPTC_EXTENSION + "AISystemVersionUsed": "Iptc4xmpExt:AISystemVersionUsed",
    _IPTC_EXTENSION + "AIPromptInformation": "Iptc4xmpExt:AIPromptInformation",
    _IPTC_EXTENSION + "AIPromptWriterName": "Iptc4xmpExt:AIPromptWriterName",
    _PHOTOSHOP + "Credit": "photoshop:Credit",
    _PHOTOSHOP + "Source": "photoshop:Source",
    _PHOTOSHOP + "Headline": "photoshop:Headline",
    _PHOTOSHOP + "DateCreated": "photoshop:DateCreated",
    _PHOTOSHOP + "City": "photoshop:City",
    _PHOTOSHOP + "Country": "photoshop:Country",
    _IPTC_CORE + "Location": "Iptc4xmpCore:Location",
    _XMP + "CreatorTool": "xmp:CreatorTool",
    _XMP + "CreateDate": "xmp:CreateDate",
    _XMP + "ModifyDate": "xmp:ModifyDate",
    _DUBLIN_CORE + "creator": "dc:creator",
    _DUBLIN_CORE + "description": "dc:description",
    _DUBLIN_CORE + "rights": "dc:rights",
    _AUXILIARY + "Lens": "aux:Lens",
    _EXIF + "UserComment": "xmp:UserComment",
    _TIFF + "Make": "tiff:Make",
    _TIFF + "Model": "tiff:Model",
    _AIGC + "AIGC": "TC260:AIGC",
}

# Settings that generators put into a namespace of their own, each another.
_SETTINGS: Final = frozenset({"prompt", "workflow", "parameters"})

_MAX_VALUES: Final = 64  # of one property: an asset has one or two

_RESOURCE: Final = RDF + "resource"
_RDF_VALUE: Final = RDF + "value"
_ITEM: Final = RDF + "li"
_CONTAINERS: Final = frozenset({RDF + "Alt", RDF + "Bag", RDF + "Seq"})


def read_xmp(packets: Iterable[bytes]) -> tuple[dict[str, list[str]], bool]:
    """The values of each property that the packets hold, in order, and whether some packet could not be read."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    properties: dict[str, list[str]] = {}
    damaged = False
    for packet in packets:
        try:
            root = fromstring(document(packet))
        except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
            damaged = True
            continue
        for name, value in _properties(root):
            values = properties.setdefault(name, [])
            if value and len(values) < _MAX_VALUES and value not in values:
                values.append(value)
    return properties, damaged


def _normal(name: str) -> str:
    """A full name as writers mean it: some leave out the last slash of the namespace, or mistake a capital."""
    namespace, _, local = name.rpartition("}")
    return f"{namespace.rstrip('/#')}}}{local}".lower()


_BY_NORMAL_NAME: Final = {_normal(name): reported for name, reported in PROPERTIES.items()}


def _reported(name: str) -> str | None:
    """The name under which a property appears in a report, if it does."""
    known = PROPERTIES.get(name) or _BY_NORMAL_NAME.get(_normal(name))
    local = name.rpartition("}")[2].lower()
    return known or (f"generator:{local}" if local in _SETTINGS else None)


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
            if reported := _reported(name):
                yield reported, value.strip()
        for element in description:
            if reported := _reported(element.tag):
                yield reported, _value(element)


def _value(element: Any) -> str:
    """A property's value: its resource, the first item of its list, its `rdf:value`, or its text."""
    for container in element:
        if container.tag in _CONTAINERS:
            item = container.find(_ITEM)
            return "" if item is None else _simple(item)
    return _simple(element)


def _simple(element: Any) -> str:
    value = element.find(_RDF_VALUE)
    if value is None:
        value = element.find(f"{RDF}Description/{_RDF_VALUE}")
    written = element if value is None else value
    return str(written.get(_RESOURCE) or element.get(_RDF_VALUE) or written.text or "").strip()
