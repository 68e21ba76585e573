"""SVG: the store as base64 in a `c2pa:manifest` element of the metadata. C2PA 2.4, section A.3.8."""

import re
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....formats.jumbf import StoreError
from .encoded import blanked, decoded
from .place import Embedding, Range, only

_START: Final = re.compile(rb"<([A-Za-z_][\w.-]*:)?manifest(?=[\s>/])[^<>]*>")
_NO_MARKUP: Final = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the elements of the page, of which those in comments are none."""
    if asset.size > limits.MAX_WHOLE_IN_MEMORY:
        return None
    content = bytes(asset.content())
    if b"manifest" not in content:
        return None
    found = []
    for start in _START.finditer(blanked(content, _NO_MARKUP)):
        if start.group(1) != b"c2pa:" and b"c2pa.org/manifest" not in start.group():
            continue
        if start.group().endswith(b"/>") or content.startswith(b"</", start.end()):
            continue  # an empty element: where one may be put
        end = content.find(b"</", start.end())
        if end == -1:
            raise StoreError("store.breaks_off")
        found.append(Embedding(decoded(content[start.end() : end]), (Range(start.end(), end),)))
        if len(found) > 1:
            break
    return only(found)
