"""One file in, one report out: as data and as a page, in three languages."""

import hashlib
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import jsonschema
import pytest

import provenance

CAWG_VECTORS = Path(__file__).parents[1] / "core/data/cawg.tar.xz"


def test_a_report_is_json_that_fits_the_schema(service, ai_picture):
    answer = service.verify(ai_picture)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    report = answer.json()
    jsonschema.validate(report, provenance.report_schema())
    assert report["asset"]["sha256"] == hashlib.sha256(ai_picture.read_bytes()).hexdigest()
    assert report["asset"]["name"] == "made-with-ai.jpg"
    assert report["conclusion"]["headline"]["key"] == "headline.ai_generated.declared"


def test_the_report_is_the_one_of_the_library(service, picture):
    expected = provenance.verify(picture).model_dump(mode="json")
    report = service.verify(picture).json()
    assert report | {"examined_at": ""} == expected | {"examined_at": ""}


def test_html_where_the_client_prefers_it(service, picture):
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = service.verify(picture, headers={"Accept": browser})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert '<main class="report" id="report">' in answer.text
    assert provenance.verify(picture).conclusion.headline.text in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5", "text/html;q=0"])
def test_json_where_the_client_does_not_prefer_html(service, picture, accept):
    assert service.verify(picture, headers={"Accept": accept}).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("accept", "language"),
    [("fr", "fr"), ("ja-JP,en;q=0.5", "ja"), ("en;q=0.4,fr-CA;q=0.8", "fr"), ("de", "en"), ("fr;q=0, ja;q=0.1", "ja")],
)
def test_the_language_is_the_one_that_the_client_prefers(service, picture, accept, language):
    answer = service.verify(picture, headers={"Accept-Language": accept})
    expected = provenance.verify(picture, language=language).conclusion.headline.text
    assert answer.headers["content-language"] == language
    assert answer.json()["language"] == language
    assert answer.json()["conclusion"]["headline"]["text"] == expected


def test_the_query_stands_above_the_header(service, picture):
    answer = service.verify(picture, params={"lang": "ja"}, headers={"Accept-Language": "fr", "Accept": "text/html"})
    assert '<html lang="ja">' in answer.text


@pytest.mark.parametrize("name", ["C:\\Desk\\photo.jpg", "../../etc/photo.jpg", "/photo.jpg"])
def test_only_the_base_name_is_kept(service, picture, name):
    assert service.verify(picture, name=name).json()["asset"]["name"] == "photo.jpg"


def test_identities_are_believed_as_the_service_is_told(start, tmp_path):
    with tarfile.open(CAWG_VECTORS) as archive:
        archive.extractall(tmp_path, filter="data")
    vectors = tmp_path / "cawg/generated/identity-1.2"
    asset = vectors / "assets/x509-es256-jpeg.jpg"
    (tmp_path / "settings.toml").write_text('identity_anchors = "cawg/generated/identity-1.2/trust/cawg-allowed.pem"')
    told = start("--config", str(tmp_path / "settings.toml"))
    states = [each.verify(asset).json()["credentials"]["identities"][0]["state"] for each in (start(), told)]
    assert states == ["untrusted", "trusted"]


def test_an_empty_file_gets_a_report(service, tmp_path):
    empty = tmp_path / "empty.jpg"
    empty.touch()
    assert service.verify(empty).json()["asset"]["size"] == 0


def test_other_fields_do_not_disturb(service, picture):
    answer = httpx.post(f"{service.url}/v1/verify", data={"note": "x"}, files={"file": ("a.jpg", picture.read_bytes())})
    assert answer.json()["asset"]["size"] == picture.stat().st_size


def test_many_files_at_once_get_their_own_reports(service, tmp_path):
    files = [tmp_path / f"{number}.bin" for number in range(24)]
    for number, path in enumerate(files):
        path.write_bytes(bytes([number]) * 300_000)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(service.verify, files))
    for path, answer in zip(files, answers, strict=True):
        assert answer.json()["asset"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert answer.json()["asset"]["name"] == path.name


def test_nothing_is_left_on_the_disk(start, picture, tmp_path):
    service = start("--max-upload", "64KiB")
    large = tmp_path / "large"
    large.write_bytes(bytes(100_000))
    assert service.verify(picture).status_code == 200
    assert service.verify(large).status_code == 413
    assert list(service.temporary.iterdir()) == []
