"""`provenance manifest`: what a manifest store holds, as the engine gives it."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .. import limits
from ..asset import open_asset
from ..errors import AssetError
from ..sentences import clean
from .exit_codes import EXIT_DONE, EXIT_UNREADABLE
from .output import UnwritableError, json_text, write_output

if TYPE_CHECKING:
    from ..sources.c2pa.extraction import Extraction

_APART = "read without its file: what is said of the content (the hard binding) does not count"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--detailed", is_flag=True, help="The engine's detailed JSON: claims, signatures, all assertions.")
@click.option("--crjson", is_flag=True, help="The engine's crJSON.")
@click.option("--certificates", is_flag=True, help="The certificates of each signature and time stamp, as JSON.")
@click.option(
    "--thumbnails",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the pictures of all manifests into this folder.",
)
@click.option(
    "--raw", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.c2pa", help="Write the record's own bytes."
)
def manifest(
    file: Path, detailed: bool, crjson: bool, certificates: bool, thumbnails: Path | None, raw: Path | None
) -> None:
    """Print or take out the C2PA manifest store of FILE: inside it, beside it (photo.c2pa), or FILE itself.

    Nothing is judged here, and nothing is fetched: `provenance verify` says what can be relied on. Without an option,
    the engine's JSON is printed.

    \b
    Exit codes:
      0  done
      1  the output could not be written
      2  wrong usage
      3  there is no manifest, or it could not be read

    \b
    Examples:
      provenance manifest photo.jpg | jq .active_manifest
      provenance manifest --certificates photo.jpg
      provenance manifest --thumbnails pictures/ photo.jpg
      provenance manifest --raw photo.c2pa photo.jpg
      provenance manifest --detailed photo.c2pa
    """
    if sum((detailed, crjson, certificates, thumbnails is not None, raw is not None)) > 1:
        raise click.UsageError("--detailed, --crjson, --certificates, --thumbnails and --raw exclude each other")
    if raw is not None and raw.exists() and file.exists() and raw.samefile(file):
        raise click.UsageError("--raw would overwrite the file that is read")

    from ..sources.c2pa import why_without
    from ..sources.c2pa.extraction import Extraction
    from ..trust import TrustStore

    try:
        with open_asset(file) as asset:
            found = Extraction(asset, TrustStore.default(), thumbnails=thumbnails is not None)
            if not found.store:
                _fail(file, why_without(asset, found.reading).text)
            if detailed or crjson:
                _print_form(file, found, crjson=crjson)
    except (AssetError, OSError) as error:
        _fail(file, str(error))
    if certificates:
        click.echo(json_text(_certificates(found), indent=2))
    elif thumbnails is not None:
        _write_thumbnails(thumbnails, found)
    elif raw is not None:
        _write_store(raw, file, found)
    elif not (detailed or crjson):
        click.echo(json_text(found.store, indent=2))
        if found.alone:
            _note(_APART)
    sys.exit(EXIT_DONE)


def _fail(file: Path, why: str) -> NoReturn:
    _note(why if why.startswith(str(file)) else f"{file}: {why}")
    sys.exit(EXIT_UNREADABLE)


def _note(text: str) -> None:
    click.echo(f"provenance: {clean(text)}", err=True)


def _print_form(file: Path, found: "Extraction", *, crjson: bool) -> None:
    from ..sources.c2pa.engine import Form

    text = found.text(Form.CRJSON if crjson else Form.DETAILED)
    if text is None:
        _fail(file, "the engine cannot write the record in this form")
    else:
        click.echo(json_text(json.loads(text), indent=2))
        if found.read_apart:
            _note(_APART)


def _certificates(found: "Extraction") -> dict[str, Any]:
    from ..trust.details import certificate_details

    return {
        label: {
            "signer": certificate_details(chain.signer),
            "time_stamp": certificate_details(sorted(chain.time_stamp)),
        }
        for label, chain in found.certificates().items()
    }


def _write_thumbnails(folder: Path, found: "Extraction") -> None:
    """Under names of our own: one from a file could lead anywhere."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableError(f"{folder}: cannot be made ({error.strerror})") from None
    written = {}
    for number, picture in enumerate(found.thumbnails(), 1):
        name = f"{number:02}-{'claim' if picture.of_claim else 'ingredient'}.jpg"
        write_output(folder / name, picture.jpeg)
        written[name] = picture.uri
    click.echo(json_text(written, indent=2))
    if not found.has_all_thumbnails:
        _note(f"no more than {limits.MAX_THUMBNAILS} pictures are taken out")


def _write_store(target: Path, file: Path, found: "Extraction") -> None:
    if not found.reading.store_bytes:
        _fail(file, f"the record could not be taken out, or is larger than {limits.MAX_MANIFEST_STORE} bytes")
    write_output(target, found.reading.store_bytes)
