"""Text: HTML's script element, a block between two delimiters, or an invisible wrapper. C2PA 2.4, sections A.7 to A.9.

The place is in bytes of UTF-8. Whatever stands there beside the carrier's own characters is not the manifest's.
"""

import re
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ..manifest_store import StoreError
from .encoded import decoded
from .place import Embedding, Range, begins_store, only

_SCRIPT: Final = re.compile(rb"<script\b[^<>]*\btype\s*=\s*[\"']?application/c2pa[\"']?[^<>]*>", re.IGNORECASE)
_SCRIPT_END: Final = re.compile(rb"</script\s*>", re.IGNORECASE)
_HTML_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)

# In these a block between delimiters would be words of the text; HTML has an element of its own. Section A.9.2.
_WITHOUT_BLOCK: Final = ("text/plain", "text/html", "application/json", "text/csv", "text/tab-separated-values")

_BEGIN: Final = b"-----BEGIN C2PA MANIFEST-----"
_END: Final = b"-----END C2PA MANIFEST-----"
_DATA_URI: Final = b"data:application/c2pa;base64,"

# What may frame the block in its line: the marks by which a language begins and ends a comment, and no word.
_COMMENT_MARKS: Final = re.compile(rb"[ \t]*(?:<!--|<\?c2pa|/\*|//|\#|--|;|%|\"\"\"|''')?[ \t]*\Z")
_COMMENT_ENDS: Final = re.compile(rb"[ \t]*(?:-->|\?>|\*/|\"\"\"|''')?[ \t]*(?:\r?\n)?")

_MARK_OF_ORDER: Final = b"\xef\xbb\xbf"
_WRAPPER_START: Final = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
_ROOM: Final = b"\0\xff"
_MAGIC: Final = b"C2PATXT\0\x01"
_SELECTORS: Final = re.compile("\ufeff([\ufe00-\ufe0f\U000e0100-\U000e01ef]{13,})")


def find(asset: OpenAsset) -> Embedding | None:
    """The store in any of the three carriers, of which a text may have one."""
    if asset.size > limits.MAX_WHOLE_IN_MEMORY:
        return None
    content = bytes(asset.content())
    found = []
    if "html" in asset.media_type:
        found += _in_script(content)
    if asset.media_type not in _WITHOUT_BLOCK:
        found += _between_delimiters(content)
    found += _in_wrapper(content)
    return only(found)


def _in_script(content: bytes) -> list[Embedding]:
    if b"application/c2pa" not in content.lower():
        return []
    visible = _HTML_COMMENT.sub(lambda match: b" " * len(match.group()), content)
    found = []
    for start in _SCRIPT.finditer(visible):
        end = _SCRIPT_END.search(visible, start.end())
        if end is None:
            raise StoreError("store.breaks_off")
        found.append(Embedding(decoded(visible[start.end() : end.start()]), (Range(start.start(), end.end()),)))
        if len(found) > 1:
            break
    return found


def _between_delimiters(content: bytes) -> list[Embedding]:
    start, end = content.find(_BEGIN), content.find(_END)
    if start == -1 or end < start:
        return []
    if content.find(_BEGIN, start + 1) != -1 or content.find(_END, end + 1) != -1:
        raise StoreError("store.two_records")
    reference = content[start + len(_BEGIN) : end].strip()
    if not reference.startswith(_DATA_URI):
        return []  # an address of where it is
    store = decoded(reference[len(_DATA_URI) :])
    # With its line's comment marks, as far as nothing else stands in the line, and the line breaks around it.
    line = content.rfind(b"\n", 0, start) + 1
    if line == 0 and content.startswith(_MARK_OF_ORDER):
        line = len(_MARK_OF_ORDER)
    first = start
    if _COMMENT_MARKS.match(content[line:start]):
        first = len(content[:line].removesuffix(b"\n").removesuffix(b"\r"))
    end += len(_END)
    after = _COMMENT_ENDS.match(content, end)
    return [Embedding(store, (Range(first, end if after is None else after.end()),))]


def _in_wrapper(content: bytes) -> list[Embedding]:
    """The byte order mark, and the run of variation selectors that spells the store. Section A.8.2."""
    if _WRAPPER_START not in content:
        return []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return []
    found = []
    for match in _SELECTORS.finditer(text):
        data = bytes(_byte(char) for char in match.group(1))
        if not data.startswith(_MAGIC):
            continue
        length = int.from_bytes(data[9:13], "big")
        store = data[13 : 13 + length]
        # Behind the store there is room that was not needed, in selectors of three and of four bytes, and nothing else.
        if len(store) != length or not begins_store(store) or data[13 + length :].strip(_ROOM):
            raise StoreError("store.junk")
        start = len(text[: match.start()].encode())
        found.append(Embedding(store, (Range(start, start + len(match.group().encode())),)))
        if len(found) > 1:
            break
    return found


def _byte(selector: str) -> int:
    number = ord(selector)
    return number - 0xFE00 if number < 0xE0000 else number - 0xE0100 + 16
