"""Which commands there are. Each is loaded when it is used: what one of them needs does not slow down the others."""

import ast
import os
import re
import sys
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click

from ..errors import MissingExtraError
from .exit_codes import EXIT_CLOSED_PIPE, EXIT_INTERRUPTED

GROUP: Final = "provenance.commands"

_OWN: Final = tuple(
    EntryPoint(name, f"provenance.cli.{name}:{name}", GROUP) for name in ("manifest", "schema", "trust", "verify")
)

_REQUIRED_BY_EXTRA: Final = re.compile(r"([A-Za-z0-9._-]+)[^;]*;.*\bextra == ['\"]([^'\"]+)['\"]")


class Commands(click.Group):
    """The toolkit's commands, and those of the components that are installed."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a stop by the user or by the reader of its output is not an answer about a file."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("", err=True)
            sys.exit(EXIT_INTERRUPTED)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes it once more
            sys.exit(EXIT_CLOSED_PIPE)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return sorted(_entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = _entries().get(cmd_name)
        return None if entry is None else _loaded(entry)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        entries = _entries()
        room = formatter.width - 6 - max(map(len, entries))
        rows = [
            (name, click.Command(name, help=_help_of(entries[name])).get_short_help_str(room))
            for name in sorted(entries)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _entries() -> dict[str, EntryPoint]:
    """The commands by their names; nobody takes the place of one of ours."""
    return {entry.name: entry for entry in (*entry_points(group=GROUP), *_OWN)}


def _loaded(entry: EntryPoint) -> click.Command:
    """The command, or one that says which part to install."""
    try:
        command: click.Command = entry.load()
    except ModuleNotFoundError:

        @click.command(name=entry.name, help=_not_installed(entry), context_settings={"ignore_unknown_options": True})
        @click.argument("arguments", nargs=-1)
        def explain(arguments: tuple[str, ...]) -> None:  # noqa: ARG001
            raise click.ClickException(str(MissingExtraError(f"provenance {entry.name}", _extra_of(entry))))

        return explain
    return command


def _help_of(entry: EntryPoint) -> str:
    """What the command says of itself, read from its module without loading it; or that it lacks something."""
    if entry.dist is not None and _lacks(entry.dist, _extra_of(entry)):
        return _not_installed(entry)
    return _docstring(entry) or _loaded(entry).get_short_help_str()


def _not_installed(entry: EntryPoint) -> str:
    return f"(not installed: {_extra_of(entry)})"


def _extra_of(entry: EntryPoint) -> str:
    """The component that a command belongs to: each has the name of its extra."""
    return entry.module.partition(".")[0].removeprefix("provenance_")


def _lacks(dist: Distribution, extra: str) -> bool:
    """Whether a package of this extra is missing."""
    for requirement in dist.requires or ():
        found = _REQUIRED_BY_EXTRA.match(requirement)
        if found is None or found.group(2) != extra:
            continue
        try:
            distribution(found.group(1))
        except PackageNotFoundError:
            return True
    return False


def _docstring(entry: EntryPoint) -> str:
    top, *inside = entry.module.split(".")
    spec = find_spec(top)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        file = Path(folder).joinpath(*inside).with_suffix(".py")
        if file.is_file():
            for node in ast.parse(file.read_bytes()).body:
                if isinstance(node, ast.FunctionDef) and node.name == entry.attr:
                    return ast.get_docstring(node) or ""
    return ""
