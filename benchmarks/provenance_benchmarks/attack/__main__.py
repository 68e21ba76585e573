"""`make attack`: see the package. Ends with 1 where the verifier said more than it may.

A case is the same again with the same seed and the same formats. Only where the file itself as a library signed it is
put to use, some of its bytes are other ones in each run.
"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from provenance.cli.output import progress_bar

from ..measurement import machine
from .run import answers, controls, one, prepared
from .tables import Results


@click.command()
@click.option("--cases", default=100_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--first", default=0, show_default=True, help="The number of the first case.")
@click.option("--jobs", default=2, show_default=True, help="Worker processes.")
@click.option("--minutes", type=float, help="Begin no case after so many.")
@click.option("--formats", default="", metavar="NAME,...", help="Only files of these formats, such as jpeg,txt.")
@click.option("--case", "number", type=int, help="This one case again, with all that was found.")
@click.option(
    "--save", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER", help="With --case: keep it."
)
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--name", default="attack", show_default=True, help="How the written files begin.")
@click.option("--about", default="", help="A sentence for the page, such as the commit.")
def main(
    cases: int, seed: int, first: int, jobs: int, minutes: float | None, formats: str, number: int | None,
    save: Path | None, write: Path | None, name: str, about: str,
) -> None:  # fmt: skip
    """Attack the verifier, and write what came of it."""
    made = prepared(seed, tuple(filter(None, formats.split(","))))
    if number is not None:
        click.echo(json.dumps(one(seed, number, made, save), indent=2))
        return
    results, started = Results(), time.monotonic()
    until = None if minutes is None else started + minutes * 60
    with progress_bar(Console(stderr=True), cases, "attack") as progress:
        task = progress.add_task("", total=cases)
        for answer in answers(seed, range(first, first + cases), made, jobs, until=until):
            results.add(answer)
            progress.advance(task)
    seconds = time.monotonic() - started
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    command = f"`make attack CASES={cases} SEED={seed}`" + (f", stopped after {minutes:g} minutes" if minutes else "")
    unchanged = controls(seed, made)
    others = ", ".join(f"{base} {state}" for base, state in unchanged.items() if state != "intact")
    intact = sum(state == "intact" for state in unchanged.values())
    introduction = [
        f"{day}, {machine()}, {len(made)} kinds of signed files, {jobs} worker processes. {command}, {seconds:.0f} s, "
        f"{results.total.cases / seconds:.1f} cases a second.",
        *(["", about] if about else []),
        "",
        f"Before, each file with an honest record and nothing changed: {intact} of {len(made)} intact"
        f"{'; ' if others else ''}{others}.",
    ]
    page = results.as_markdown(introduction)
    click.echo(page)
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        facts = {
            "date": day,
            "seed": seed,
            "first": first,
            "seconds": round(seconds),
            "about": about,
            "controls": unchanged,
        }
        (write / f"{name}-{day}.md").write_text(page, "utf-8")
        (write / f"{name}-{day}.json").write_text(json.dumps(results.as_json(facts), indent=1) + "\n", "utf-8")
    raise SystemExit(1 if results.failed else 0)


if __name__ == "__main__":
    main()
