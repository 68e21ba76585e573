"""`provenance verify`: what is known about where files come from."""

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import limits
from ..asset import SIDECAR_SUFFIX
from ..errors import AssetError, ProvenanceError
from ..files import read_small_file
from ..iso_time import parse_time
from ..sentences import LANGUAGES, clean
from .exit_codes import EXIT_DONE, EXIT_TAMPERED, EXIT_UNREADABLE
from .output import Terminal, json_text, progress_bar, write_output

if TYPE_CHECKING:
    from ..fetching import Fetcher


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH_OR_URL...")
@click.option("--json", "as_json", is_flag=True, help="One report a line, as JSON.")
@click.option("--crjson", "as_crjson", is_flag=True, help="The C2PA engine's crJSON, one a line, as it is.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write one HTML file.")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the sentences."
)
@click.option("--trust-anchors", metavar="PEM", type=click.Path(path_type=Path), help="Trust these authorities too.")
@click.option("--trust-profile", metavar="NAME", help="c2pa, c2pa+known or own.  [default: c2pa+known]")
@click.option(
    "--identity-anchors",
    metavar="PEM",
    type=click.Path(path_type=Path),
    help="Believe stated identities by these certificates.",
)
@click.option(
    "--did-document",
    "did_documents",
    multiple=True,
    metavar="JSON",
    type=click.Path(path_type=Path),
    help="Believe the identity service with this DID document; may be repeated.",
)
@click.option("--ocsp", is_flag=True, help="Ask online whether a trusted signer's certificate was revoked.")
@click.option("--manifest", type=click.Path(path_type=Path), metavar="FILE", help="An external manifest (.c2pa).")
@click.option(
    "--segment",
    "segments",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A media segment of the stream that PATH begins; may be repeated, in playback order.",
)
@click.option("--remote", is_flag=True, help="Fetch the manifest that a file names but does not hold.")
@click.option("--at", metavar="TIME", help="Judge certificates as of this time, ISO 8601.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Ask only this source; may be repeated.")
@click.option("--one-engine", is_flag=True, help="Check C2PA manifests with the first engine only.")
@click.option("--policy", type=click.Path(path_type=Path), metavar="TOML", help="A policy of your own.")
@click.option("--server", metavar="URL", envvar="PROVENANCE_SERVER", help="Have a service examine the files instead.")
@click.pass_obj
def verify(
    fetcher: "Fetcher | None",  # given in code only; the command has no way to set it
    paths: tuple[str, ...],
    as_json: bool,
    as_crjson: bool,
    html: Path | None,
    lang: str,
    trust_anchors: Path | None,
    trust_profile: str | None,
    identity_anchors: Path | None,
    did_documents: tuple[Path, ...],
    ocsp: bool,
    manifest: Path | None,
    segments: tuple[Path, ...],
    remote: bool,
    at: str | None,
    sources: tuple[str, ...],
    one_engine: bool,
    policy: Path | None,
    server: str | None,
) -> None:
    """Say what is known about where files come from. Folders are walked, https URLs are fetched.

    A manifest that is not in the file is read from a file beside it: photo.c2pa for photo.jpg. Of a URL, it is fetched
    from where the server's Link header says. Nothing else is fetched without --remote.

    \b
    Exit codes:
      0  done
      1  a file was altered after signing, or its signed record does not hold, or the engines differ on that
      2  wrong usage
      3  a file could not be read
      4  an output could not be written
    If both 1 and 3 apply, the exit code is 1. Ctrl-C is 130, and a pipe that its reader closed 141.

    \b
    Examples:
      provenance verify photo.jpg
      provenance verify --lang fr --html report.html photo.jpg
      provenance verify --json incoming/ | jq .conclusion.headline.text
      provenance verify --trust-anchors newsroom-ca.pem photo.jpg
      provenance verify --identity-anchors newsrooms.pem --did-document service.json photo.jpg
      provenance verify --segment 1.m4s --segment 2.m4s init.mp4
      provenance verify https://example.com/photo.jpg
      provenance verify --trust-profile own photo.jpg
      provenance verify --server https://provenance.example.org photo.jpg
    """
    from ..conclusion import Policy
    from ..verifier import Verifier

    _check_form(as_json=as_json, as_crjson=as_crjson, html=html, manifest=manifest)
    here = {
        "--trust-anchors": trust_anchors, "--trust-profile": trust_profile, "--identity-anchors": identity_anchors,
        "--did-document": did_documents, "--ocsp": ocsp, "--manifest": manifest,
        "--segment": segments, "--remote": remote, "--at": at, "--source": sources, "--one-engine": one_engine,
        "--policy": policy, "--crjson": as_crjson,
    }  # fmt: skip
    if server and (given := [name for name, value in here.items() if value]):
        raise click.UsageError(f"{given[0]} is for examining here; what a service does is set where it runs")
    try:
        verifier: Any = (
            _remote(server, lang)
            if server
            else Verifier(
                trust=trust_anchors,
                trust_profile=trust_profile,
                identity_anchors=identity_anchors,
                did_documents=did_documents,
                sources=sources or None,
                policy=Policy.from_toml(policy) if policy else None,
                language=lang,
                at=_time(at) if at else None,
                online_revocation=ocsp,
                second_engine=not one_engine,
                remote_manifests=remote,
                fetcher=fetcher,
            )
        )
        external = read_small_file(manifest, limits.MAX_MANIFEST_STORE) if manifest is not None else None
    except ProvenanceError as error:
        raise click.UsageError(str(error)) from None
    if as_crjson and any(map(_is_url, paths)):
        raise click.UsageError("--crjson reads files; save what is at the URL first")
    files = list(_files(paths))
    _check_count(len(files), html=html, manifest=manifest, segments=segments)
    if not files:
        click.echo("provenance: there is no file to examine", err=True)
    sys.exit(_run(verifier, files, external, segments, as_json=as_json, as_crjson=as_crjson, html=html))


def _check_form(*, as_json: bool, as_crjson: bool, html: Path | None, manifest: Path | None) -> None:
    if as_crjson and manifest is not None:
        raise click.UsageError("--crjson reads the manifest in the file; it cannot be given one")
    if sum((as_json, as_crjson, html is not None)) > 1:
        raise click.UsageError("--json, --crjson and --html exclude each other")


def _check_count(count: int, *, html: Path | None, manifest: Path | None, segments: tuple[Path, ...]) -> None:
    """What is for one file cannot be had for several."""
    if html is not None and count != 1:
        raise click.UsageError(f"--html writes the report of one file; there are {count}")
    if manifest is not None and count != 1:
        raise click.UsageError(f"--manifest belongs to one file; there are {count}")
    if segments and manifest is not None:
        raise click.UsageError("--segment and --manifest exclude each other: a stream holds its own manifest")
    if segments and count != 1:
        raise click.UsageError(f"--segment belongs to one stream; there are {count} files")


def _remote(server: str, language: str) -> Any:
    """A service in the place of the verifier. Its key, where it asks for one, is in PROVENANCE_KEY."""
    from ..client import Client

    class Remote(Client):
        def verify(self, source: Any, *, name: str | None = None, **_: Any) -> Any:
            try:
                return super().verify(source, name=name)
            except OSError as error:
                raise AssetError(f"{source}: cannot be read ({error.strerror})") from None

        def verify_url(self, url: str, **_: Any) -> Any:
            return super().verify_url(url)

    return Remote(server, key=os.environ.get("PROVENANCE_KEY"), language=language)


def _time(text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time; write it as 2026-11-23 or 2026-11-23T12:00:00+01:00") from None


def _is_url(text: str) -> bool:
    """Whether this is to be fetched; http too, so that it is refused as what it is."""
    return text.lower().startswith(("https://", "http://"))


def _files(paths: tuple[str, ...]) -> Iterator[tuple[Path | str, str | None]]:
    """The files and URLs to examine; of folders those below them, in order, without following links or opening pipes.

    With those of folders, their path below the folder: two of one name are told apart by it.

    In folders, external manifests are passed over: they are read with the asset that they belong to.
    """
    for name in paths:
        path = Path(name)
        if _is_url(name):
            yield name, None
        elif path.is_dir():
            for file in sorted(file for file in path.rglob("*") if _is_asset(file)):
                yield file, file.relative_to(path).as_posix()
        else:
            yield path, None


def _is_asset(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.suffix != SIDECAR_SUFFIX


def _run(
    verifier: Any,
    files: list[tuple[Path | str, str | None]],
    manifest: bytes | None,
    segments: tuple[Path, ...],
    *,
    as_json: bool,
    as_crjson: bool,
    html: Path | None,
) -> int:
    from ..render.html import render_html
    from ..render.terminal import print_report

    console, errors = Terminal(), Terminal(stderr=True)
    tampered = unreadable = False
    with progress_bar(errors, len(files), "provenance") as progress:
        task = progress.add_task("", total=len(files))
        for path, below_folder in files:
            try:
                if isinstance(path, Path) and as_crjson:
                    unreadable |= not _print_crjson(verifier, path)
                    continue
                if isinstance(path, Path):
                    report = verifier.verify(path, manifest=manifest, segments=segments, thumbnails=html is not None)
                else:
                    report = verifier.verify_url(path, manifest=manifest, thumbnails=html is not None)
            except ProvenanceError as error:
                said = str(error) if isinstance(error, AssetError) else f"{path}: {error}"
                errors.print(f"provenance: {clean(said)}", style="red", markup=False, highlight=False, soft_wrap=True)
                unreadable = True
                continue
            finally:
                progress.advance(task)
            if below_folder is not None:
                named = report.asset.model_copy(update={"name": clean(below_folder)})
                report = report.model_copy(update={"asset": named})
            tampered |= report.credentials.integrity.state in ("altered", "broken", "disputed")
            unreadable |= _could_not_be_read(report)
            if as_json:
                click.echo(json_text(report.model_dump(mode="json")))
            elif html is not None:
                write_output(html, render_html(report).encode())
            else:
                print_report(report, console)
    return EXIT_TAMPERED if tampered else EXIT_UNREADABLE if unreadable else EXIT_DONE


def _could_not_be_read(report: Any) -> bool:
    """Damaged files; a type in which nobody looks for a record is no failure to read."""
    codes = {code for item in report.evidence if item.status in ("unreadable", "ambiguous") for code in item.codes}
    return bool(codes - {"unsupported", "fragment", "without-asset"}) or report.asset.size == 0


def _print_crjson(verifier: Any, path: Path) -> bool:
    from ..asset import open_asset
    from ..sources.c2pa import crjson

    with open_asset(path) as asset:
        text = crjson(asset, verifier.trust)
    if text is None:
        click.echo(f"provenance: {clean(str(path))}: no C2PA manifest that can be read", err=True)
        return False
    click.echo(json_text(json.loads(text)))
    return True
