"""docs/figures.md, and the figures in the README: written from the results, so that none can differ from its source.

The templates beside this module hold the words. Every number comes from the result of a suite, a detector's card, the
bias check of a suite, or a measured page in benchmarks/results. A test holds that the words have no figures.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = ROOT / "benchmarks" / "results"

# Between these two lines the README is written from its template.
_BEGIN: Final = "<!-- figures: written by make docs-pages -->\n"
_END: Final = "<!-- end of figures -->\n"


@dataclass(frozen=True)
class Figure:
    """A measured value with its interval of 95 %."""

    value: float
    low: float
    high: float

    @property
    def fraction(self) -> str:
        """As in 0.953 [0.938, 0.966]."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    @property
    def percent(self) -> str:
        """As in 69.5 % [65.0, 74.3]."""
        return f"{self.value:.1%} [{self.low * 100:.1f}, {self.high * 100:.1f}]".replace("%", " %")


def figure(run: str, metric: str, group: str = "all") -> Figure:
    """From the result of a suite, such as images-v1/image. Raises `LookupError` where there is none or several."""
    found = [each for each in _result(run)["figures"] if (each["metric"], each["group"]) == (metric, group)]
    return _only(found, f"{run}: {metric} of {group}")


def extremes(run: str, metric: str, group: str) -> tuple[float, float]:
    """The lowest and the highest value over all groups whose names begin so."""
    figures = _result(run)["figures"]
    values = [each["value"] for each in figures if each["metric"] == metric and each["group"].startswith(group)]
    return min(values), max(values)


def card(detector: str, name: str, group: str) -> Figure:
    """From a detector's card."""
    found = [each for each in _card(detector)["metrics"] if (each["name"], each["group"]) == (name, group)]
    return _only(found, f"{detector}: {name} of {group}")


def at_default(detector: str, name: str) -> Figure:
    """A figure of the shipped threshold, from the detector's card."""
    (point,) = (each for each in _card(detector)["operating_points"] if each["max_fpr"] == 0.005)
    return Figure(**point[name])


def worst(detector: str, name: str) -> Figure:
    """A figure of the worst of the sources that nobody had chosen anything on, from the detector's card."""
    begins = "sources never seen: worst, "
    metrics = [each for each in _card(detector)["metrics"] if each["name"] == name and each["group"].startswith(begins)]
    return _only(metrics, f"worst {name} of {detector}")


def calibration(detector: str) -> float:
    """The expected calibration error, from the detector's card."""
    return float(_card(detector)["calibration"]["expected_error"]["value"])


def bias(suite: str, when: str) -> float:
    """How well the file alone tells the classes of a suite apart, `before` or `after` matching."""
    return float(json.loads((ROOT / "benchmarks" / "suites" / suite / "bias.json").read_text())[f"auc_{when}_matching"])


def finished(run: str) -> str:
    """The day of a run."""
    return str(_result(run)["finished"])[:10]


def machine(run: str) -> str:
    """On what it ran."""
    return str(_result(run)["environment"]["machine"])


def cell(file: str, row: str, column: int) -> str:
    """One cell of the first row that begins so, in any table of a measured page; 1 is the cell after the first."""
    for line in (RESULTS / file).read_text("utf-8").splitlines():
        cells = [each.strip() for each in re.split(r"[|│┃]", line.strip())][1:-1]
        if cells and cells[0].startswith(row):
            return cells[column]
    raise LookupError(f"{file} has no row {row}")


def said(file: str, pattern: str) -> str:
    """What the only group of the pattern finds in a measured page."""
    found = re.search(pattern, (RESULTS / file).read_text("utf-8"))
    if found is None:
        raise LookupError(f"{file} does not say {pattern}")
    return found[1]


def page() -> str:
    """docs/figures.md."""
    return _written("figures.md.j2")


def readme() -> str:
    """The README, with its figures written anew."""
    text = (ROOT / "README.md").read_text("utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return "".join([before, begin, _written("readme.md.j2"), end, after])


def _written(template: str) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown, from our own files
    )
    functions = (figure, extremes, card, at_default, worst, calibration, bias, finished, machine, cell, said)
    environment.globals.update({function.__name__: function for function in functions})
    return environment.get_template(template).render()


def _result(run: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / run / "result.json").read_text("utf-8"))
    return found


def _card(detector: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "detectors" / "provenance_detectors" / detector / "card.toml").read_text("utf-8"))


def _only(found: list[dict[str, Any]], what: str) -> Figure:
    if len(found) != 1:
        raise LookupError(f"{what}: {len(found)} figures")
    return Figure(found[0]["value"], found[0]["low"], found[0]["high"])
