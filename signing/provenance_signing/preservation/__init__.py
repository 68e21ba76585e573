"""What signing must not harm: a file still says in its own format what it said, and what it held still holds.

`check_before` refuses what nothing can be put into without harm; `check_after` compares the signed file with its
source.
"""

from collections.abc import Callable
from typing import Final

from provenance.asset import OpenAsset
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

_BEFORE: Final[dict[str, _Before]] = {
    "image/tiff": pictures.several_directories,
    "image/webp": pictures.beyond_riff,
    "audio/wav": pictures.beyond_riff,
    "video/avi": pictures.beyond_riff,
    "image/svg+xml": texts.signed_xml,
    "application/xml": texts.signed_xml,
    "application/xhtml+xml": texts.signed_xml,
    "application/pdf": documents.protected_pdf,
    "application/json": texts.no_place,
    "text/csv": texts.no_place,
    "text/tab-separated-values": texts.no_place,
}
_AFTER: Final[dict[str, _After]] = {
    "image/jpeg": pictures.jpeg,
    "image/png": pictures.png,
    "image/gif": pictures.frames,
    "image/webp": pictures.webp,
    "image/tiff": pictures.frames,
    "image/avif": iso_media.extents,
    "image/heic": iso_media.extents,
    "image/heif": iso_media.extents,
    "image/jxl": iso_media.jpeg_xl,
    "image/svg+xml": texts.xml,
    "video/mp4": iso_media.extents,
    "video/quicktime": iso_media.extents,
    "video/avi": pictures.riff,
    "audio/mp4": iso_media.extents,
    "audio/wav": pictures.riff,
    "audio/mpeg": sound.behind_tags,
    "audio/flac": sound.behind_tags,
    "application/xml": texts.xml,
    "application/xhtml+xml": texts.xml,
    "application/toml": texts.toml,
    "text/x-python": texts.python,
    "text/html": texts.html,
}


def check_before(asset: OpenAsset) -> None:
    """Raises `FormatError` for a file that would not be valid any more, or not hold, with anything put into it."""
    check = _BEFORE.get(asset.media_type) or (documents.signed_archive if documents.is_archive(asset) else None)
    why = check(asset) if check else None
    if why is not None:
        raise FormatError(f"{asset.name or 'the asset'}: {why}{'' if documents.is_archive(asset) else _BESIDE}")


def check_after(before: OpenAsset, after: OpenAsset) -> tuple[Message, ...]:
    """Remarks on what could not be compared. Raises `OutputError` where signing lost or changed something."""
    if pictures.too_large(before):
        return (say("sign.not_compared"),)
    check = _AFTER.get(after.media_type) or (documents.archive if documents.is_archive(after) else None)
    why = check(before, after) if check else None
    if why is not None:
        raise OutputError(f"{before.name or 'the asset'}: signing would harm it: {why}{_BESIDE}")
    return ()


def check_unchanged(before: OpenAsset, after: OpenAsset) -> None:
    """Raises `OutputError` where an asset whose manifest stands beside it was changed."""
    for offset in range(0, max(before.size, after.size), _CHUNK):
        if before.read_at(offset, _CHUNK) != after.read_at(offset, _CHUNK):
            raise OutputError(f"{before.name or 'the asset'}: was changed, though its manifest stands beside it")
