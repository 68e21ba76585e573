"""Stealth metadata: generator parameters hidden in the lowest bits of a PNG's pixels.

AUTOMATIC1111's extension and NovelAI write a signature, a length and the text, one bit a pixel in the alpha channel (or
three in RGB), column by column. Almost no image has it, so the signature is looked for in the first column alone,
which needs only the first rows and no decoder: in the first column every PNG filter adds the byte above, or half of it.
"""

import gzip
import io
import zlib
from typing import Final

from ... import limits
from ...asset import OpenAsset
from ...format_table import Family
from ...formats.png import chunks

_SIGNATURES: Final = {
    b"stealth_pnginfo": ("alpha", False),
    b"stealth_pngcomp": ("alpha", True),
    b"stealth_rgbinfo": ("rgb", False),
    b"stealth_rgbcomp": ("rgb", True),
}
_SIGNATURE_BITS: Final = 15 * 8
_LENGTH_BITS: Final = 32
_BIT_DIGITS: Final = bytes(ord("0") + value % 2 for value in range(256))
_CHANNELS: Final = {2: 3, 6: 4}  # PNG colour types RGB and RGBA


def read_stealth(asset: OpenAsset) -> str | None:
    """The text hidden in the pixels of a PNG, or None."""
    if asset.family is not Family.PNG:
        return None
    header = asset.read_at(16, 13)
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    depth, colour, interlaced = header[8:9], header[9:10], header[12:13]
    channels = _CHANNELS.get(colour[0]) if colour else None
    if (
        channels is None
        or depth != b"\x08"
        or interlaced != b"\0"
        or not 0 < width * height <= limits.MAX_DECODED_PIXELS
    ):
        return None
    if height >= _SIGNATURE_BITS and not _signature_in_first_column(asset, width, channels):
        return None
    return _read_pixels(asset)


def _signature_in_first_column(asset: OpenAsset, width: int, channels: int) -> bool:
    stride = 1 + width * channels
    # Two letters first: nearly every image ends here, for the cost of sixteen rows.
    return all(_starts_like_a_signature(_first_rows(asset, rows, stride), channels) for rows in (16, _SIGNATURE_BITS))


def _starts_like_a_signature(rows: list[bytes], channels: int) -> bool:
    pixel = bytes(channels)
    column = []
    for row in rows:
        kind, filtered = row[0], row[1 : 1 + channels]
        # Left and upper-left are zero here: Sub adds nothing, Up and Paeth the byte above, Average half of it.
        above = pixel if kind in (2, 4) else bytes(value // 2 for value in pixel) if kind == 3 else bytes(channels)
        pixel = bytes((value + upper) & 255 for value, upper in zip(filtered, above, strict=True))
        column.append(pixel)
    alpha = _lowest_bits(bytes(pixel[3] for pixel in column)) if channels == 4 else b""
    rgb = _lowest_bits(b"".join(pixel[:3] for pixel in column)[:_SIGNATURE_BITS])
    return any(start and name.startswith(start) for start in (alpha, rgb) for name in _SIGNATURES)


def _first_rows(asset: OpenAsset, count: int, stride: int) -> list[bytes]:
    inflate, data = zlib.decompressobj(), b""
    for chunk in chunks(asset):
        if chunk.kind != b"IDAT":
            continue
        try:
            content = asset.read_at(chunk.content, min(chunk.length, count * stride))
            data += inflate.decompress(content, max(1, count * stride - len(data)))
        except zlib.error:
            break
        if len(data) >= count * stride or chunk.length > count * stride:
            break
    return [data[at : at + stride] for at in range(0, min(len(data), count * stride) - stride + 1, stride)]


def _read_pixels(asset: OpenAsset) -> str | None:
    from PIL import Image

    asset.stream.seek(0)
    try:
        with Image.open(asset.stream, formats=("PNG",)) as image:
            if image.width * image.height > limits.MAX_DECODED_PIXELS or image.mode not in ("RGB", "RGBA"):
                return None
            columns = image.transpose(Image.Transpose.TRANSPOSE)
    except Exception:  # Pillow's decoders raise many kinds of error on crafted data
        return None
    for channel in ("alpha", "rgb") if columns.mode == "RGBA" else ("rgb",):
        pixels = columns.getchannel("A") if channel == "alpha" else columns.convert("RGB")
        text = _hidden_text(pixels.tobytes(), channel)
        if text:
            return text
    return None


def _hidden_text(values: bytes, channel: str) -> str | None:
    signature = _lowest_bits(values[:_SIGNATURE_BITS])
    if _SIGNATURES.get(signature, ("", False))[0] != channel:
        return None
    start = _SIGNATURE_BITS + _LENGTH_BITS
    length = int.from_bytes(_lowest_bits(values[_SIGNATURE_BITS:start]), "big")
    if length > min(limits.MAX_HIDDEN_TEXT * 8, len(values) - start):
        return None
    data = _lowest_bits(values[start : start + length])
    if _SIGNATURES[signature][1]:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(limits.MAX_HIDDEN_TEXT)
        except (OSError, EOFError, zlib.error):
            return None
    return data.decode("utf-8", "replace")


def _lowest_bits(values: bytes) -> bytes:
    """The lowest bit of each value, eight to a byte, the first one highest; what is left over is dropped."""
    usable = len(values) - len(values) % 8
    return int(values[:usable].translate(_BIT_DIGITS) or b"0", 2).to_bytes(usable // 8, "big")
