"""Signed text: the manifest store as a script in HTML, a comment in structured text, or an invisible run in plain text.

C2PA 2.4, sections A.7 (HTML), A.8 (unstructured text) and A.9 (structured text). The embedding itself is c2pa-text's.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import c2pa_text

from provenance.sentences import say

from ..engine import Made
from ..errors import FormatError, OutputError

# Puts a store into a text; gives the whole, and where and how long the part is that the hash leaves out, in bytes.
Embedder = Callable[[str, bytes], tuple[bytes, int, int]]

# The store's size changes with its binding's numbers: it settles in the second round, rarely in the third.
_ROUNDS: Final = 6

# What signing put into a text. Sections A.7.1, A.9.3.1 and A.8.2.
_HTML_MANIFEST: Final = re.compile(
    r'<script type="application/c2pa">[^<]*</script>\n?|<link rel="c2pa-manifest"[^>]*>\n?', re.IGNORECASE
)
_BLOCK: Final = re.compile(
    rf"^[^\n]*{c2pa_text.BEGIN_DELIMITER}[^\n]*{c2pa_text.END_DELIMITER}[^\n]*\r?\n?", re.MULTILINE
)
_WRAPPER: Final = re.compile("\ufeff[\ufe00-\ufe0f\U000e0100-\U000e01ef]{13,}")

_UNSTRUCTURED: Final = frozenset(
    {"text/plain", "text/markdown", "text/csv", "text/tab-separated-values", "application/json"}
)
_COMMENTS: Final = {
    "application/xml": ("<!--", "-->"),
    "application/xhtml+xml": ("<!--", "-->"),
    "application/yaml": ("#", ""),
    "application/toml": ("#", ""),
    "text/css": ("/*", "*/"),
    "application/javascript": ("//", ""),
    "text/x-python": ("#", ""),
}

TEXT_TYPES: Final = frozenset({"text/html", *_UNSTRUCTURED, *_COMMENTS})


def sign_text(content: bytes, media_type: str, make_store: Callable[[Mapping[str, Any]], Made]) -> tuple[bytes, Made]:
    """The text with a manifest whose data hash covers all of it but the manifest.

    `make_store` signs a store with a binding. Plain text is brought into Unicode's normal form C, as the standard asks.
    Raises `FormatError` for what is not UTF-8.
    """
    text = _without_manifest(_decoded(content), media_type)
    embed = _embedder(media_type)
    whole, start, length = embed(text, bytes(16_000))
    for _ in range(_ROUNDS):
        made = make_store(_binding(whole, start, length))
        whole, *place = embed(text, made.store)
        if place == [start, length]:
            changed = media_type in _UNSTRUCTURED and not unicodedata.is_normalized("NFC", text)
            return whole, replace(made, remarks=(*made.remarks, say("sign.normalized"))) if changed else made
        start, length = place
    raise OutputError("the size of the manifest does not settle; sign again")


def refer(content: bytes, media_type: str, url: str) -> bytes:
    """The text with a reference to its manifest elsewhere. Sections A.7.1.2 and A.9.3. Raises `FormatError`."""
    text = _without_manifest(_decoded(content), media_type)
    if media_type == "text/html":
        try:
            return str(c2pa_text.embed_html_reference(text, url)).encode()
        except c2pa_text.HtmlError as error:
            raise FormatError(f"no reference can be put into this HTML page: {error}") from None
    if media_type in _COMMENTS:
        return str(_placed(text, url, *_COMMENTS[media_type]).text).encode()
    raise FormatError(f"{media_type} cannot name a manifest elsewhere; embed it, or put it beside the file")


def whole_binding(content: bytes) -> Mapping[str, Any]:
    """A data hash over all of the content, for a manifest that is not inside."""
    return {"name": "jumbf manifest", "alg": "sha256", "hash": hashlib.sha256(content).digest(), "exclusions": []}


def _without_manifest(text: str, media_type: str) -> str:
    """The text as it was before it was signed: a text has one manifest, and the earlier one is an ingredient's now.

    Raises `FormatError` where a manifest of another kind of text remains.
    """
    if media_type == "text/html":
        text = _HTML_MANIFEST.sub("", text)
    elif media_type in _COMMENTS:
        text = _BLOCK.sub("", text)
    else:
        text = _WRAPPER.sub("", text)
    if _BLOCK.search(text) or _WRAPPER.search(text):
        raise FormatError(
            f"the text has a manifest that does not belong into {media_type}: is it another kind of text?"
        )
    return text


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("the text is not UTF-8; C2PA signs no other") from None


def _embedder(media_type: str) -> Embedder:
    if media_type == "text/html":
        return _in_html
    if media_type in _UNSTRUCTURED:
        return _invisibly
    prefix, suffix = _COMMENTS[media_type]
    return lambda text, store: _in_comment(text, store, prefix, suffix)


def _invisibly(text: str, store: bytes) -> tuple[bytes, int, int]:
    """Section A.8: a run of variation selectors at the end, of a length that does not depend on the store's bytes."""
    normal = unicodedata.normalize("NFC", text).encode()
    length = c2pa_text.worst_case_wrapper_byte_length(len(store))
    wrapper = c2pa_text.encode_wrapper_padded(store, length).encode()
    return normal + wrapper, len(normal), len(wrapper)


def _in_comment(text: str, store: bytes, prefix: str, suffix: str) -> tuple[bytes, int, int]:
    """Section A.9: a block between two delimiters, as the host language's comment."""
    made = _placed(text, c2pa_text.encode_data_uri(store), prefix, suffix)
    return made.text.encode(), made.exclusion_start, made.exclusion_length


def _placed(text: str, reference: str, prefix: str, suffix: str) -> c2pa_text.StructuredEmbed:
    """In front, but where nothing may stand before an XML declaration or a script's `#!`."""
    place = c2pa_text.Placement.END if text.startswith(("<?xml", "#!")) else c2pa_text.Placement.START
    newline = "\r\n" if "\r\n" in text else "\n"
    return c2pa_text.embed_structured(text, reference, prefix, suffix, place, newline)


def _in_html(text: str, store: bytes) -> tuple[bytes, int, int]:
    """Section A.7: a script element in the head."""
    try:
        made = c2pa_text.embed_html_inline(text, store)
    except c2pa_text.HtmlError as error:
        raise FormatError(f"no manifest can be put into this HTML page: {error}") from None
    return made.html.encode(), made.exclusion_start, made.exclusion_length


def _binding(whole: bytes, start: int, length: int) -> Mapping[str, Any]:
    """A data hash that leaves out the manifest. C2PA 2.4, section 18.5."""
    digest = hashlib.sha256(whole[:start])
    digest.update(whole[start + length :])
    return {
        "exclusions": [{"start": start, "length": length}],
        "name": "jumbf manifest",
        "alg": "sha256",
        "hash": digest.digest(),
    }
