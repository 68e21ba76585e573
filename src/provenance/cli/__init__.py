"""The `provenance` command. Components add commands of their own by the entry point group `provenance.commands`."""

import json
from importlib.metadata import entry_points
from typing import Any

import click

from ..distribution import VERSION
from ..errors import MissingExtraError
from .manifest import manifest
from .trust import trust
from .verify import verify


class _Commands(click.Group):
    """The toolkit's commands, and those of the components that are installed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *(entry.name for entry in _added())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        for entry in _added():
            if entry.name == cmd_name:
                return _load(entry)
        return None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="provenance")
def main() -> None:
    """Where does this content come from, and did AI make or change it?

    \b
    Examples:
      provenance verify photo.jpg
      provenance verify --html report.html photo.jpg
      provenance verify --json incoming/ > reports.jsonl
      provenance manifest photo.jpg
      provenance serve
    """


main.add_command(verify)
main.add_command(manifest)
main.add_command(trust)


@main.command()
def schema() -> None:
    """Print the JSON Schema of the report."""
    from ..report import report_schema

    click.echo(json.dumps(report_schema(), indent=2))


def _added() -> list[Any]:
    return list(entry_points(group="provenance.commands"))


def _load(entry: Any) -> click.Command:
    """A component's command, or one that says which part to install."""
    try:
        command: click.Command = entry.load()
    except ModuleNotFoundError as error:
        missing = str(error.name)

        @click.command(
            name=entry.name, help=f"(not installed: needs {missing})", context_settings={"ignore_unknown_options": True}
        )
        @click.argument("arguments", nargs=-1)
        def explain(arguments: tuple[str, ...]) -> None:  # noqa: ARG001
            component = entry.module.partition(".")[0].removeprefix("provenance_")  # named like its extra
            raise click.ClickException(str(MissingExtraError(f"provenance {entry.name}", component)))

        return explain
    return command
