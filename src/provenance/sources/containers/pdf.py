"""PDF: the document's own XMP, and its information dictionary. ISO 32000-2, sections 14.3.2 and 14.3.3.

XMP of pictures in a document is about these pictures: only what the catalogue names counts.
"""

import re
from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...formats.pdf import Document, text_of
from .blocks import Blocks

_TEXTS: Final = {
    b"Title": "title",
    b"Author": "author",
    b"Subject": "description",
    b"Creator": "creator_tool",
    b"Producer": "encoder",
    b"AIGC": "AIGC",
}
_DATE: Final = re.compile(rb"(?:D:)?(\d{8})(\d{6})?(?:(Z)|([+-]\d\d)'?(\d\d)?)?")


def read_pdf(asset: OpenAsset) -> Blocks:
    """The blocks that the last version of the document names."""
    blocks = Blocks(text_of="tag")
    if asset.size > limits.MAX_WHOLE_IN_MEMORY:
        blocks.truncated = True
        return blocks
    document = Document(bytes(asset.content()))
    packet = document.metadata
    if packet and blocks.has_room_for(len(packet), limits.MAX_XMP_SIZE):
        blocks.xmp.append(packet)
    information = document.information
    for name, tag in _TEXTS.items():
        if text := text_of(information, name):
            blocks.add_tag(tag, text)
    if date := _DATE.match(text_of(information, b"CreationDate")):
        day, time, utc, hours, minutes = (part or b"" for part in date.groups())
        zone = utc or (hours + (minutes or b"00") if hours else b"")
        blocks.add_tag("creationdate", day + (b"T" + time + zone if time else b""))
    return blocks
