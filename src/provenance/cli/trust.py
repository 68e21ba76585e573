"""`provenance trust`: who may vouch for a signer."""

import json
from pathlib import Path

import click
from rich.console import Console

from ..errors import ProvenanceError


@click.group()
def trust() -> None:
    """Trust lists: who may vouch for a signer."""


@trust.command()
@click.option("--trust-anchors", metavar="PEM", type=click.Path(path_type=Path), help="Show these authorities too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(trust_anchors: Path | None, as_json: bool) -> None:
    """Show what is loaded, and how old it is.

    \b
    Example:
      provenance trust show
    """
    from ..trust import TrustStore
    from ..trust.show import describe, print_trust

    try:
        store = TrustStore.default()
        if trust_anchors is not None:
            store = store.with_own_anchors(trust_anchors)
    except ProvenanceError as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        click.echo(json.dumps(describe(store), ensure_ascii=False, indent=2))
    else:
        print_trust(store, Console())
