"""`provenance schema`: the shape of a report."""

import json

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of the report."""
    from ..report import report_schema

    click.echo(json.dumps(report_schema(), indent=2))
