"""What signing must not harm: a file still says in its own format what it said, and what it held still holds.

`check_before` refuses what nothing can be put into without harm; `check_after` compares the signed file with its
source.
"""

from collections.abc import Callable
from typing import Final

from provenance.asset import OpenAsset
from provenance.format_table import Family
from provenance.limits import MIB
from provenance.sentences import Message, say

from ..errors import FormatError, OutputError
from . import documents, iso_media, pictures, sound, texts

_CHUNK: Final = MIB

# A ZIP-based document has its manifest inside, or none.
_BESIDE: Final = "; sign it with its manifest beside it (sidecar)"

# Why nothing can be put into this asset; None where nothing speaks against it.
_Before = Callable[[OpenAsset], str | None]

# What the second asset, which was signed, does not say any more of what the first one says; None where nothing is lost.
_After = Callable[[OpenAsset, OpenAsset], str | None]

_BEFORE: Final[dict[Family | None, _Before]] = {
    Family.TIFF: pictures.several_directories,
    **dict.fromkeys((Family.WEBP, Family.WAV, Family.AVI), pictures.beyond_riff),
    **dict.fromkeys((Family.SVG, Family.XML), texts.signed_xml),
    Family.PDF: documents.protected_pdf,
    Family.ZIP: documents.signed_archive,
    **dict.fromkeys((Family.JSON, Family.TABLE), texts.no_place),
}
_AFTER: Final[dict[Family | None, _After]] = {
    Family.JPEG: pictures.jpeg,
    Family.PNG: pictures.png,
    **dict.fromkeys((Family.GIF, Family.TIFF), pictures.frames),
    Family.WEBP: pictures.webp,
    **dict.fromkeys((Family.WAV, Family.AVI), pictures.riff),
    **dict.fromkeys((Family.AVIF, Family.HEIC, Family.MOVIE), iso_media.extents),
    Family.JPEG_XL: iso_media.jpeg_xl,
    **dict.fromkeys((Family.MP3, Family.FLAC), sound.behind_tags),
    **dict.fromkeys((Family.SVG, Family.XML), texts.xml),
    Family.HTML: texts.html,
    Family.TOML: texts.toml,
    Family.PYTHON: texts.python,
    Family.ZIP: documents.archive,
}


def check_before(asset: OpenAsset) -> None:
    """Raises `FormatError` for a file that would not be valid any more, or not hold, with anything put into it."""
    check = _BEFORE.get(asset.family)
    why = check(asset) if check else None
    if why is not None:
        raise FormatError(f"{asset.name or 'the asset'}: {why}{'' if asset.family is Family.ZIP else _BESIDE}")


def check_after(before: OpenAsset, after: OpenAsset) -> tuple[Message, ...]:
    """Remarks on what could not be compared. Raises `OutputError` where signing lost or changed something."""
    if pictures.too_large(before):
        return (say("sign.not_compared"),)
    check = _AFTER.get(after.family)
    why = check(before, after) if check else None
    if why is not None:
        raise OutputError(f"{before.name or 'the asset'}: signing would harm it: {why}{_BESIDE}")
    return ()


def check_unchanged(before: OpenAsset, after: OpenAsset) -> None:
    """Raises `OutputError` where an asset whose manifest stands beside it was changed."""
    for offset in range(0, max(before.size, after.size), _CHUNK):
        if before.read_at(offset, _CHUNK) != after.read_at(offset, _CHUNK):
            raise OutputError(f"{before.name or 'the asset'}: was changed, though its manifest stands beside it")
