"""The site as `make docs` builds it: no dead link, nothing from elsewhere, and readable in a browser."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from links import faults
from pages import PAGES, ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("material") is None or importlib.util.find_spec("mkdocstrings") is None:
        pytest.skip("mkdocs is not installed: `make docs` installs it")
    out = tmp_path_factory.mktemp("site")
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(out)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


def test_no_link_is_dead_and_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    assert list(faults(site)) == []


def test_documents_beside_the_code_are_pages_too(site: Path) -> None:
    written = [
        name.removeprefix("docs/").replace("README.md", "index.md") for name in PAGES if name.startswith("docs/")
    ]
    for name in (*written, "SECURITY.md", "service/index.md", "benchmarks/results/leaderboard.md", "extending.md"):
        assert (site / name).with_suffix(".html").is_file(), name


def test_the_reference_has_what_the_packages_export(site: Path) -> None:
    import provenance.client
    import provenance.extend
    import provenance_detectors
    import provenance_signing

    for package in (provenance, provenance.client, provenance.extend, provenance_signing, provenance_detectors):
        page = site / "api" / f"{package.__name__.rpartition('.')[2].removeprefix('provenance_')}.html"
        text = page.read_text("utf-8")
        for name in package.__all__:
            assert f'id="{package.__name__}.{name}"' in text, name


def test_dead_links_and_foreign_things_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<p id="here"><a href="b.html">b</a><a href="#here">h</a><a href="#gone">g</a><a href="https://example.com">e</a>'
        '<img src="https://example.com/x.png"><script src="/there.js"></script>'
    )
    (tmp_path / "there.js").write_text("")
    assert [fault.split(maxsplit=1)[1] for fault in faults(tmp_path)] == [
        "leads to b.html, which is not there",
        "leads to #gone, where there is no such anchor",
        "loads https://example.com/x.png",
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    if not (shutil.which("chromedriver") and shutil.which("chromium")):
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.mark.parametrize("page", ["index.html", "report.html", "api/provenance.html", "figures.html"])
def test_a_page_asks_no_other_server(page: str, site: Path, browser: webdriver.Chrome) -> None:
    browser.get((site / page).as_uri())
    assert browser.find_element(By.TAG_NAME, "h1").text
    requests = [
        json.loads(entry["message"])["message"]["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if 'Network.requestWillBeSent"' in entry["message"]
    ]
    assert requests
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
