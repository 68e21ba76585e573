"""SVG: the store as base64 in a `c2pa:manifest` element of the metadata. C2PA 2.4, section A.3.8."""

import re
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ..manifest_store import StoreError
from .encoded import decoded
from .place import Embedding, Range, only

_START: Final = re.compile(rb"<([A-Za-z_][\w.-]*:)?manifest(?=[\s>/])[^<>]*>")
_COMMENT: Final = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)


def find(asset: OpenAsset) -> Embedding | None:
    """The store in the elements of the page, of which those in comments are none."""
    if asset.size > limits.MAX_WHOLE_IN_MEMORY:
        return None
    content = bytes(asset.content())
    if b"manifest" not in content:
        return None
    # Comments are blanked and not cut, so that places stay what they are.
    content = _COMMENT.sub(lambda match: b" " * len(match.group()), content)
    found = []
    for start in _START.finditer(content):
        if start.group(1) != b"c2pa:" and b"c2pa.org/manifest" not in start.group():
            continue
        end = content.find(b"</", start.end())
        if start.group().rstrip(b">").endswith(b"/") or end == start.end():
            continue  # an empty element: where one may be put
        if end == -1:
            raise StoreError("store.breaks_off")
        found.append(Embedding(decoded(content[start.end() : end]), (Range(start.end(), end),)))
        if len(found) > 1:
            break
    return only(found)
