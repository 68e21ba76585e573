"""What a file is to a detector: a picture, a text, a video or a recording. Asked in one way wherever detectors are."""

from enum import StrEnum
from typing import Final

from provenance.asset import OpenAsset
from provenance.format_table import Family

# Text that people write; tables, code and data are none. XHTML is one of XML's.
_PROSE: Final = frozenset({Family.PLAIN, Family.MARKDOWN, Family.HTML})
_XHTML: Final = "application/xhtml+xml"


class Modality(StrEnum):
    """What a detector looks at."""

    IMAGE = "image"
    TEXT = "text"
    VIDEO = "video"
    AUDIO = "audio"


def modality_of(asset: OpenAsset) -> Modality | None:
    """The asset's modality; None for what no detector looks at."""
    if asset.family in _PROSE or asset.media_type == _XHTML:
        return Modality.TEXT
    kind = asset.media_type.partition("/")[0]
    return Modality(kind) if kind in (Modality.IMAGE, Modality.VIDEO, Modality.AUDIO) else None
