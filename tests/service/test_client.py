"""The client against the real service: the same answers as the library, errors by name, and patience."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

import provenance
from provenance.cli import main
from provenance.client import AsyncClient, Client, ServiceError
from provenance.errors import SettingError

from ..patience import PATIENCE

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "cms_webhook.py"


def _same(report, path, **how):
    expected = provenance.verify(path, **how)
    return report.model_copy(update={"examined_at": ""}) == expected.model_copy(update={"examined_at": ""})


def test_a_report_from_the_service_is_the_librarys(service, ai_picture):
    with Client(service.url, language="ja") as client:
        assert _same(client.verify(ai_picture), ai_picture, language="ja")
        assert _same(client.verify(ai_picture.read_bytes(), name=ai_picture.name), ai_picture, language="ja")
        with ai_picture.open("rb") as stream:
            assert _same(client.verify(stream, name=ai_picture.name), ai_picture, language="ja")


def test_the_same_to_await(service, ai_picture, picture):
    async def ask():
        async with AsyncClient(service.url) as client:
            return await asyncio.gather(*(client.verify(path) for path in (ai_picture, picture, ai_picture)))

    reports = asyncio.run(ask())
    assert all(_same(report, path) for report, path in zip(reports, (ai_picture, picture, ai_picture), strict=True))


def test_estimates_and_comparisons(service, picture, ai_picture):
    async def ask():
        async with AsyncClient(service.url) as client:
            return await client.detect(picture), await client.compare(ai_picture, picture)

    with Client(service.url) as client:
        plain = client.detect(picture), client.compare(ai_picture, picture)
    (answers, compared) = asyncio.run(ask())
    assert [each["detector"] for each in answers] == [each["detector"] for each in plain[0]] == ["image"]
    assert compared == plain[1]
    assert not compared["all_kept"]


def test_what_the_service_refuses_has_a_stable_name_and_a_number(small_service, service, tmp_path):
    large = tmp_path / "large.jpg"
    large.write_bytes(bytes(200_000))
    with Client(small_service.url) as client, pytest.raises(ServiceError) as refused:
        client.verify(large)
    assert (refused.value.status, refused.value.problem) == (413, "too-large")
    assert len(refused.value.number) == 36
    with Client(service.url, key="wrong") as client, pytest.raises(ServiceError) as refused:
        client.sign(large, {"profile": "ai-generated"})
    assert refused.value.problem == "no-credentials"
    with Client(service.url) as client, pytest.raises(ServiceError) as refused:
        client.verify_url("https://example.com/photo.jpg")
    assert refused.value.problem == "fetching-off"
    with Client(service.url) as client, pytest.raises(FileNotFoundError):
        client.verify(tmp_path / "missing.jpg")


def test_a_file_is_signed_over_http(start, tmp_path, picture):
    runner, folder = CliRunner(), str(tmp_path / "kept")
    assert runner.invoke(main, ["keys", "development", str(tmp_path / "c" / "newsroom")]).exit_code == 0
    made = runner.invoke(main, ["api-key", "add", "cms", "--scope", "sign", "--folder", folder])
    service = start("--credentials", str(tmp_path / "c"), "--folder", folder)
    with Client(service.url, key=made.output.split()[-1]) as client:
        signed = client.sign(picture, {"profile": "ai-generated", "model": "Example Model"})
        report = client.verify(signed.content)
    assert signed.media_type == "image/jpeg"
    assert "sign.development" in signed.remarks
    assert report.credentials.integrity.state == "intact"
    assert signed.manifest_id


@pytest.fixture
def stubborn():
    """A server that refuses twice before it answers, and says when to come back."""
    calls = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append((time.monotonic(), body, self.headers["Authorization"]))
            if len(calls) <= self.server.refusals:
                self.send_response(503)
                self.send_header("Retry-After", "1")
                self.end_headers()
                return
            content = self.server.content
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.refusals, server.content, server.calls = 2, b"", calls
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_busy_server_is_asked_again_when_it_says_and_with_the_whole_file(stubborn, ai_picture):
    stubborn.content = provenance.verify(ai_picture).model_dump_json().encode()
    with Client(f"http://127.0.0.1:{stubborn.server_port}", key="a-key") as client:
        assert client.verify(ai_picture).asset.name == ai_picture.name
    times, bodies, keys = zip(*stubborn.calls, strict=True)
    assert len(times) == 3
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[1:], strict=False))
    assert all(ai_picture.read_bytes() in body for body in bodies)
    assert set(keys) == {"Bearer a-key"}


def test_patience_has_an_end(stubborn, ai_picture):
    stubborn.refusals = 99
    with (
        Client(f"http://127.0.0.1:{stubborn.server_port}", retries=1) as client,
        pytest.raises(ServiceError) as given_up,
    ):
        client.verify(ai_picture)
    assert given_up.value.status == 503
    assert len(stubborn.calls) == 2


def test_a_server_that_is_none_is_said(stubborn, ai_picture):
    stubborn.refusals = 0
    for content in (b"<html>", b"[]", b'{"answers": 3}'):
        stubborn.content = content
        with Client(f"http://127.0.0.1:{stubborn.server_port}") as client:
            for ask in (client.verify, client.detect):
                with pytest.raises(ServiceError, match="not the answer of a provenance service"):
                    ask(ai_picture)
    with Client("http://127.0.0.1:9", retries=0) as client, pytest.raises(ServiceError, match="cannot be reached"):
        client.verify(ai_picture)


def test_the_command_asks_a_service(service, ai_picture, tmp_path):
    runner = CliRunner()
    arguments = ["verify", "--server", service.url, "--lang", "fr", "--json"]
    done = runner.invoke(main, [*arguments, str(ai_picture)])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (
        report["conclusion"]["headline"]["text"]
        == provenance.verify(ai_picture, language="fr").conclusion.headline.text
    )
    refused = runner.invoke(main, [*arguments, "--ocsp", str(ai_picture)])
    assert refused.exit_code == 2
    assert "--ocsp is for examining here" in refused.output
    missing = runner.invoke(main, [*arguments, str(tmp_path / "missing.jpg")])
    assert missing.exit_code == 3
    assert "cannot be read" in missing.stderr


def test_the_webhook_of_the_documentation_verifies_an_upload(service, ai_picture):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PROVENANCE_SERVER": service.url, "PORT": str(port)}
    process = subprocess.Popen([sys.executable, str(EXAMPLE)], env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = httpx.post(
                    f"http://127.0.0.1:{port}/uploaded", params={"name": "photo.jpg"}, content=ai_picture.read_bytes(),
                    timeout=PATIENCE,
                )  # fmt: skip
                break
            except httpx.ConnectError:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    expected = provenance.verify(ai_picture, language="fr").conclusion
    assert answer.json()["headline"] == expected.headline.text
    assert answer.json()["origin"] == expected.origin
    assert answer.json()["look"] is False


@pytest.mark.parametrize(
    "server",
    ["http://provenance.example.org", "http://192.0.2.1:8000", "HTTP://example.org", "http://localhost.example.org",
     "http://127.0.0.1.example.org", "http://[2001:db8::1]/", "http://127.0.0.1@example.org", "ftp://127.0.0.1",
     "//127.0.0.1", "127.0.0.1", "http://[", "http://0.0.0.0", ""],
)  # fmt: skip
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_is_sent_to_nobody_over_plain_http(kind, server):
    with pytest.raises(SettingError, match="use https"):
        kind(server, key="prv_secret")
    asyncio.run(closed(kind, "http://provenance.example.org", key="prv_secret", plain_http=True))


@pytest.mark.parametrize(
    "server", ["https://provenance.example.org", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"]
)  # fmt: skip
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_is_sent_over_https_and_inside_this_machine(kind, server):
    asyncio.run(closed(kind, server, key="prv_secret"))


async def closed(kind, *arguments, **options):
    done = kind(*arguments, **options).close()
    if done is not None:
        await done


def test_the_command_sends_no_key_over_plain_http(picture):
    command = ["verify", "--server", "http://192.0.2.1", str(picture)]
    result = CliRunner().invoke(main, command, env={"PROVENANCE_KEY": "prv_secret"})
    assert result.exit_code == 2
    assert "use https" in result.output
    assert "prv_secret" not in result.output
