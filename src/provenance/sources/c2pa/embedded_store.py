"""The manifest store's own bytes in the formats that only the second engine opens: text, fonts, Ogg.

That engine does not hand the store out, but tells its SHA-256: what is found here is used only where it has that hash.
C2PA 2.4, sections A.7 (HTML), A.8 (unstructured text), A.9 (structured text), 11.1.4 (the store's superbox).
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from ... import limits
from ...media_type import STORE_DESCRIPTION

_OGG_HEADER: Final = 27  # up to the number of segments in the page; the stream's number is in bytes 14 to 17
_BEFORE_DESCRIPTION: Final = 12  # length and type of the superbox, length of the description box


def find_store(content: bytes, media_type: str, sha256: str) -> bytes | None:
    """The manifest store with this hash in the content, or None where it is not found."""
    if _is_text(media_type):
        candidates = _in_text(content, media_type)
    else:
        candidates = _superboxes(_without_pages(content) if media_type == "audio/ogg" else content)
    return next((store for store in candidates if hashlib.sha256(store).hexdigest() == sha256), None)


def referenced_url(content: bytes, media_type: str) -> str | None:
    """Where a text says that its manifest is, which the second engine passes over. Sections A.7.1.2 and A.9.3."""
    import c2pa_text

    if not _is_text(media_type):
        return None
    text = content.decode("utf-8", "replace")
    try:
        found = c2pa_text.extract_html(text) if "html" in media_type else c2pa_text.extract_structured(text)
    except (c2pa_text.HtmlError, c2pa_text.StructuredError, ValueError):
        return None
    reference = found.reference if found is not None and found.manifest is None else None
    return reference if reference and reference.startswith(("https://", "http://")) else None


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


def _without_pages(content: bytes) -> bytes:
    """The packets of all logical bitstreams of an Ogg file, one stream after the other. RFC 3533, section 6."""
    streams: dict[bytes, bytearray] = {}
    place = 0
    while content[place : place + 4] == b"OggS" and len(streams) <= limits.MAX_OGG_STREAMS:
        header = content[place : place + _OGG_HEADER]
        if len(header) < _OGG_HEADER:
            break
        laces = content[place + _OGG_HEADER : place + _OGG_HEADER + header[-1]]
        start = place + _OGG_HEADER + len(laces)
        place = start + sum(laces)
        streams.setdefault(header[14:18], bytearray()).extend(content[start:place])
    return b"".join(streams.values())


def _superboxes(content: bytes) -> Iterator[bytes]:
    place = -1
    for _ in range(limits.MAX_STORE_CANDIDATES):
        place = content.find(STORE_DESCRIPTION, place + 1)
        if place == -1:
            return
        start = place - _BEFORE_DESCRIPTION
        size = int.from_bytes(content[start : start + 4], "big") if start >= 0 else 0
        if content[start + 4 : start + 8] == b"jumb" and size <= limits.MAX_MANIFEST_STORE:
            yield content[start : start + size]
