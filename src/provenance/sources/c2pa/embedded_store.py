"""The manifest store's own bytes in the formats that only the second engine opens: text, fonts, Ogg.

That engine does not hand the store out, but tells its SHA-256: what is found here is used only where it has that hash.
C2PA 2.4, sections A.7 (HTML), A.8 (unstructured text), A.9 (structured text), 11.1.4 (the store's superbox).
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from ... import limits

# A superbox begins with its length; then come its type and the description box of a C2PA manifest store.
_DESCRIPTION: Final = b"jumd" + bytes.fromhex("63327061001100108000" + "00aa00389b71")
_BEFORE_DESCRIPTION: Final = 12  # length and type of the superbox, length of the description box


def find_store(content: bytes, media_type: str, sha256: str) -> bytes | None:
    """The manifest store with this hash in the content, or None where it is not found."""
    candidates = _in_text(content, media_type) if _is_text(media_type) else _superboxes(content)
    return next((store for store in candidates if hashlib.sha256(store).hexdigest() == sha256), None)


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.rpartition("/")[2] in (
        *("json", "javascript", "toml", "yaml", "xml", "xhtml+xml"),
    )


def _in_text(content: bytes, media_type: str) -> Iterator[bytes]:
    import c2pa_text

    text = content.decode("utf-8", "replace")
    try:
        html = c2pa_text.extract_html(text) if "html" in media_type else None
        if html is not None and html.manifest:
            yield html.manifest
    except (c2pa_text.HtmlError, ValueError):
        pass
    try:
        structured = c2pa_text.extract_structured(text)
        if structured is not None and structured.manifest:
            yield structured.manifest
    except (c2pa_text.StructuredError, ValueError):
        pass
    try:
        unstructured, _ = c2pa_text.extract_manifest(text)
        if unstructured:
            yield unstructured
    except ValueError:
        pass


def _superboxes(content: bytes) -> Iterator[bytes]:
    place = -1
    for _ in range(limits.MAX_STORE_CANDIDATES):
        place = content.find(_DESCRIPTION, place + 1)
        if place == -1:
            return
        start = place - _BEFORE_DESCRIPTION
        size = int.from_bytes(content[start : start + 4], "big") if start >= 0 else 0
        if content[start + 4 : start + 8] == b"jumb" and size <= limits.MAX_MANIFEST_STORE:
            yield content[start : start + size]
