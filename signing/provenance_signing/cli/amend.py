"""`provenance amend`: changes to a record that leave the asset as it is."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from provenance.errors import ProvenanceError
from provenance.sentences import LANGUAGES, clean

from .sign import EXIT_NOT_SIGNED, credential_options, open_credential, read_text, say_signed

_FILE = click.Path(path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", type=_FILE)
@click.option("--out", "-o", type=_FILE, metavar="FILE", help="Where the asset with the amended record goes.")
@click.option("--in-place", is_flag=True, help="Put it in the source's place.")
@click.option(
    "--training-mining", type=click.Choice(["allowed", "notAllowed", "constrained"]), help="Say it of all uses."
)
@click.option(
    "--assertion", "assertions", multiple=True, metavar="LABEL=JSON-FILE", help="Add an assertion of your own."
)
@click.option("--redact", multiple=True, metavar="LABEL", help="Take this assertion out of the record.")
@click.option("--reason", default="c2pa.PII.present", show_default=True, metavar="CODE", help="Why it is redacted.")
@click.option(
    "--identity", type=_FILE, metavar="TOML", help="The credential of a person or organisation beside the signer."
)
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Theirs, such as cawg.creator.")
@credential_options
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the remarks.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def amend(source: Path, out: Path | None, in_place: bool, lang: str, as_json: bool, **given: Any) -> None:
    """Amend the record of SOURCE without changing its content: add assertions, or take some out.

    What the record said before is kept and stays checkable. What is redacted is gone; the record says that it is,
    and why. "provenance manifest --detailed" lists the labels.

    \b
    Exit codes:
      0  done
      1  the record could not be amended, or the output not be written
      2  wrong usage

    \b
    Examples:
      provenance amend photo.jpg -o out.jpg --training-mining notAllowed --credential dev/credential.toml
      provenance amend photo.jpg -o out.jpg --redact c2pa.metadata --credential dev/credential.toml
      provenance amend photo.jpg --in-place --identity jane/credential.toml --role cawg.creator \\
          --credential dev/credential.toml
    """
    from ..amendment import amend as make
    from ..engine import IdentitySigner
    from ..errors import ProfileError

    if out is None and not in_place:
        raise click.UsageError("say where it goes: --out FILE or --in-place")
    try:
        credential = open_credential(given["credential_file"], given)
        identity = None
        if given["identity"]:
            identity = IdentitySigner(open_credential(given["identity"], {}), tuple(given["roles"]))
        signed = make(
            source,
            out,
            credential=credential,
            in_place=in_place,
            assertions=[_assertion(text) for text in given["assertions"]],
            permission=given["training_mining"],
            identity=identity,
            redact=given["redact"],
            reason=given["reason"],
        )
    except ProvenanceError as error:
        click.echo(f"provenance: {clean(str(error))}", err=True)
        sys.exit(2 if isinstance(error, ProfileError) else EXIT_NOT_SIGNED)
    say_signed(signed, lang, as_json=as_json)


def _assertion(text: str) -> dict[str, Any]:
    label, mark, path = text.partition("=")
    if not mark:
        raise click.BadParameter(f"{text!r}: write it as LABEL=FILE", param_hint="--assertion")
    try:
        return {"label": label, "created": True, "data": json.loads(read_text(Path(path)))}
    except ValueError as error:
        raise click.BadParameter(f"{path}: is not JSON ({error})", param_hint="--assertion") from None
