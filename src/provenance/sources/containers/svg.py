"""SVG: XMP, or plain RDF, in the `metadata` element. SVG 1.1, chapter 21; XMP part 3, section 1.2."""

import re
from typing import Final

from ... import limits
from ...asset import OpenAsset
from .blocks import Blocks

# What is no markup is passed over, so that a comment is not taken for metadata.
_PART: Final = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<((?:[\w.-]+:)?(?:svg|metadata))\b[^<>]*>", re.S
)
_RDF: Final = re.compile(rb"<((?:[\w.-]+:)?RDF)\b")
_NAMESPACE: Final = re.compile(rb"""\sxmlns:[\w.-]{1,64}\s*=\s*(?:"[^"<]{0,512}"|'[^'<]{0,512}')""")
_MAX_NAMESPACES: Final = 64


def read_svg(asset: OpenAsset) -> Blocks:
    """The RDF of the metadata elements, with the namespaces that the root declares for it."""
    blocks = Blocks(text_of="tag")
    if asset.size > limits.MAX_WHOLE_IN_MEMORY:
        blocks.truncated = True
        return blocks
    content = bytes(asset.content())
    namespaces = b""
    read_up_to = 0
    for part in _PART.finditer(content):
        if part[1] is None or part.start() < read_up_to:
            continue
        if part[1].endswith(b"svg"):
            namespaces = namespaces or b"".join(_NAMESPACE.findall(part[0])[:_MAX_NAMESPACES])
            continue
        read_up_to = content.find(b"</" + part[1], part.end())
        if read_up_to == -1:
            blocks.truncated = True
            break
        packet = _packet(content[part.end() : read_up_to], namespaces)
        if packet and blocks.has_room_for(len(packet), limits.MAX_XMP_SIZE):
            blocks.xmp.append(packet)
    return blocks


def _packet(metadata: bytes, namespaces: bytes) -> bytes:
    start = _RDF.search(metadata)
    if start is None:
        return b""
    end = metadata.find(b"</" + start[1], start.end())
    close = metadata.find(b">", end)
    if end == -1 or close == -1:
        return b""
    return b"<svg" + namespaces + b">" + metadata[start.start() : close + 1] + b"</svg>"
