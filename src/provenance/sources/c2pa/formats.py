"""Which formats can carry a C2PA manifest that we read, and by which engine. `docs/formats.md` is written from here.

python -m provenance.sources.c2pa.formats > docs/formats.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from . import engine, second_engine

_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."

# Name, media type, and a public file with a manifest, where there is one; the tests make all others.
_FORMATS: Final = (
    ("JPEG", "image/jpeg", "adobe-20220124-CA.jpg"),
    ("PNG", "image/png", "vinyl-output.png"),
    ("GIF", "image/gif", None),
    ("WebP", "image/webp", None),
    ("SVG", "image/svg+xml", None),
    ("TIFF, DNG", "image/tiff", None),
    ("AVIF", "image/avif", None),
    ("HEIC", "image/heic", None),
    ("HEIF", "image/heif", None),
    ("JPEG XL", "image/jxl", None),
    ("MP4", "video/mp4", "video1.mp4"),
    ("QuickTime", "video/quicktime", None),
    ("AVI", "video/avi", None),
    ("Matroska, WebM", "video/x-matroska", None),
    ("MP3", "audio/mpeg", None),
    ("M4A", "audio/mp4", None),
    ("WAV", "audio/wav", None),
    ("FLAC", "audio/flac", None),
    ("Ogg", "audio/ogg", None),
    ("PDF", "application/pdf", "adobe-20240110-single_manifest_store.pdf"),
    ("Word", f"{_OFFICE}wordprocessingml.document", None),
    ("Excel", f"{_OFFICE}spreadsheetml.sheet", None),
    ("PowerPoint", f"{_OFFICE}presentationml.presentation", None),
    ("OpenDocument text", f"{_OPEN}text", None),
    ("OpenDocument spreadsheet", f"{_OPEN}spreadsheet", None),
    ("OpenDocument presentation", f"{_OPEN}presentation", None),
    ("EPUB", "application/epub+zip", None),
    ("ZIP", "application/zip", None),
    ("TrueType", "font/ttf", None),
    ("OpenType", "font/otf", None),
    ("HTML", "text/html", None),
    ("XHTML", "application/xhtml+xml", None),
    ("Plain text", "text/plain", None),
    ("Markdown", "text/markdown", None),
    ("CSV", "text/csv", None),
    ("TSV", "text/tab-separated-values", None),
    ("JSON", "application/json", None),
    ("XML", "application/xml", None),
    ("YAML", "application/yaml", None),
    ("TOML", "application/toml", None),
    ("CSS", "text/css", None),
    ("JavaScript", "application/javascript", None),
    ("Python", "text/x-python", None),
)

# ISO base media files are also streamed in segments (DASH, CMAF).
_SEGMENTED: Final = frozenset({"video/mp4", "audio/mp4"})


@dataclass(frozen=True)
class Format:
    """One format: where its manifest may be, and who reads it. `example` is a public file that carries one."""

    name: str
    media_type: str
    engines: tuple[str, ...]
    external: bool  # a manifest beside the asset, or given with it
    segments: bool
    example: str | None


def formats() -> tuple[Format, ...]:
    """All formats in which a manifest is looked for, and those that are often asked about and have none."""
    return tuple(_format(*each) for each in _FORMATS)


def _format(name: str, media_type: str, example: str | None) -> Format:
    readers = ((engine.NAME, engine.is_supported), (second_engine.NAME, second_engine.is_supported))
    engines = tuple(reader for reader, reads in readers if reads(media_type))
    return Format(
        name=name,
        media_type=media_type,
        engines=engines,
        external=bool(engines),
        segments=media_type in _SEGMENTED and len(engines) > 0,
        example=example,
    )


def as_markdown(rows: Iterable[Format]) -> str:
    """The table of `docs/formats.md`."""
    lines = [
        "| format | media type | inside | beside, or given | in segments | engines | example |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        cells = (row.name, f"`{row.media_type}`", *map(_mark, (bool(row.engines), row.external, row.segments)))
        example = row.example or ("made by the tests" if row.engines else "-")
        lines.append(f"| {' | '.join(cells)} | {', '.join(row.engines) or 'none'} | {example} |")
    return "\n".join(lines)


def _mark(yes: bool) -> str:
    return "yes" if yes else "no"


_INTRODUCTION: Final = """\
# Formats

Where a C2PA manifest is looked for. Written from the code by `make formats`; a test signs or takes an example of each
format and reads it with the engines named here.

- **inside**: embedded in the asset (C2PA 2.4, annex A).
- **beside, or given**: in `photo.c2pa` beside `photo.jpg`, or with `--manifest` (section 11.4). A manifest that the
  asset names by a URL is said to be remote, and fetched only on request.
- **in segments**: an initialization segment with its media segments (`--segment`).
- Fonts are read where the `C2PA` table holds the bare manifest store.
- ZIP-based documents: section 18.8 asks for an array of hashes. c2pa-rs (0.91) writes and reads a map, which encypher
  refuses: what c2pa-rs signs is disputed between the two. Documents with the array are verified here and read by
  encypher; the report says that c2pa-rs could not read them.
- Every record is verified by this toolkit first; the engines named here are the further opinions on it. What neither reads
  has no manifest that we could find: the report says that it was not looked for.
"""


if __name__ == "__main__":
    print(_INTRODUCTION + "\n" + as_markdown(formats()))  # noqa: T201
