"""Whose compression tables a JPEG was saved with: those of the Independent JPEG Group, or a maker's own.

Cameras have tables of their own; Pillow, ImageMagick, most web sites and libjpeg scale the table of ITU-T T.81, annex
K, by a quality setting. A table of the second kind in a picture that is said to come straight from a camera means that
software has saved it (Kornblum, "Using JPEG quantization tables to identify imagery processed by software", 2008).
"""

from typing import ClassVar, Final

import numpy as np

from provenance.sentences import Message, say

from ..pictures import Picture, standard_table
from . import Forensic

# What widely used software saves with when nobody asks for another quality.
_DEFAULTS: Final = {75: "libjpeg and Pillow", 92: "browsers and ImageMagick", 95: "OpenCV"}


class JpegTables(Forensic):
    """1 where a JPEG has tables that software scales, 0 where it has tables of its own."""

    name_: ClassVar[str] = "jpeg-tables"
    sentence: ClassVar[str] = "forensics.tables"

    def claim(self) -> tuple[Message, ...]:
        """Nothing beyond the facts: whose tables they are says all."""
        return ()

    def statistic(self, picture: Picture) -> float:
        """1, 0, or not a number where it is no JPEG."""
        if not picture.tables:
            return float("nan")
        return float(_standard_quality(picture) is not None)

    def findings(self, picture: Picture) -> tuple[Message, ...]:
        """Which software uses these tables by default, where they are known."""
        quality = _standard_quality(picture)
        if quality is None:
            return ()
        origin = f"libjpeg (quality {quality})"
        if quality in _DEFAULTS:
            origin = f"{_DEFAULTS[quality]} (quality {quality})"
        return (say("forensics.tables", origin=origin),)


def _standard_quality(picture: Picture) -> int | None:
    """The quality at which libjpeg makes exactly this luminance table. Pillow hands tables out row by row."""
    table = np.asarray(picture.tables[0]) if picture.tables else np.empty(0)
    if table.size != 64:
        return None
    for quality in range(1, 101):
        if np.array_equal(table, standard_table(quality)):
            return quality
    return None
