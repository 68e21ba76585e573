"""Text that a program reads: what it means to the program is the same."""

import ast
import tomllib
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any, Final
from xml.etree.ElementTree import Element, canonicalize

from provenance.asset import OpenAsset
from provenance.format_table import Family, format_of
from provenance.media_type import MANIFEST_STORE

# XML Signature Syntax and Processing 1.1, section 1.3.
_SIGNATURES: Final = b"http://www.w3.org/2000/09/xmldsig#"

# C2PA 2.4, section A.3.3.
_SVG_MANIFEST: Final = "{http://c2pa.org/manifest}manifest"
_SVG_METADATA: Final = "{http://www.w3.org/2000/svg}metadata"

# Drawing programs declare entities of their own in the document; that these grow without end, expat prevents itself.
_ENTITIES: Final = {"forbid_entities": False}

_SCRIPT_END: Final = "</script>"


def no_place(asset: OpenAsset) -> str | None:
    """JSON has no comments, and what stands behind a table's last row is another row."""
    row = format_of(asset.media_type)
    return f"{row.name if row else asset.media_type} has no place for a manifest: programs would read it as broken"


def signed_xml(asset: OpenAsset) -> str | None:
    """A document with a signature of its own, which may cover all of it."""
    if _SIGNATURES in _content(asset):
        return "holds an XML signature, which a manifest inside could break"
    return None


def xml(before: OpenAsset, after: OpenAsset) -> str | None:
    """Elements, attributes and text; comments and processing instructions carry manifests."""
    return _compared(before, after, _infoset if before.family is not Family.SVG else _drawing)


def toml(before: OpenAsset, after: OpenAsset) -> str | None:
    """The values."""
    return _compared(before, after, lambda content: tomllib.loads(content.decode()))


def python(before: OpenAsset, after: OpenAsset) -> str | None:
    """The program, without its comments."""
    return _compared(before, after, lambda content: ast.dump(ast.parse(content)))


def html(_before: OpenAsset, after: OpenAsset) -> str | None:
    """That the manifest stands where a browser reads an element, and not inside a comment or a script."""
    content = _content(after).decode("utf-8", "replace")
    place = content.find(f'<script type="{MANIFEST_STORE}">')
    if place < 0:
        return None  # named elsewhere
    reader = _Reader()
    reader.feed(content[: content.find(_SCRIPT_END, place) + len(_SCRIPT_END)])
    return None if reader.manifest_closed else "its manifest would stand inside a comment or a script"


class _Reader(HTMLParser):
    """Whether the last element of a page's beginning is a manifest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.manifest_closed = self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag == "script" and ("type", MANIFEST_STORE) in attrs
        self.manifest_closed = False

    def handle_endtag(self, tag: str) -> None:
        self.manifest_closed, self._open = self._open and tag == "script", False

    def handle_comment(self, _data: str) -> None:
        self.manifest_closed = False


def _compared(before: OpenAsset, after: OpenAsset, read: Callable[[bytes], Any]) -> str | None:
    try:
        meant = read(_content(before))
    except MemoryError:
        raise
    except Exception:  # parsers raise nearly anything
        return None  # no program reads it as it came
    try:
        if read(_content(after)) == meant:
            return None
    except MemoryError:
        raise
    except Exception:
        return "programs could not read it any more"
    return "it would mean something else to programs"


def _content(asset: OpenAsset) -> bytes:
    return bytes(asset.content())


def _infoset(content: bytes) -> str:
    """The document in canonical form, without comments and processing instructions."""
    from defusedxml.ElementTree import fromstring, tostring

    return canonicalize(tostring(fromstring(content, **_ENTITIES), encoding="unicode"))


def _drawing(content: bytes) -> str:
    """The drawing in canonical form, without its manifest, and without a place for metadata that holds nothing else."""
    from defusedxml.ElementTree import fromstring, tostring

    root: Element = fromstring(content, **_ENTITIES)
    for tag in (_SVG_MANIFEST, _SVG_METADATA):
        for parent in list(root.iter()):
            for child in list(parent):
                if child.tag == tag and (tag == _SVG_MANIFEST or not (len(child) or (child.text or "").strip())):
                    parent.remove(child)
    # Between these elements no white space is drawn, and the engine drops some of it.
    for element in root.iter(_SVG_METADATA):
        _strip(element)
    _strip(root)
    return canonicalize(tostring(root, encoding="unicode"))


def _strip(element: Element) -> None:
    element.text = (element.text or "").strip()
    for child in element:
        child.tail = (child.tail or "").strip()
