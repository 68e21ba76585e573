"""`provenance sign`: signed assets, one at a time or a folder at once."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from provenance.cli.output import Terminal, json_text, progress_bar
from provenance.errors import ProvenanceError
from provenance.sentences import LANGUAGES, clean

from .. import limits
from .passphrases import passphrase_for_key, passphrase_options

if TYPE_CHECKING:
    from ..credential import Credential
    from ..signer import Signed
    from ..time_stamps import TimeStamps

EXIT_DONE, EXIT_NOT_SIGNED = 0, 1  # 2, for wrong usage, is click's

_FILE: Final = click.Path(path_type=Path)


def credential_options(command: Any) -> Any:
    """Which credential signs, and how it is opened; the same for every command that signs."""
    for option in (
        click.option(
            "--if-no-time-stamp",
            type=click.Choice(["fail", "sign-without"]),
            help="What to do where it gives none.  [default: fail]",
        ),
        click.option("--time-stamps", metavar="URL", help="A time stamping authority (RFC 3161)."),
        passphrase_options,
        click.option(
            "--credential",
            "credential_file",
            type=_FILE,
            envvar="PROVENANCE_CREDENTIAL",
            show_envvar=True,
            required=True,
            metavar="TOML",
            help="Who signs: a credential.toml.",
        ),
    ):
        command = option(command)
    return command


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", type=_FILE)
@click.option("--out", "-o", type=_FILE, metavar="PATH", help="Where the signed asset goes; of a folder, the folder.")
@click.option("--in-place", is_flag=True, help="Put the signed asset in the source's place.")
@click.option("--sidecar", is_flag=True, help="Leave the asset as it is; write its manifest beside it (.c2pa).")
@click.option("--remote-url", metavar="URL", help="Name this place of the manifest in the asset, and write it beside.")
@credential_options
@click.option(
    "--profile",
    required=True,
    metavar="NAME",
    help="ai-generated, ai-edited, captured, edited, published; or a TOML file of your own.",
)
@click.option("--parent", type=_FILE, metavar="FILE", help="What the asset was made from.")
@click.option("--component", "components", multiple=True, type=_FILE, metavar="FILE", help="A part of the asset.")
@click.option("--input", "inputs", multiple=True, type=_FILE, metavar="FILE", help="What a model was given.")
@click.option("--accept-broken-ingredients", is_flag=True, help="Keep ingredients whose record fails, and say so.")
@click.option("--title", metavar="TEXT", help="The asset's title.  [default: its name]")
@click.option("--model", metavar="NAME", help="The AI model that took part.")
@click.option("--model-version", metavar="TEXT", help="Its version.")
@click.option("--model-id", metavar="URI", help="Its identifier, such as pkg:huggingface/org/model@revision.")
@click.option("--prompt-file", type=_FILE, metavar="FILE", help="Record the SHA-256 of this prompt, not the prompt.")
@click.option("--oversight", type=click.Choice(["fully_autonomous", "prompt_guided", "human_validated"]))
@click.option("--training-mining", type=click.Choice(["allowed", "notAllowed", "constrained"]))
@click.option("--action", "actions", multiple=True, metavar="NAME", help="One more action, such as c2pa.cropped.")
@click.option("--facts", "facts_file", type=_FILE, metavar="JSON", help="All facts at once, as a JSON file.")
@click.option("--aigc-producer", metavar="NAME", help="Write the AIGC label of GB 45438-2025 too.")
@click.option("--no-thumbnail", is_flag=True, help="Put no picture into the manifest.")
@click.option("--no-metadata", is_flag=True, help="Do not write the digital source type into the asset's XMP.")
@click.option("--jobs", type=click.IntRange(1), help="Processes, for a folder.  [default: the number of CPUs]")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the remarks.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
def sign(source: Path, out: Path | None, jobs: int | None, lang: str, as_json: bool, **given: Any) -> None:
    """Sign SOURCE: a file, or every file of a folder.

    What is signed is read back before it is put in its place; where anything is wrong, nothing is written. A folder can
    be resumed: what signing.csv in the output folder says was signed, and has not changed since, is skipped.

    \b
    Exit codes:
      0  signed
      1  a file was not signed
      2  wrong usage, or a profile or credential that cannot be used

    \b
    Examples:
      provenance keys development dev/
      provenance sign picture.png -o signed.png --credential dev/credential.toml --profile ai-generated --model NAME
      provenance sign edited.jpg -o out.jpg --credential dev/credential.toml --profile edited --parent original.jpg
      provenance sign pictures/ -o signed/ --credential dev/credential.toml --profile ai-generated --model NAME
      provenance sign article.html --in-place --credential dev/credential.toml --profile published
    """
    try:
        facts = _facts(given)
        if source.is_dir():
            sys.exit(_sign_folder(source, out, facts, jobs or os.cpu_count() or 1, given, as_json=as_json))
        if out is None and not given["in_place"] and not given["sidecar"]:
            raise click.UsageError("say where the signed asset goes: --out PATH, --in-place or --sidecar")
        signed = _sign_file(source, out, facts, given)
    except ProvenanceError as error:
        click.echo(f"provenance: {clean(str(error))}", err=True)
        sys.exit(EXIT_NOT_SIGNED if not _is_usage(error) else 2)
    say_signed(signed, lang, as_json=as_json)


def open_credential(file: Path, given: dict[str, Any]) -> "Credential":
    """The credential, with its passphrase from where it was said to be, or from whoever sits at the terminal."""
    from ..credential import Credential

    credential = Credential.load(file, passphrase=passphrase_of(file, given))
    stamps = _time_stamps(given)
    return credential if stamps is None else credential.with_time_stamps(stamps)


def _time_stamps(given: dict[str, Any]) -> "TimeStamps | None":
    """The time stamping authority of the options, in place of the credential's; None where none is named."""
    from ..time_stamps import IfUnavailable, TimeStamps

    url = given.get("time_stamps")
    if url is None:
        return None
    try:
        return TimeStamps(url=url, if_unavailable=IfUnavailable(given.get("if_no_time_stamp") or IfUnavailable.FAIL))
    except ValueError:
        raise click.BadParameter(f"{url!r} is no address of a time stamping authority") from None


def passphrase_of(file: Path, given: dict[str, Any]) -> str | None:
    """The key's passphrase from the options; asked for where the key needs one and no place of it is named."""
    from ..credential_file import CredentialFile, read_secret

    given_here = read_secret(given.get("passphrase_file"), given.get("passphrase_env"))
    found = CredentialFile.load(file)
    if given_here is None and found.needs_passphrase and found.key.file is not None:
        return passphrase_for_key(found.key.file, None, None)
    return given_here


def _sign_file(source: Path, out: Path | None, facts: dict[str, Any], given: dict[str, Any]) -> "Signed":
    from ..ingredients import Ingredient, Relationship
    from ..signer import Signer

    credential = open_credential(given["credential_file"], given)
    signer = Signer(credential, profile=given["profile"], **_options(given))
    ingredients = [Ingredient(path, Relationship.COMPONENT) for path in given["components"]]
    ingredients += [Ingredient(path, Relationship.INPUT) for path in given["inputs"]]
    return signer.sign(
        source,
        out,
        in_place=given["in_place"],
        parent=given["parent"],
        ingredients=ingredients,
        sidecar=given["sidecar"],
        remote_url=given["remote_url"],
        **facts,
    )


def _sign_folder(
    source: Path, out: Path | None, facts: dict[str, Any], jobs: int, given: dict[str, Any], *, as_json: bool
) -> int:
    from ..batch import BatchSettings, Status, files_below, sign_folder

    apart = ("in_place", "sidecar", "remote_url", "parent", "components", "inputs", "title")
    if out is None:
        raise click.UsageError("a folder is signed into another one: --out FOLDER")
    if used := [name for name in apart if given[name]]:
        raise click.UsageError(f"--{used[0].replace('_', '-')} belongs to one file, not to a folder")
    credential = given["credential_file"]
    settings = BatchSettings(
        credential,
        given["profile"],
        passphrase_of(credential, given),
        facts,
        _options(given),
        _time_stamps(given),
    )
    paths = files_below(source, out)
    errors, counts = Terminal(stderr=True), dict.fromkeys(Status, 0)
    with progress_bar(errors, len(paths), "signing") as progress:
        task = progress.add_task("", total=len(paths))
        for row in sign_folder(source, out, settings, jobs=jobs, paths=paths):
            progress.advance(task)
            counts[row.status] += 1
            if as_json:
                click.echo(json_text({"source": row.source, "status": row.status, "error": row.error or None}))
            if row.status is Status.FAILED:
                said = f"provenance: {clean(row.source)}: not signed: {clean(row.error)}"
                errors.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
    if not as_json:
        click.echo(", ".join(f"{count} {status}" for status, count in counts.items()) + f"; see {out / 'signing.csv'}")
    return EXIT_NOT_SIGNED if counts[Status.FAILED] else EXIT_DONE


def _options(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "thumbnail": not given["no_thumbnail"],
        "declare": not given["no_metadata"],
        "accept_broken_ingredients": given["accept_broken_ingredients"],
    }


def _facts(given: dict[str, Any]) -> dict[str, Any]:
    """The facts of the JSON file, under those of the options."""
    from ..errors import ProfileError

    facts: dict[str, Any] = {}
    if path := given["facts_file"]:
        try:
            facts = json.loads(read_text(path))
        except ValueError as error:
            raise ProfileError(f"{path}: is not JSON ({error})") from None
        if not isinstance(facts, dict):
            raise ProfileError(f"{path}: the facts are one JSON object")
    if given["model"]:
        model = {"name": given["model"], "version": given["model_version"], "identifier": given["model_id"]}
        facts["model"] = {name: value for name, value in model.items() if value}
    elif given["model_version"] or given["model_id"]:
        raise click.UsageError("--model-version and --model-id belong to --model")
    if path := given["prompt_file"]:
        facts["prompt"] = read_text(path)
    if given["aigc_producer"]:
        facts["aigc"] = {"content_producer": given["aigc_producer"]}
    if given["actions"]:
        facts["actions"] = list(given["actions"])
    names = {"title": "title", "oversight": "human_oversight", "training_mining": "training_mining"}
    return facts | {fact: given[option] for option, fact in names.items() if given[option]}


def read_text(path: Path) -> str:
    """A small text file. Raises `AssetError`."""
    from provenance.files import read_small_file

    return read_small_file(path, limits.MAX_PROFILE).decode("utf-8", "replace")


def say_signed(signed: "Signed", lang: str, *, as_json: bool) -> None:
    """Prints where the signed asset is, and what whoever signs should know."""
    remarks = [each.in_language(lang).text for each in signed.remarks]
    place = signed.path or signed.manifest_path
    if as_json:
        said = {
            "path": str(place),
            "manifest": signed.manifest_id,
            "media_type": signed.media_type,
            "size": signed.size,
            "remarks": remarks,
        }
        click.echo(json_text(said))
        return
    click.echo(f"{clean(str(place))}  {signed.manifest_id}")
    for remark in remarks:
        click.echo(f"  {remark}", err=True)


def _is_usage(error: ProvenanceError) -> bool:
    from ..errors import CredentialError, ProfileError

    return isinstance(error, ProfileError | CredentialError)
