"""What a terminal shows of a report."""

import io

from rich.console import Console

import provenance
from provenance.render.terminal import print_report


def to_terminal(report: provenance.Report) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    print_report(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined]
