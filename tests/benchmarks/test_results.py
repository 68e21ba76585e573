"""Results from elsewhere, and the leaderboard as people see it: in a browser."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from provenance.cli import main
from provenance_benchmarks.errors import ResultError
from provenance_benchmarks.report import write_site
from provenance_benchmarks.result import RESULT, SCORES, Result, digest_of_file
from provenance_benchmarks.rows import read_rows, write_rows
from provenance_benchmarks.runner import Order, run
from provenance_benchmarks.submission import checked, compared
from provenance_benchmarks.suite import load_suite

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two baselines on the pictures of the suite in the repository, one on its texts, and two verifiers."""
    folder, suite = tmp_path_factory.mktemp("runs"), load_suite("smoke-v1")
    # The cost of one is measured: each takes worker processes of its own.
    pictures = ("detection", "calibration", "robustness", "stability")
    for name, spec, modality, tasks in (
        ("random", "baseline:random", "image", pictures),
        ("size", "baseline:file-size", "image", pictures),
        ("texts", "baseline:random", "text", ()),
        ("ours", "verifier:provenance", "manifest", ("verification",)),
        ("theirs", "verifier:c2pa-python", "manifest", ("verification",)),
    ):
        run(Order(suite, spec, folder / name, tasks, modality=modality))
    return folder


@pytest.fixture
def copied(runs: Path, tmp_path: Path) -> Path:
    """One of the results, to be spoilt."""
    shutil.copytree(runs / "random", tmp_path / "result")
    return tmp_path / "result"


def _change(folder: Path, change: Callable[[dict], object]) -> None:
    record = json.loads((folder / RESULT).read_text())
    change(record)
    (folder / RESULT).write_text(json.dumps(record))


def _reseal(folder: Path) -> None:
    _change(folder, lambda record: record.update(scores_sha256=digest_of_file(folder / SCORES)))


@pytest.mark.parametrize("name", ["random", "size", "texts", "ours"])
def test_a_result_is_recomputed_from_its_scores(name: str, runs: Path) -> None:
    lines = list(checked(runs / name))
    assert lines[0].endswith("the file has the form of a result")
    figures = len(Result.load(runs / name).figures)
    assert f"all {figures} figures follow from the scores" in lines
    assert figures > 5


@pytest.mark.parametrize("name", ["provenance", "encypher-c2pa", "c2pa-python", "fast-c2pa-python"])
def test_the_shipped_results_of_verifiers_follow_from_their_scores(name: str) -> None:
    assert list(checked(PROJECT / "benchmarks" / "results" / "manifests-v1" / name))


def test_another_figure_than_the_scores_give_is_found(copied: Path) -> None:
    _change(copied, lambda record: record["figures"][0].update(value=0.99))
    with pytest.raises(ResultError, match=r"says that AUC of all is 0\.990000; its scores give 0\.\d+"):
        list(checked(copied))


def test_a_figure_that_was_left_out_is_found(copied: Path) -> None:
    _change(copied, lambda record: record["figures"].pop())
    with pytest.raises(ResultError, match="gives other figures than its tasks have"):
        list(checked(copied))


def test_other_scores_are_found(copied: Path) -> None:
    rows = read_rows(copied / SCORES)
    write_rows(copied / SCORES, rows[:-1])
    with pytest.raises(ResultError, match="is not the file of scores that the result names"):
        list(checked(copied))
    _reseal(copied)
    with pytest.raises(ResultError, match="1 units of the suite have no score, and 0 scores belong to none"):
        list(checked(copied))


def test_another_version_of_the_suite_is_found(copied: Path) -> None:
    _change(copied, lambda record: record["suite"].update(sha256="0" * 64))
    with pytest.raises(ResultError, match="made on another version of smoke-v1"):
        list(checked(copied))


def test_failures_that_are_kept_quiet_are_found(copied: Path) -> None:
    _change(copied, lambda record: record.update(failures={"nothing": 3}))
    with pytest.raises(ResultError, match="says 3 failures, the scores hold 0"):
        list(checked(copied))


@pytest.mark.parametrize("content", [b"", b"PAR1" + b"\x00" * 40 + b"PAR1", b"\xff" * 1000])
def test_a_file_of_scores_that_is_none_is_said(content: bytes, copied: Path) -> None:
    (copied / SCORES).write_bytes(content)
    _reseal(copied)
    with pytest.raises(ResultError, match="holds no scores"):
        list(checked(copied))


def test_two_detectors_are_compared_on_the_same_items(runs: Path) -> None:
    found = compared(runs / "random", runs / "size", "AUC")
    assert found.items == 28
    assert found.low <= found.value <= found.high
    assert found.value == pytest.approx(Result.load(runs / "random").figure("AUC").value - 0.5)
    same = compared(runs / "size", runs / "size", "AUC")
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    with pytest.raises(ResultError, match="of different suites"):
        compared(runs / "random", runs / "texts", "AUC")


def test_a_result_is_signed_and_a_change_or_another_signer_is_found(copied: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    for name in ("mine", "other"):
        made = runner.invoke(main, ["keys", "development", str(tmp_path / name)])
        assert made.exit_code == 0, made.output
    credential = next((tmp_path / "mine").rglob("credential.toml"))
    mine, other = (_root(tmp_path / name) for name in ("mine", "other"))
    assert runner.invoke(main, ["bench", "submit", "--sign", str(credential), str(copied)]).exit_code == 0
    good = runner.invoke(main, ["bench", "submit", "--check", "--signer", str(mine), str(copied)])
    assert good.exit_code == 0, good.output
    assert "signed by" in good.output
    stranger = runner.invoke(main, ["bench", "submit", "--signer", str(other), str(copied)])
    assert stranger.exit_code == 1
    assert "leads to no certificate in" in stranger.output
    _change(copied, lambda record: record.update(command="another"))
    changed = runner.invoke(main, ["bench", "submit", "--signer", str(mine), str(copied)])
    assert changed.exit_code == 1
    assert "was changed after it was signed" in changed.output
    (copied / "result.sig.json").write_text("{}")
    assert "is not a signature" in runner.invoke(main, ["bench", "submit", "--signer", str(mine), str(copied)]).output


def _root(folder: Path) -> Path:
    return next(path for path in sorted(folder.rglob("*.pem")) if "root" in path.name or "anchor" in path.name)


def test_two_results_of_one_run_are_refused(runs: Path, copied: Path, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"two results of baseline-random on smoke-v1"):
        write_site([runs / "random", copied], tmp_path / "site")
    assert not (tmp_path / "site").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResultError, match=r"no result\.json"):
        write_site([tmp_path / "empty"], tmp_path / "site")


@pytest.fixture(scope="module")
def site(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    assert write_site([runs], out) == 5
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    if not (shutil.which("chromedriver") and shutil.which("chromium")):
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,1200"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


def _rows(browser: webdriver.Chrome) -> list[list[str]]:
    table = browser.find_element(By.CSS_SELECTOR, "table.sortable")
    rows = table.find_elements(By.CSS_SELECTOR, "tbody tr")
    return [
        [cell.text.partition("\n")[0] for cell in row.find_elements(By.TAG_NAME, "td")]
        for row in rows
        if row.is_displayed()
    ]


def test_the_leaderboard_is_sorted_and_filtered_and_asks_for_nothing(browser: webdriver.Chrome, site: Path) -> None:
    browser.get((site / "index.html").as_uri())
    assert {row[0] for row in _rows(browser)} == {"baseline-random", "baseline-file-size"}
    assert {row[2] for row in _rows(browser)} == {"as-is"}
    heading = browser.find_element(By.XPATH, "//table[1]//th[button[text()='AUC']]")
    column = browser.find_elements(By.CSS_SELECTOR, "table.sortable thead th").index(heading)
    heading.find_element(By.TAG_NAME, "button").click()
    falling = [float(row[column]) for row in _rows(browser)]
    assert falling == sorted(falling, reverse=True)
    assert len(falling) == 3
    assert heading.get_attribute("aria-sort") == "descending"
    heading.find_element(By.TAG_NAME, "button").click()
    assert [float(row[column]) for row in _rows(browser)] == sorted(falling)
    Select(browser.find_element(By.CSS_SELECTOR, "select[data-filter=variant]")).select_by_visible_text("screenshot")
    shown = _rows(browser)
    assert {row[2] for row in shown} == {"screenshot"}
    assert len(shown) == 2
    requests = [
        json.loads(entry["message"])["message"]["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if 'Network.requestWillBeSent"' in entry["message"]
    ]
    assert requests
    assert all(url.startswith(("file:", "data:")) for url in requests)
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_the_page_of_a_detector_shows_its_worst_cases_with_their_sources(browser: webdriver.Chrome, site: Path) -> None:
    browser.get((site / "smoke-v1-image-baseline-random.html").as_uri())
    pictures = browser.find_elements(By.CSS_SELECTOR, ".cases img")
    assert len(pictures) >= 8
    assert all(int(picture.get_property("naturalWidth")) > 50 for picture in pictures)
    sources = [link.get_attribute("href") for link in browser.find_elements(By.CSS_SELECTOR, ".cases a")]
    assert all(source.startswith("https://raw.githubusercontent.com/") for source in sources)
    assert "A number drawn for each item." in browser.page_source


def test_without_scripts_every_row_is_there(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert page.count("<tr data-suite=") == 2 + 2 * 3 + 1 + 2
    assert ' src="http' not in page
    assert "url(" not in page.replace("url(#", "")
    assert "| baseline-random |" in (site / "leaderboard.md").read_text()


def test_names_from_elsewhere_are_text_and_not_markup(copied: Path, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>"
    _change(copied, lambda record: record["contender"].update(name=hostile, card={"summary": hostile, hostile: "x"}))
    write_site([copied], tmp_path / "site")
    for path in (tmp_path / "site").glob("*.html"):
        assert hostile not in path.read_text()
        assert "&lt;script&gt;" in path.read_text()


def test_the_command_says_what_went_wrong(runs: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    for arguments, message in (
        (["fetch", "none"], "no suite called none"),
        (["run", "--suite", "smoke-v1", "--detector", "none"], "no detector called none"),
        (["submit", str(runs / "random")], "say what to do: --check, --sign or --signer"),
        (["report", str(tmp_path), "--out", str(tmp_path / "x")], "there is no result.json"),
    ):
        done = runner.invoke(main, ["bench", *arguments])
        assert done.exit_code in (1, 2)
        assert message in done.output
    listed = runner.invoke(main, ["bench", "list"])
    assert listed.exit_code == 0
    assert "smoke-v1" in listed.output and "genimage" in listed.output
