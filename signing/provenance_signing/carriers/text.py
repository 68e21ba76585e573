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

from provenance.format_table import Family, family_of, format_of
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
    rf"^(?:<\?c2pa)?[^\w\n]*{c2pa_text.BEGIN_DELIMITER} (?:{c2pa_text.DATA_URI_PREFIX}|https?://)[^\n]*"
    rf"{c2pa_text.END_DELIMITER}[^\w\n]*(?:\n|\Z)",
    re.MULTILINE,
)
_WRAPPER: Final = re.compile("\ufeff[\ufe00-\ufe0f\U000e0100-\U000e01ef]{13,}")

# What must be first in a file to count: an XML declaration, a script's interpreter, the encoding of a style sheet.
_FIRST: Final = ("<?xml", "#!", "@charset")

# What begins metadata in front of a Markdown text, in YAML or TOML, and what follows it there.
_FRONT_MATTER: Final = re.compile(
    r"((---|\+\+\+)[ \t]*\r?\n)(?=[ \t]*[\w\"'#\[][^\n]*\n(?:[^\n]*\n)*?\2[ \t]*(?:\r?\n|\Z))"
)
_BOM: Final = "\ufeff"

# What would end a comment or an instruction, or a line, in the middle of an address.
_ENDS_A_COMMENT: Final = re.compile(r"--|\?>|\*/|\s")


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
            changed = family_of(media_type) is Family.PLAIN and not unicodedata.is_normalized("NFC", text)
            return whole, replace(made, remarks=(*made.remarks, say("sign.normalized"))) if changed else made
        start, length = place
    raise OutputError("the size of the manifest does not settle; sign again")


def refer(content: bytes, media_type: str, url: str) -> bytes:
    """The text with a reference to its manifest elsewhere. Sections A.7.1.2 and A.9.3. Raises `FormatError`."""
    text = _without_manifest(_decoded(content), media_type)
    if family_of(media_type) is Family.HTML:
        try:
            return str(c2pa_text.embed_html_reference(text, url)).encode()
        except c2pa_text.HtmlError as error:
            raise FormatError(f"no reference can be put into this HTML page: {error}") from None
    if _comments(media_type):
        if _ENDS_A_COMMENT.search(url):
            raise FormatError(f"{url}: this address cannot stand in a comment")
        return _in_comment(text, url, media_type)[0]
    raise FormatError(f"{media_type} cannot name a manifest elsewhere; embed it, or put it beside the file")


def whole_binding(digest: bytes) -> Mapping[str, Any]:
    """A data hash over all of the content, whose SHA-256 is given, for a manifest that is not inside."""
    return {"name": "jumbf manifest", "alg": "sha256", "hash": digest, "exclusions": []}


def _without_manifest(text: str, media_type: str) -> str:
    """The text as it was before it was signed: a text has one manifest, and the earlier one is an ingredient's now.

    Raises `FormatError` where a manifest of another kind of text remains.
    """
    if family_of(media_type) is Family.HTML:
        text = _HTML_MANIFEST.sub("", text)
    elif _comments(media_type):
        text = _BLOCK.sub("", text)
        if family_of(media_type) is Family.MARKDOWN:  # which may have it, as plain text
            text = _WRAPPER.sub("", text)
    else:
        text = _WRAPPER.sub("", text)
    mentioned = bool(_comments(media_type)) and c2pa_text.BEGIN_DELIMITER in text  # readers would find two
    if mentioned or _BLOCK.search(text) or _WRAPPER.search(text):
        raise FormatError(
            f"the text has a manifest that does not belong into {media_type}: is it another kind of text?"
        )
    return text


def _comments(media_type: str) -> tuple[tuple[str, str], ...]:
    """What a block for a manifest may stand in; nothing where the text has none."""
    row = format_of(media_type)
    return row.comments if row else ()


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("the text is not UTF-8; C2PA signs no other") from None


def _embedder(media_type: str) -> Embedder:
    if family_of(media_type) is Family.HTML:
        return _in_html
    if family_of(media_type) is Family.PLAIN:
        return _invisibly
    if _comments(media_type):
        return lambda text, store: _in_comment(text, c2pa_text.encode_data_uri(store), media_type)
    raise FormatError(f"{media_type} has no place for a manifest; put it beside the file")


def _invisibly(text: str, store: bytes) -> tuple[bytes, int, int]:
    """Section A.8: a run of variation selectors at the end, of a length that does not depend on the store's bytes."""
    normal = unicodedata.normalize("NFC", text).encode()
    length = c2pa_text.worst_case_wrapper_byte_length(len(store))
    wrapper = c2pa_text.encode_wrapper_padded(store, length).encode()
    return normal + wrapper, len(normal), len(wrapper)


def _in_comment(text: str, reference: str, media_type: str) -> tuple[bytes, int, int]:
    """Section A.9.3: a block between two delimiters, as the host language's comment, in a line of its own."""
    newline = "\r\n" if "\r\n" in text else "\n"
    prefix, suffix = _comments(media_type)[0]
    place = len(_BOM) if text.startswith(_BOM) else 0
    if text.startswith(_FIRST, place):
        place = len(text)
    elif family_of(media_type) is Family.MARKDOWN and (opened := _FRONT_MATTER.match(text, place)):
        place, prefix, suffix = opened.end(1), "#", ""
    block = str(c2pa_text.build_manifest_block(reference, prefix, suffix))
    block = newline + block if place == len(text) and text else block + newline
    before = text[:place].encode()
    return before + block.encode() + text[place:].encode(), len(before), len(block.encode())


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
