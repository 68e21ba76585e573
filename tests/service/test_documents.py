"""The schema, the OpenAPI document, the page, and the headers on all of them."""

import json
import re

import httpx
import jsonschema
import pytest

import provenance
from provenance.render.html import STYLE, STYLE_HASH
from provenance_signing.profile import shipped_profiles


def test_the_schema_is_the_librarys(service):
    assert httpx.get(f"{service.url}/v1/schema").json() == provenance.report_schema()


def test_the_openapi_examples_are_valid(service):
    document = httpx.get(f"{service.url}/openapi.json").json()
    answers = document["paths"]["/v1/verify"]["post"]["responses"]
    example = answers["200"]["content"]["application/json"]["example"]
    jsonschema.validate(example, provenance.report_schema())
    assert example["conclusion"]["headline"]["key"] == "headline.ai_generated.declared"
    assert {"400", "408", "413", "415", "422", "500", "503"} < set(answers)
    for status in set(answers) - {"200"}:
        problem = answers[status]["content"]["application/problem+json"]
        jsonschema.validate(problem["example"], problem["schema"])
        assert problem["example"]["status"] == int(status)
    schema = answers["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(example, schema | {"components": document["components"]})


def test_the_openapi_document_says_how_to_send_a_file(service):
    operation = httpx.get(f"{service.url}/openapi.json").json()["paths"]["/v1/verify"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["file"]
    assert [each["name"] for each in operation["parameters"]] == ["keep", "lang"]


SIGNING = ["/v1/sign", "/v1/credentials/{name}/signature"]
WITH_A_KEY = [*SIGNING, "/v1/keys", "/v1/manifests"]


def test_the_openapi_document_says_what_needs_a_key(service):
    document = httpx.get(f"{service.url}/openapi.json").json()
    scheme = document["components"]["securitySchemes"]["key"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, operations in document["paths"].items():
        assert operations.get("post", {}).get("security") == ([{"key": []}] if path in WITH_A_KEY else None)


@pytest.mark.parametrize("path", SIGNING)
def test_the_openapi_document_has_an_example_of_every_refusal_to_sign(service, path):
    operation = httpx.get(f"{service.url}/openapi.json").json()["paths"][path]["post"]
    answers = operation["responses"]
    assert "application/octet-stream" in answers["200"]["content"]
    assert {"401", "403", "413", "422", "500", "503"} < set(answers)
    for status in set(answers) - {"200"}:
        problem = answers[status]["content"]["application/problem+json"]
        jsonschema.validate(problem["example"], problem["schema"])
        assert problem["example"]["status"] == int(status)
        assert "{" not in problem["example"]["detail"]


def test_the_openapi_document_says_how_to_have_a_file_signed(service):
    operation = httpx.get(f"{service.url}/openapi.json").json()["paths"]["/v1/sign"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(form["properties"]) == {"file", "parent", "facts"}
    assert form["required"] == ["file", "facts"]
    assert json.loads(form["properties"]["facts"]["example"])["profile"] in shipped_profiles()


def test_the_openapi_document_says_how_to_ask_for_a_signature(service):
    path = "/v1/credentials/{name}/signature"
    operation = httpx.get(f"{service.url}/openapi.json").json()["paths"][path]["post"]
    assert "application/octet-stream" in operation["requestBody"]["content"]
    parameters = {each["name"]: each["in"] for each in operation["parameters"]}
    assert parameters == {"name": "path", "Provenance-Algorithm": "header"}


PATHS = ["/", "/v1/schema", "/healthz", "/openapi.json", "/static/page.js", "/static/report.css", "/nothing"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_security_headers(service, path):
    headers = httpx.get(f"{service.url}{path}").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_a_report_page_allows_its_own_style_and_nothing_else(service, picture):
    answer = service.verify(picture, headers={"Accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert f"style-src '{STYLE_HASH}'" in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


STATIC = [f"/static/{name}" for name in ("page.js", "answer.js", "sending.js", "sign.js", "page.css", "report.css")]


@pytest.mark.parametrize("path", ["/", "/sign", *STATIC])
def test_the_page_names_no_other_place(service, path):
    answer = httpx.get(f"{service.url}{path}")
    assert answer.status_code == 200
    text = answer.text
    assert not re.search(r"(https?:)?//[\w.]+\.\w", text)


def test_the_reports_style_is_served(service):
    answer = httpx.get(f"{service.url}/static/report.css")
    assert answer.text == STYLE
    assert answer.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "is not kept"), ("fr", "n’est pas conservé"), ("ja", "保存はしません")],
)
def test_the_page_speaks_the_language_and_says_that_nothing_is_kept(service, language, words):
    by_header = httpx.get(service.url, headers={"Accept-Language": language}).text
    by_query = httpx.get(service.url, params={"lang": language}, headers={"Accept-Language": "de"}).text
    assert by_header == by_query
    assert f'<html lang="{language}">' in by_header
    assert words in by_header
    assert "{size}" not in by_header


def test_the_page_works_as_a_plain_form(service, picture):
    page = httpx.get(service.url, headers={"Accept-Language": "fr"}).text
    (form,) = re.findall(r'<form id="form" action="([^"]+)" method="post" enctype="multipart/form-data"', page)
    (field,) = re.findall(r'<input type="file" id="file" name="(\w+)" required', page)
    answer = httpx.post(
        f"{service.url}/{form}",
        files={field: ("photo.jpg", picture.read_bytes(), "image/jpeg")},
        headers={"Accept": "text/html,*/*;q=0.8"},
    )
    assert '<html lang="fr">' in answer.text
