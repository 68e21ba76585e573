"""Blocks: what a container holds of metadata, raw."""

from dataclasses import dataclass, field

from ... import limits
from ...asset import OpenAsset


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
    text: dict[str, str] = field(default_factory=dict)  # PNG text, by keyword; the first of each counts
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
