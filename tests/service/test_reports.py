"""Reports that are kept because somebody asked: their links, their end, and who may delete them."""

import sqlite3
import time

import httpx
import pytest

from provenance import Report

from ..patience import eventually
from .conftest import bearer, kept
from .raw_requests import is_problem


def test_nothing_is_kept_unless_asked(start, picture):
    service = start()
    answer = service.verify(picture)
    assert "provenance-report" not in answer.headers
    folder = kept(service.temporary)
    assert not list((folder / "objects").glob("reports/*"))
    with sqlite3.connect(folder / "provenance.db") as database:
        assert database.execute("SELECT count(*) FROM report").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM quota").fetchone() == (0,)
    assert b"picture.jpg" not in b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
def test_a_kept_report_is_read_by_its_link_in_any_language(backend, start, samples, language):
    service = start(**backend.settings())
    answer = service.verify(samples / "signed-ai.jpg", params={"keep": "1"})
    link = answer.headers["provenance-report"]
    assert link.startswith("/v1/reports/")
    assert len(link.removeprefix("/v1/reports/")) >= 22
    again = httpx.get(service.url + link, headers={"Accept-Language": language})
    assert again.headers["x-robots-tag"] == "noindex"
    report = Report.model_validate(again.json())
    assert report.in_language("en") == Report.model_validate(answer.json())
    assert report.language == language
    page = httpx.get(service.url + link, headers={"Accept": "text/html", "Accept-Language": language})
    assert f'<html lang="{language}">' in page.text
    assert report.conclusion.headline.text in page.text
    assert "script-src" not in page.headers["content-security-policy"]


def test_a_page_that_is_kept_is_the_page_that_was_shown(start, samples):
    service = start()
    shown = service.verify(samples / "signed-ai.jpg", params={"keep": "1"}, headers={"Accept": "text/html"})
    kept_page = httpx.get(service.url + shown.headers["provenance-report"], headers={"Accept": "text/html"})
    assert kept_page.text == shown.text


def test_a_report_ends_by_itself(start, picture):
    service = start(PROVENANCE_KEEP_DAYS="0.00002")
    link = service.url + service.verify(picture, params={"keep": "1"}).headers["provenance-report"]
    eventually(lambda: httpx.get(link).status_code == 404)
    assert is_problem(httpx.get(link), 404, "not-found")


def test_what_is_over_is_deleted(start, tmp_path, picture):
    service = start("--folder", str(tmp_path), PROVENANCE_KEEP_DAYS="0.00001")
    service.verify(picture, params={"keep": "1"})
    assert len(list((tmp_path / "objects").glob("reports/*"))) == 1
    time.sleep(1)
    service.stop()
    start("--folder", str(tmp_path))
    eventually(lambda: not list((tmp_path / "objects").glob("reports/*")))


def test_whoever_had_it_kept_may_delete_it_and_an_admin_and_nobody_else(backend, start, picture):
    service = start(**backend.settings())
    keys = {name: bearer(backend.new_key(name, "--scope", scope)) for name, scope in
            (("mine", "verify"), ("other", "verify"), ("admin", "admin"))}  # fmt: skip
    links = [service.url + service.verify(picture, params={"keep": "1"}, headers=keys["mine"]).headers["provenance-report"]
             for _ in range(2)]  # fmt: skip
    anybodys = service.url + service.verify(picture, params={"keep": "1"}).headers["provenance-report"]
    assert is_problem(httpx.delete(links[0]), 401, "no-key")
    assert is_problem(httpx.delete(links[0], headers=keys["other"]), 404, "not-found")
    assert is_problem(httpx.delete(anybodys, headers=keys["mine"]), 404, "not-found")
    assert httpx.get(links[0]).status_code == 200
    assert httpx.delete(links[0], headers=keys["mine"]).status_code == 204
    assert is_problem(httpx.get(links[0]), 404, "not-found")
    assert httpx.delete(links[1], headers=keys["admin"]).status_code == 204
    assert httpx.delete(anybodys, headers=keys["admin"]).status_code == 204


@pytest.mark.parametrize(
    ("report", "status"), [("missing", 404), ("a%00b", 422), ("%2e%2e%2fkeys", 404), ("x" * 65, 422)]
)
def test_a_report_that_there_is_not_is_not_found(service, report, status):
    assert httpx.get(f"{service.url}/v1/reports/{report}").status_code == status
