"""The `provenance` command. Components add commands of their own by the entry point group `provenance.commands`."""

import click

from ..distribution import VERSION
from .commands import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
