"""`provenance bench`: suites, runs, results and the leaderboard."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from provenance.errors import MissingExtraError, ProvenanceError

_FOLDER = click.Path(file_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bench() -> None:
    """Benchmarks that others can repeat: suites by hash, scores kept item by item, cost beside accuracy.

    \b
    Examples:
      provenance bench list
      provenance bench fetch images-v1 --mirror pictures/
      provenance bench run --suite smoke-v1 --detector image
      provenance bench run --suite raid:data/raid --detector text --most 500
      provenance bench report bench-results/ --out leaderboard/
      provenance bench submit --check bench-results/smoke-v1/image
    """


@bench.command("list")
def list_() -> None:
    """List the shipped suites, the sets that can be read from disk, and the ways to name a detector."""
    from .loaders import LOADERS
    from .store import Store
    from .suite import load_suite, shipped

    console, store = Console(highlight=False, markup=False), Store()
    table = Table("suite", "items", "here", "tasks", "what it measures", box=None, pad_edge=False)
    for name in shipped():
        suite = load_suite(name)
        here = len(suite.items) - len(store.missing(suite, suite.items))
        table.add_row(name, str(len(suite.items)), str(here), ", ".join(suite.card.tasks), suite.card.summary)
    console.print(table)
    console.print("\nOn disk, as LOADER:FOLDER:")
    table = Table("loader", "what it is", box=None, pad_edge=False)
    for name, (card, _) in sorted(LOADERS.items()):
        table.add_row(name, card.summary)
    console.print(table)


@bench.command()
@click.argument("suite")
@click.option("--mirror", type=_FOLDER, help="Take the files from this folder, by their hashes, and download nothing.")
def fetch(suite: str, mirror: Path | None) -> None:
    """Get the files of a suite. What is here already is not fetched again.

    \b
    Exit status: 0 all files are here, 1 some are missing.
    """
    from .store import Store
    from .suite import load_suite

    with _errors(), _bar() as progress:
        loaded, store = load_suite(suite), Store()
        if mirror is not None:
            bar = progress.add_task("looking through files", total=None)
            outcome = store.fetch_from_mirror(loaded, mirror, lambda: progress.advance(bar))
        else:
            bar = progress.add_task("fetching", total=len(store.missing(loaded, loaded.items)))
            outcome = store.fetch_from_sources(loaded, lambda: progress.advance(bar))
    click.echo(f"{suite}: {outcome.here} of {len(loaded.items)} items are here")
    for name, reason in outcome.missing[:10]:
        click.echo(f"  missing: {name} ({reason})", err=True)
    if len(outcome.missing) > 10:
        click.echo(f"  and {len(outcome.missing) - 10} more", err=True)
    sys.exit(1 if outcome.missing else 0)


@bench.command()
@click.option("--suite", "suite_name", required=True, help="A shipped suite, a folder, or LOADER:FOLDER.")
@click.option(
    "--detector", "spec", required=True,
    help="A registered name, hf:ORG/NAME@REVISION, http(s)://..., cmd:COMMAND, detectzoo:NAME, baseline:random|"
    "file-size|floor, or verifier:NAME.",
)  # fmt: skip
@click.option("--task", "tasks", multiple=True, help="May be repeated; all tasks of the suite if left out.")
@click.option("--out", type=_FOLDER, help="Folder of the run; bench-results/SUITE/DETECTOR if left out.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="Processes that ask at once."
)
@click.option(
    "--device", type=click.Choice(["cpu", "cuda"]), help="A GPU is used where there is one; cpu keeps to the processor."
)
@click.option("--most", type=click.IntRange(1), help="At most so many items of each split and label.")
@click.option("--modality", type=click.Choice(["image", "text", "manifest"]), help="Where a suite holds several.")
@click.option("--item-limit", default=120.0, show_default=True, help="Seconds for one item; longer is a failure.")
@click.option("--country", default="FRA", show_default=True, help="ISO 3166 code, for CO2e.")
@click.option("--label-map", "labels", multiple=True, metavar="LABEL=ai|not-ai", help="Of a model of the hub.")
@click.option("--python", "interpreter", help="Interpreter of DetectZoo's environment.")
@click.option("--again", is_flag=True, help="Run even where a result is there.")
def run(
    suite_name: str, spec: str, tasks: tuple[str, ...], out: Path | None, workers: int, device: str | None,
    most: int | None, modality: str | None, item_limit: float, country: str, labels: tuple[str, ...],
    interpreter: str | None, again: bool,
) -> None:  # fmt: skip
    """Ask a detector about every item of a suite. After a kill, the same command goes on where it stopped.

    \b
    Examples:
      provenance bench run --suite smoke-v1 --detector image
      provenance bench run --suite images-v1 --detector baseline:floor --workers 2
      provenance bench run --suite texts-v1 --detector "cmd:python my_detector.py"
      provenance bench run --suite folder:pictures/ --detector http://127.0.0.1:9000/score
      provenance bench run --suite manifests-v1 --detector verifier:c2pa-python
      provenance bench run --suite smoke-v1 --detector image --task cost   # the cost of a finished run, once more
    """
    import shlex

    from .runner import RunOrder
    from .runner import run as run_order
    from .suite import load_suite

    options: dict[str, Any] = {"modality": modality, "python": interpreter, "device": device}
    options["labels"] = dict(label.partition("=")[::2] for label in labels) or None
    with _errors(), _bar() as progress:
        suite = load_suite(suite_name)
        order = RunOrder(
            suite, spec, out or _folder_for(suite.name, spec), tasks, {k: v for k, v in options.items() if v},
            workers, most, modality, item_limit, country, again=again,
            command=shlex.join(["provenance", "bench", *sys.argv[2:]]) if len(sys.argv) > 2 else "",
        )  # fmt: skip
        bar = progress.add_task(f"{spec} on {suite.name}", total=None)
        result = run_order(
            order, lambda count: progress.advance(bar, count), lambda count: progress.update(bar, total=count)
        )
    _print(result, order.folder)


@bench.command()
@click.argument("one", type=_EXISTING)
@click.argument("other", type=_EXISTING)
@click.option("--metric", type=click.Choice(["AUC", "AP", "Brier score", "accuracy"]), default="AUC", show_default=True)
def compare(one: Path, other: Path, metric: str) -> None:
    """Say how much better ONE is than OTHER on the items of both (paired bootstrap)."""
    from .submission import compared

    with _errors():
        comparison = compared(one, other, metric)
    click.echo(
        f"{comparison.one} - {comparison.other} on {comparison.suite}: {metric} {comparison.value:+.4f} "
        f"[{comparison.low:+.4f}, {comparison.high:+.4f}] ({comparison.items} items)"
    )
    if comparison.low <= 0 <= comparison.high:
        click.echo("The interval holds zero: these items do not tell the two apart.")


@bench.command()
@click.argument("results", nargs=-1, required=True, type=_EXISTING)
@click.option("--out", required=True, type=_FOLDER, help="Folder of the leaderboard.")
def report(results: tuple[Path, ...], out: Path) -> None:
    """Make a leaderboard of RESULTS (files, or folders that hold them): a site without any request, and Markdown."""
    from .report import write_site

    with _errors():
        pages = write_site(results, out)
    click.echo(f"{out / 'index.html'}: {pages} results")


@bench.command()
@click.argument("result", type=_EXISTING)
@click.option("--check", is_flag=True, help="Recompute all figures from the scores, and check the suite.")
@click.option(
    "--sign", "credential", type=_EXISTING, help="Sign it with the credential in this file (credential.toml)."
)
@click.option("--signer", type=_EXISTING, help="Certificates (PEM) that its signature must lead to.")
def submit(result: Path, check: bool, credential: Path | None, signer: Path | None) -> None:
    """Check a result that comes from elsewhere, or sign one's own.

    \b
    Examples:
      provenance bench submit --check bench-results/smoke-v1/image
      provenance bench submit --sign keys/credential.toml bench-results/smoke-v1/image
      provenance bench submit --check --signer laboratory.pem theirs/
    """
    from .signature import SIGNATURE, sign_result, signed_by
    from .submission import checked

    with _errors():
        folder = result if result.is_dir() else result.parent
        if credential is not None:
            click.echo(f"signed: {sign_result(folder, credential)}")
        if check:
            for line in checked(folder):
                click.echo(line)
        if signer is not None or (check and (folder / SIGNATURE).exists()):
            click.echo(signed_by(folder, signer))
    if not (check or credential or signer):
        raise click.UsageError("say what to do: --check, --sign or --signer")


@bench.command("check")
@click.argument("suite_name", metavar="SUITE")
@click.option("--write", is_flag=True, help="Keep the outcome beside the suite, for the report.")
def check_suite(suite_name: str, write: bool) -> None:
    """Check a suite for biases: what the file alone gives away, and duplicates across its splits."""
    from .bias import checked as bias_of
    from .store import Store
    from .suite import load_suite

    with _errors(), _bar() as progress:
        suite = load_suite(suite_name)
        bar = progress.add_task("reading", total=len(suite.items))
        bias = bias_of(suite, Store(), lambda: progress.advance(bar))
    for line in bias.lines():
        click.echo(line)
    if write and suite.folder is not None:
        (suite.folder / "bias.json").write_text(bias.model_dump_json(indent=1) + "\n", "utf-8")
    sys.exit(0 if bias.passed else 1)


def _folder_for(suite: str, spec: str) -> Path:
    name = "".join(char if char.isalnum() or char in "._-" else "-" for char in spec)
    return Path("bench-results") / suite / name.removeprefix("baseline-").removeprefix("verifier-")[:80]


def _print(result: Any, folder: Path) -> None:
    console = Console(highlight=False, markup=False)
    table = Table("task", "figure", "group", "value", "95 % interval", "items", box=None, pad_edge=False)
    for figure in result.figures:
        if figure.group == "all" or figure.group.startswith(("edit", "mean")) or "worst" in figure.metric:
            interval = f"{figure.low:.3f} to {figure.high:.3f}"
            table.add_row(figure.task, figure.metric, figure.group, f"{figure.value:.3f}", interval, str(figure.items))
    console.print(table)
    if result.cost is not None:
        cost = result.cost
        console.print(
            f"1,000 items: {cost.wall_seconds_per_1000:.1f} s, {cost.energy_wh_per_1000:.2f} Wh, "
            f"{cost.co2e_g_per_1000:.3f} g CO2e ({cost.country}), {cost.peak_memory_mib:.0f} MiB at most. Energy: "
            f"{cost.energy_source}."
        )
    failures = sum(result.failures.values())
    if failures:
        console.print(f"{failures} of {result.suite.units} failed; the most frequent reasons:")
        for reason, count in sorted(result.failures.items(), key=lambda pair: -pair[1])[:5]:
            console.print(f"  {count} x {reason}")
    console.print(f"{folder}: result.json, scores.parquet")


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    except ModuleNotFoundError as error:
        raise click.ClickException(str(MissingExtraError(f"this benchmark ({error.name})", "bench"))) from None


@contextmanager
def _bar() -> Iterator[Progress]:
    console = Console(stderr=True)
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    ]  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress
