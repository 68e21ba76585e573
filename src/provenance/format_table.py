"""The table of file formats: one row for each media type, and all that is known of it whatever it is asked for.

Another package adds a format of text by the entry point group `provenance.formats`, which names its row.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from importlib.metadata import entry_points
from typing import Final

GROUP: Final = "provenance.formats"

_log: Final = logging.getLogger("provenance")


class Family(StrEnum):
    """The structure that a file has inside: what one walker reads, and one way to write serves."""

    JPEG = auto()
    PNG = auto()
    GIF = auto()
    WEBP = auto()
    TIFF = auto()
    AVIF = auto()
    HEIC = auto()
    JPEG_XL = auto()
    SVG = auto()
    BMP = auto()
    PHOTOSHOP = auto()
    MOVIE = auto()  # also streamed, as an initialization segment with media segments (DASH, CMAF)
    SEGMENT = auto()
    AVI = auto()
    MATROSKA = auto()
    WAV = auto()
    MP3 = auto()
    FLAC = auto()
    OGG = auto()
    PDF = auto()
    ZIP = auto()
    FONT = auto()
    PLAIN = auto()
    MARKDOWN = auto()
    HTML = auto()
    XML = auto()
    TABLE = auto()
    JSON = auto()
    TOML = auto()
    CODE = auto()  # text with comments, of which nothing else need be known
    PYTHON = auto()


TEXTS: Final = frozenset(
    {
        *(Family.PLAIN, Family.MARKDOWN, Family.HTML, Family.XML, Family.TABLE, Family.JSON),
        *(Family.TOML, Family.PYTHON, Family.CODE),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What is known of one media type.

    - `suffixes`: of file names, the usual one first.
    - `aliases`: other names that programs and servers give the type.
    - `magic`: how its files begin. Formats without any are told by their structure, in `media_type`.
    - `brands`: of ISO base media files, as registered at the MP4 registration authority.
    - `list_type`: of RIFF files, what they are a list of.
    - `comments`: of text, what a block for a manifest stands in; the first one is written. C2PA 2.4, section A.9.3.1.
    - `decoder`: the name of Pillow's decoder, where it has one without plug-ins.
    - `held_whole`: the engine holds such a file in memory, whatever its size.
    """

    media_type: str
    name: str
    family: Family
    suffixes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    brands: tuple[bytes, ...] = ()
    list_type: bytes | None = None
    comments: tuple[tuple[str, str], ...] = ()
    decoder: str | None = None
    held_whole: bool = False


_HASH: Final = (("#", ""),)
# NOTE: a block's delimiters hold two hyphens, which XML forbids in a comment: a processing instruction is written.
_XML: Final = (("<?c2pa", "?>"), ("<!--", "-->"))

_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."

FORMATS: Final = (
    Format(
        media_type="image/jpeg",
        name="JPEG",
        family=Family.JPEG,
        suffixes=("jpg", "jpeg"),
        aliases=("image/jpg",),
        magic=(b"\xff\xd8\xff",),
        decoder="JPEG",
        held_whole=True,
    ),
    Format(
        media_type="image/png",
        name="PNG",
        family=Family.PNG,
        suffixes=("png",),
        magic=(b"\x89PNG\r\n\x1a\n",),
        decoder="PNG",
    ),
    Format(
        media_type="image/gif",
        name="GIF",
        family=Family.GIF,
        suffixes=("gif",),
        magic=(b"GIF87a", b"GIF89a"),
        decoder="GIF",
    ),
    Format(
        media_type="image/webp",
        name="WebP",
        family=Family.WEBP,
        suffixes=("webp",),
        list_type=b"WEBP",
        decoder="WEBP",
    ),
    Format(
        media_type="image/svg+xml",
        name="SVG",
        family=Family.SVG,
        suffixes=("svg",),
        held_whole=True,
    ),
    Format(
        media_type="image/tiff",
        name="TIFF, DNG",
        family=Family.TIFF,
        suffixes=("tif", "tiff", "dng"),
        magic=(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        decoder="TIFF",
    ),
    Format(
        media_type="image/avif",
        name="AVIF",
        family=Family.AVIF,
        suffixes=("avif",),
        brands=(b"avif", b"avis"),
        decoder="AVIF",
    ),
    Format(
        media_type="image/heic",
        name="HEIC",
        family=Family.HEIC,
        suffixes=("heic",),
        brands=(b"heic", b"heix", b"heim", b"heis", b"hevc"),
    ),
    Format(
        media_type="image/heif",
        name="HEIF",
        family=Family.HEIC,
        suffixes=("heif",),
        brands=(b"mif1", b"msf1"),
    ),
    Format(
        media_type="image/jxl",
        name="JPEG XL",
        family=Family.JPEG_XL,
        suffixes=("jxl",),
        magic=(b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n"),
    ),
    Format(media_type="image/bmp", name="BMP", family=Family.BMP, suffixes=("bmp",)),
    Format(
        media_type="image/vnd.adobe.photoshop",
        name="Photoshop",
        family=Family.PHOTOSHOP,
        suffixes=("psd",),
        magic=(b"8BPS",),
    ),
    Format(
        media_type="video/mp4",
        name="MP4",
        family=Family.MOVIE,
        suffixes=("mp4", "m4v"),
    ),
    Format(
        media_type="video/quicktime",
        name="QuickTime",
        family=Family.MOVIE,
        suffixes=("mov",),
        brands=(b"qt  ",),
    ),
    Format(media_type="video/iso.segment", name="Media segment", family=Family.SEGMENT, suffixes=("m4s",)),
    Format(
        media_type="video/avi",
        name="AVI",
        family=Family.AVI,
        suffixes=("avi",),
        aliases=("video/x-msvideo",),
        list_type=b"AVI ",
    ),
    Format(
        media_type="video/x-matroska",
        name="Matroska, WebM",
        family=Family.MATROSKA,
        suffixes=("mkv", "webm"),
        aliases=("video/webm",),
        magic=(b"\x1aE\xdf\xa3",),
    ),
    Format(
        media_type="audio/mpeg",
        name="MP3",
        family=Family.MP3,
        suffixes=("mp3",),
        magic=(b"ID3\x02", b"ID3\x03", b"ID3\x04"),
    ),
    Format(
        media_type="audio/mp4",
        name="M4A",
        family=Family.MOVIE,
        suffixes=("m4a",),
        brands=(b"M4A ", b"M4B "),
    ),
    Format(
        media_type="audio/wav",
        name="WAV",
        family=Family.WAV,
        suffixes=("wav",),
        aliases=("audio/x-wav", "audio/wave"),
        list_type=b"WAVE",
    ),
    Format(media_type="audio/flac", name="FLAC", family=Family.FLAC, suffixes=("flac",), magic=(b"fLaC",)),
    Format(media_type="audio/ogg", name="Ogg", family=Family.OGG, suffixes=("ogg",), magic=(b"OggS",)),
    Format(
        media_type="application/pdf",
        name="PDF",
        family=Family.PDF,
        suffixes=("pdf",),
        magic=(b"%PDF-",),
        held_whole=True,
    ),
    Format(media_type=f"{_OFFICE}wordprocessingml.document", name="Word", family=Family.ZIP, suffixes=("docx",)),
    Format(media_type=f"{_OFFICE}spreadsheetml.sheet", name="Excel", family=Family.ZIP, suffixes=("xlsx",)),
    Format(
        media_type=f"{_OFFICE}presentationml.presentation", name="PowerPoint", family=Family.ZIP, suffixes=("pptx",)
    ),
    Format(media_type=f"{_OPEN}text", name="OpenDocument text", family=Family.ZIP, suffixes=("odt",)),
    Format(media_type=f"{_OPEN}spreadsheet", name="OpenDocument spreadsheet", family=Family.ZIP, suffixes=("ods",)),
    Format(media_type=f"{_OPEN}presentation", name="OpenDocument presentation", family=Family.ZIP, suffixes=("odp",)),
    Format(media_type="application/epub+zip", name="EPUB", family=Family.ZIP, suffixes=("epub",)),
    Format(media_type="application/zip", name="ZIP", family=Family.ZIP, suffixes=("zip",)),
    Format(
        media_type="font/ttf",
        name="TrueType",
        family=Family.FONT,
        suffixes=("ttf",),
        magic=(b"\0\1\0\0\0", b"true\0"),
    ),
    Format(media_type="font/otf", name="OpenType", family=Family.FONT, suffixes=("otf",), magic=(b"OTTO\0",)),
    Format(media_type="text/html", name="HTML", family=Family.HTML, suffixes=("html", "htm")),
    Format(media_type="application/xhtml+xml", name="XHTML", family=Family.XML, suffixes=("xhtml",), comments=_XML),
    Format(media_type="text/plain", name="Plain text", family=Family.PLAIN, suffixes=("txt",)),
    Format(
        media_type="text/markdown",
        name="Markdown",
        family=Family.MARKDOWN,
        suffixes=("md", "markdown"),
        comments=(("<!--", "-->"),),
    ),
    Format(media_type="text/csv", name="CSV", family=Family.TABLE, suffixes=("csv",)),
    Format(media_type="text/tab-separated-values", name="TSV", family=Family.TABLE, suffixes=("tsv",)),
    Format(media_type="application/json", name="JSON", family=Family.JSON, suffixes=("json",)),
    Format(
        media_type="application/xml",
        name="XML",
        family=Family.XML,
        suffixes=("xml",),
        aliases=("text/xml",),
        comments=_XML,
    ),
    Format(
        media_type="application/yaml",
        name="YAML",
        family=Family.CODE,
        suffixes=("yaml", "yml"),
        aliases=("text/yaml", "application/x-yaml"),
        comments=_HASH,
    ),
    Format(media_type="application/toml", name="TOML", family=Family.TOML, suffixes=("toml",), comments=_HASH),
    Format(media_type="text/css", name="CSS", family=Family.CODE, suffixes=("css",), comments=(("/*", "*/"),)),
    Format(
        media_type="application/javascript",
        name="JavaScript",
        family=Family.CODE,
        suffixes=("js", "mjs"),
        aliases=("text/javascript",),
        comments=(("//", ""), ("/*", "*/")),
    ),
    Format(media_type="text/x-python", name="Python", family=Family.PYTHON, suffixes=("py",), comments=_HASH),
)

# Documents of these families that have no row of their own: with macros, templates, drawings, and what a ZIP calls
# itself that begins with a `mimetype` entry.
_ZIP_BASED: Final = (_OFFICE, _OPEN, "application/vnd.ms-", "application/oxps")

_BY_NAME: Final = {name: row for row in FORMATS for name in (row.media_type, *row.aliases)}
_BY_SUFFIX: Final = {suffix: row for row in FORMATS for suffix in row.suffixes}


def format_of(media_type: str) -> Format | None:
    """The row of a media type, by any of its names; None where nothing is known of it."""
    return _BY_NAME.get(media_type) or next((row for row in _added() if media_type in _names(row)), None)


def format_of_suffix(name: str) -> Format | None:
    """The row that a file's name promises; None where it promises nothing that is known."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if not suffix:
        return None
    return _BY_SUFFIX.get(suffix) or next((row for row in _added() if suffix in row.suffixes), None)


def family_of(media_type: str) -> Family | None:
    """What files of this media type are inside; None where nothing is known of it."""
    if row := format_of(media_type):
        return row.family
    return Family.ZIP if media_type.startswith(_ZIP_BASED) else None


@cache
def _added() -> tuple[Format, ...]:
    """Formats of text that other packages add. One that cannot be loaded, or is no text, is left out and logged.

    Only text: what a file is otherwise is told by its content, and read by a walker of ours.
    """
    rows = []
    for entry in entry_points(group=GROUP):
        try:
            row = entry.load()
        except Exception as error:
            _log.error("the format %s cannot be loaded (%s)", entry.name, type(error).__name__)
            continue
        if isinstance(row, Format) and row.family in TEXTS:
            rows.append(row)
        else:
            _log.error("the format %s is not a row of a format of text", entry.name)
    return tuple(rows)


def _names(row: Format) -> tuple[str, ...]:
    return row.media_type, *row.aliases
