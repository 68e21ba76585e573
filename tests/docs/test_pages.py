"""What is written from code and results is up to date, every field is explained, and every figure has a source."""

import re
from pathlib import Path

import pytest

import provenance
import report_fields
import service_settings
from pages import PAGES, ROOT

TEMPLATES = [ROOT / "docs" / "pages" / name for name in ("figures.md.j2", "readme.md.j2")]
DOCUMENTS = [
    ROOT / name
    for name in (
        "README.md", "benchmarks/README.md", "detectors/README.md", "docs/index.md", "docs/signing.md", "service/README.md",
    )
]  # fmt: skip

# A share, a score, a time or a ratio. Limits of size and numbers of files are no figures.
FIGURE = re.compile(r"\d ?%|\b[01]\.\d{2,}|\d ms\b|\d times\b|\d a second\b")

# Names of metrics and of intervals.
NAMES = re.compile(r"TPR at 5 % FPR|95 %|rate of 0\.5 %|crop (of )?30 %")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_written_from_code_or_results_is_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == PAGES[name](), "run `make docs-pages`"


def test_every_field_of_the_report_is_explained_once() -> None:
    words = {
        (table, owner, name)
        for table, owners in report_fields.WORDS.items()
        for owner, names in owners.items()
        for name in names
    }
    assert words == set(report_fields.undescribed())


def test_every_field_of_the_schema_is_on_the_page_of_the_report() -> None:
    page = (ROOT / "docs" / "report.md").read_text("utf-8")
    schema = provenance.report_schema()
    for name, definition in {"Report": schema, **schema["$defs"]}.items():
        (section,) = re.findall(rf"^### {name}\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        for shown in (*definition.get("properties", ()), *definition.get("enum", ())):
            assert re.search(rf"^\| `{shown}` \|.* \S+ \|$", section, re.MULTILINE), f"{name}.{shown}"


def test_every_variable_that_is_read_is_on_the_page_of_settings() -> None:
    packages = ("src/provenance", "signing/provenance_signing", "service/provenance_service",
                "detectors/provenance_detectors", "benchmarks/provenance_benchmarks")  # fmt: skip
    sources = [path.read_text("utf-8") for package in packages for path in (ROOT / package).rglob("*.py")]
    read = {name for source in sources for name in re.findall(r"PROVENANCE_[A-Z][A-Z_]+", source)}
    shown = set(re.findall(r"PROVENANCE_[A-Z_]+", (ROOT / "docs" / "settings.md").read_text("utf-8")))
    assert len(read) > 10
    assert read <= shown
    assert set(service_settings.VARIABLES) <= read


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_the_words_around_figures_hold_none(template: Path) -> None:
    words = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", template.read_text("utf-8"), flags=re.DOTALL)
    assert FIGURE.findall(NAMES.sub("", words)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_documents_leave_figures_to_the_page_of_figures(document: Path) -> None:
    """What the README shows is written from its template."""
    words = re.sub(r"<!-- figures.*?end of figures -->", "", document.read_text("utf-8"), flags=re.DOTALL)
    assert FIGURE.findall(NAMES.sub("", words)) == []
