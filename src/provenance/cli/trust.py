"""`provenance trust`: who may vouch for a signer."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ProvenanceError
from .output import Terminal, json_text
from .trust_changes import add, diff, remove, rollback, update

if TYPE_CHECKING:
    from ..trust import TrustList


@click.group()
def trust() -> None:
    """Trust lists: who may vouch for a signer.

    Your own lists are in the folder that PROVENANCE_TRUST names, else in that for your settings. Every change keeps
    the state before it: see "diff" and "rollback".

    \b
    Examples:
      provenance trust list
      provenance trust add newsroom-ca.pem
      provenance trust update --from C2PA-TRUST-LIST.json
    """


def _options_of_store(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="As JSON."),
        click.option("--trust-anchors", metavar="PEM", type=click.Path(path_type=Path), help="Show these too."),
        click.option("--trust-profile", metavar="NAME", help="c2pa, c2pa+known or own.  [default: c2pa+known]"),
    ):
        command = option(command)
    return command


@trust.command(name="list")
@_options_of_store
def list_(trust_profile: str | None, trust_anchors: Path | None, as_json: bool) -> None:
    """List which lists are in use, where they are, and how old.

    \b
    Examples:
      provenance trust list
      provenance trust list --trust-profile own --json
    """
    _print(trust_profile, trust_anchors, as_json=as_json, entities=False)


@trust.command()
@_options_of_store
def show(trust_profile: str | None, trust_anchors: Path | None, as_json: bool) -> None:
    """Show what is loaded, with every certificate.

    \b
    Examples:
      provenance trust show
      provenance trust show --trust-profile c2pa
    """
    _print(trust_profile, trust_anchors, as_json=as_json, entities=True)


def _print(profile: str | None, anchors: Path | None, *, as_json: bool, entities: bool) -> None:
    from ..trust.show import describe, print_trust

    try:
        lists = _lists(profile, anchors)
    except ProvenanceError as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        click.echo(json_text(describe(lists), indent=2))
    else:
        print_trust(lists, Terminal(), entities=entities)


def _lists(profile: str | None, anchors: Path | None) -> "tuple[TrustList, ...]":
    from ..trust import TrustStore

    store = TrustStore.profile(profile) if profile else TrustStore.default()
    return (store.with_own_anchors(anchors) if anchors else store).lists


for _command in (add, remove, update, diff, rollback):
    trust.add_command(_command)
