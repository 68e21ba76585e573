"""Pictures, and RIFF files of any kind: what is decoded, or what a decoder is given."""

import hashlib
import warnings
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageSequence

from provenance.asset import OpenAsset
from provenance.format_table import Family, format_of
from provenance.formats import png as png_format
from provenance.formats import riff as riff_format
from provenance.formats.jpeg import APP1, APP2, APP11, EOI, FILL, MULTI_PICTURE, SOS, XMP, Segment, segments
from provenance.formats.tiff import directories
from provenance.media_type import STORE_DESCRIPTION

from .. import limits

_STORE_HEAD: Final = 64  # holds the description of a manifest store

_PNG_XMP: Final = png_format.XMP_KEYWORD + b"\0"
_PNG_LABEL: Final = b"AIGC\0"

# What is compared as frames, since the engine moves or rewrites parts of it. The others are compared part by part, as a
# decoder is given them, which takes a tenth of the time.
_DECODED_WHOLE: Final = frozenset({Family.GIF, Family.TIFF, Family.AVIF})


def several_directories(asset: OpenAsset) -> str | None:
    """TIFF of several pages: the engine adds a directory that is no page, and readers fall over it.

    NOTE: c2pa-rs (0.91) puts the manifest into a directory of its own behind the last page, without a size.
    """
    directory = next(directories(asset), None)
    if directory is not None and directory.following:
        return "is a TIFF of several pages, which a manifest inside would damage"
    return None


def beyond_riff(asset: OpenAsset) -> str | None:
    """What stands behind the end that a RIFF file names: further parts of a large AVI, or foreign bytes."""
    end = riff_format.end_of_list(asset)
    if asset.size > end + (end & 1):
        return "has something behind its end, which would be lost"
    return None


def too_large(asset: OpenAsset) -> bool:
    """Whether it takes more to decode this picture, all its frames, than is done for a comparison."""
    if asset.family not in _DECODED_WHOLE:
        return False
    try:
        with _opened(asset) as image:
            return image.width * image.height * getattr(image, "n_frames", 1) > limits.MAX_COMPARED_PIXELS
    except MemoryError:
        raise
    except Exception:  # a damaged picture makes Pillow and its codecs raise nearly anything
        return False


def frames(before: OpenAsset, after: OpenAsset) -> str | None:
    """Every frame or page, decoded."""
    shown = _frames(before)
    if shown is None:  # nobody could see it before
        return None
    again = _frames(after)
    if again is None:
        return "it could not be decoded any more"
    if len(again) != len(shown):
        return f"it would have {len(again)} frames or pages instead of {len(shown)}"
    return None if shown == again else "it would look different"


def jpeg(before: OpenAsset, after: OpenAsset) -> str | None:
    """All segments but those of the manifest and the XMP, and all that follows the first start of scan."""
    if list(_jpeg_parts(before)) != list(_jpeg_parts(after)):
        return "its picture or its other segments would be changed"
    # The index of a multi-picture file counts from itself to the pictures behind it. CIPA DC-007, section 5.2.3.
    if _behind_index(before) != _behind_index(after):
        return "the pictures behind the first would not be found any more"
    return None


def png(before: OpenAsset, after: OpenAsset) -> str | None:
    """All chunks but those of the manifest and the XMP."""
    if list(_png_parts(before)) != list(_png_parts(after)):
        return "its picture or its other chunks would be changed"
    return None


def webp(before: OpenAsset, after: OpenAsset) -> str | None:
    """All chunks, and what the header says of the picture, which the engine writes anew."""
    if _shape(before) != _shape(after):
        return "its size, its frames or its transparency would be read otherwise"
    return riff(before, after)


def riff(before: OpenAsset, after: OpenAsset) -> str | None:
    """All chunks but the manifest, the XMP, and the header of a WebP that says what there is."""
    if list(_riff_parts(before)) != list(_riff_parts(after)):
        return "its sound or pictures would be changed"
    return None


def _shape(asset: OpenAsset) -> tuple[object, ...] | None:
    """Size, colours and number of frames, without decoding; None of what cannot be opened."""
    try:
        with _opened(asset) as image:
            return image.size, image.mode, getattr(image, "n_frames", 1), image.info.get("icc_profile")
    except MemoryError:
        raise
    except Exception:  # a damaged picture makes Pillow and its codecs raise nearly anything
        return None


def _opened(asset: OpenAsset) -> Image.Image:
    row = format_of(asset.media_type)
    asset.stream.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Image.open(asset.stream, formats=[row.decoder] if row and row.decoder else [])


def _frames(asset: OpenAsset) -> list[bytes] | None:
    """A hash of each frame; None of what cannot be decoded."""
    try:
        with warnings.catch_warnings(), _opened(asset) as image:
            warnings.simplefilter("ignore")
            return [_hash_of_frame(frame) for frame in ImageSequence.Iterator(image)]
    except MemoryError:
        raise
    except Exception:  # a damaged picture makes Pillow and its codecs raise nearly anything
        return None


def _hash_of_frame(frame: Image.Image) -> bytes:
    shape = (frame.size, frame.mode, frame.info.get("duration"), frame.getpalette() if frame.mode == "P" else None)
    return hashlib.sha256(repr(shape).encode() + frame.tobytes()).digest()


def _jpeg_segments(asset: OpenAsset) -> Iterator[Segment]:
    """The segments up to the first start of scan, and with it all that follows."""
    rest = 2
    for segment in segments(asset):
        if segment.marker in (SOS, EOI):
            break
        rest = segment.end
        if segment.marker != FILL:
            yield segment
    yield Segment(SOS, rest, asset.size)


def _jpeg_parts(asset: OpenAsset) -> Iterator[bytes]:
    stores: set[bytes] = set()
    for segment in _jpeg_segments(asset):
        marker, head = segment.marker, asset.read_at(segment.content, _STORE_HEAD)
        if marker == APP11 and STORE_DESCRIPTION in head:
            stores.add(head[:4])  # the first of the segments that share this number. ISO 19566-5, annex D
        ours = (marker == APP11 and head[:4] in stores) or (marker == APP1 and head.startswith(XMP))
        if not ours:
            yield _hash(asset, segment.start, segment.end)


def _behind_index(asset: OpenAsset) -> int | None:
    for segment in _jpeg_segments(asset):
        if segment.marker == APP2 and asset.read_at(segment.content, len(MULTI_PICTURE)) == MULTI_PICTURE:
            return asset.size - segment.start
    return None


def _png_parts(asset: OpenAsset) -> Iterator[bytes]:
    kind, end = b"", 0
    for chunk in png_format.chunks(asset):
        kind, end = chunk.kind, chunk.end
        content = asset.read_at(chunk.content, len(_PNG_XMP))
        ours = (kind == b"iTXt" and content == _PNG_XMP) or content.startswith(_PNG_LABEL)
        if kind != b"caBX" and not ours:
            yield _hash(asset, chunk.start, end)
    if kind == png_format.END:
        yield _hash(asset, end, asset.size)


def _riff_parts(asset: OpenAsset) -> Iterator[bytes]:
    for chunk in riff_format.chunks(asset, asset.size):
        if chunk.kind not in (b"C2PA", b"XMP ", b"VP8X"):
            head = asset.read_at(chunk.start, chunk.content - chunk.start)
            yield head + _hash(asset, chunk.content, chunk.content + chunk.size)


def _hash(asset: OpenAsset, start: int, end: int) -> bytes:
    digest = hashlib.sha256()
    while start < end and (chunk := asset.read_at(start, min(limits.COMPARED_AT_ONCE, end - start))):
        digest.update(chunk)
        start += len(chunk)
    return digest.digest()
