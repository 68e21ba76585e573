"""The registry over HTTP: signing fills it, copies are led back, and the Soft Binding Resolution API answers."""

import httpx
import pytest
from PIL import Image, ImageFilter, ImageOps

from provenance import Report
from provenance.sources.c2pa.manifest_store import parse_store
from provenance_service.registry.registration import active_label
from provenance_signing.keys.development import create

from ..patience import PATIENCE
from .conftest import bearer
from .press import saved, sign
from .raw_requests import is_problem

ISCC = "io.iscc.v0"


@pytest.fixture(scope="module")
def photo(samples):
    with Image.open(samples / "signed-ai.jpg") as image:
        return image.convert("RGB").resize((640, 480))


@pytest.fixture
def press(backend, start, tmp_path):
    """A service that signs, and a client."""
    create(tmp_path / "credentials" / "newsroom", organisation="Example newsroom")
    service = start("--credentials", str(tmp_path / "credentials"), **backend.settings())
    key = bearer(backend.new_key("cms", "--scope", "sign", "--scope", "registry:write"))
    return service, key


def verify(press, content, **options):
    answer = httpx.post(f"{press[0].url}/v1/verify", files={"file": ("copy.jpg", content)}, timeout=PATIENCE, **options)
    return Report.model_validate(answer.json())


def test_a_copy_without_its_signature_is_led_back_to_what_was_signed(press, photo):
    before = verify(press, saved(photo, quality=50))
    assert "registry" not in [each.source for each in before.evidence]
    signed = sign(press, saved(photo))
    assert signed.status_code == 200
    for copy in (saved(photo, quality=50), saved(photo.resize((320, 240))), saved(ImageOps.mirror(photo)),
                 saved(photo.filter(ImageFilter.GaussianBlur(1))), saved(photo.crop((32, 24, 608, 456)))):  # fmt: skip
        report = verify(press, copy)
        (match,) = (each for each in report.evidence if each.source == "registry")
        assert match.details["manifest_id"] == signed.headers["provenance-manifest"]
        assert match.origin == "ai-generated"
        assert match.assurance in ("declared", "attested")  # a likeness is never a proof
        assert "copy or near copy" in match.explanation.text
        assert report.conclusion.origin == "ai-generated"
    french = verify(press, saved(photo, quality=50), headers={"Accept-Language": "fr"})
    assert "copie ou quasi-copie" in french.conclusion.headline.text.lower()
    # What bears its signature is judged by it, and another picture is not taken for it.
    assert "registry" not in [each.source for each in verify(press, signed.content).evidence]
    other = verify(press, saved(Image.effect_mandelbrot((640, 480), (-2, -1, 1, 1), 90).convert("RGB")))
    assert "registry" not in [each.source for each in other.evidence]
    assert "limit.registry.no_match" in [each.key for each in other.conclusion.limits]


def test_a_job_looks_into_the_registry_too(press, photo):
    from .job_client import finished, results

    sign(press, saved(photo))
    service = press[0]
    job = httpx.post(f"{service.url}/v1/jobs", files=[("file", ("copy.jpg", saved(photo, quality=60)))]).json()["id"]
    finished(service, job)
    report = httpx.get(service.url + results(service, job)[0]["report"]).json()
    assert "registry" in [each["source"] for each in report["evidence"]]


def test_manifests_are_found_by_binding_by_content_and_by_id(press, photo):
    service, _ = press
    url = f"{service.url}/v1"
    signed = sign(press, saved(photo))
    label = signed.headers["provenance-manifest"]
    named = {"watermarks": [], "fingerprints": [{"alg": ISCC}]}
    assert httpx.get(f"{url}/services/supportedAlgorithms").json() == named

    by_content = httpx.post(
        f"{url}/matches/byContent", content=saved(photo, quality=50), headers={"Content-Type": "image/jpeg"}
    )
    (match,) = by_content.json()["matches"]
    assert match["manifestId"] == label
    assert 87 <= match["similarityScore"] <= 100

    report = verify(press, saved(photo, quality=50))
    (iscc,) = (each.details["iscc"] for each in report.evidence if each.source == "registry")
    for answer in (httpx.get(f"{url}/matches/byBinding", params={"alg": ISCC, "value": iscc}),
                   httpx.post(f"{url}/matches/byBinding", json={"alg": ISCC, "value": iscc})):  # fmt: skip
        assert answer.json() == {"matches": [{"manifestId": label, "signer": "operator", "similarityScore": 100}]}
    none = httpx.get(f"{url}/matches/byBinding", params={"alg": "com.example.watermark", "value": "1"})
    assert none.json() == {"matches": []}

    assert signed.headers["link"] == f'</v1/manifests/{label}>; rel="c2pa-manifest"'
    assert signed.headers["ai-disclosure"] == 'mode=ai-originated, model="Example Model"'
    whole = httpx.get(f"{url}/manifests/{label}")
    assert whole.headers["content-type"] == "application/c2pa"
    assert label in parse_store(whole.content).manifests
    assert whole.content in signed.content or len(whole.content) > 60_000
    assert is_problem(httpx.get(f"{url}/manifests/urn:c2pa:missing"), 404, "not-found")


def test_the_active_manifest_comes_alone_where_it_is_asked_for(press, photo, samples):
    signed = sign(
        press, (samples / "signed-ai.jpg").read_bytes(), {"profile": "edited", "actions": [{"action": "c2pa.cropped"}]}
    )
    if signed.status_code != 200:
        service, key = press
    parent = (samples / "signed-ai.jpg").read_bytes()
    files = {"file": ("a.jpg", saved(photo)), "parent": ("b.jpg", parent)}
    signed = httpx.post(
        f"{service.url}/v1/sign", files=files, data={"facts": '{"profile": "edited"}'}, headers=key, timeout=PATIENCE
    )
    assert signed.status_code == 200, signed.text
    url = f"{press[0].url}/v1/manifests/{signed.headers['provenance-manifest']}"
    whole, alone = httpx.get(url).content, httpx.get(url, params={"returnActiveManifest": "true"}).content
    label = signed.headers["provenance-manifest"]
    assert list(parse_store(alone).manifests) == [label] == [parse_store(whole).active.label]
    assert parse_store(alone).active.box.content == parse_store(whole).active.box.content


def test_what_was_signed_elsewhere_is_registered_with_its_manifest(press, photo, tmp_path):
    service, key = press
    elsewhere = tmp_path / "elsewhere.jpg"
    elsewhere.write_bytes(sign(press, saved(photo)).content)
    label = sign(press, saved(photo)).headers["provenance-manifest"]
    store = httpx.get(f"{service.url}/v1/manifests/{label}").content
    assert httpx.delete(f"{service.url}/v1/manifests/{label}", headers=key).status_code == 204
    assert is_problem(httpx.get(f"{service.url}/v1/manifests/{label}"), 404, "not-found")

    def register(content, manifest, headers=key):
        files = {"file": ("a.jpg", content), "manifest": ("a.c2pa", manifest)}
        return httpx.post(f"{service.url}/v1/manifests", files=files, headers=headers, timeout=PATIENCE)

    assert is_problem(register(b"x", store, {}), 401, "no-key")
    assert is_problem(register(saved(photo, quality=20), store), 422, "not-registered")
    assert is_problem(register(saved(photo), b"no manifest"), 422, "not-registered")


def test_who_registered_what_is_in_the_audit_log(press, photo, backend):
    from provenance_service.audit import check_chain, entries

    label = sign(press, saved(photo)).headers["provenance-manifest"]
    with backend.storage().database.read() as connection:
        found = [(row.action, row.subject) for row in entries(connection)]
        assert check_chain(connection).fault is None
    assert ("signed", label) in found
    assert ("registered", label) in found


@pytest.mark.parametrize(
    "query",
    [
        {}, {"alg": ISCC}, {"alg": ISCC, "value": "no code"}, {"alg": ISCC, "value": "ISCC:AAAA"},
        {"alg": ISCC, "value": "a" * 500}, {"alg": "a\0", "value": "b"}, {"alg": "a", "value": "b", "maxResults": "0"},
        {"alg": "a", "value": "b", "maxResults": "many"},
    ],
)  # fmt: skip
def test_a_query_that_is_none_is_refused(service, query):
    url = f"{service.url}/v1/matches/byBinding"
    assert is_problem(httpx.get(url, params=query), 400, "bad-query")


def test_content_without_a_fingerprint_matches_nothing(service):
    url = f"{service.url}/v1/matches/byContent"
    for content in (b"", b"some text", saved(Image.new("RGB", (64, 64), "teal"))):
        assert httpx.post(url, content=content).json() == {"matches": []}
    assert is_problem(httpx.post(url, content=b"", params={"hintAlg": ISCC, "hintValue": "none"}), 400, "bad-query")


def test_a_reference_is_fetched_where_the_server_fetches_and_from_public_servers_alone(service, start):
    query = {"referenceUrl": "https://127.0.0.1/a.jpg", "assetLength": 1000}
    assert is_problem(httpx.post(f"{service.url}/v1/matches/byReference", json=query), 403, "fetching-off")
    fetching = start("--fetch-urls")
    for bad in (
        query,
        query | {"referenceUrl": "http://example.com/a"},
        {"assetLength": 1},
        query | {"assetLength": -1},
    ):
        assert is_problem(httpx.post(f"{fetching.url}/v1/matches/byReference", json=bad), 400, "bad-query")


def test_nothing_is_registered_where_that_is_switched_off(start, backend, tmp_path, photo):
    create(tmp_path / "credentials" / "newsroom", organisation="Example newsroom")
    options = backend.settings() | {"PROVENANCE_REGISTER_SIGNED": "false"}
    service = start("--credentials", str(tmp_path / "credentials"), **options)
    key = bearer(backend.new_key("cms", "--scope", "sign"))
    label = sign((service, key), saved(photo)).headers["provenance-manifest"]
    assert is_problem(httpx.get(f"{service.url}/v1/manifests/{label}"), 404, "not-found")


def test_a_store_that_is_none_names_nothing():
    for store in (b"", b"\0" * 100, b"\0\0\0\x08jumb"):
        assert active_label(store) == ""
