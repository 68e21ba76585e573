"""`provenance keys check`: what a certificate chain has and lacks."""

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from provenance.cli.output import Terminal, json_text
from provenance.errors import ProvenanceError
from provenance.sentences import clean

from .passphrases import passphrase_for_key, passphrase_options

if TYPE_CHECKING:
    from ..algorithms import PublicKey
    from ..keys.certificate_profile import Finding


@click.command()
@click.argument("chain", type=click.Path(path_type=Path))
@click.option("--key", metavar="PEM", type=click.Path(path_type=Path), help="The private key that should belong to it.")
@click.option(
    "--assurance-level",
    type=click.IntRange(1, 2),
    help="Of the official profile.  [default: what the certificate states, else 1]",
)
@passphrase_options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def check(
    chain: Path,
    key: Path | None,
    assurance_level: int | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    as_json: bool,
) -> None:
    """Say what a certificate chain has and lacks, certificate by certificate.

    CHAIN is a PEM file, the signer's certificate first. Two things are looked at: what verifiers ask of every signer,
    and what C2PA's official certificate profile asks of conforming products.

    \b
    Exit codes:
      0  verifiers find all that they ask for
      1  they do not
      2  wrong usage, or a file that cannot be read

    \b
    Examples:
      provenance keys check chain.pem
      provenance keys check chain.pem --key key.pem --passphrase-file passphrase
      provenance keys check --json chain.pem | jq '.findings[] | select(.ok | not)'
    """
    from ..credential import read_key_file
    from ..keys import certificate_profile

    try:
        found = certificate_profile.check(
            read_key_file(chain),
            name=str(chain),
            key=_public_key(key, passphrase_file, passphrase_env),
            assurance=assurance_level,
        )
    except ProvenanceError as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        sources = certificate_profile.sources()
        click.echo(json_text({"sources": sources, "findings": [each.as_data() for each in found]}, indent=2))
    else:
        _print(found, Terminal())
    if any(not each.ok and each.level is certificate_profile.Level.VERIFIERS for each in found):
        sys.exit(1)


def _public_key(key: Path | None, passphrase_file: Path | None, passphrase_env: str | None) -> "PublicKey | None":
    from ..credential import read_key_file
    from ..keys.pem import PemKey

    if key is None:
        return None
    passphrase = passphrase_for_key(key, passphrase_file, passphrase_env)
    return PemKey.load(read_key_file(key), passphrase, name=str(key)).public_key


def _print(findings: "Sequence[Finding]", console: Terminal) -> None:
    """A table a certificate, and what is lacking in all."""
    from ..keys.certificate_profile import Level

    titles = {Level.VERIFIERS: "for verifiers", Level.OFFICIAL_PROFILE: "for the official profile"}
    for (role, subject), of_one in groupby(findings, lambda each: (each.role, each.certificate)):
        table = Table(title=Text(f"{role}: {clean(subject)}"), title_justify="left", title_style="bold", expand=False)
        for column in ("", "What it is to have", "Where that stands"):
            table.add_column(column)
        for level, of_level in groupby(of_one, lambda each: each.level):
            table.add_section()
            table.add_row("", Text(titles[level], style="bold"))
            said = ""
            for each in of_level:
                mark = Text("ok", style="green") if each.ok else Text("lacks", style="red")
                table.add_row(mark, Text(each.requirement), Text(each.section if each.section != said else ""))
                said = each.section
        console.print(table)
    for level, title in titles.items():
        lacking = sum(1 for each in findings if each.level is level and not each.ok)
        console.print(Text(f"{title}: {f'{lacking} lacking' if lacking else 'nothing is lacking'}"))
