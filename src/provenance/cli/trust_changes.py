"""`provenance trust add|remove|update|diff|rollback`: how the user's own lists, and newer official ones, are kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..errors import ProvenanceError
from .output import Terminal, json_text

if TYPE_CHECKING:
    from ..trust import TrustFolder
    from ..trust.lists import ListName

_OWN: Final = ("own-signers", "time-stamps", "allowed", "identity")
_PEM_LISTS: Final = (*_OWN, "iptc-news-publishers")
_FINGERPRINT_AT_LEAST: Final = 8  # hexadecimal digits: fewer could be a typing mistake that meets another certificate

_yes = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--purpose",
    type=click.Choice(_OWN),
    default="own-signers",
    show_default=True,
    help="What the certificates are trusted for: authorities for signers, authorities for time stamps, "
    "(allowed) signers' own certificates, or (identity) who says that they made it.",
)
def add(file: Path, purpose: str) -> None:
    """Trust the certificates in a PEM FILE from now on.

    \b
    Examples:
      provenance trust add newsroom-ca.pem
      provenance trust add --purpose time-stamps our-tsa.pem
      provenance trust add --purpose allowed colleague.pem
      provenance trust add --purpose identity newsrooms.pem
    """
    from ..trust.folder import Change, parse
    from ..trust.lists import as_pem, read_limited

    with _folder() as (folder, name_of):
        name = name_of(purpose)
        before = folder.in_use(name)
        given = parse(name, read_limited(file), str(file))
        content = as_pem({each.der: each for each in (*(before.anchors if before else ()), *given.anchors)}.values())
        change = Change.between(before, parse(name, content, str(file)))
        if change.added:
            folder.replace(name, content)
    _said(f"{purpose}:", change)


@click.command()
@click.argument("fingerprint")
def remove(fingerprint: str) -> None:
    """Trust a certificate of your own lists no more. FINGERPRINT is its SHA-256, or the start of it.

    \b
    Example:
      provenance trust remove 8f3a5c01d2
    """
    from ..trust.folder import Change
    from ..trust.lists import as_pem

    wanted = fingerprint.replace(":", "").lower()
    if len(wanted) < _FINGERPRINT_AT_LEAST:
        raise click.UsageError(f"{fingerprint}: give at least {_FINGERPRINT_AT_LEAST} digits; see “trust show”")
    with _folder() as (folder, name_of):
        mine = [(name, found) for name in map(name_of, _OWN) if (found := folder.in_use(name))]
        matches = [
            (name, each) for name, found in mine for each in found.anchors if each.fingerprint.startswith(wanted)
        ]
        if len({each.der for _, each in matches}) != 1:
            problem = "begins more than one certificate" if matches else "is no certificate of your own lists"
            raise click.UsageError(f"{fingerprint} {problem}; see “trust show --trust-profile own”")
        for name, found in mine:
            kept = [each for each in found.anchors if (name, each) not in matches]
            if len(kept) < len(found.anchors):
                folder.replace(name, as_pem(kept) or None)
                _said(f"{name}:", Change.between(found, folder.in_use(name)))


@click.command()
@click.option("--from", "source", required=True, metavar="FILE-OR-URL", help="The new list: LoTE JSON, or PEM.")
@click.option(
    "--purpose", type=click.Choice(_PEM_LISTS), default="own-signers", show_default=True, help="Of a PEM list."
)
@click.option("--force", is_flag=True, help="Take an issue that is not later than the one in use.")
@_yes
def update(source: str, purpose: str, force: bool, yes: bool) -> None:
    """Put a new list in the place of one in use.

    JSON in the ETSI LoTE form is a new issue of an official list, and must be later than the one in use. PEM replaces
    a list of your own. What changes is shown before anything does. These lists carry no signature of their issuer:
    take them from a place that you trust.

    \b
    Examples:
      provenance trust update --from C2PA-TRUST-LIST.json
      provenance trust update --from https://example.org/newsroom.pem --purpose own-signers
      provenance trust update --from https://trust.iptc.org/end-entity-list.pem --purpose iptc-news-publishers
    """
    from ..trust.folder import Change, check_later, official_name, parse

    content = _content(source)
    with _folder() as (folder, name_of):
        official = content.lstrip()[:1] == b"{"
        name = official_name(content, source) if official else name_of(purpose)
        before, after = folder.in_use(name), parse(name, content, source)
        if official and not force:
            check_later(before, after, source)
        dates = f"{before.date if before else '-'} → {after.date}" if official else f"{purpose}"
        _said(f"{after.name}: {dates}", Change.between(before, after))
        if not yes:
            click.confirm("Use it from now on?", abort=True)
        folder.replace(name, content)
    click.echo(f"in use: {after.name}. “provenance trust rollback {name}” takes it back.")


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def diff(name: str | None, as_json: bool) -> None:
    """Show what the last change of each list, or of the list NAME, did.

    \b
    Examples:
      provenance trust diff
      provenance trust diff c2pa-trust-list --json
    """
    from ..trust.folder import Change
    from ..trust.lists import OFFICIAL, OWN
    from ..trust.show import as_data

    with _folder() as (folder, name_of):
        wanted = [name_of(name)] if name else [*OFFICIAL, *OWN]
        changes = {
            each: Change.between(folder.previous(each), folder.in_use(each)) for each in wanted if folder.changed(each)
        }
    if as_json:
        data = {
            each: {"added": list(map(as_data, change.added)), "removed": list(map(as_data, change.removed))}
            for each, change in changes.items()
        }
        click.echo(json_text(data, indent=2))
        return
    for each, change in changes.items():
        _said(f"{each}:", change)
    if not changes:
        click.echo("nothing was changed here")


@click.command()
@click.argument("name")
@_yes
def rollback(name: str, yes: bool) -> None:
    """Put the list NAME back to what it was before its last change. A second time undoes that.

    \b
    Example:
      provenance trust rollback c2pa-trust-list
    """
    from ..trust.folder import Change

    with _folder() as (folder, name_of):
        wanted = name_of(name)
        if not folder.changed(wanted):
            raise click.UsageError(f"{name}: was never changed here")
        _said(f"{name}:", Change.between(folder.in_use(wanted), folder.previous(wanted)))
        if not yes:
            click.confirm("Go back?", abort=True)
        folder.roll_back(wanted)


@contextmanager
def _folder() -> "Iterator[tuple[TrustFolder, Callable[[str], ListName]]]":
    """The user's trust folder, and how its lists are named; errors of lists become errors of the command."""
    from ..trust import TrustFolder
    from ..trust.lists import OFFICIAL, OWN, ListName

    names = {str(name): name for name in (*OFFICIAL, *OWN)}

    def name_of(text: str) -> ListName:
        if text not in names:
            raise click.UsageError(f"{text}: no such list; there are {', '.join(names)}")
        return names[text]

    try:
        yield TrustFolder.of_user(), name_of
    except ProvenanceError as error:
        raise click.UsageError(str(error)) from None


def _content(source: str) -> bytes:
    from .. import limits
    from ..trust.lists import read_limited

    try:
        if "://" not in source:
            return read_limited(Path(source))
        if not source.startswith("https://"):
            raise click.UsageError(f"{source}: lists are fetched over https only")
        from ..fetching import fetch

        return fetch(source, max_size=limits.MAX_ANCHORS_SIZE).data
    except ProvenanceError as error:
        raise click.UsageError(str(error)) from None


def _said(heading: str, change: Any) -> None:
    from ..trust.show import print_change

    console = Terminal()
    console.print(heading, style="bold", markup=False, highlight=False, soft_wrap=True)
    print_change(change, console)
