"""Blocks: what a container holds of metadata, raw."""

from dataclasses import dataclass, field
from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...encodings import decoded

_LABEL: Final = "AIGC"  # of TC260, which is written in capitals


@dataclass(frozen=True)
class Trailing:
    """Bytes after the end of an image, where no metadata belongs."""

    offset: int
    size: int
    sample: bytes


def trailing_after(asset: OpenAsset, end: int) -> Trailing | None:
    """What stands behind the end of the image, if anything does."""
    if end >= asset.size:
        return None
    return Trailing(end, asset.size - end, asset.read_at(end, limits.TRAILING_SAMPLE))


@dataclass
class Blocks:
    """The metadata blocks of one asset, each from its proper place."""

    xmp: list[bytes] = field(default_factory=list)
    exif: bytes | None = None  # a TIFF structure, without the `Exif\\0\\0` of JPEG
    iptc: list[bytes] = field(default_factory=list)  # IPTC-IIM datasets
    text: dict[str, str] = field(default_factory=dict)  # by keyword, or name of the tag; the first of each counts
    text_of: str = "png"  # what the texts are reported as: those of PNG, or a `tag` of sound, video or another format
    trailing: Trailing | None = None
    misplaced: bool = False  # chunks of one format inside a comment of another
    declares_more_images: bool = False  # a multi-picture index explains images after the first
    truncated: bool = False  # the structure breaks off or a limit was reached
    _held: int = 0

    def has_room_for(self, size: int, limit: int) -> bool:
        """Whether a block of this size may be read; if not, the blocks are marked as truncated."""
        fits = 0 <= size <= limit and self._held + size <= limits.MAX_METADATA_TOTAL
        if fits:
            self._held += size
        else:
            self.truncated = True
        return fits

    def add_tag(self, name: str, data: bytes) -> None:
        """Adds a text of sound, video or another format, under the name that most formats give it."""
        self.text_of = "tag"
        name = name.strip().lower().removeprefix("com.apple.quicktime.")
        name = _LABEL if name == _LABEL.lower() else name
        if name and len(self.text) < limits.MAX_TEXT_CHUNKS:
            self.text.setdefault(name, decoded(data).strip("\0 "))
