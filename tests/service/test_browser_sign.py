"""The sign page in a real browser: with the keyboard alone, with what the server has, and with a key that it keeps nowhere."""

from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

import provenance
from provenance.sentences import LANGUAGES
from provenance_service.sentences import phrase
from provenance_signing.keys.development import create
from provenance_signing.profile import shipped_profiles

from .browsing import WAIT, found, needs_a_browser, text_of
from .conftest import Service, new_key, started
from .house import HOUSE

pytestmark = needs_a_browser


@dataclass(frozen=True)
class Desk:
    """A service that signs, one client's key, and the root of its credential."""

    service: Service
    key: str
    root: Path

    @property
    def url(self) -> str:
        return f"{self.service.url}/sign"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    made = create(folder / "credentials" / "newsroom", organisation="Example newsroom")
    (folder / "profiles").mkdir()
    (folder / "profiles" / "house.toml").write_text(HOUSE)
    (folder / "profiles" / "broken.toml").write_text("name =")
    key = new_key(folder / "kept", "cms", "--scope", "sign")
    options = {name: str(folder / name) for name in ("credentials", "profiles")} | {"folder": str(folder / "kept")}
    running = started(
        tmp_path_factory.mktemp("temporary"), *(part for name, path in options.items() for part in (f"--{name}", path))
    )
    yield Desk(running, key, made.root)
    running.stop()


def fill(browser, desk, picture, profile="captured", key=None):
    browser.get(desk.url)
    browser.find_element(By.ID, "file").send_keys(str(picture))
    Select(browser.find_element(By.ID, "profile")).select_by_value(profile)
    browser.find_element(By.ID, "key").send_keys(key or desk.key)


def saved(browser, folder: Path) -> Path:
    """The signed file, once the browser has saved it here."""
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    found(browser, "#signed:not([hidden])")
    link = browser.find_element(By.ID, "download")
    path = folder / link.get_attribute("download")
    link.send_keys(Keys.ENTER)
    WebDriverWait(browser, WAIT).until(lambda _: path.is_file())
    return path


def test_a_file_is_signed_with_the_keyboard_alone(browser, desk, picture, tmp_path):
    browser.get(desk.url)

    def to(name):
        for _ in range(30):
            ActionChains(browser).send_keys(Keys.TAB).perform()  # not into a field: that of a file takes paths only
            if browser.switch_to.active_element.get_attribute("id") == name:
                return browser.switch_to.active_element
        raise AssertionError(f"the keyboard does not reach {name}")

    to("file").send_keys(str(picture))
    to("profile").send_keys("Made by AI")
    to("fact-model").send_keys("Example Model")
    to("fact-title").send_keys("A gradient")
    to("key").send_keys(desk.key, Keys.ENTER)
    found(browser, "#signed:not([hidden])")
    assert browser.switch_to.active_element.get_attribute("id") == "download"
    assert browser.find_element(By.ID, "download").get_attribute("download") == picture.name
    assert text_of(browser, "#status") == phrase("sign.done", "en", name=picture.name)
    assert text_of(browser, "#remarks li") == phrase("remark.sign.development", "en")

    report = provenance.Verifier(trust=desk.root).verify(saved(browser, tmp_path))
    assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "verified")
    assert report.credentials.history.steps[0].title == "A gradient"


def test_a_profile_asks_for_what_it_needs_and_for_nothing_else(browser, desk):
    browser.get(desk.url)

    def asked() -> dict[str, bool]:
        controls = browser.find_elements(By.CSS_SELECTOR, "#parent, [id^=fact-]")
        return {
            each.get_attribute("id"): each.get_attribute("required") is not None
            for each in controls
            if each.is_displayed()
        }

    profile = Select(browser.find_element(By.ID, "profile"))
    assert asked() == {}  # nothing is claimed before somebody chooses
    profile.select_by_value("captured")
    assert asked() == {"fact-title": False, "fact-description": False, "fact-training_mining": False}
    profile.select_by_value("ai-edited")
    assert asked() == {
        "parent": True,
        "fact-model": True,
        "fact-prompt": False,
        "fact-human_oversight": False,
        "fact-title": False,
        "fact-description": False,
        "fact-training_mining": False,
    }


def test_an_edited_picture_is_signed_with_what_it_was_made_from(browser, desk, picture, ai_picture, tmp_path):
    fill(browser, desk, picture, "edited")
    browser.find_element(By.ID, "parent").send_keys(str(ai_picture))
    browser.find_element(By.CSS_SELECTOR, "#sign button").click()
    steps = provenance.verify(saved(browser, tmp_path)).credentials.history.steps
    assert [step.title for step in steps[1:]] == [ai_picture.name]


def test_a_key_that_is_not_known_is_refused_in_words(browser, desk, picture):
    fill(browser, desk, picture, key="prv_nobody-made-this")
    browser.find_element(By.CSS_SELECTOR, "#sign button").click()
    assert text_of(browser, "#problem") == phrase("sign.unknown_key", "en")
    assert not browser.find_element(By.ID, "signed").is_displayed()
    field = browser.find_element(By.ID, "key")
    field.clear()
    field.send_keys(desk.key)
    browser.find_element(By.CSS_SELECTOR, "#sign button").click()
    found(browser, "#signed:not([hidden])")
    assert browser.find_element(By.ID, "problem").text == ""


def test_a_refusal_to_sign_is_shown_in_words(browser, desk, tmp_path):
    note = tmp_path / "note.bin"
    note.write_bytes(bytes(range(256)))
    fill(browser, desk, note)
    browser.find_element(By.CSS_SELECTOR, "#sign button").click()
    assert text_of(browser, "#problem").startswith(phrase("problem.not-signed.title", "en"))


def test_the_key_is_kept_nowhere(browser, desk, picture):
    fill(browser, desk, picture)
    field = browser.find_element(By.ID, "key")
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == ("password", "off")
    browser.find_element(By.CSS_SELECTOR, "#sign button").click()
    found(browser, "#signed:not([hidden])")
    assert browser.get_cookies() == []
    assert browser.execute_script("return [localStorage.length, sessionStorage.length, location.search]") == [0, 0, ""]
    browser.refresh()
    WebDriverWait(browser, WAIT).until(lambda page: page.find_element(By.ID, "key"))
    assert browser.find_element(By.ID, "key").get_attribute("value") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_server_without_credentials_says_so(browser, service, language):
    browser.get(f"{service.url}/?lang={language}")
    assert not browser.find_elements(By.CSS_SELECTOR, ".elsewhere")
    browser.get(f"{service.url}/sign?lang={language}")
    assert not browser.find_elements(By.ID, "sign")
    assert phrase("problem.no-credentials.title", language) in browser.find_element(By.CSS_SELECTOR, ".lead").text


def test_the_profiles_are_those_that_a_client_may_name(browser, desk):
    told = httpx.get(f"{desk.service.url}/v1/profiles", params={"lang": "ja"}).json()
    assert {each["name"] for each in told} == {*shipped_profiles(), "house"}  # one that cannot be read is left out
    labels = {each["name"]: each["label"] for each in told}
    assert labels["captured"] == phrase("profile.captured", "ja")
    assert labels["house"] == "House style"
    assert next(each for each in told if each["name"] == "ai-edited") | {"label": ""} == {
        "name": "ai-edited",
        "label": "",
        "parent": "required",
        "requires": ["model"],
        "ai_disclosure": True,
    }
    browser.get(f"{desk.url}?lang=ja")
    options = browser.find_elements(By.CSS_SELECTOR, "#profile option[value]:not([value=''])")
    assert {each.get_attribute("value"): each.text for each in options} == labels
