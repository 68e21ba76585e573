"""What a contender gets to see: one file or text, in the form of all others, under a name that says nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from .edits import AS_IS, edited
from .matching import UnmatchableError, as_png, matched_picture, matched_text
from .store import Store
from .suite import Suite, SuiteItem


@dataclass(frozen=True)
class Unit:
    """One thing to ask: an item, and what was done to it (`as-is`, or an edit) or to the contender before."""

    item: str
    variant: str = AS_IS


@dataclass(frozen=True)
class Sample:
    """A file's bytes, or a text in UTF-8."""

    unit: Unit
    modality: str
    data: bytes
    suffix: str

    @property
    def name(self) -> str:
        """A file name that is the same in each run and tells nothing."""
        return hashlib.sha256(f"{self.unit.item}\n{self.unit.variant}".encode()).hexdigest()[:24] + self.suffix

    @property
    def text(self) -> str:
        """The text of a text."""
        return self.data.decode("utf-8", "replace")


def sample_of(suite: Suite, store: Store, item: SuiteItem, unit: Unit, edit: str = AS_IS) -> Sample:
    """The sample of a unit.

    Raises `MissingError`, `ChangedError` for its file, and `UnmatchableError` where it cannot be brought to the form
    of the others.
    """
    content = store.read(suite, item)
    if item.modality == "manifest":
        return Sample(unit, item.modality, content, PurePosixPath(item.id).suffix)
    if item.modality == "text":
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise UnmatchableError("not readable as UTF-8") from None
        return Sample(unit, item.modality, (matched_text(text) if suite.card.matched else text).encode(), ".txt")
    if not suite.card.matched and edit == AS_IS:
        return Sample(unit, item.modality, content, PurePosixPath(item.id).suffix or ".img")
    picture = matched_picture(content, suite.card.side)
    if edit == AS_IS:
        return Sample(unit, item.modality, as_png(picture), ".png")
    data = edited(edit, picture)
    return Sample(unit, item.modality, data, _SUFFIXES[data[:4]])


_SUFFIXES = {b"\x89PNG": ".png", b"RIFF": ".webp", b"\xff\xd8\xff\xe0": ".jpg"}
