"""Clients that send without an end, hold what others need, hang up at the wrong moment, or write into the log."""

import asyncio
import contextlib
import io
import json
import logging
import os
import select
import signal
import socket
import struct
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import httpx
import pytest
from click.testing import CliRunner

from provenance.cli import main
from provenance.process_pool import ProcessStoppedError
from provenance.sentences import Message
from provenance_detectors.pictures import decode
from provenance_service.access.oidc import Issuer
from provenance_service.body_limits import BodyLimits
from provenance_service.jobs.event_streams import (
    MAX_LISTENERS,
    MAX_LISTENERS_OF_CALLER,
    MAX_LISTENERS_OF_JOB,
    EventListeners,
    EventStream,
)
from provenance_service.log_lines import SafeFormatter
from provenance_service.problems import RefusedError
from provenance_service.settings import MAX_JSON, MAX_UPLOADS_AT_ONCE, Settings
from provenance_service.upload_slots import UploadSlots
from provenance_service.workers import Workers

from ..patience import PATIENCE, eventually
from ..sweeps import tries
from .conftest import bearer, kept, new_key, started
from .issuer import SignIn, encoded
from .job_client import finished, post
from .raw_requests import PART, is_problem, open_request

MIB = 2**20


# ---- bodies


def begun(service, path, *headers):
    connection = socket.create_connection(service.address, timeout=PATIENCE)
    lines = [f"POST {path} HTTP/1.1", "Host: test", *headers]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def held_of(service, path, content_type):
    """By how many bytes the service grows while a body without an end is sent to it."""
    before, piece = memory_of(service), b"A" * MIB
    chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
    with begun(service, path, f"Content-Type: {content_type}", "Transfer-Encoding: chunked") as connection:
        with contextlib.suppress(OSError):  # it may close the connection too
            connection.sendall(b'b\r\n{"alg": "aa\r\n')
            for _ in range(SENT):
                connection.sendall(chunk)
        return memory_of(service) - before


def memory_of(service):
    return int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


SENT = 96  # megabytes

TYPES = ("application/json", "text/plain", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded")


def test_a_body_without_an_end_is_held_nowhere(small_service):
    document = httpx.get(f"{small_service.url}/openapi.json").json()
    paths = [path.replace("{name}", "a") for path, methods in document["paths"].items() if "post" in methods]
    assert {"/v1/keys", "/v1/matches/byBinding", "/v1/matches/byReference", "/v1/jobs"} < set(paths)
    for path in paths:
        for content_type in TYPES:
            assert held_of(small_service, path, content_type) < SENT * MIB // 2, (path, content_type)


def test_a_small_body_has_a_small_limit_declared_or_not(service):
    admin = bearer(new_key(kept(service.temporary), "admin", "--scope", "admin"))
    for path, headers in (("/v1/keys", admin), ("/v1/matches/byBinding", {})):
        large = json.dumps({"alg": "a" * MAX_JSON, "value": "b"}).encode()
        headers = {**headers, "Content-Type": "application/json"}
        assert is_problem(httpx.post(service.url + path, content=large, headers=headers), 413, "too-large")
        with begun(service, path, *(f"{k}: {v}" for k, v in headers.items()), f"Content-Length: {10**9}") as waiting:
            assert waiting.recv(100).startswith(b"HTTP/1.1 413 ")


def test_who_asks_is_asked_before_the_body_is_read(start):
    service = start("--anonymous", "none")
    for path in ("/v1/keys", "/v1/matches/byBinding", "/v1/matches/byReference", "/v1/manifests", "/v1/verify"):
        with begun(service, path, "Content-Type: application/json", "Content-Length: 1000") as waiting:
            answer = waiting.recv(100)  # nothing of the body was sent
            fetching_is_off = path == "/v1/matches/byReference" and answer.startswith(b"HTTP/1.1 403 ")
            assert answer.startswith(b"HTTP/1.1 401 ") or fetching_is_off, path


def test_a_small_body_that_trickles_is_refused(monkeypatch):
    monkeypatch.setattr("provenance_service.body_limits.MAX_JSON_TIME", 0.2)

    async def read(scope, receive, send):
        while (await receive())["more_body"]:
            pass

    async def trickle():
        await anyio.sleep(0.01)
        return {"type": "http.request", "body": b"a", "more_body": True}

    scope = {"type": "http", "path": "/v1/keys", "headers": []}
    with pytest.raises(RefusedError, match="too-slow"):
        anyio.run(BodyLimits(read, settings=Settings()), scope, trickle, None)


# ---- places


def begin_slow_uploads(service, slow):
    """As many as there are places; each sends a part, and then nothing."""
    for _ in range(MAX_UPLOADS_AT_ONCE):
        slow.append(open_request(service, "Content-Length: 268000000"))
        slow[-1].sendall(PART + b"A" * 20_000)


def test_slow_uploads_of_one_client_lock_nobody_out(start, picture):
    service = start()
    slow = []
    try:
        begin_slow_uploads(service, slow)
        eventually(lambda: f"provenance_uploads {MAX_UPLOADS_AT_ONCE / 2}" in httpx.get(f"{service.url}/metrics").text)
        for number in range(3):
            answer = service.verify(picture, headers={"X-Forwarded-For": f"192.0.2.{number}"})
            assert answer.status_code == 200
        keyed = bearer(new_key(kept(service.temporary), "cms", "--scope", "verify"))
        assert service.verify(picture, headers=keyed).status_code == 200
    finally:
        for each in slow:
            each.close()
    eventually(lambda: service.verify(picture).status_code == 200)


def test_slow_uploads_give_their_places_to_others_of_the_same_address(start, picture):
    service = start()
    slow = []
    try:
        begin_slow_uploads(service, slow)
        eventually(lambda: service.verify(picture).status_code == 200)
        # What is not slow keeps its place: those that gave theirs away are told so.
        answers = [each.recv(100) for each in slow if select.select([each], [], [], 0)[0]]
        assert any(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
    finally:
        for each in slow:
            each.close()


def test_every_client_leaves_as_many_places_as_it_takes():
    slots, held = UploadSlots(64), contextlib.ExitStack()
    shares = []
    for client in "abcdef":
        share = 0
        with contextlib.suppress(RefusedError):
            while True:
                held.enter_context(slots.take(client))
                share += 1
        shares.append(share)
    assert shares == [32, 16, 8, 4, 2, 1]
    held.enter_context(slots.take("g"))
    held.close()
    assert slots.left == 64


# ---- listeners


def wait_for_job(service, picture):
    """A job that goes on until the worker does."""
    (worker,) = service.workers()
    os.kill(worker, signal.SIGSTOP)
    return worker, post(service, [("a.jpg", picture.read_bytes())]).json()["id"]


def listen(service, job, client="192.0.2.1"):
    connection = socket.create_connection(service.address, timeout=PATIENCE)
    request = f"GET /v1/jobs/{job}/events HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {client}\r\n\r\n"
    connection.sendall(request.encode())
    return connection


def test_listeners_that_hang_up_at_any_moment_are_freed_and_none_takes_all_places(start, picture):
    service = start(PROVENANCE_WORKERS="1", PROVENANCE_TIME_LIMIT="600")
    worker, job = wait_for_job(service, picture)
    try:
        for delay in (0.0, 0.001, 0.003, 0.01, 0.1):
            for _ in range(2 * MAX_LISTENERS):
                connection = listen(service, job)
                time.sleep(delay / 5)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
            eventually(lambda: status_of(service, job) == b"200")
        held = [listen(service, job) for _ in range(MAX_LISTENERS_OF_CALLER)]
        assert all(each.recv(100).startswith(b"HTTP/1.1 200 ") for each in held)
        assert status_of(service, job) == b"503"
        other = post(service, [("b.jpg", picture.read_bytes())]).json()["id"]
        assert status_of(service, other) == b"503"  # of the same client
        assert status_of(service, other, "192.0.2.2") == b"200"
        for each in held:
            each.close()
        eventually(lambda: status_of(service, job) == b"200")
    finally:
        os.kill(worker, signal.SIGCONT)


def status_of(service, job, client="192.0.2.1"):
    with listen(service, job, client) as connection:
        return connection.recv(100)[9:12]


def answered(listeners, send, job="job", client="client"):
    async def events():
        while True:
            yield "event: progress\n\n"
            await asyncio.sleep(0)

    answer = EventStream(events(), listeners=listeners, job=job, caller=client)
    scope = {"type": "http", "asgi": {"spec_version": "2.4"}}

    async def run():
        await answer(scope, anyio.sleep_forever, send)

    return run


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_a_listener_is_freed_wherever_its_connection_breaks(moment):
    listeners = EventListeners()
    for _ in range(2 * MAX_LISTENERS):
        left = [moment]

        async def send(_message, left=left):
            left[0] -= 1
            if not left[0]:
                raise OSError("gone")

        with contextlib.suppress(Exception):
            anyio.run(answered(listeners, send))
    with listeners.admit("job", "client"):
        pass


def test_a_listener_that_reads_nothing_is_sent_away(monkeypatch):
    monkeypatch.setattr("provenance_service.jobs.event_streams.MAX_LISTENING", 0.05)

    async def never(_message):
        await anyio.sleep_forever()

    listeners = EventListeners()
    anyio.run(answered(listeners, never))
    assert not listeners._counts


def test_one_job_and_one_client_have_only_so_many_listeners():
    listeners = EventListeners()
    for one, limit in ((("a", "{}"), MAX_LISTENERS_OF_JOB), (("{}", "a"), MAX_LISTENERS_OF_CALLER)):
        with contextlib.ExitStack() as held:
            for number in range(limit):
                held.enter_context(listeners.admit(*(each.format(f"x{number}") for each in one)))
            with pytest.raises(RefusedError, match="busy"), listeners.admit(*(each.format("y") for each in one)):
                pass


# ---- what a killed process leaves behind


@pytest.mark.slow
def test_an_upload_of_a_killed_service_is_gone_after_the_next_start(tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    other = temporary / "provenance-of-somebody-else"
    other.write_bytes(b"x")
    first = started(temporary)
    neighbour = started(temporary, PROVENANCE_FOLDER=str(kept(temporary)))  # lives on
    try:
        with (
            open_request(first, "Content-Length: 100000") as connection,
            open_request(neighbour, "Content-Length: 100000") as going_on,
        ):
            for each in (connection, going_on):
                each.sendall(PART + b"secret" * 1000)
            eventually(lambda: written(temporary) == 2)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
            assert written(temporary) == 2
            again = started(temporary)
            try:
                eventually(lambda: written(temporary) == 1)
                assert other.exists()
            finally:
                again.stop()
            assert written(temporary) == 1
    finally:
        neighbour.stop()
    assert list(temporary.iterdir()) == [other]
    assert list((kept(temporary) / "running").iterdir()) == []


def written(folder):
    return sum(b"secret" in path.read_bytes() for path in folder.iterdir() if path.is_file())


class Hang:
    """Leaves a temporary file and a program behind, and does not end."""

    def run(self, _context):
        import subprocess
        import tempfile

        folder = tempfile.mkdtemp()
        (Path(folder) / "copy").write_bytes(b"secret")
        subprocess.Popen(["sleep", "987654"])
        time.sleep(3600)


def test_a_worker_that_is_stopped_leaves_no_file_and_no_program(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))  # where a worker finds the task of this module
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    workers = Workers(Settings(time_limit=3, workers=1, folder=tmp_path / "kept"))
    try:
        with pytest.raises(ProcessStoppedError):
            workers.run_blocking(Hang())
    finally:
        asyncio.run(workers.stop())
        monkeypatch.setattr("tempfile.tempdir", None)
    assert list(tmp_path.iterdir()) == []
    assert not sleeping()


def sleeping():
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"987654" in content_of(path)]


def content_of(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


# ---- tokens


@pytest.fixture
def hole():
    """An issuer that takes connections and never says anything; it keeps them."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.listen(200)
    connections = []

    def accept():
        with contextlib.suppress(OSError):
            while True:
                connections.append(listening.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    yield listening.getsockname()[1], connections
    listening.close()


def plausible(number):
    return f"{encoded({'alg': 'RS256', 'kid': f'made-up-{number}'})}.{encoded({'sub': 'x'})}.c2lnbmF0dXJl"


def test_made_up_tokens_behind_a_silent_issuer_stall_nobody(start, hole, picture):
    port, connections = hole
    service = start(PROVENANCE_OIDC_ISSUER=f"http://127.0.0.1:{port}")
    with ThreadPoolExecutor(60) as pool:
        stalling = [pool.submit(service.verify, picture, headers=bearer(plausible(n))) for n in range(60)]
        assert service.verify(picture).status_code == 200
        answers = [each.result() for each in stalling]
    assert all(is_problem(answer, 503, "issuer-unavailable") for answer in answers)
    assert len(connections) <= 2  # one asks; all others are told at once


def test_what_can_be_no_good_token_makes_nobody_ask_the_issuer():
    sign_in = SignIn()
    issuer = Issuer(sign_in.url, "provenance")
    bad = ["x.y.z", "", "a", f"{encoded([])}.x.y", "." * 100, "é.é.é"]
    bad += [
        f"{encoded({'alg': alg, 'kid': 'first'})}.{encoded({})}.eA" for alg in ("none", "HS256", "", None, 1, ["RS256"])
    ]
    bad += [f"{encoded({'alg': 'RS256', 'kid': kid})}.{encoded({})}.eA" for kid in (1, [], {})]
    for token in bad:
        with pytest.raises(RefusedError, match="no-key"):
            issuer.holder(token)
    assert sign_in.asked == 0
    issuer.holder(sign_in.token())
    for number in range(20):  # of keys that the issuer does not have, right after it was asked
        with pytest.raises(RefusedError, match="no-key"):
            issuer.holder(plausible(number))
    assert sign_in.asked == 1
    sign_in.server.shutdown()


def test_an_issuer_that_falls_silent_locks_nobody_out_whose_key_is_known(hole, monkeypatch):
    monkeypatch.setattr("provenance_service.access.oidc.KEYS_ARE_FRESH", 0.0)
    monkeypatch.setattr("provenance_service.access.oidc.ISSUER_TIME_LIMIT", 0.2)
    sign_in = SignIn()
    issuer = Issuer(sign_in.url, "provenance")
    token = sign_in.token()
    issuer.holder(token)
    sign_in.server.shutdown()
    sign_in.server.server_close()
    assert issuer.holder(token)[1] == ("verify",)


# ---- the audit log


@pytest.mark.parametrize(
    "head",
    ["garbage", "", ":", "5", "5;" + "0" * 64, "05:" + "0" * 64, "٥:" + "0" * 64, "-1:" + "0" * 64, " 1:" + "0" * 64,
     "1:" + "0" * 63, "1:" + "G" * 64, "1:" + "0" * 64 + "\n", "0:" + "1" * 64, "1:" + "0" * 64 + ":1"],
)  # fmt: skip
def test_a_noted_head_that_is_none_is_an_error_and_not_unbroken(tmp_path, head):
    new_key(tmp_path, "a", "--scope", "verify")
    result = CliRunner().invoke(main, ["audit", "verify", "--folder", str(tmp_path), f"--head={head}"])
    assert result.exit_code != 0
    assert "unbroken" not in result.output
    assert "no head" in result.output


def test_the_heads_that_are_printed_are_taken(tmp_path):
    for _ in range(2):
        printed = CliRunner().invoke(main, ["audit", "verify", "--folder", str(tmp_path)]).output.split()[-1]
        new_key(tmp_path, "a", "--scope", "verify")
        again = CliRunner().invoke(main, ["audit", "verify", "--folder", str(tmp_path), "--head", printed])
        assert again.exit_code == 0, again.output


# ---- the log

FORGED = "x\n2026-11-27T00:00:00Z [info     ] request id=FORGED\x1b[31m\u202e.html"
SECRET = b"<!DOCTYPE html><html><![secret-of-the-sender: patient Jane Doe"


@pytest.mark.slow
def test_no_name_and_no_content_of_a_file_comes_into_the_log(capfd, tmp_path):
    service = started(tmp_path, "--log", "text")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr(FORGED, SECRET)
    headers = {"Content-Type": "application/zip"}
    job = httpx.post(f"{service.url}/v1/jobs", content=archive.getvalue(), headers=headers).json()["id"]
    finished(service, job)
    for path in ("verify", "detect", "heatmap", "compare"):
        files = {"file": ("private-name.html", SECRET), "delivered": ("private-name.html", SECRET)}
        assert httpx.post(f"{service.url}/v1/{path}", files=files, timeout=PATIENCE).status_code < 500
    service.stop()
    log = capfd.readouterr().err
    assert "/v1/verify" in log
    for told in ("FORGED", "\x1b", "\u202e", "secret", "Jane", "private-name"):
        assert told not in log


def test_an_error_in_the_log_is_its_type_and_its_places_alone():
    record = logging.makeLogRecord(
        {"msg": "failed on %s", "args": ("a\nFORGED\x1b[31m\u2028\u202e",), "levelname": "ERROR"}
    )
    try:
        try:
            raise ValueError("secret\nFORGED")
        except ValueError as error:
            raise RuntimeError("secret too") from error
    except RuntimeError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    first, *rest = SafeFormatter().format(record).split("\n")
    assert first.endswith("failed on a\\nFORGED\\x1b[31m\\u2028\\u202e")
    assert "secret" not in "".join(rest)
    assert rest[0] == "builtins.RuntimeError"
    assert "caused by builtins.ValueError" in rest
    assert "test_service_attacks.py" in rest[1]


# ---- detectors


@tries(2, 1000)
def test_pictures_that_make_a_decoder_fail_are_said_to_be_unreadable(service, fixtures, tries):
    """All that cannot be decoded, and so many of the others."""
    reported = sorted((fixtures / "reported").glob("*"))
    if not reported:
        pytest.skip("the reported pictures are not here")
    refused = [path for path in reported if isinstance(decode(path.read_bytes()), Message)]
    assert refused
    others = [path for path in reported if path not in refused][:tries]
    for path in [*refused, *others, *sorted((fixtures / "fuzzed-images").glob("*"))[:12]]:
        content = path.read_bytes()
        for address in ("detect", "heatmap", "verify"):
            answer = httpx.post(f"{service.url}/v1/{address}", files={"file": (path.name, content)}, timeout=PATIENCE)
            assert answer.status_code < 500, (path.name, address)
            assert "source-failed" not in answer.text, path.name
