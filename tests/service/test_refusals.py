"""What cannot be examined is refused early, in words, as problem details."""

import time

import anyio
import httpx
import pytest
from fastapi import Request

from provenance_service import uploads
from provenance_service.problems import RefusedError
from provenance_service.settings import CONTESTED_AFTER, MAX_PARTS, MAX_UPLOADS_AT_ONCE

from ..patience import eventually
from .conftest import bearer, kept, new_key
from .raw_requests import PART, is_problem, open_request

OTHER_PART = b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\n'


def send(service, body, content_type="multipart/form-data; boundary=b"):
    return httpx.post(f"{service.url}/v1/verify", content=body, headers={"Content-Type": content_type})


def send_chunk(connection, data):
    connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))


def test_a_declared_length_past_the_limit_is_refused_before_the_body(small_service):
    with open_request(small_service, "Content-Length: 10000000") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_is_refused_as_soon_as_it_passes_the_limit(small_service):
    with open_request(small_service, "Transfer-Encoding: chunked") as connection:
        for block in (PART, bytes(60_000), bytes(60_000)):
            send_chunk(connection, block)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_bytes_outside_the_file_count_too(small_service):
    with open_request(small_service, "Transfer-Encoding: chunked") as connection:
        for block in (OTHER_PART, bytes(60_000), bytes(60_000), bytes(60_000)):
            send_chunk(connection, block)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_the_limit_itself_is_allowed(small_service, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(100_000))
    assert small_service.verify(path).json()["asset"]["size"] == 100_000
    path.write_bytes(bytes(100_001))
    answer = small_service.verify(path)
    assert is_problem(answer, 413, "too-large")
    assert "97.7\u00a0KB" in answer.json()["detail"]


def test_refusals_speak_the_clients_language(small_service, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(100_001))
    answer = small_service.verify(path, headers={"Accept-Language": "fr"})
    assert answer.json()["title"] == "Le fichier est trop volumineux"
    assert "97,7\u00a0Ko" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        PART + b"the end is missing",
        b"--b\r\nContent-Disposition: form-data; name=" + b"x" * 20_000 + b"\r\n\r\nx\r\n--b--\r\n",
        (OTHER_PART + b"x\r\n") * (MAX_PARTS + 1) + b"--b--\r\n",
    ],
    ids=["empty", "not multipart", "cut", "endless header", "too many parts"],
)
def test_a_form_that_cannot_be_read(service, body):
    assert is_problem(send(service, body), 400, "malformed")


@pytest.mark.parametrize("content_type", ["multipart/form-data", f"multipart/form-data; boundary={'b' * 300}"])
def test_a_boundary_that_cannot_be_used(service, content_type):
    assert is_problem(send(service, PART + b"x\r\n--b--\r\n", content_type), 400, "malformed")


@pytest.mark.parametrize("content_type", ["image/jpeg", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_no_form(service, picture, content_type):
    assert is_problem(send(service, picture.read_bytes(), content_type), 415, "not-a-form")


@pytest.mark.parametrize(
    "disposition",
    [
        b'form-data; name="other"; filename="a.jpg"',
        b'form-data; name="file"',
        b'form-data; name="file"; filename=""',
        b"",
    ],
)
def test_a_form_without_the_file(service, disposition):
    body = b"--b\r\nContent-Disposition: " + disposition + b"\r\n\r\nx\r\n--b--\r\n"
    assert is_problem(send(service, body), 422, "no-file")


def test_two_files(service):
    files = [("file", ("a.jpg", b"a")), ("file", ("b.jpg", b"b"))]
    assert is_problem(httpx.post(f"{service.url}/v1/verify", files=files), 422, "several-files")


@pytest.mark.parametrize("path", ["/", "/v1/verify"])
def test_a_language_that_is_not_there(service, picture, path):
    answer = httpx.request(
        "GET" if path == "/" else "POST", f"{service.url}{path}?lang=tlh", files={"file": ("a", b"a")}
    )
    assert is_problem(answer, 422, "bad-parameter")
    assert "lang" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/nothing", "/docs", "/redoc", "/static/nothing.js", "/static/../words.py"])
def test_an_address_with_nothing(service, path):
    answer = httpx.get(f"{service.url}{path}")
    assert is_problem(answer, 404, "not-found")


def test_a_method_that_is_not_there(service):
    answer = httpx.get(f"{service.url}/v1/verify")
    assert is_problem(answer, 405, "method")
    assert answer.headers["allow"] == "POST"


def test_an_error_of_the_service_is_a_problem_and_not_a_traceback(start, picture):
    service = start()
    assert service.verify(picture).status_code == 200
    service.temporary.rmdir()
    answer = service.verify(picture)
    assert is_problem(answer, 500, "internal")
    assert "content-security-policy" in answer.headers
    service.temporary.mkdir()
    assert service.verify(picture).status_code == 200


def slow_uploads(service, count, *headers):
    """So many uploads that have begun and go on for as long as their connections are open."""
    connections = [
        open_request(service, "Content-Length: 1000", "Expect: 100-continue", *headers) for _ in range(count)
    ]
    for connection in connections:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
    return connections


def test_uploads_past_the_places_are_refused_and_the_places_come_back(start, picture):
    service = start()
    connections, taken, client, began = [], 0, 0, time.monotonic()
    while taken < MAX_UPLOADS_AT_ONCE:  # each client takes as many as it leaves to the others
        client, share = client + 1, (MAX_UPLOADS_AT_ONCE - taken + 1) // 2
        connections += slow_uploads(service, share, f"X-Forwarded-For: 192.0.2.{client}")
        taken += share
    answer = service.verify(picture)
    if time.monotonic() - began < CONTESTED_AFTER:  # after that, one of them gives its place away
        assert is_problem(answer, 503, "busy")
        assert answer.headers["retry-after"]
    for connection in connections:
        connection.close()
    eventually(lambda: service.verify(picture).status_code == 200)


def test_an_upload_that_breaks_off_leaves_nothing(start):
    service = start()
    with open_request(service, "Content-Length: 100000", "Expect: 100-continue") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(PART + b"x" * 10_000)
        eventually(lambda: list(service.temporary.iterdir()))
    eventually(lambda: not list(service.temporary.iterdir()))


def test_an_upload_that_falls_silent_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(uploads, "MAX_SILENCE", 0.01)
    headers = [(b"content-type", b"multipart/form-data; boundary=b")]

    async def upload():
        request = Request({"type": "http", "headers": headers}, anyio.sleep_forever)
        async with uploads.received_file(request, 1000):
            pass

    with pytest.raises(RefusedError) as refusal:
        anyio.run(upload)
    assert refusal.value.problem == "too-slow"


def test_an_upload_that_trickles_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_SILENCE", 0.2)
    headers = [(b"content-type", b"multipart/form-data; boundary=b")]

    body = [b"--b\r\n"]

    async def trickle():
        await anyio.sleep(0.05)
        return {"type": "http.request", "body": body.pop(0) if body else b"", "more_body": True}

    async def upload():
        request = Request({"type": "http", "headers": headers}, trickle)
        async with uploads.received_file(request, 1000):
            pass

    with pytest.raises(RefusedError) as refusal:
        anyio.run(upload)
    assert refusal.value.problem == "too-slow"


def test_an_upload_that_goes_on_for_ever_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UPLOAD_TIME", 0.2)

    async def upload():
        await anyio.sleep(0.01)
        return {"type": "http.request", "body": b"a" * 100, "more_body": True}

    async def receive():
        request = Request({"type": "http", "headers": []}, upload)
        await uploads.received_data(request, 10**9)

    with pytest.raises(RefusedError, match="too-slow"):
        anyio.run(receive)


def test_bytes_that_are_no_text_are_a_wrong_body(service):
    headers = {"Content-Type": "application/json"}
    admin = headers | bearer(new_key(kept(service.temporary), "admin", "--scope", "admin"))
    answer = httpx.post(f"{service.url}/v1/keys", content=b"\xff", headers=admin)
    assert is_problem(answer, 422, "bad-parameter")
    answer = httpx.post(f"{service.url}/v1/matches/byBinding", content=b"\xff", headers=headers)
    assert is_problem(answer, 400, "bad-query")


def test_the_methods_of_an_address_are_told_from_all_its_routes(service):
    answer = httpx.put(f"{service.url}/v1/reports/any")
    assert is_problem(answer, 405, "method")
    assert answer.headers["allow"] == "DELETE, GET"
