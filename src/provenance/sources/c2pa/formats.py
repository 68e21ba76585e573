"""Which formats can carry a C2PA manifest that we read, and by which engine. `docs/formats.md` is written from here.

python -m provenance.sources.c2pa.formats > docs/formats.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ...format_table import FORMATS, Family, Format
from . import engine, second_engine

# Public files with a manifest; the tests make all others.
_EXAMPLES: Final = {
    "image/jpeg": "adobe-20220124-CA.jpg",
    "image/png": "vinyl-output.png",
    "video/mp4": "video1.mp4",
    "application/pdf": "adobe-20240110-single_manifest_store.pdf",
}


@dataclass(frozen=True)
class Support:
    """One format: where its manifest may be, and who reads it. `example` is a public file that carries one."""

    name: str
    media_type: str
    engines: tuple[str, ...]
    external: bool  # a manifest beside the asset, or given with it
    segments: bool
    example: str | None


def formats() -> tuple[Support, ...]:
    """All formats in which a manifest is looked for, and those that are often asked about and have none."""
    return tuple(_support(row) for row in FORMATS if row.family is not Family.SEGMENT)


def _support(row: Format) -> Support:
    readers = ((engine.NAME, engine.is_supported), (second_engine.NAME, second_engine.is_supported))
    engines = tuple(reader for reader, reads in readers if reads(row.media_type))
    return Support(
        name=row.name,
        media_type=row.media_type,
        engines=engines,
        external=bool(engines),
        segments=row.family is Family.MOVIE and len(engines) > 0,
        example=_EXAMPLES.get(row.media_type),
    )


def as_markdown(rows: Iterable[Support]) -> str:
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
- Every record is verified by this toolkit first; the engines named here are the further opinions on it. What neither
  reads has no manifest that we could find: the report says that it was not looked for.
"""


if __name__ == "__main__":
    print(_INTRODUCTION + "\n" + as_markdown(formats()))  # noqa: T201
