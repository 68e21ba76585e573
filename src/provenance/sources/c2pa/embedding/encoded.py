"""A store that is carried as base64 (RFC 4648, section 4) in an element of a page."""

import base64
import binascii
import re
from collections.abc import Mapping

from .... import limits
from ....formats.jumbf import StoreError
from .place import begins_store


def decoded(text: bytes) -> bytes:
    """The store in this base64, among whose letters there may be white space. Raises `StoreError`."""
    if len(text) > 2 * limits.MAX_MANIFEST_STORE:
        raise StoreError("store.too_large")
    try:
        store = base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise StoreError("store.undecodable") from None
    if not begins_store(store):
        raise StoreError("store.junk")
    return store


def blanked(page: bytes, kinds: Mapping[bytes, bytes]) -> bytearray:
    """The page with spaces for its comments, whose ends are given by their beginnings, so that places stay the same.

    One that is not closed is none, and ends the search.
    """
    beginning = re.compile(b"|".join(map(re.escape, kinds)))
    visible = bytearray(page)
    found = beginning.search(page)
    while found is not None:
        closing = kinds[found.group()]
        end = page.find(closing, found.end()) + len(closing)
        if end < found.end():
            break
        visible[found.start() : end] = b" " * (end - found.start())
        found = beginning.search(page, end)
    return visible
