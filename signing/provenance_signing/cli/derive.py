"""`provenance derive`: a web version that keeps its record."""

import sys
from pathlib import Path
from typing import Any

import click

from provenance.errors import ProvenanceError
from provenance.sentences import LANGUAGES, clean

from .sign import EXIT_NOT_SIGNED, credential_options, open_credential, say_signed

_FILE = click.Path(path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", type=_FILE)
@click.option("--out", "-o", required=True, type=_FILE, metavar="FILE", help="Where the web version goes.")
@click.option("--resize", type=click.IntRange(1), metavar="PIXELS", help="The longer edge; nothing is enlarged.")
@click.option("--crop", metavar="LEFT,TOP,WIDTH,HEIGHT", help="Cut this out first, in pixels.")
@click.option("--format", "form", metavar="NAME", help="jpeg, png, webp, avif, gif or tiff.  [default: by the name]")
@click.option("--quality", type=click.IntRange(1, 100), default=80, show_default=True, help="Where the format has one.")
@click.option("--accept-broken-ingredients", is_flag=True, help="Keep a source whose record fails, and say so.")
@credential_options
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the remarks.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def derive(source: Path, out: Path, lang: str, as_json: bool, **given: Any) -> None:
    """Make a web version of SOURCE and sign it, with SOURCE and its record as the parent.

    The record says what was done: cropped, resized, encoded anew. Colour profile, EXIF and XMP are kept.

    \b
    Exit codes:
      0  done
      1  the source could not be used, or the output not be written
      2  wrong usage

    \b
    Examples:
      provenance derive photo.jpg --resize 1200 --out photo-1200.webp --credential dev/credential.toml
      provenance derive photo.jpg --crop 100,0,800,800 --quality 70 -o square.jpg --credential dev/credential.toml
    """
    from ..derivation import Rendition
    from ..derivation import derive as make
    from ..errors import ProfileError

    try:
        rendition = Rendition(given["resize"], _crop(given["crop"]), given["form"], given["quality"])
        signed = make(
            source,
            out,
            credential=open_credential(given["credential_file"], given),
            rendition=rendition,
            accept_broken_ingredients=given["accept_broken_ingredients"],
        )
    except ProvenanceError as error:
        click.echo(f"provenance: {clean(str(error))}", err=True)
        sys.exit(2 if isinstance(error, ProfileError) else EXIT_NOT_SIGNED)
    say_signed(signed, lang, as_json=as_json)


def _crop(text: str | None) -> tuple[int, int, int, int] | None:
    if text is None:
        return None
    try:
        left, top, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r}: write it as 100,0,800,800", param_hint="--crop") from None
    return left, top, width, height
