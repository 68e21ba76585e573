"""The command `provenance api-key`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from provenance.errors import ProvenanceError
from provenance.sentences import clean
from provenance.validation_errors import problems_of

from ..access.quota import Quota
from ..access.scope import Scope
from .storage_options import open_storage, storage_options

_DAY = 86400.0


@click.group(name="api-key", context_settings={"help_option_names": ["-h", "--help"]})
def api_key() -> None:
    """Make, list and revoke the keys of clients.

    \b
    Examples:
      provenance api-key add cms --scope sign --credential newsroom --days 365
      provenance api-key add desk --scope verify --scope detect --quota 600/hour
      provenance api-key list
      provenance api-key revoke 3f9a1c02
    """


@api_key.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([str(scope) for scope in Scope]))
@click.option("--credential", "credentials", multiple=True, metavar="NAME", help="Only with this one; may be repeated.")
@click.option("--quota", metavar="N/PERIOD", help="As in 600/hour; the service's, where left out.")
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True), help="Good for so long; without an end if left out."
)
@storage_options
def add(
    name: str,
    scopes: tuple[str, ...],
    credentials: tuple[str, ...],
    quota: str | None,
    days: float | None,
    config: Path | None,
    **where: Any,
) -> None:
    """Make a key for the client NAME. It is shown once; only its SHA-256 is kept.

    \b
    Scopes:
      verify          examine and compare files, jobs among them
      detect          ask detectors
      sign            sign assets by a profile
      signature       sign raw data, as a key behind the service: whoever has it can sign any claim
      registry:write  register signed files, and take them out again
      admin           make, list and revoke keys over HTTP
    """
    for short_text in (name, *credentials):
        if not short_text.isprintable() or not short_text or len(short_text) > 200:
            raise click.UsageError(f"{short_text[:200]!r}: a name is short text that can be printed")
    try:
        allowed = Quota.parse(quota) if quota is not None else None
    except ValidationError as error:
        raise click.UsageError(f"--quota: {problems_of(error)}") from None
    try:
        with _keys(config, where) as keys:
            key, secret = keys.add(
                name,
                [Scope(scope) for scope in dict.fromkeys(scopes)],
                credentials=credentials,
                quota=allowed,
                lifetime=days * _DAY if days is not None else None,
            )
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The key of {name} (id {key.id}), shown this once: {secret}")


@api_key.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@storage_options
def list_keys(as_json: bool, config: Path | None, **where: Any) -> None:
    """List the keys: whose, what for, and until when. The keys themselves are kept nowhere."""
    try:
        with _keys(config, where) as keys:
            all_keys = keys.all()
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps([{**key.model_dump(mode="json"), "state": key.state} for key in all_keys], indent=2))
        return
    for key in all_keys:
        until = f"until {_day(key.expires_at)}" if key.expires_at is not None else "without an end"
        only = f", only {', '.join(key.credentials)}" if key.credentials else ""
        allowed = f"{', '.join(key.scopes)}{only}; {key.quota or 'usual quota'}, {until}"
        click.echo(f"{key.id}  {key.state:8} {clean(key.name)}: {allowed}")
    if not all_keys:
        click.echo("There are no keys yet: provenance api-key add NAME --scope verify", err=True)


@api_key.command()
@click.argument("key_id", metavar="ID")
@storage_options
def revoke(key_id: str, config: Path | None, **where: Any) -> None:
    """Revoke the key with this ID: from now on it is refused."""
    try:
        with _keys(config, where) as keys:
            revoked = keys.revoke(key_id)
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    if not revoked:
        raise click.ClickException(f"{key_id}: no such key that was not revoked already; see “provenance api-key list”")
    click.echo(f"{key_id}: revoked")


@contextmanager
def _keys(config: Path | None, where: dict[str, Any]) -> Iterator[Any]:
    storage = open_storage(config, **where)
    from ..access.keys import Keys

    try:
        yield Keys(storage)
    finally:
        storage.close()


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
