"""Text: HTML's script element, a block between two delimiters, or an invisible wrapper. C2PA 2.4, sections A.7 to A.9.

The place is in bytes of UTF-8. Whatever stands there beside the carrier's own characters is not the manifest's.
"""

import re
from typing import Final

from .... import limits
from ....asset import OpenAsset
from ....format_table import Family, Format, format_of
from ....formats.jumbf import StoreError
from .encoded import blanked, decoded
from .place import Embedding, Range, begins_store, only

# The element as section A.7.1.1 has it, and whatever else a reader may take for its beginning.
_TAG: Final = re.compile(rb"<script", re.IGNORECASE)
_SCRIPT: Final = re.compile(
    rb"<script type=(?:\"application/c2pa\"|'application/c2pa'|application/c2pa)>", re.IGNORECASE
)
_LOOSE_SCRIPT: Final = re.compile(rb"\btype\s*=\s*[\"']?application/c2pa", re.IGNORECASE)
_LETTERS: Final = re.compile(rb"(?:\r?\n)?[A-Za-z0-9+/]+=*(?:\r?\n)?")
_SCRIPT_END: Final = re.compile(rb"</script>", re.IGNORECASE)
_COMMENT: Final = {b"<!--": b"-->"}

_BEGIN: Final = b"-----BEGIN C2PA MANIFEST-----"
_END: Final = b"-----END C2PA MANIFEST-----"
_DATA_URI: Final = b"data:application/c2pa;base64,"

# What frames the block in its line, as a comment, in the metadata in front of a text. Section A.9.3.1.
_HASH: Final = (b"# ", b"")

# What begins metadata in front of a Markdown text, in YAML or TOML: the block behind it is a comment of theirs, or has
# lines of its own.
_BARE: Final = (b"", b"")
_FRONT_MATTER: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:---|\+\+\+)[ \t]*\r?\n")

_MARK_OF_ORDER: Final = b"\xef\xbb\xbf"
_WRAPPER_START: Final = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
# Room that was not needed, as c2pa-text fills it: by the length alone it is decided how many there are of each.
_ROOM: Final = re.compile(rb"\0{0,3}\xff*")
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
    if (row := format_of(asset.media_type)) and row.comments:  # in others a block would be words. Section A.9.2
        found += _between_delimiters(content, row)
    found += _in_wrapper(content)
    return only(found)


def _in_script(content: bytes) -> list[Embedding]:
    if b"application/c2pa" not in content.lower():
        return []
    visible = blanked(content, _COMMENT)
    found: list[Embedding] = []
    tag = _TAG.search(visible)
    while tag is not None and len(found) < 2:
        start, letters = tag.start(), visible.find(b">", tag.end()) + 1
        if letters == 0:
            break
        tag = _TAG.search(visible, letters)
        if not _LOOSE_SCRIPT.search(content, start, letters):
            continue
        end = _SCRIPT_END.search(content, letters)
        if end is None:
            raise StoreError("store.breaks_off")
        strict = _SCRIPT.fullmatch(content, start, letters) and _LETTERS.fullmatch(content, letters, end.start())
        own = Range(start, end.end()) if strict else Range(letters, end.start())
        found.append(Embedding(decoded(content[letters : end.start()]), (own,)))
    return found


def _between_delimiters(content: bytes, row: Format) -> list[Embedding]:
    start, end = content.find(_BEGIN), content.find(_END)
    if start == -1 or end < start:
        return []
    if content.find(_BEGIN, start + 1) != -1 or content.find(_END, end + 1) != -1:
        raise StoreError("store.two_records")
    reference = content[start + len(_BEGIN) : end].strip()
    if not reference.startswith(_DATA_URI):
        return []  # an address of where it is
    letters = reference.removeprefix(_DATA_URI)
    if len(letters.split()) != 1:
        raise StoreError("store.undecodable")
    place = content.index(_DATA_URI, start) + len(_DATA_URI)
    frames = tuple(_frame(*comment) for comment in row.comments)
    line_break = b"\r\n" if content.startswith(b"\r\n", start + len(_BEGIN)) else b"\n"
    in_lines = content[start:end] == line_break.join((_BEGIN, _DATA_URI + letters, b""))
    if row.family is Family.MARKDOWN and _FRONT_MATTER.fullmatch(content, 0, _line_of(content, start)):
        frames = (_BARE,) if in_lines else (_HASH,)
    own = None
    if content[start:end] == b"%b %b%b " % (_BEGIN, _DATA_URI, letters) or frames == (_BARE,):
        own = _lines_of_block(content, start, end + len(_END), frames)
    return [Embedding(decoded(letters), (own or Range(place, place + len(letters)),))]


def _frame(before: str, after: str) -> tuple[bytes, bytes]:
    """What stands before and behind the block in its line."""
    return f"{before} ".encode(), f" {after}".encode() if after else b""


def _line_of(content: bytes, place: int) -> int:
    """Where the line of this place begins."""
    line = content.rfind(b"\n", 0, place) + 1
    return len(_MARK_OF_ORDER) if line == 0 and content.startswith(_MARK_OF_ORDER) else line


def _lines_of_block(content: bytes, start: int, end: int, frames: tuple[tuple[bytes, bytes], ...]) -> Range | None:
    """The lines that the block has to itself, with their line break: at the end of the text, the one before.

    None where anything in it is not as section A.9.3.1 has it: without its marks, or the line break that ends it, the
    block would hide what is beside it, or be read as more than a comment.
    """
    line = _line_of(content, start)
    for before, after in frames:
        if content[line:start] != before or not content.startswith(after, end):
            continue
        end += len(after)
        if end == len(content):
            return Range(len(content[:line].removesuffix(b"\n").removesuffix(b"\r")), end)
        for line_break in (b"\n", b"\r\n"):
            if content.startswith(line_break, end):
                return Range(line, end + len(line_break))
    return None


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
        if len(store) != length or not begins_store(store):
            raise StoreError("store.junk")
        own = match.group() if _ROOM.fullmatch(data, 13 + length) else match.group()[: 1 + 13 + length]
        start = len(text[: match.start()].encode())
        found.append(Embedding(store, (Range(start, start + len(own.encode())),)))
        if len(found) > 1:
            break
    return found


def _byte(selector: str) -> int:
    number = ord(selector)
    return number - 0xFE00 if number < 0xE0000 else number - 0xE0100 + 16
