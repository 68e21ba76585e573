"""Characters in a text that a reader does not see, or takes for others: shown as what they are.

They are no sign of AI: word processors, web pages and some languages write them too. Unicode 17, UTS 39 (confusables)
and section 23.2 (layout controls).
"""

import unicodedata
from collections import Counter
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from provenance.sentences import Message, say

from .. import limits

_ZERO_WIDTH: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\u180e\u00ad\u034f\u2061\u2062\u2063\u2064")
_DIRECTION: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")

# Joiners have a use in these scripts, and in emoji.
_JOINED_SCRIPTS: Final = ("ARABIC", "DEVANAGARI", "BENGALI", "MALAYALAM", "SINHALA", "PERSIAN", "KANNADA", "TAMIL")

# Cyrillic and Greek letters that look like Latin ones in nearly every typeface (UTS 39, confusables.txt).
_LOOKALIKES: Final = dict(zip("аеорсухіјѕԁɡһӏԛԝАВЕКМНОРСТХІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαν",
                              "aeopcyxijsdghlqwABEKMHOPCTXISJABEZHIKMNOPTYXoav", strict=True))  # fmt: skip


class Mark(BaseModel):
    """One character that is not what it seems: its place, its name, and what a reader takes it for."""

    model_config = ConfigDict(frozen=True)

    offset: int = Field(description="Characters from the beginning.")
    kind: str = Field(description="zero-width, direction, tag, variation, space or lookalike.")
    name: str = Field(description="Of the character in Unicode.")
    code: str
    looks_like: str = ""


class Marks(BaseModel):
    """All such characters of a text; the first ones with their places."""

    model_config = ConfigDict(frozen=True)

    counts: dict[str, int]
    places: tuple[Mark, ...]

    @property
    def sentences(self) -> tuple[Message, ...]:
        """One sentence for each kind that was found."""
        return tuple(say(f"marks.{kind}", count=count) for kind, count in sorted(self.counts.items()))


def find_marks(text: str) -> Marks:
    """The invisible and confusable characters of a text."""
    counts: Counter[str] = Counter()
    places: list[Mark] = []
    for offset, char in enumerate(text):
        if char.isascii():
            continue
        kind, looks_like = _kind(text, offset)
        if kind is None:
            continue
        counts[kind] += 1
        if len(places) < limits.MAX_MARKS_LISTED:
            name = unicodedata.name(char, "without a name")
            places.append(Mark(offset=offset, kind=kind, name=name, code=f"U+{ord(char):04X}", looks_like=looks_like))
    return Marks(counts=dict(counts), places=tuple(places))


def _kind(text: str, offset: int) -> tuple[str | None, str]:
    char = text[offset]
    if char in _ZERO_WIDTH:
        return (None, "") if _is_in_use(text, offset) else ("zero-width", "")
    if char in _DIRECTION:
        return "direction", ""
    if "\U000e0000" <= char <= "\U000e007f":
        return "tag", ""
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        # After an emoji or an ideograph these choose a form; anywhere else they can carry hidden bytes.
        before = text[offset - 1] if offset else " "
        used = unicodedata.category(before) in ("So", "Lo", "Sk", "Sm") or before in "0123456789#*‼⁉™©®ℹ"
        return (None, "") if used else ("variation", "")
    if char not in "\u00a0\u202f\u3000" and unicodedata.category(char) == "Zs":
        return "space", " "
    if char in _LOOKALIKES and _is_among_latin(text, offset):
        return "lookalike", _LOOKALIKES[char]
    return None, ""


def _is_in_use(text: str, offset: int) -> bool:
    """Whether a joiner stands where its script or an emoji needs it, or a byte order mark at the very beginning."""
    if text[offset] == "\ufeff":
        return offset == 0
    if text[offset] not in "\u200c\u200d" or offset == 0:
        return False
    before = text[offset - 1]
    name = unicodedata.name(before, "")
    return name.startswith(_JOINED_SCRIPTS) or unicodedata.category(before) in ("So", "Sk", "Mn")


def _is_among_latin(text: str, offset: int) -> bool:
    """Whether a letter stands in a word with Latin letters."""
    start, end = offset, offset + 1
    while start and text[start - 1].isalpha() and offset - start < 30:
        start -= 1
    while end < len(text) and text[end].isalpha() and end - offset < 30:
        end += 1
    return any("a" <= char.lower() <= "z" for char in text[start:end])
