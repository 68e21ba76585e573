"""A store that is carried as base64. RFC 4648, section 4."""

import base64
import binascii

from .... import limits
from ..manifest_store import StoreError
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
