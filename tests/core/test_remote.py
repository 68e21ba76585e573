"""Remote manifests, assets by URL and the Link header: fetched only on request, from a real HTTPS server."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import provenance
from provenance.cli import main

from .https_server import HttpsServer, running
from .signing import Authority, created, manifest, picture

AUTHORITY = Authority()
SIGNER = AUTHORITY.issue("Example Press")
MADE_WITH_AI = manifest(created("trainedAlgorithmicMedia"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HttpsServer]:
    with running(tmp_path) as server:
        yield server


@pytest.fixture
def asking(server: HttpsServer) -> provenance.Verifier:
    return provenance.Verifier(trust=AUTHORITY.pem, remote_manifests=True, fetcher=server.fetcher())


@pytest.fixture
def asset(server: HttpsServer) -> bytes:
    """An asset whose manifest is on the server only."""
    asset, store = SIGNER.sign_apart(picture(), MADE_WITH_AI, server.url("/photo.c2pa"))
    server.answers["/photo.c2pa"] = lambda request: request.send(store)
    return asset


def keys(messages: tuple[provenance.Message, ...]) -> list[str]:
    return [message.key for message in messages]


def paths(server: HttpsServer) -> list[str]:
    return [request.path for request in server.asked]


# Manifests that an asset names


def test_a_remote_manifest_is_fetched_where_that_is_asked_for(
    asset: bytes, server: HttpsServer, asking: provenance.Verifier
) -> None:
    report = asking.verify(asset)
    assert (report.conclusion.origin, report.conclusion.assurance) == ("ai-generated", "verified")
    assert report.credentials.integrity.manifest == "external"
    (remark,) = (each for each in report.remarks if each.key == "remark.manifest_fetched")
    assert remark.text == f"The signed record was fetched from {server.url('/photo.c2pa')}."
    assert server.asked[0].headers["Accept"].startswith("application/c2pa")


def test_a_remote_manifest_is_not_fetched_unasked(asset: bytes, server: HttpsServer) -> None:
    report = provenance.Verifier(fetcher=server.fetcher()).verify(asset)
    assert report.credentials.integrity.state == "remote"
    assert report.credentials.integrity.remote_url == server.url("/photo.c2pa")
    assert "limit.fetch_failed" not in keys(report.conclusion.limits)
    assert server.asked == []


@pytest.mark.parametrize("name", ["cloud.jpg", "cloudx.jpg", "libpng-test_with_url.png"])
def test_no_name_is_looked_up_and_no_connection_opened_unasked(
    name: str, fixtures: Path, verifier: provenance.Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    for function in ("socket.socket.connect", "socket.getaddrinfo"):
        monkeypatch.setattr(function, lambda *_, **__: pytest.fail("the network was used"))
    assert verifier.verify(fixtures / "c2pa-rs" / name).credentials.integrity.state == "remote"


@pytest.fixture
def adobe(tmp_path: Path) -> Iterator[HttpsServer]:
    """A server of the name, and at the port, that the public file names."""
    try:
        socket.create_server(("127.0.0.1", 443)).close()
    except OSError as error:
        pytest.skip(f"port 443 cannot be used here: {error}")
    with running(tmp_path, name="cai-manifests.adobe.com", port=443) as server:
        yield server


def test_the_public_file_with_a_remote_manifest_is_intact_with_it(adobe: HttpsServer, fixtures: Path) -> None:
    source = fixtures / "c2pa-rs"
    adobe.answers["/manifests/adobe-urn-uuid-5f37e182-3687-462e-a7fb-573462780391"] = lambda request: request.send(
        (source / "cloud_manifest.c2pa").read_bytes()
    )
    verifier = provenance.Verifier(remote_manifests=True, fetcher=adobe.fetcher())
    assert verifier.verify(source / "cloud.jpg").credentials.integrity.state == "intact"


def test_a_changed_asset_does_not_fit_its_remote_manifest(asset: bytes, asking: provenance.Verifier) -> None:
    changed = bytearray(asset)
    changed[-100] ^= 0xFF
    report = asking.verify(bytes(changed))
    assert report.conclusion.headline.key == "headline.altered.external"


@pytest.mark.parametrize(
    ("content", "why"), [(None, "fetch.status"), (b"", "fetch.empty"), (b"<html>", "fetch.no_manifest")]
)
def test_a_remote_manifest_that_cannot_be_had_leaves_the_evidence_and_says_why(
    content: bytes | None, why: str, asset: bytes, server: HttpsServer, asking: provenance.Verifier
) -> None:
    server.answers["/photo.c2pa"] = lambda request: (
        request.send(status=404) if content is None else request.send(content)
    )
    report = asking.verify(asset, language="fr")
    assert report.credentials.integrity.state == "remote"
    assert report.conclusion.headline.key == "headline.remote"
    (failed,) = (each for each in report.conclusion.limits if each.key == "limit.fetch_failed")
    reason = failed.values["why"]
    assert isinstance(reason, provenance.Message)
    assert reason.key == why
    assert (
        failed.text
        == f"L’attestation signée à l’adresse {server.url('/photo.c2pa')} n’a pas pu être récupérée. {reason.text}"
    )
    assert "remark.manifest_fetched" not in keys(report.remarks)
    assert len(server.asked) == 1


def test_an_asset_cannot_send_the_verifier_to_a_private_address() -> None:
    asset, _ = SIGNER.sign_apart(picture(), MADE_WITH_AI, "https://169.254.169.254/latest/meta-data")
    report = provenance.Verifier(remote_manifests=True).verify(asset)
    assert report.credentials.integrity.state == "remote"
    assert "169.254.169.254 is not a public server" in " ".join(each.text for each in report.conclusion.limits)


def test_a_manifest_at_hand_is_used_and_none_is_fetched(
    asset: bytes, server: HttpsServer, asking: provenance.Verifier, tmp_path: Path
) -> None:
    _, store = SIGNER.sign_apart(picture(), MADE_WITH_AI)
    asking.verify(asset, manifest=store)
    (tmp_path / "photo.jpg").write_bytes(asset)
    (tmp_path / "photo.c2pa").write_bytes(store)
    asking.verify(tmp_path / "photo.jpg")
    asking.verify(SIGNER.sign(picture(), MADE_WITH_AI))
    assert server.asked == []


# Assets by URL


def test_an_asset_is_verified_by_its_url(server: HttpsServer, asking: provenance.Verifier) -> None:
    signed = SIGNER.sign(picture(), MADE_WITH_AI)
    server.answers["/"] = lambda request: request.send(status=302, Location="/files/my%20photo.jpg?size=l")
    server.answers["/files/my%20photo.jpg?size=l"] = lambda request: request.send(signed, Content_Type="text/plain")
    report = asking.verify_url(server.url("/"), language="fr")
    assert report.conclusion.assurance == "verified"
    assert (report.asset.name, report.asset.media_type, report.asset.size) == (
        "my photo.jpg",
        "image/jpeg",
        len(signed),
    )
    assert report.remarks[0].values == {"url": server.url("/files/my%20photo.jpg?size=l")}
    assert report.remarks[0].text.startswith("Le fichier a été récupéré")


def linked(server: HttpsServer, link: str, asset: bytes) -> None:
    server.answers["/folder/photo.jpg"] = lambda request: request.send(asset, Link=link)


@pytest.mark.parametrize("link", ["m.c2pa", "/folder/m.c2pa", "../folder/m.c2pa#part"])
def test_the_manifest_that_the_link_header_names_is_used(link: str, server: HttpsServer) -> None:
    asset, store = SIGNER.sign_apart(picture(), MADE_WITH_AI)
    linked(server, f'</style.css>; rel=preload, <{link}>; rel="alternate c2pa-manifest"', asset)
    server.answers["/folder/m.c2pa"] = lambda request: request.send(store)
    verifier = provenance.Verifier(trust=AUTHORITY.pem, fetcher=server.fetcher())
    report = verifier.verify_url(server.url("/folder/photo.jpg"))
    assert report.conclusion.assurance == "verified"
    assert keys(report.remarks)[0] == "remark.asset_fetched"
    assert "remark.manifest_fetched" in keys(report.remarks)
    assert paths(server) == ["/folder/photo.jpg", "/folder/m.c2pa"]


def test_the_link_header_comes_before_what_the_asset_names_and_only_one_is_fetched(
    asset: bytes, server: HttpsServer, asking: provenance.Verifier
) -> None:
    linked(server, "<gone.c2pa>; rel=c2pa-manifest", asset)
    server.answers["/folder/gone.c2pa"] = lambda request: request.send(status=404)
    report = asking.verify_url(server.url("/folder/photo.jpg"))
    assert report.credentials.integrity.remote_url == server.url("/folder/gone.c2pa")
    assert paths(server) == ["/folder/photo.jpg", "/folder/gone.c2pa"]


@pytest.mark.parametrize("link", ["<m.c2pa>; rel=c2pa-manifest", "<photo.jpg#jumbf=c2pa>; rel=c2pa-manifest"])
def test_an_embedded_manifest_comes_before_a_linked_one(link: str, server: HttpsServer) -> None:
    linked(server, link, SIGNER.sign(picture(), MADE_WITH_AI))
    report = provenance.Verifier(fetcher=server.fetcher()).verify_url(server.url("/folder/photo.jpg"))
    assert report.credentials.integrity.manifest == "embedded"
    assert paths(server) == ["/folder/photo.jpg"]


def test_a_link_into_the_asset_itself_is_not_fetched_again(server: HttpsServer) -> None:
    linked(server, "<photo.jpg#jumbf=c2pa>; rel=c2pa-manifest", picture())
    report = provenance.Verifier(fetcher=server.fetcher()).verify_url(server.url("/folder/photo.jpg"))
    assert report.credentials.integrity.state == "absent"
    assert paths(server) == ["/folder/photo.jpg"]


def test_what_the_asset_names_is_not_fetched_with_it_unasked(asset: bytes, server: HttpsServer) -> None:
    server.answers["/photo.jpg"] = lambda request: request.send(asset)
    report = provenance.Verifier(fetcher=server.fetcher()).verify_url(server.url("/photo.jpg"))
    assert report.credentials.integrity.state == "remote"
    assert paths(server) == ["/photo.jpg"]


def test_a_link_to_a_private_address_is_refused(server: HttpsServer) -> None:
    linked(server, "<https://[::ffff:10.0.0.1]/m>; rel=c2pa-manifest", picture())
    report = provenance.Verifier(fetcher=server.fetcher()).verify_url(server.url("/folder/photo.jpg"))
    assert report.credentials.integrity.state == "remote"
    assert "limit.fetch_failed" in keys(report.conclusion.limits)


def test_an_asset_that_cannot_be_fetched_is_an_error_of_its_own(
    server: HttpsServer, asking: provenance.Verifier
) -> None:
    server.answers["/"] = lambda request: request.send(status=500)
    with pytest.raises(provenance.FetchError, match="error code 500"):
        asking.verify_url(server.url("/"))


# At the command line


def run(server: HttpsServer, *arguments: object) -> Result:
    """The command in this process: only code can give it a fetcher that may ask this machine."""
    return CliRunner().invoke(main, ["verify", *map(str, arguments)], obj=server.fetcher())


def test_the_command_takes_urls_beside_files(server: HttpsServer, tmp_path: Path) -> None:
    server.answers["/photo.jpg"] = lambda request: request.send(picture())
    (tmp_path / "other.jpg").write_bytes(picture())
    done = run(server, "--json", server.url("/photo.jpg"), tmp_path / "other.jpg")
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["asset"]["name"] for line in done.stdout.splitlines()] == ["photo.jpg", "other.jpg"]


@pytest.mark.parametrize(("options", "state"), [((), "remote"), (("--remote",), "intact")])
def test_the_command_fetches_remote_manifests_only_with_its_option(
    options: tuple[str, ...], state: str, asset: bytes, server: HttpsServer, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(asset)
    done = run(server, "--json", *options, tmp_path / "photo.jpg")
    assert json.loads(done.stdout)["credentials"]["integrity"]["state"] == state


def test_a_url_that_cannot_be_fetched_is_said_and_does_not_stop_the_others(server: HttpsServer, tmp_path: Path) -> None:
    server.answers["/gone.jpg"] = lambda request: request.send(status=404)
    (tmp_path / "photo.jpg").write_bytes(picture())
    refused = "http://photos.example/photo.jpg"
    done = run(server, "--json", refused, "https://127.0.0.2/\x1b[31m", server.url("/gone.jpg"), tmp_path / "photo.jpg")
    assert done.exit_code == 3
    assert len(done.stdout.splitlines()) == 1
    assert f"provenance: {refused}: Only addresses that begin with https:// are fetched." in done.stderr
    assert "error code 404" in done.stderr
    assert "\x1b" not in done.stderr


def test_the_command_left_to_itself_asks_no_private_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        done = CliRunner().invoke(main, ["verify", url, "https://localhost/"])
        assert done.exit_code == 3
        assert "443" in done.stderr
        assert "localhost is not a public server" in done.stderr
        with pytest.raises(TimeoutError):
            listener.accept()


def test_crjson_of_a_url_is_wrong_usage(server: HttpsServer) -> None:
    done = run(server, "--crjson", server.url("/photo.jpg"))
    assert done.exit_code == 2
    assert "save what is at the URL first" in done.stderr
