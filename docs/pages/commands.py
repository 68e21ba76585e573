"""docs/cli.md: every command, by what its `--help` says."""

from collections.abc import Iterator
from typing import Final

import click

from provenance.cli import main

WIDTH: Final = 100

_BEGINNING: Final = """\
# Commands

What `--help` says of every command. This page is written by `make docs-pages`.

`provenance` is one command with subcommands. Each installed component adds its own: `sign` comes with the signing
component, `serve` with the service. A command whose extra is missing says which one to install.
"""


def page() -> str:
    """The page, in Markdown."""
    parts = [_BEGINNING]
    for context in walked(main, "provenance"):
        depth = min(len(context.command_path.split()), 3)
        parts.append(f"{'#' * max(depth, 2)} {context.command_path}\n\n```text\n{context.get_help()}\n```\n")
    return "\n".join(parts)


def walked(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    """The command, and those below it in alphabetical order, each with the context that its help is written in."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH)
    context.help_option_names = ["-h", "--help"]
    yield context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is None:
                raise LookupError(f"{name} lists {below}, and has no such command")
            yield from walked(found, below, context)
