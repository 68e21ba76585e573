"""The `provenance` command. Components add commands of their own by the entry point group `provenance.commands`."""

from importlib.metadata import version

import click

from .commands import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("provenance"), prog_name="provenance")
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
