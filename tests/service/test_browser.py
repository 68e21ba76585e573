"""The page in a real browser: a file is chosen, the answer appears, and nothing leaves this machine."""

import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import provenance
from provenance_service.words import WORDS

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
WAIT = 60

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--lang=en",
        f"--user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def requests(browser):
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]


def headline(browser, path: Path) -> str:
    browser.find_element(By.ID, "file").send_keys(str(path))
    found = WebDriverWait(browser, WAIT).until(lambda page: page.find_elements(By.CSS_SELECTOR, "#result #report h1"))
    assert found[0].is_displayed()
    return found[0].text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_chosen_file_gets_its_answer(browser, service, ai_picture, language):
    browser.get(f"{service.url}/?lang={language}")
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
    assert headline(browser, ai_picture) == provenance.verify(ai_picture, language=language).conclusion.headline.text

    assert browser.switch_to.active_element.tag_name == "h1"
    assert browser.switch_to.active_element.find_element(By.XPATH, "ancestor::main").get_attribute("id") == "report"
    status = browser.find_element(By.ID, "status")
    assert status.text == WORDS["page.done"][language].replace("{name}", ai_picture.name)
    assert not browser.find_element(By.ID, "progress").is_displayed()
    preview = browser.find_element(By.ID, "preview")
    assert preview.is_displayed()
    assert preview.get_attribute("src").startswith("blob:")

    save = browser.find_element(By.ID, "save")
    assert save.is_displayed()
    assert save.get_attribute("download") == "made-with-ai.jpg.html"

    sent = requests(browser)
    assert f"{service.url}/v1/verify?lang={language}" in sent
    hosts = {urlsplit(url).netloc for url in sent if not url.startswith(("blob:", "data:", "chrome:"))}
    assert hosts == {urlsplit(service.url).netloc}
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_the_keyboard_reaches_the_file_input_and_its_focus_shows(browser, service):
    browser.get(service.url)
    reached = []
    for _ in range(6):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.switch_to.active_element.get_attribute("id"))
        if reached[-1] == "file":
            break
    assert reached[-1] == "file"
    assert browser.find_element(By.ID, "zone").value_of_css_property("outline-style") == "solid"


def test_a_dropped_file_gets_its_answer(browser, service):
    browser.get(service.url)
    browser.execute_script("""
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["some text"], "dropped.txt", {type: "text/plain"}));
        document.body.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
    """)
    report = WebDriverWait(browser, WAIT).until(lambda page: page.find_elements(By.ID, "report"))[0]
    assert "dropped.txt" in report.text
    assert not browser.find_element(By.ID, "preview").is_displayed()


def test_a_second_file_replaces_the_first_answer(browser, service, picture, ai_picture):
    browser.get(service.url)
    headline(browser, ai_picture)
    browser.execute_script("document.querySelector('#report').remove()")
    assert headline(browser, picture) == provenance.verify(picture).conclusion.headline.text
    assert len(browser.find_elements(By.CSS_SELECTOR, "#report")) == 1


def test_a_file_past_the_limit_is_not_sent(browser, start, picture):
    service = start("--max-upload", "1KiB")
    browser.get(service.url)
    browser.find_element(By.ID, "file").send_keys(str(picture))
    problem = browser.find_element(By.ID, "problem")
    WebDriverWait(browser, WAIT).until(lambda _: problem.text)
    assert problem.text == "This server takes files of up to 1 KB."
    assert not [url for url in requests(browser) if "verify" in url]


def test_a_refusal_is_shown_as_text(browser, start, picture):
    service = start()
    service.verify(picture)
    browser.get(f"{service.url}/?lang=fr")
    service.temporary.rmdir()
    browser.find_element(By.ID, "file").send_keys(str(picture))
    problem = browser.find_element(By.ID, "problem")
    WebDriverWait(browser, WAIT).until(lambda _: problem.text)
    assert problem.text.startswith("Le service a échoué.")


def test_a_hostile_name_stays_text(browser, service, tmp_path, picture):
    hostile = tmp_path / "<img src=x onerror=document.title=1>.jpg"
    hostile.write_bytes(picture.read_bytes())
    browser.get(service.url)
    title = browser.title
    headline(browser, hostile)
    assert hostile.name in browser.find_element(By.ID, "report").text
    assert browser.find_elements(By.CSS_SELECTOR, "img[src=x]") == []
    assert browser.title == title
