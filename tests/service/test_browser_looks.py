"""How the page looks: for everybody (WCAG 2.2 AA, checked by axe), in the dark, on a phone, on paper, and with a link."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import provenance
from provenance.render.html import render_html
from provenance.sentences import LANGUAGES
from provenance_service.sentences import phrase
from provenance_signing.keys.development import create

from .browsing import choose, found, headline, needs_a_browser, show_as, text_of
from .conftest import new_key, started

pytestmark = needs_a_browser

PHONE, DESK = 320, 1200
_AXE = "axe.run().then((found) => arguments[0](found.violations), (error) => arguments[0](String(error)))"

_WIDTHS = "const { scrollWidth, clientWidth } = document.documentElement; return [scrollWidth, clientWidth]"


@pytest.fixture(scope="module")
def whole_service(tmp_path_factory):
    """With all that the page can show."""
    folder = tmp_path_factory.mktemp("whole")
    for name in ("newsroom", "archive"):
        create(folder / "credentials" / name, organisation=f"Example {name}")
    new_key(folder / "kept", "cms", "--scope", "sign")
    options = ("--credentials", str(folder / "credentials"), "--folder", str(folder / "kept"), "--fetch-urls")
    running = started(tmp_path_factory.mktemp("temporary"), *options)
    yield running
    running.stop()


def violations(browser) -> list[str]:
    """What axe finds, by all of its rules; each with the places."""
    if not browser.execute_script("return 'axe' in window"):
        browser.execute_script(files("axe_core_python").joinpath("axe.min.js").read_text("utf-8"))
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in browser.execute_async_script(_AXE)
        for node in each["nodes"]
    ]


def check_for_everybody(browser) -> None:
    """On a desk and on a phone, light and dark: nothing that axe finds, and nothing to scroll aside."""
    for width in (DESK, PHONE):
        for scheme in ("light", "dark"):
            show_as(browser, width=width, scheme=scheme)
            assert violations(browser) == [], (width, scheme)
            whole, seen = browser.execute_script(_WIDTHS)
            assert whole == seen <= width, scheme


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_with_answers_is_for_everybody(browser, whole_service, samples, fixtures, language, tmp_path):
    browser.get(f"{whole_service.url}/?lang={language}")
    large = tmp_path / "large.jpg"
    with large.open("wb") as stream:
        stream.truncate(300 * 1024 * 1024)
    with_history = fixtures / "public-testfiles/image/jpeg/adobe-20220124-CAICAI.jpg"
    choose(browser, with_history, samples / "altered-after-signing.jpg", samples / "declared-ai.png", large)
    found(browser, ".answer[data-state=done]", 3)
    found(browser, ".answer[data-state=problem]")
    for summary in browser.find_elements(By.TAG_NAME, "summary"):
        if summary.is_displayed():
            summary.click()
    browser.find_elements(By.CSS_SELECTOR, "[data-part=where]")[0].click()
    found(browser, "[data-part=drawn][src^='blob:']")
    for summary in browser.find_elements(By.CSS_SELECTOR, ".report summary"):
        summary.click()
    check_for_everybody(browser)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sign_page_is_for_everybody(browser, whole_service, language):
    browser.get(f"{whole_service.url}/sign?lang={language}")
    browser.find_element(By.CSS_SELECTOR, "#profile option[value=ai-edited]").click()
    assert browser.find_element(By.ID, "fact-model").is_displayed()
    check_for_everybody(browser)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_saved_report_is_for_everybody(browser, samples, fixtures, language, tmp_path):
    saved = tmp_path / "report.html"
    path = fixtures / "public-testfiles/image/jpeg/adobe-20220124-CAICAI.jpg"
    report = provenance.Verifier().verify(path, thumbnails=True, language=language)
    saved.write_text(render_html(report), encoding="utf-8")
    browser.get(saved.as_uri())
    check_for_everybody(browser)


def test_the_check_itself_finds_what_is_wrong(browser, service):
    browser.get(service.url)
    browser.execute_script("document.querySelector('label[for=file]').remove()")
    assert any(each.startswith("label: ") for each in violations(browser))


def test_in_the_dark_the_page_is_dark(browser, service):
    browser.get(service.url)
    shown = []
    for scheme in ("light", "dark"):
        show_as(browser, width=DESK, scheme=scheme)
        shown.append(browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color"))
    assert shown == ["rgba(244, 246, 248, 1)", "rgba(18, 23, 30, 1)"]


def printed(browser, folder) -> str:
    """What stands on the paper."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext")
    made = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    (folder / "page.pdf").write_bytes(base64.b64decode(made["data"]))
    text = subprocess.run(["pdftotext", "-layout", folder / "page.pdf", "-"], capture_output=True, check=True).stdout
    return " ".join(text.decode().split())


def test_what_is_printed_is_a_record(browser, service, samples, tmp_path):
    browser.get(service.url)
    show_as(browser, width=DESK, scheme="dark")
    path = samples / "signed-ai.jpg"
    choose(browser, path)
    said = headline(browser)
    text = printed(browser, tmp_path)
    report = provenance.verify(path)
    assert said in text
    assert path.name in text
    assert f"Examined {report.examined_at[:10]}" in text
    assert report.asset.sha256 in text
    assert f"provenance {report.versions.toolkit}" in text
    assert all(f"{each.name} ({each.date[:10]})" in text for each in report.versions.trust_lists)
    for of_the_screen in ("page.choose_files", "page.print", "page.whole", "page.text"):
        assert phrase(of_the_screen, "en") not in text


def test_one_answer_of_several_is_printed_alone(browser, service, picture, ai_picture):
    browser.get(service.url)
    choose(browser, picture, ai_picture)
    first, second = found(browser, ".answer[data-state=done]", 2)
    browser.execute_script("""
        window.print = () => { window.seen = [...document.querySelectorAll(".answer")].map(
            (each) => document.body.matches(".printing-one") && each.matches(".printed")); };
    """)
    second.find_element(By.TAG_NAME, "summary").click()
    second.find_element(By.CSS_SELECTOR, "[data-part=print]").click()
    assert browser.execute_script("return window.seen") == [False, True]
    assert not browser.find_elements(By.CSS_SELECTOR, ".printing-one, .printed")


# Links to answers


KEPT_FOR = 7


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    running = started(tmp_path_factory.mktemp("keeping"), PROVENANCE_KEEP_DAYS=str(KEPT_FOR))
    yield running.url
    running.stop()


def test_a_link_is_given_to_whoever_asks_for_one(browser, keeping, picture):
    browser.get(keeping)
    keep = browser.find_element(By.ID, "keep")
    assert not keep.is_selected()
    assert phrase("page.keep", "en", days=str(KEPT_FOR)) in browser.find_element(By.CSS_SELECTOR, ".keep").text
    choose(browser, picture)
    headline(browser)
    assert not browser.find_element(By.CSS_SELECTOR, "[data-part=link]").is_displayed()

    keep.click()
    choose(browser, picture)
    row, _ = found(browser, ".answer[data-state=done]", 2)
    row.find_element(By.TAG_NAME, "summary").click()
    address = row.find_element(By.CSS_SELECTOR, "[data-part=address]")
    link = address.get_attribute("value")
    assert link.startswith(f"{keeping}/v1/reports/")
    row.find_element(By.CSS_SELECTOR, "[data-part=copy]").click()
    assert text_of(browser, "[data-part=copy]") == phrase("page.copied", "en")
    browser.find_element(By.CSS_SELECTOR, ".more summary").click()
    text = browser.find_element(By.ID, "text")
    text.send_keys(Keys.CONTROL, "v")
    assert text.get_attribute("value") == link
    assert violations(browser) == []
    shown = headline(browser)
    browser.get(link)
    assert text_of(browser, "h1") == shown
