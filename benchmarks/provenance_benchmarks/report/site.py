"""Writes the pages: the leaderboard, one page a result, and `leaderboard.md`."""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from pydantic import ValidationError

from provenance_detectors.card import ModelCard
from provenance_detectors.card_page import card_as_markdown

from ..bias import Bias
from ..errors import ResultError, RunError, SuiteError
from ..result import RESULT, SCORES, Result
from ..rows import read_rows
from ..store import Store
from ..suite import load_suite, shipped, suites_folder
from . import plots
from .table import Cell, columns_for, is_verification, lines_of, slug_of
from .worst_cases import WorstCase, worst_cases

_TEMPLATES: Final = Path(__file__).parent / "templates"


def write_site(paths: Iterable[Path], out: Path) -> int:
    """Writes the site of these results into a folder, whole or not at all, and says how many there are.

    Raises `ResultError` for a file that is no result, or two results of one contender on one suite; `RunError` where
    the folder cannot be written.
    """
    results_and_files = _results(paths)
    if not results_and_files:
        raise ResultError("there is no result.json in what was named")
    with tempfile.TemporaryDirectory() as folder:
        staged = Path(folder)
        results = [result for result, _ in results_and_files]
        (staged / "index.html").write_text(_index(results), "utf-8")
        (staged / "leaderboard.md").write_text(as_markdown(results), "utf-8")
        for result, place in results_and_files:
            (staged / f"{slug_of(result)}.html").write_text(_page(result, place), "utf-8")
        try:
            out.mkdir(parents=True, exist_ok=True)
            for path in staged.iterdir():
                shutil.copyfile(path, out / f"{path.name}.part")
            for path in staged.iterdir():
                (out / f"{path.name}.part").replace(out / path.name)
        except OSError as error:
            raise RunError(f"{out}: cannot be written ({error.strerror})") from None
    return len(results_and_files)


def as_markdown(results: Sequence[Result]) -> str:
    """The leaderboard as one table a suite."""
    lines = ["# Leaderboard", ""]
    for name, group in _by_suite(results).items():
        columns = columns_for(group)
        rows = [line for line in lines_of(group) if line.variant == "as-is"]
        lines += [f"## {name}", "", "| detector | " + " | ".join(column.heading for column in columns) + " |"]
        lines.append("| --- |" + " ---: |" * len(columns))
        for line in rows:
            cells = (line.cells.get(column.key, Cell()) for column in columns)
            texts = (f"{cell.text} [{cell.interval}]" if cell.interval else cell.text for cell in cells)
            lines.append(f"| {line.result.contender.name} | {' | '.join(texts)} |")
        lines.append("")
    return "\n".join(lines)


def _results(paths: Iterable[Path]) -> list[tuple[Result, Path]]:
    by_slug: dict[str, tuple[Result, Path]] = {}
    for path in paths:
        files = sorted(path.rglob(RESULT)) if path.is_dir() else [path]
        for file in files:
            result = Result.load(file)
            slug = slug_of(result)
            if slug in by_slug:
                raise ResultError(
                    f"{file.parent} and {by_slug[slug][1]}: two results of {result.contender.name} on "
                    f"{result.suite.name}; name one of them"
                )
            by_slug[slug] = (result, file.parent)
    return list(by_slug.values())


def _index(results: Sequence[Result]) -> str:
    sections = []
    for kind in (False, True):
        group = [result for result in results if is_verification(result) is kind]
        if group:
            sections.append({"verification": kind, "columns": columns_for(group), "lines": lines_of(group)})
    suites = [
        {
            "name": title,
            "card": load_suite(group[0].suite.name).card if group[0].suite.name in shipped() else None,
            "bias": _bias(group[0].suite.name),
            "roc": Markup(plots.roc_plot(group)),
            "reliability": Markup(plots.reliability_plot(group)),
            "risk": Markup(plots.risk_plot(group)),
            "robustness": Markup(plots.robustness_plot(group)),
        }
        for title, group in _by_suite(results).items()
    ]
    return _render("index.html", sections=sections, suites=suites)


def _page(result: Result, folder: Path) -> str:
    real, made = _cases(result, folder)
    return _render(
        "detector.html", result=result, card=Markup(_card(result)),
        roc=Markup(plots.roc_plot([result])), reliability=Markup(plots.reliability_plot([result])),
        risk=Markup(plots.risk_plot([result])), robustness=Markup(plots.robustness_plot([result])),
        real=real, made=made,
    )  # fmt: skip


def _card(result: Result) -> str:
    """The model card of a detector; of others what they say of themselves."""
    try:
        text = card_as_markdown(ModelCard.model_validate(result.contender.card))
    except ValidationError:
        text = "\n".join(f"- {name}: {value}" for name, value in result.contender.card.items())
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def _cases(result: Result, folder: Path) -> tuple[list[WorstCase], list[WorstCase]]:
    if is_verification(result) or not (folder / SCORES).exists() or result.suite.name not in shipped():
        return [], []
    return worst_cases(load_suite(result.suite.name), read_rows(folder / SCORES), Store())


def _bias(name: str) -> Bias | None:
    """The outcome of the checks that lies beside a shipped suite, if it is of this version of it."""
    path = suites_folder() / name / "bias.json"
    try:
        bias = Bias.model_validate_json(path.read_bytes()) if path.is_file() else None
        return bias if bias is not None and bias.sha256 == load_suite(name).digest else None
    except ValidationError as error:
        raise SuiteError(f"{path}: cannot be read ({error.error_count()} errors)") from None


def _by_suite(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Results by suite, and by modality where a suite holds several; the best first."""
    several = {name for name in {result.suite.name for result in results} if len(_modalities(results, name)) > 1}
    groups: dict[str, list[Result]] = {}
    for line in lines_of(results):
        modality = f", {line.result.suite.modality}" if line.result.suite.name in several else ""
        group = groups.setdefault(line.suite + modality, [])
        if line.result not in group:
            group.append(line.result)
    return groups


def _modalities(results: Sequence[Result], suite: str) -> set[str]:
    return {result.suite.modality for result in results if result.suite.name == suite}


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    for name in ("style.css", "table.js"):
        environment.globals[name.partition(".")[0]] = Markup((_TEMPLATES / name).read_text("utf-8"))
    return environment
