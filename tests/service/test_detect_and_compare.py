"""What detectors say of a file, what a copy kept of its marks, and what is installed: the same as the library says."""

import json

import httpx
import pytest
from PIL import Image

from provenance.asset import open_asset
from provenance.trust import TrustStore
from provenance_detectors import judge_picture, load_detector
from provenance_detectors.answers import draw_heat_map
from provenance_detectors.card import ModelCard
from provenance_signing import Credential, Signer
from provenance_signing.comparison import compare

from ..patience import PATIENCE


@pytest.fixture(scope="module")
def photograph(tmp_path_factory):
    path = tmp_path_factory.mktemp("photograph") / "noise.png"
    Image.effect_noise((600, 500), 60).convert("RGB").save(path)
    return path


def _ask(service, path, files, **options):
    opened = {field: (file.name, file.read_bytes()) for field, file in files.items()}
    return httpx.post(f"{service.url}/v1/{path}", files=opened, timeout=PATIENCE, **options)


def test_a_detector_says_the_same_over_http(service, photograph):
    answer = _ask(service, "detect", {"file": photograph})
    assert answer.status_code == 200, answer.text
    found = {each["detector"]: each for each in answer.json()["answers"]}
    expected = judge_picture(load_detector("image"), photograph.read_bytes())
    assert answer.json()["name"] == "noise.png"
    assert found["image"]["decision"] == expected.decision
    assert found["image"]["log_odds"] == expected.log_odds
    assert found["image"]["rates"]["fpr"] == expected.rates.fpr.model_dump()
    assert [each["key"] for each in found["image"]["reasons"]] == [each.key for each in expected.reasons]


@pytest.mark.parametrize(("language", "word"), [("en", "estimate"), ("fr", "estim"), ("ja", "推定")])
def test_an_answer_says_in_the_clients_language_that_it_is_an_estimate(service, photograph, language, word):
    answer = _ask(service, "detect", {"file": photograph}, headers={"Accept-Language": language})
    assert answer.headers["content-language"] == language
    assert word in answer.json()["answers"][0]["sentence"].lower()


def test_a_text_is_asked_about_as_a_text(service, tmp_path):
    path = tmp_path / "essay.txt"
    path.write_text("It is important to note that the landscape is changing. " * 40)
    (found,) = _ask(service, "detect", {"file": path}).json()["answers"]
    assert found["detector"] == "text"
    assert found["details"]["language"] == "en"


def test_a_kind_that_no_detector_looks_at_has_no_answers(service, tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(bytes(range(256)))
    assert _ask(service, "detect", {"file": path}).json()["answers"] == []


def test_an_unreadable_picture_is_an_answer_and_not_an_error(service, photograph, tmp_path):
    path = tmp_path / "cut.png"
    path.write_bytes(photograph.read_bytes()[:5000])
    (found,) = _ask(service, "detect", {"file": path}).json()["answers"]
    assert found["decision"] == "abstain"
    assert found["reasons"][0]["key"] == "detector.refused.unreadable"


def test_a_picture_that_takes_too_long_is_said_and_the_next_one_is_answered(start, photograph):
    service = start(PROVENANCE_TIME_LIMIT="0.001")
    answer = _ask(service, "detect", {"file": photograph})
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:provenance:problem:stopped"
    assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_a_heat_map_is_the_one_that_the_library_draws(service, photograph):
    answer = _ask(service, "heatmap", {"file": photograph})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    with open_asset(photograph) as asset:
        assert answer.content == draw_heat_map(asset, [load_detector("image")])


def test_a_heat_map_of_another_detector_is_asked_for_by_its_name(service, photograph):
    answer = _ask(service, "heatmap", {"file": photograph}, params={"detector": "copy-move"})
    assert answer.status_code == 200, answer.text
    with open_asset(photograph) as asset:
        assert answer.content == draw_heat_map(asset, [load_detector("copy-move")])


@pytest.mark.parametrize(
    ("detector", "problem", "says"),
    [("no-such-one", "not-detected", "copy-move"), ("../../etc/passwd", "bad-parameter", "detector")],
)
def test_a_detector_that_is_not_there_is_refused_in_words(service, photograph, detector, problem, says):
    answer = _ask(service, "heatmap", {"file": photograph}, params={"detector": detector})
    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:provenance:problem:{problem}"
    assert says in answer.json()["detail"]


def test_of_what_is_no_picture_there_is_no_heat_map(service, tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("no picture")
    answer = _ask(service, "heatmap", {"file": path})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("note.txt: ")


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    from click.testing import CliRunner

    from provenance.cli import main

    folder = tmp_path_factory.mktemp("signed")
    assert CliRunner().invoke(main, ["keys", "development", str(folder / "newsroom")]).exit_code == 0
    Image.linear_gradient("L").convert("RGB").resize((300, 200)).save(folder / "plain.jpg")
    signer = Signer(Credential.load(folder / "newsroom" / "credential.toml"), profile="ai-generated")
    signer.sign(folder / "plain.jpg", folder / "signed.jpg", model="Example Model")
    return folder


def test_a_copy_is_compared_as_the_library_compares_it(service, signed):
    for delivered, kept in (("signed.jpg", True), ("plain.jpg", False)):
        files = {"file": signed / "signed.jpg", "delivered": signed / delivered}
        answer = _ask(service, "compare", files, params={"lang": "fr"})
        assert answer.status_code == 200, answer.text
        expected = compare(signed / "signed.jpg", signed / delivered)
        assert answer.json()["all_kept"] is expected.all_kept is kept
        fates = [(each["name"], each["fate"]) for each in answer.json()["marks"]]
        assert fates == [(each.name, each.fate) for each in expected.marks]
        assert answer.json()["marks"][0]["explanation"]["text"] == expected.marks[0].explanation.in_language("fr").text


def test_a_comparison_with_one_file_is_refused(service, signed):
    answer = _ask(service, "compare", {"file": signed / "signed.jpg"})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:provenance:problem:no-file"


def test_what_is_installed_is_listed(start, signed):
    service = start("--credentials", str(signed))
    cards = httpx.get(f"{service.url}/v1/detectors").json()
    assert [card["name"] for card in cards] == [card.name for card in ModelCard.bundled()]
    assert all(card["operating_points"] for card in cards)
    (credential,) = httpx.get(f"{service.url}/v1/credentials").json()
    assert credential["name"] == "newsroom"
    assert credential["certificates"] == (signed / "newsroom" / "chain.pem").read_text()
    assert "PRIVATE" not in httpx.get(f"{service.url}/v1/credentials").text
    names = [each["name"] for each in httpx.get(f"{service.url}/v1/trust").json()]
    assert names == [each.name for each in TrustStore.default().lists]


def test_the_examples_in_the_interface_have_the_shape_of_real_answers(service, signed, photograph):
    paths = httpx.get(f"{service.url}/openapi.json").json()["paths"]
    small = signed / "plain.jpg"
    for path, files in (
        ("detect", {"file": small}),
        ("compare", {"file": signed / "signed.jpg", "delivered": signed / "plain.jpg"}),
    ):
        example = paths[f"/v1/{path}"]["post"]["responses"]["200"]["content"]["application/json"]["example"]
        real = _ask(service, path, files).json()
        assert example.keys() == real.keys()
        (part,) = next(value for value in example.values() if isinstance(value, list))
        assert part.keys() <= next(value for value in real.values() if isinstance(value, list))[0].keys()


def test_an_address_is_fetched_only_where_the_operator_allows_it(service):
    refused = httpx.post(f"{service.url}/v1/verify", json={"url": "https://example.com/photo.jpg"})
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:provenance:problem:fetching-off"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"url": "https://127.0.0.1/secret"}, "not-fetched"),
        ({"url": "https://[::1]/secret"}, "not-fetched"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "not-fetched"),
        ({"url": "http://example.com/photo.jpg"}, "not-fetched"),
        ({"url": "file:///etc/passwd"}, "not-fetched"),
        ({"url": ["https://example.com"]}, "bad-parameter"),
        ({"address": "x"}, "bad-parameter"),
        ([], "bad-parameter"),
    ],
)
def test_an_address_of_this_network_or_none_is_refused(fetching, body, problem):
    answer = httpx.post(f"{fetching.url}/v1/verify", json=body, timeout=PATIENCE)
    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:provenance:problem:{problem}"
    assert answer.json()["detail"]


def test_an_address_that_is_too_long_is_refused(fetching):
    answer = httpx.post(f"{fetching.url}/v1/verify", json={"url": "https://example.com/" + "a" * 200_000})
    assert answer.status_code == 413


@pytest.fixture(scope="module")
def fetching(tmp_path_factory):
    from .conftest import started

    running = started(tmp_path_factory.mktemp("fetching"), "--fetch-urls")
    yield running
    running.stop()


def test_what_lies_at_an_address_gets_its_report(tmp_path, photograph):
    """In the worker's own code, with a fetcher that may ask this machine: the service asks public servers only."""
    from provenance import Verifier
    from provenance_service.settings import Settings
    from provenance_service.tasks.verify import VerifyUrlTask
    from provenance_service.tasks.worker import WorkerContext

    from ..core.https_server import running

    with running(tmp_path) as server:
        server.answers["/noise.png"] = lambda request: request.send(photograph.read_bytes())
        context = WorkerContext(Settings())
        context.verifier = Verifier(fetcher=server.fetcher())
        report = json.loads(VerifyUrlTask(server.url("/noise.png"), "fr", False).run(context))
        assert report["asset"]["name"] == "noise.png"
        assert report["asset"]["size"] == photograph.stat().st_size
        assert "remark.asset_fetched" in [each["key"] for each in report["remarks"]]
        assert '<html lang="fr">' in VerifyUrlTask(server.url("/noise.png"), "fr", True).run(context)
