"""EXIF and IPTC-IIM: camera, software and credit fields. CIPA DC-008 (EXIF 3.0); IPTC-IIM 4.2."""

import warnings
from typing import Any, Final

from ...sentences import clean

# Pillow warns of each damaged tag; a hostile file has thousands, and the report speaks of the file anyway.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")

_EXIF_DIRECTORY: Final = 0x8769

_TAGS: Final = {
    0x010E: "exif:ImageDescription",
    0x010F: "exif:Make",
    0x0110: "exif:Model",
    0x0131: "exif:Software",
    0x013B: "exif:Artist",
}
_EXIF_TAGS: Final = {
    0x9003: "exif:DateTimeOriginal",
    0x9286: "exif:UserComment",
    0x829A: "exif:ExposureTime",
    0xA434: "exif:LensModel",
}
_IPTC_DATASETS: Final = {80: "iptc:By-line", 110: "iptc:Credit", 115: "iptc:Source"}


def read_exif(data: bytes) -> dict[str, str]:
    """The fields of interest of an EXIF block; none where it is damaged."""
    from PIL.Image import Exif

    exif = Exif()
    try:
        exif.load(b"Exif\0\0" + data)
        fields = {name: exif.get(tag) for tag, name in _TAGS.items()}
        inner = exif.get_ifd(_EXIF_DIRECTORY)
        fields |= {name: inner.get(tag) for tag, name in _EXIF_TAGS.items()}
    except Exception:  # Pillow raises many kinds of error on crafted EXIF
        return {}
    return {name: text for name, value in fields.items() if value is not None and (text := _text(value))}


def read_iptc(data: bytes) -> dict[str, str]:
    """The fields of interest among IPTC-IIM datasets of the application record."""
    fields: dict[str, str] = {}
    offset = 0
    while data[offset : offset + 1] == b"\x1c" and offset + 5 <= len(data):
        record, dataset = data[offset + 1], data[offset + 2]
        size = int.from_bytes(data[offset + 3 : offset + 5], "big")
        if size & 0x8000:  # an extended dataset, which none of these fields is
            break
        if record == 2 and dataset in _IPTC_DATASETS:
            value = data[offset + 5 : offset + 5 + size].decode("utf-8", "replace")
            fields.setdefault(_IPTC_DATASETS[dataset], clean(value))
        offset += 5 + size
    return fields


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        if value[:8] == b"UNICODE\0":
            body = value[8:]
            # Generators write big-endian, some editors little-endian: text has its zero bytes on one side.
            encoding = "utf-16-le" if body[1:2] == b"\0" else "utf-16-be"
            return body.decode(encoding, "replace").strip("\0 ")
        return value.removeprefix(b"ASCII\0\0\0").decode("utf-8", "replace").strip("\0 ")
    return str(value).strip("\0 ")
