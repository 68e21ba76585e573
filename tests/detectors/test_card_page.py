"""A card as a page: the calibration as a table and as a plot beside it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from provenance_detectors import load_detector
from provenance_detectors.calibration_plot import calibration_svg
from provenance_detectors.card import CalibrationBin, ModelCard
from provenance_detectors.card_page import card_as_markdown, write_page

DOCS = Path(__file__).parents[2] / "docs" / "detectors"

BINS = (
    CalibrationBin(predicted=0.0, observed=0.1, items=7),
    CalibrationBin(predicted=0.5, observed=0.25, items=6),
    CalibrationBin(predicted=1.0, observed=1.0, items=6),
)


def card(**changes: object) -> ModelCard:
    text = load_detector("text").card
    assert text.calibration
    return text.model_copy(update={"calibration": text.calibration.model_copy(update={"bins": BINS}), **changes})


def test_the_calibration_is_a_table_of_what_was_said_and_what_was_so() -> None:
    page = card_as_markdown(card())
    assert "| 0.500 | 0.250 | 6 |" in page
    assert page.index("## Thresholds") < page.index("## Calibration") < page.index("## Figures")
    assert "![" not in page  # in a terminal, and on pages that have no plot beside them


def test_a_page_shows_the_plot_that_was_written_beside_it(tmp_path: Path) -> None:
    write_page(card(), tmp_path)
    (address,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (tmp_path / "text.md").read_text("utf-8"))
    assert ElementTree.parse(tmp_path / address).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_detector_without_calibration_has_a_page_without_plot(tmp_path: Path) -> None:
    write_page(card(calibration=None), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["text.md"]
    assert "Calibration" not in (tmp_path / "text.md").read_text("utf-8")


def test_the_plot_puts_each_bin_where_its_figures_are() -> None:
    drawn = ElementTree.fromstring(calibration_svg(BINS, "text <1.0>"))
    space = {"svg": "http://www.w3.org/2000/svg"}
    assert drawn.findtext("svg:title", namespaces=space) == "text <1.0>"
    diagonal = drawn.find("svg:line", space)
    points = [(float(each.get("cx")), float(each.get("cy"))) for each in drawn.findall("svg:circle", space)]
    (left, bottom), (right, top) = ((float(diagonal.get(f"x{end}")), float(diagonal.get(f"y{end}"))) for end in "12")
    for (x, y), each in zip(points, BINS, strict=True):
        assert x == pytest.approx(left + each.predicted * (right - left), abs=0.1)
        assert y == pytest.approx(bottom + each.observed * (top - bottom), abs=0.1)


@pytest.mark.parametrize("name", ["image", "text"])
def test_the_pages_in_the_documentation_are_those_of_the_cards(tmp_path: Path, name: str) -> None:
    write_page(load_detector(name).card, tmp_path)
    for path in tmp_path.iterdir():
        assert (DOCS / path.name).read_text("utf-8") == path.read_text("utf-8")
