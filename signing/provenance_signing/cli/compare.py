"""`provenance compare`: what became of the marks between a source and what was delivered."""

import sys
from pathlib import Path

import click
from rich.table import Table

from provenance.cli.output import Terminal, json_text
from provenance.errors import ProvenanceError
from provenance.sentences import LANGUAGES, clean, phrase

EXIT_KEPT, EXIT_NOT_KEPT, EXIT_UNREADABLE = 0, 1, 3  # 2, for wrong usage, is click's

_COLOURS = {"kept": "green", "added": "blue", "lost": "red", "replaced": "yellow", "broken": "red"}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("delivered", type=click.Path(path_type=Path))
@click.option("--trust-anchors", metavar="PEM", type=click.Path(path_type=Path), help="Trust these authorities too.")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the sentences."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def compare(source: Path, delivered: Path, trust_anchors: Path | None, lang: str, as_json: bool) -> None:
    """Say, mark by mark, what DELIVERED kept of SOURCE: the signed record, and what the metadata declares.

    For the tests of a web site: fetch what it delivers, and compare it with what was published.

    \b
    Exit codes:
      0  every mark was kept
      1  a mark was lost or replaced, or does not hold any more
      2  wrong usage
      3  a file could not be read

    \b
    Examples:
      provenance compare photo.jpg delivered.webp
      provenance compare --json photo.jpg delivered.webp | jq '.marks[] | select(.fate != "kept")'
    """
    from provenance import Verifier

    from ..compare import compare as find

    try:
        found = find(source, delivered, verifier=Verifier(trust=trust_anchors, sources=("c2pa", "metadata")))
    except ProvenanceError as error:
        click.echo(f"provenance: {clean(str(error))}", err=True)
        sys.exit(EXIT_UNREADABLE)
    found = found.in_language(lang)
    marks = found.marks
    if as_json:
        click.echo(json_text(found.model_dump(mode="json"), indent=2))
    elif not marks:
        click.echo(phrase("compare.none", lang))
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for mark in marks:
            table.add_row(
                phrase(f"fate.{mark.fate}", lang), clean(mark.name), mark.explanation.text, style=_COLOURS[mark.fate]
            )
        Terminal(highlight=False, markup=False).print(table)
    sys.exit(EXIT_KEPT if found.all_kept else EXIT_NOT_KEPT)
