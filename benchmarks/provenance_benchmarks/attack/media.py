"""Small media of every kind, made on the spot: pictures by Pillow, video and sound by ffmpeg where it is installed."""

import io
import shutil
import struct
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image

_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

# name: media type and what ffmpeg is to make
_BY_FFMPEG: Final = {
    "mp4": ("video/mp4", "-f lavfi -i testsrc=s=32x32:r=2:d=1 -c:v mpeg4"),
    "mov": ("video/quicktime", "-f lavfi -i testsrc=s=32x32:r=2:d=1 -c:v mjpeg"),
    "m4a": ("audio/mp4", "-f lavfi -i sine=d=0.1 -c:a aac -b:a 16k"),
    "wav": ("audio/wav", "-f lavfi -i sine=d=0.05 -ar 8000"),
    "avi": ("video/avi", "-f lavfi -i testsrc=s=32x32:r=2:d=1 -c:v mjpeg"),
    "mp3": ("audio/mpeg", "-f lavfi -i sine=d=0.1 -b:a 16k"),
    "flac": ("audio/flac", "-f lavfi -i sine=d=0.05 -ar 8000"),
}
_BY_PILLOW: Final = {
    "jpeg": ("image/jpeg", "JPEG"),
    "png": ("image/png", "PNG"),
    "gif": ("image/gif", "GIF"),
    "webp": ("image/webp", "WEBP"),
    "tiff": ("image/tiff", "TIFF"),
    "avif": ("image/avif", "AVIF"),
    "pdf": ("application/pdf", "PDF"),
}

TEXTS: Final = {
    "txt": ("text/plain", "The mayor said on Monday that the budget is balanced.\n"),
    "md": ("text/markdown", "# City\n\nThe mayor said that the budget is balanced.\n"),
    "html": (
        "text/html",
        "<!DOCTYPE html><html><head><title>City</title></head><body><p>Balanced.</p></body></html>\n",
    ),
    "json": ("application/json", '{"budget": "balanced"}\n'),
    "csv": ("text/csv", "year,budget\n2026,balanced\n"),
    "xml": ("application/xml", "<?xml version='1.0'?><a><b>balanced</b></a>\n"),
    "css": ("text/css", "p { color: red }\n"),
    "js": ("application/javascript", "alert('balanced')\n"),
    "py": ("text/x-python", "print('balanced')\n"),
    "yaml": ("application/yaml", "budget: balanced\n"),
    "toml": ("application/toml", 'budget = "balanced"\n'),
}


def media() -> Iterator[tuple[str, str, bytes]]:
    """A name, a media type and the content, of each kind that can be made here."""
    for name, (media_type, kind) in _BY_PILLOW.items():
        dated = {"creationDate": time.gmtime(0), "modDate": time.gmtime(0)} if kind == "PDF" else {}
        yield name, media_type, picture(kind, **dated)
    heif = bytearray(picture("AVIF"))
    for at in (8, *(at for at in range(16, 64, 4) if heif[at : at + 4] == b"avif")):
        heif[at : at + 4] = b"heic"  # nobody decodes it: the container is what matters
    yield "heic", "image/heic", bytes(heif)
    # A DNG is a TIFF with one more tag.
    yield "dng", "image/tiff", picture("TIFF", tiffinfo={50706: b"\1\4\0\0"})
    yield "svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>"
    yield "jxl", "image/jxl", _jxl()
    yield "epub", "application/epub+zip", zipped({"mimetype": b"application/epub+zip", "a.xhtml": b"<html/>" * 9})
    word = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w>balanced</w>"}
    yield "docx", _WORD, zipped(word)
    yield "zip", "application/zip", zipped({"a.txt": b"balanced"})
    yield from _by_ffmpeg()


def picture(kind: str, **options: object) -> bytes:
    """A small picture with something in it."""
    image = Image.new("RGB", (24, 16))
    image.putdata([((x * 37 + y * 11) % 256, (x * y * 5) % 256, (x * 7) % 256) for y in range(16) for x in range(24)])
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def zipped(entries: dict[str, bytes]) -> bytes:
    """A ZIP file, always the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _jxl() -> bytes:
    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", len(content) + 8, kind) + content

    signature = bytes.fromhex("0000000c4a584c200d0a870a")
    return signature + box(b"ftyp", b"jxl \0\0\0\0jxl ") + box(b"jxlc", bytes.fromhex("ff0a00") + bytes(range(60)))


def _by_ffmpeg() -> Iterator[tuple[str, str, bytes]]:
    if shutil.which("ffmpeg") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, (media_type, arguments) in _BY_FFMPEG.items():
            made = Path(folder, f"a.{name}")
            command = ["ffmpeg", "-v", "error", *arguments.split(), "-map_metadata", "-1", "-bitexact", str(made)]
            if subprocess.run(command, check=False).returncode == 0:
                yield name, media_type, made.read_bytes()
