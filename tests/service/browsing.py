"""A real browser, and what the tests ask of it again and again."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
WAIT = 60

needs_a_browser = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en",
)


@contextmanager
def browsing(profile: Path, *, script: bool = True) -> Iterator[webdriver.Chrome]:
    """Chromium with a fresh profile, and perhaps without JavaScript."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (*_ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def show_as(browser: webdriver.Chrome, *, width: int, scheme: str = "light") -> None:
    """A window of this width, for somebody who likes light or dark pages."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def requests(browser: webdriver.Chrome) -> list[str]:
    """What the browser asked for since this was called last."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]


def choose(browser: webdriver.Chrome, *paths: Path) -> None:
    browser.find_element(By.ID, "file").send_keys("\n".join(map(str, paths)))


def found(browser: webdriver.Chrome, selector: str, count: int = 1) -> list[WebElement]:
    """At least this many elements, once they are there."""

    def enough(page: webdriver.Chrome) -> Any:
        elements = page.find_elements(By.CSS_SELECTOR, selector)
        return len(elements) >= count and elements

    return WebDriverWait(browser, WAIT).until(enough)


def text_of(browser: webdriver.Chrome, selector: str) -> str:
    """The text of an element, once it has one."""
    return WebDriverWait(browser, WAIT).until(lambda page: page.find_element(By.CSS_SELECTOR, selector).text)


def headline(browser: webdriver.Chrome) -> str:
    """That of the answer that opened by itself."""
    return text_of(browser, ".answer [data-part=whole][open] .report h1")
