"""The project's own results: every bundled detector, baseline and verifier on every shipped suite.

`make bench-suites`, with the files of the suites fetched before. What is finished is not repeated.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from .report import write_site

# What is asked about each suite. Detectors of editing are asked about AI too: they should not be able to tell.
RUNS: Final = {
    "manifests-v1": tuple(
        f"verifier:{name}" for name in ("provenance", "c2pa-python", "encypher-c2pa", "fast-c2pa-python")
    ),
    "texts-v1": ("text", "baseline:random", "baseline:file-size", "baseline:floor"),
    "images-v1": (
        "image", "baseline:random", "baseline:file-size", "baseline:floor", "noise", "resampling", "double-jpeg",
        "jpeg-tables", "colour-pattern", "copy-move",
    ),
    "edits-v1": ("image", "baseline:random", "baseline:file-size", "baseline:floor"),
    "copies-v1": ("registry:fingerprint",),
    "smoke-v1": ("image",),
}  # fmt: skip


@click.command()
@click.option("--write", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--suite", "suites", multiple=True, type=click.Choice(list(RUNS)))
@click.option("--workers", default=2, show_default=True)
def main(write: Path, suites: tuple[str, ...], workers: int) -> None:
    """Run what is missing, each as the command that a reader would type, and draw the leaderboard."""
    failed = []
    for suite in suites or RUNS:
        for spec in RUNS[suite]:
            out = write / suite / spec.rpartition(":")[2]
            click.echo(f"{suite}: {spec}")
            command = [
                "bench",
                "run",
                "--suite",
                suite,
                "--detector",
                spec,
                "--out",
                str(out),
                "--workers",
                str(workers),
            ]
            done = subprocess.run(
                [sys.executable, "-c", "from provenance.cli import main; main()", *command],
                stdout=subprocess.DEVNULL, check=False,
            )  # fmt: skip
            if done.returncode:
                failed.append(f"{suite}: {spec}")
    folders = [write / suite for suite in RUNS if (write / suite).is_dir()]
    click.echo(f"{write_site(folders, write / 'leaderboard')} results")
    shutil.copyfile(write / "leaderboard" / "leaderboard.md", write / "leaderboard.md")
    if failed:
        raise click.ClickException("not finished: " + ", ".join(failed))


if __name__ == "__main__":
    main()
