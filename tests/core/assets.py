"""A file of every format that can hold a manifest, without one."""

from .embedding import Embedder, in_comment, in_font, in_html, in_ogg, in_plain_text

# Unsigned public files, to be signed here.
UNSIGNED = {
    "image/png": "sample1.png",
    "image/gif": "sample1.gif",
    "image/webp": "sample1.webp",
    "image/svg+xml": "sample1.svg",
    "image/tiff": "test.tiff",
    "image/avif": "sample1.avif",
    "image/heic": "sample1.heic",
    "image/jxl": "sample1.jxl",
    "video/mp4": "video1_no_manifest.mp4",
    "video/quicktime": "c.mov",
    "video/avi": "test.avi",
    "audio/mpeg": "sample1.mp3",
    "audio/mp4": "sample1.m4a",
    "audio/wav": "sample1.wav",
    "audio/flac": "sample1.flac",
    "application/pdf": "basic.pdf",
}


BY_HAND: dict[str, tuple[str, bytes, Embedder]] = {
    "audio/ogg": ("a.ogg", b"\x01vorbis", in_ogg),
    "font/ttf": ("a.ttf", b"name", in_font),
    "font/otf": (
        "a.otf",
        b"name",
        lambda content, store: (b"OTTO" + (made := in_font(content, store))[0][4:], *made[1:]),
    ),
    "text/html": ("a.html", b"<!DOCTYPE html><html><head></head><body>a</body></html>", in_html),
    "application/xhtml+xml": (
        "a.xhtml",
        b'<html xmlns="http://www.w3.org/1999/xhtml"><body>a</body></html>\n',
        in_comment("<!--", "-->"),
    ),
    "text/plain": ("a.txt", b"a\n", in_plain_text),
    "text/markdown": ("a.md", b"# a\n", in_comment("<!--", "-->")),
    "text/csv": ("a.csv", b"a,b\n", in_plain_text),
    "text/tab-separated-values": ("a.tsv", b"a\tb\n", in_plain_text),
    "application/json": ("a.json", b'{"a": 1}\n', in_plain_text),
    "application/xml": ("a.xml", b"<a/>\n", in_comment("<!--", "-->")),
    "application/yaml": ("a.yaml", b"a: 1\n", in_comment("#")),
    "application/toml": ("a.toml", b"a = 1\n", in_comment("#")),
    "text/css": ("a.css", b"a {}\n", in_comment("/*", "*/")),
    "application/javascript": ("a.js", b"let a\n", in_comment("//")),
    "text/x-python": ("a.py", b"a = 1\n", in_comment("#")),
}
