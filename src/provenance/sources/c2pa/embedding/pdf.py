"""PDF: the store in an embedded file, which is not compressed. C2PA 2.4, section A.4.

A document can hold pictures with stores of their own; the document's own one begins its stream.
"""

import re
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from ....media_type import STORE_DESCRIPTION
from .place import BEFORE_DESCRIPTION, Embedding, Range, only

_STREAM: Final = re.compile(rb"stream\r?\n\Z")
_LONGEST: Final = 8


def find(asset: OpenAsset) -> Embedding | None:
    """The store that begins a stream."""
    if asset.size > limits.MAX_WHOLE_IN_MEMORY:
        return None
    content = bytes(asset.content())
    found: list[Embedding] = []
    place = content.find(STORE_DESCRIPTION)
    while place != -1 and len(found) < 2:
        start = place - BEFORE_DESCRIPTION
        before = content[max(0, start - _LONGEST) : start]
        if content[start + 4 : start + 8] == b"jumb" and _STREAM.search(before):
            end = start + int.from_bytes(content[start : start + 4], "big")
            if end > len(content):
                raise StoreError("store.breaks_off")
            found.append(Embedding(content[start:end], (Range(start, end),)))
        place = content.find(STORE_DESCRIPTION, place + 1)
    return only(found)
