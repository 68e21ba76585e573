"""The thumbnail of an asset, for its manifest: made with Pillow, or none. C2PA 2.4, section 18.12."""

import io
import warnings
from typing import BinaryIO, Final

from PIL import Image, ImageOps

from provenance.format_table import format_of
from provenance.pixels import on_white

from . import limits

_QUALITY: Final = 75


def is_decoded(media_type: str) -> bool:
    """Whether a thumbnail can be made of pictures of this type."""
    row = format_of(media_type)
    return row is not None and row.decoder is not None


def thumbnail_of(stream: BinaryIO, media_type: str) -> bytes | None:
    """A JPEG of at most `limits.THUMBNAIL_EDGE` pixels; None for what is no picture, or cannot be decoded.

    Of a JPEG only every second, fourth or eighth pixel is decoded, which is what makes it fast. Nothing of the asset's
    metadata goes into it.
    """
    row = format_of(media_type)
    if row is None or row.decoder is None:
        return None
    try:
        stream.seek(0)
        with warnings.catch_warnings(), Image.open(stream, formats=[row.decoder]) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if image.width * image.height > limits.MAX_THUMBNAIL_SOURCE_PIXELS:
                return None
            edge = limits.THUMBNAIL_EDGE
            image.draft("RGB", (edge, edge))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((edge, edge), reducing_gap=1.0)
            out = io.BytesIO()
            plain = upright if upright.mode == "RGB" else on_white(upright).convert("RGB")
            plain.save(out, "JPEG", quality=_QUALITY)
            return out.getvalue()
    except MemoryError:
        raise
    except Exception:  # a damaged picture, or its EXIF, makes Pillow and its codecs raise nearly anything
        return None
    finally:
        stream.seek(0)
