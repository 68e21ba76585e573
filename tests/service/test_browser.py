"""The page in a real browser: what is chosen, dropped, pasted or named gets its answer, and nothing leaves this machine."""

from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import provenance
from provenance.evidence import Kind
from provenance.sentences import phrase as phrase_of_reports
from provenance_service.endpoints import page as page_module
from provenance_service.sentences import phrase, readable_size

from .browsing import WAIT, browsing, choose, found, headline, needs_a_browser, requests, text_of

pytestmark = needs_a_browser


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_chosen_file_gets_its_answer(browser, service, ai_picture, language):
    browser.get(f"{service.url}/?lang={language}")
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
    choose(browser, ai_picture)
    assert headline(browser) == provenance.verify(ai_picture, language=language).conclusion.headline.text

    assert browser.switch_to.active_element.tag_name == "h1"
    assert browser.switch_to.active_element.find_elements(By.XPATH, "ancestor::article[@class='answer']")
    status = browser.find_element(By.ID, "status")
    assert status.text == phrase("page.done", language).replace("{name}", ai_picture.name)
    assert not any(bar.is_displayed() for bar in browser.find_elements(By.TAG_NAME, "progress"))
    preview = browser.find_element(By.CSS_SELECTOR, "[data-part=preview]")
    assert preview.is_displayed()
    assert preview.get_attribute("src").startswith("blob:")

    save = browser.find_element(By.CSS_SELECTOR, "[data-part=save]")
    assert save.is_displayed()
    assert save.get_attribute("download") == "made-with-ai.jpg.html"

    sent = requests(browser)
    assert f"{service.url}/v1/verify?lang={language}" in sent
    hosts = {urlsplit(url).netloc for url in sent if not url.startswith(("blob:", "data:", "chrome:"))}
    assert hosts == {urlsplit(service.url).netloc}
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_several_files_get_their_answers_side_by_side(browser, service, picture, ai_picture, samples):
    browser.get(service.url)
    chosen = [ai_picture, samples / "altered-after-signing.jpg", picture]
    choose(browser, *chosen)
    rows = found(browser, ".answer[data-state=done]", 3)
    assert [row.find_element(By.TAG_NAME, "h2").text for row in rows] == [path.name for path in chosen]
    for row, path in zip(rows, chosen, strict=True):
        expected = provenance.verify(path).conclusion.headline.text
        assert row.find_element(By.CSS_SELECTOR, "[data-part=state]").text == expected
    assert [row.get_attribute("data-tone") for row in rows] == ["caution", "bad", "neutral"]
    assert text_of(browser, "#status") == "3 of 3 done"
    assert not browser.find_elements(By.CSS_SELECTOR, "[data-part=whole][open]")
    rows[1].find_element(By.TAG_NAME, "summary").click()
    assert rows[1].find_element(By.TAG_NAME, "h1").is_displayed()


def test_what_goes_wrong_with_one_file_does_not_stop_the_others(browser, small_service, picture, ai_picture, tmp_path):
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(200_000))
    browser.get(small_service.url)
    choose(browser, large, picture, ai_picture)
    found(browser, ".answer[data-state=done]", 2)
    (refused,) = found(browser, ".answer[data-state=problem]")
    assert refused.find_element(By.TAG_NAME, "h2").text == "large.bin"
    said = phrase("problem.too-large.detail", "en", size=readable_size(100_000, "en"))
    assert refused.find_element(By.CSS_SELECTOR, "[data-part=state]").text == said.replace("\u00a0", " ")
    assert sum("v1/verify" in url for url in requests(browser)) == 2  # it is not even sent
    assert not refused.find_element(By.CSS_SELECTOR, "[data-part=again]").is_displayed()
    assert text_of(browser, "#status") == "3 of 3 done"


def test_a_server_that_went_away_is_said_and_can_be_asked_again(browser, start, picture):
    service = start()
    browser.get(service.url)
    service.stop()
    choose(browser, picture)
    (row,) = found(browser, ".answer[data-state=problem]")
    assert row.find_element(By.CSS_SELECTOR, "[data-part=state]").text == phrase("page.unreachable", "en")
    again = row.find_element(By.CSS_SELECTOR, "[data-part=again]")
    assert again.is_displayed()
    port = service.url.rsplit(":", 1)[1]
    start("--port", port)
    again.click()
    assert headline(browser) == provenance.verify(picture).conclusion.headline.text


def test_more_files_than_the_page_takes_are_left_out_in_words(browser, service):
    many = page_module.MAX_FILES + 1
    browser.get(service.url)
    browser.execute_script(f"""
        const dataTransfer = new DataTransfer();
        for (let at = 0; at < {many}; at += 1) dataTransfer.items.add(new File(["text " + at], at + ".txt"));
        document.body.dispatchEvent(new DragEvent("drop", {{dataTransfer, bubbles: true, cancelable: true}}));
    """)
    assert text_of(browser, "#problem") == phrase("page.too_many", "en", count=str(page_module.MAX_FILES))
    assert len(browser.find_elements(By.CSS_SELECTOR, ".answer")) == page_module.MAX_FILES


def test_the_list_can_be_cleared_while_it_is_worked_on(browser, service, picture, ai_picture):
    browser.get(service.url)
    choose(browser, picture, ai_picture)
    browser.find_element(By.ID, "clear").click()
    assert not browser.find_elements(By.CSS_SELECTOR, ".answer")
    choose(browser, ai_picture)
    assert headline(browser) == provenance.verify(ai_picture).conclusion.headline.text
    assert len(browser.find_elements(By.CSS_SELECTOR, ".answer")) == 1


def test_the_keyboard_reaches_the_file_input_and_its_focus_shows(browser, service):
    browser.get(service.url)
    reached = []
    for _ in range(8):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.switch_to.active_element.get_attribute("id"))
        if reached[-1] == "file":
            break
    assert reached[-1] == "file"
    assert browser.find_element(By.ID, "zone").value_of_css_property("outline-style") == "solid"


@pytest.mark.parametrize(
    ("event", "transfer"), [("DragEvent('drop'", "dataTransfer"), ("ClipboardEvent('paste'", "clipboardData")]
)
def test_a_dropped_or_pasted_file_gets_its_answer(browser, service, event, transfer):
    browser.get(service.url)
    browser.execute_script(f"""
        const {transfer} = new DataTransfer();
        {transfer}.items.add(new File(["some text"], "given.txt", {{type: "text/plain"}}));
        document.body.dispatchEvent(new {event}, {{{transfer}, bubbles: true, cancelable: true}}));
    """)
    headline(browser)
    assert "given.txt" in browser.find_element(By.CSS_SELECTOR, ".report").text
    assert not browser.find_element(By.CSS_SELECTOR, "[data-part=preview]").is_displayed()


def test_a_text_is_examined_as_the_file_that_it_could_be(browser, service, tmp_path):
    browser.get(service.url)
    text = "It is important to note that the landscape is changing. " * 40
    browser.find_element(By.CSS_SELECTOR, ".more details:last-child summary").click()
    area = browser.find_element(By.ID, "text")
    browser.execute_script("arguments[0].value = arguments[1]", area, text)
    area.find_element(By.XPATH, "..").find_element(By.TAG_NAME, "button").click()
    same = tmp_path / "pasted-text.txt"
    same.write_text(text)
    expected = provenance.verify(same)
    assert headline(browser) == expected.conclusion.headline.text
    (estimate,) = (item for item in expected.evidence if item.kind is Kind.DETECTOR)
    assert estimate.explanation.text in browser.find_element(By.CSS_SELECTOR, ".part.estimates").text
    assert not browser.find_elements(By.CSS_SELECTOR, "[data-part=where]")  # that is for pictures


DROP_A_LINK = """
    const dataTransfer = new DataTransfer();
    dataTransfer.setData("text/uri-list", arguments[0]);
    document.body.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
"""


def test_an_address_is_refused_in_words_where_nothing_is_fetched(browser, service):
    browser.get(f"{service.url}/?lang=fr")
    assert not browser.find_elements(By.ID, "url")
    browser.execute_script(DROP_A_LINK, "https://example.com/photo.jpg")
    refusal = text_of(browser, ".answer[data-state=problem] [data-part=state]")
    assert refusal.startswith(phrase("problem.fetching-off.title", "fr"))


def test_an_address_is_asked_for_where_addresses_are_fetched(browser, start):
    service = start("--fetch-urls")
    browser.get(service.url)
    browser.find_element(By.CSS_SELECTOR, ".more details:first-child summary").click()
    # Of this machine, which the server must not ask.
    browser.find_element(By.ID, "url").send_keys("https://127.0.0.1/photo.jpg", Keys.ENTER)
    refusal = text_of(browser, ".answer[data-state=problem] [data-part=state]")
    assert refusal.startswith(phrase("problem.not-fetched.title", "en"))
    assert found(browser, ".answer h2")[0].text == "https://127.0.0.1/photo.jpg"


def test_where_an_estimate_comes_from_is_drawn_on_demand(browser, service, picture):
    browser.get(service.url)
    choose(browser, picture)
    headline(browser)
    assert not [url for url in requests(browser) if "heatmap" in url]
    estimates = browser.find_element(By.CSS_SELECTOR, ".part.estimates")
    estimates.find_element(By.CSS_SELECTOR, "[data-part=where]").click()
    (drawn,) = found(browser, ".estimates [data-part=drawn][src^='blob:']")
    assert text_of(browser, ".estimates figcaption") == phrase("page.where_note", "en")
    assert drawn.get_attribute("alt") == phrase("page.where_alt", "en", name=picture.name)
    assert browser.execute_async_script(
        "arguments[0].decode().then(() => arguments[1](arguments[0].naturalWidth))", drawn
    )
    assert not estimates.find_element(By.CSS_SELECTOR, "[data-part=where]").is_displayed()


def test_where_there_is_no_estimate_nothing_is_offered_to_show(browser, service, samples):
    browser.get(service.url)
    choose(browser, samples / "signed-ai.jpg")
    headline(browser)
    assert (
        phrase_of_reports("label.estimates_none", "en") in browser.find_element(By.CSS_SELECTOR, ".part.estimates").text
    )
    assert not browser.find_elements(By.CSS_SELECTOR, "[data-part=where]")


def test_a_map_that_could_not_be_drawn_is_said_and_can_be_asked_for_again(browser, start, picture):
    service = start()
    browser.get(service.url)
    choose(browser, picture)
    headline(browser)
    service.stop()
    where = browser.find_element(By.CSS_SELECTOR, "[data-part=where]")
    where.click()
    unreachable = phrase("page.unreachable", "en")
    WebDriverWait(browser, WAIT).until(lambda _: text_of(browser, ".estimates figcaption") == unreachable)
    assert where.is_enabled()
    assert not browser.find_element(By.CSS_SELECTOR, "[data-part=drawn]").is_displayed()


def test_a_refusal_is_shown_as_text(browser, start, picture):
    service = start()
    service.verify(picture)
    browser.get(f"{service.url}/?lang=fr")
    service.temporary.rmdir()
    choose(browser, picture)
    assert text_of(browser, ".answer[data-state=problem] [data-part=state]").startswith("Le service a échoué.")


def test_a_hostile_name_stays_text(browser, service, tmp_path, picture):
    hostile = tmp_path / "<img src=x onerror=document.title=1>.jpg"
    hostile.write_bytes(picture.read_bytes())
    browser.get(service.url)
    title = browser.title
    choose(browser, hostile)
    headline(browser)
    assert hostile.name in browser.find_element(By.CSS_SELECTOR, ".report").text
    assert browser.find_element(By.CSS_SELECTOR, ".answer h2").text == hostile.name
    assert browser.find_elements(By.CSS_SELECTOR, "img[src=x]") == []
    assert browser.title == title


def test_without_javascript_one_file_gets_its_report(tmp_path, service, ai_picture):
    with browsing(tmp_path / "plain", script=False) as plain:
        plain.get(f"{service.url}/?lang=fr")
        assert not plain.find_element(By.CLASS_NAME, "more").is_displayed()
        assert plain.find_element(By.CSS_SELECTOR, "label[for=file]").text == phrase("page.choose", "fr")
        choose(plain, ai_picture)
        plain.find_element(By.CSS_SELECTOR, "#form button").click()
        expected = provenance.verify(ai_picture, language="fr").conclusion.headline.text
        assert text_of(plain, "main.report h1") == expected


def test_the_page_keeps_nothing_in_the_browser(browser, service, picture):
    browser.get(service.url)
    choose(browser, picture)
    headline(browser)
    assert browser.get_cookies() == []
    assert browser.execute_script("return [localStorage.length, sessionStorage.length]") == [0, 0]
