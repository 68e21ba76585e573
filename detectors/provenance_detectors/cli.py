"""`provenance detectors`: what detectors there are, what their cards say, and what they say of files."""

import sys
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from provenance.asset import open_asset
from provenance.cli.exit_codes import EXIT_DONE, EXIT_UNREADABLE
from provenance.cli.output import Terminal, json_text, progress_bar, write_output
from provenance.errors import ProvenanceError
from provenance.sentences import LANGUAGES, clean

from .answer import Answer, Decision
from .card import DEFAULT_MAX_FPR, ModelCard

_COLOURS = {Decision.AI: "yellow", Decision.EDITED: "yellow", Decision.MARKED: "cyan", Decision.ABSTAIN: "dim"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def detectors() -> None:
    """Statistical estimates: detectors of AI-made content and of editing, with their measured error rates.

    An estimate says something about many files and proves nothing about one.

    \b
    Examples:
      provenance detectors list
      provenance detectors info image
      provenance detectors run photo.jpg
      provenance detectors run --detector copy-move --heat-map map.png photo.jpg
      provenance detectors add hf:ORG/NAME@REVISION --label-map artificial=ai --label-map human=not-ai
    """


@detectors.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """List the detectors that are installed or were added."""
    cards = [_card(name) for name in _names()]
    if as_json:
        click.echo(json_text([card.model_dump(mode="json") for card in cards if card is not None], indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "version", "asks", "of", "by default", "what it is"):
        table.add_column(column, no_wrap=column != "what it is")
    for card in filter(None, cards):
        asked = "yes" if card.default else ""
        table.add_row(card.name, card.version, card.question, card.modality, asked, clean(card.summary))
    Terminal(highlight=False, markup=False).print(table)


@detectors.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="The card as JSON.")
def info(name: str, as_json: bool) -> None:
    """Print the model card of a detector: how it was trained, what was measured, where it fails."""
    from .card_page import card_as_markdown
    from .detector import load_detector

    try:
        card = load_detector(name).card
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json_text(card.model_dump(mode="json"), indent=2))
    else:
        click.echo(card_as_markdown(card))


@detectors.command()
@click.argument("origin", metavar="hf:ORG/NAME@REVISION|FOLDER")
@click.option(
    "--label-map", "labels", multiple=True, metavar="LABEL=ai|not-ai", help="What a label of the model means."
)
@click.option(
    "--task",
    type=click.Choice(["image-classification", "text-classification", "audio-classification", "zero-shot-text"]),
    default="image-classification",
    show_default=True,
)
@click.option("--method", type=click.Choice(["fast-detect-gpt", "log-rank", "binoculars"]), help="Of zero-shot-text.")
@click.option("--threshold", type=float, help="Log-odds from which it decides; without it, it abstains.")
@click.option("--name", help="What to call it here.")
def add(
    origin: str, labels: tuple[str, ...], task: Any, method: str | None, threshold: float | None, name: str | None
) -> None:
    """Add a model of the Hugging Face hub, or from a folder. Only safetensors; no code of the model is run."""
    from .hub.adding import Origin
    from .hub.adding import add as take_in

    meanings = dict(_label(text) for text in labels)
    try:
        card = take_in(Origin.parse(origin), task=task, labels=meanings, name=name, method=method, threshold=threshold)
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"added {card.name} ({len(card.files)} files, version {card.version})")


@detectors.command()
@click.argument("name")
def pull(name: str) -> None:
    """Fetch what is missing of an added model, and check all of its files."""
    from .hub.adding import pull as fetch

    try:
        card = fetch(name)
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{card.name}: {len(card.files)} files as its card names them")


@detectors.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--detector", "names", multiple=True, metavar="NAME", help="May be repeated; the default ones if left out."
)
@click.option(
    "--max-fpr", type=click.FloatRange(0, 1), default=DEFAULT_MAX_FPR, show_default=True,
    help="The false positive rate to keep to.",
)  # fmt: skip
@click.option(
    "--heat-map", type=click.Path(dir_okay=False, path_type=Path), metavar="PNG", help="Draw where, for one file."
)
@click.option("--sentences", is_flag=True, help="For texts: the estimate of each sentence.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One answer a line, as JSON.")
def run(
    paths: tuple[Path, ...], names: tuple[str, ...], max_fpr: float, heat_map: Path | None, sentences: bool,
    lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Ask detectors about files.

    \b
    Exit codes:
      0  done, whatever the answer
      2  wrong usage
      3  a file could not be read
    """
    from .answers import answers_about, draw_heat_map, sentence_scores
    from .detector import load_detectors

    if heat_map is not None and len(paths) != 1:
        raise click.UsageError(f"--heat-map draws one file; there are {len(paths)}")
    try:
        asked = load_detectors(names or None)
    except ProvenanceError as error:
        raise click.ClickException(str(error)) from None
    console, errors, code = Terminal(), Terminal(stderr=True), EXIT_DONE
    files = [file for path in paths for file in _files(path)]
    with progress_bar(errors, len(files), "detectors") as progress:
        task = progress.add_task("", total=len(files))
        for path in files:
            try:
                with open_asset(path) as asset:
                    answers = answers_about(asset, asked, max_fpr=max_fpr)
                    if heat_map is not None:
                        write_output(heat_map, draw_heat_map(asset, asked))
                    scores = sentence_scores(asset, asked) if sentences else []
            except ProvenanceError as error:
                errors.print(
                    f"provenance: {clean(str(error))}", style="red", markup=False, highlight=False, soft_wrap=True
                )
                code = EXIT_UNREADABLE
                continue
            finally:
                progress.advance(task)
            if as_json:
                for answer in answers:
                    click.echo(json_text({"file": str(path), **answer.model_dump(mode="json")}))
            else:
                _print(console, path, answers, scores, lang)
    sys.exit(code)


def _print(console: Terminal, path: Path, answers: list[Answer], scores: list[tuple[str, float]], lang: str) -> None:
    from .source import sentence_of

    console.print(clean(str(path)), style="bold", markup=False, highlight=False, soft_wrap=True)
    if not answers:
        console.print("  no detector looks at this kind of file", style="dim")
    for answer in answers:
        said = sentence_of(answer).in_language(lang).text
        console.print(
            f"  {said}", style=_COLOURS.get(answer.decision, ""), markup=False, highlight=False, soft_wrap=True
        )
    for sentence, share in scores:
        style = "bold yellow" if share > 0.8 else "yellow" if share > 0.5 else ""
        console.print(
            f"  {share * 100:3.0f} %  {clean(sentence)}", style=style, markup=False, highlight=False, soft_wrap=True
        )


def _files(path: Path) -> list[Path]:
    return sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


def _names() -> tuple[str, ...]:
    from .detector import detector_names

    return detector_names()


def _card(name: str) -> ModelCard | None:
    from .detector import load_detector

    try:
        return load_detector(name).card
    except ProvenanceError as error:
        click.echo(f"provenance: {name}: {clean(str(error))}", err=True)
        return None


def _label(text: str) -> tuple[str, str]:
    label, _, meaning = text.rpartition("=")
    if not label or meaning not in ("ai", "not-ai"):
        raise click.BadParameter(f"{text!r}: write LABEL=ai or LABEL=not-ai", param_hint="--label-map")
    return label, meaning
