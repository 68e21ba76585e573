"""The command `provenance audit`."""

import json
from pathlib import Path
from typing import Any

import click

from provenance.errors import ProvenanceError
from provenance.sentences import clean

from .storage_options import open_storage, storage_options


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def audit() -> None:
    """Read the audit log of the service, and check that no entry was changed or removed.

    \b
    Examples:
      provenance audit show
      provenance audit verify
      provenance audit verify --head 1042:9f86d081884c...   # noted earlier, elsewhere
    """


@audit.command()
@click.option("--head", metavar="NUMBER:HASH", help="As an earlier check gave it: finds entries missing at the end.")
@storage_options
def verify(head: str | None, config: Path | None, **where: Any) -> None:
    """Walk the chain of entries. Exits with 1 where one was changed or is missing.

    Whoever can write to the database could make the whole chain anew: note the head elsewhere, and give it here.
    """
    from ..audit import check_chain

    try:
        with open_storage(config, **where).database.read() as connection:
            chain = check_chain(connection, head=head)
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    if chain.fault is not None:
        raise click.ClickException(f"{chain.fault}; the {chain.entries} before it hold")
    click.echo(f"{chain.entries} entries, unbroken; head {chain.head}")


@audit.command()
@click.option("--after", type=int, default=0, metavar="NUMBER", help="Only entries after this one.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each.")
@storage_options
def show(after: int, as_json: bool, config: Path | None, **where: Any) -> None:
    """Print the entries, the oldest first."""
    from ..audit import entries

    try:
        with open_storage(config, **where).database.read() as connection:
            for row in entries(connection, after=after):
                entry = dict(row._mapping)
                words = (row.at, row.action, row.client, row.subject, row.credential, row.digest)
                line = "  ".join(clean(word) for word in words if word)
                click.echo(json.dumps(entry) if as_json else f"{row.number:6} {line}")
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
