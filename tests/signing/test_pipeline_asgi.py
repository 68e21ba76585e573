"""Signing inside a web service: real servers, asked over HTTP, and what they answer verified."""

import asyncio
import gzip
import io
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from PIL import Image

import provenance
from provenance.errors import SettingError
from provenance_signing import Credential, Signer
from provenance_signing.errors import CredentialError
from provenance_signing.pipeline import SigningMiddleware, SigningRule

from ..core.signing import picture
from ..patience import PATIENCE

MODEL = {"model": "Example Model"}


@contextmanager
def served(app: Any) -> Iterator[httpx.Client]:
    """A client of a real server that runs this application."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def answering(body: bytes, media_type: str | None, status: int = 200, **headers: str) -> FastAPI:
    """A service that answers all requests in this way."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "OPTIONS"])
    def answer(path: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(body, status, headers=named, media_type=media_type)

    return app


def png(colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def rule(signer: Signer) -> SigningRule:
    return SigningRule(signer, MODEL)


def is_refused(response: httpx.Response) -> bool:
    said = response.json() if "problem" in response.headers["content-type"] else {}
    return response.status_code == 500 and said.get("detail") == "The response could not be signed, and was withheld."


# What is signed


TEXTS = {
    "text/plain": b"Le caf\xc3\xa9 est ferm\xc3\xa9.\n",
    "text/markdown": b"# Answer\n",
    "text/html": b"<!DOCTYPE html><html><head><title>A</title></head><body>A</body></html>",
    "text/css": b"body { color: red }\n",
    "text/javascript": b"let a = 1;\n",
    "application/xml": b"<a/>\n",
    "text/xml": b'<?xml version="1.0"?><a/>\n',
    "application/yaml": b"a: 1\n",
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
}
NAMES = {
    "text/markdown": "a.md",
    "text/css": "a.css",
    "text/javascript": "a.js",
    "application/xml": "a.xml",
    "application/yaml": "a.yaml",
}


@pytest.mark.parametrize("media_type", [*TEXTS, "image/png", "image/jpeg"])
def test_pictures_and_texts_leave_signed(media_type: str, rule: SigningRule, trusting: provenance.Verifier) -> None:
    body = {"image/png": png(), "image/jpeg": picture(), **TEXTS}[media_type]
    with served(SigningMiddleware(answering(body, media_type), routes={"/": rule})) as client:
        response = client.get("/anything")
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == media_type
    assert int(response.headers["content-length"]) == len(response.content)
    report = trusting.verify(response.content, name=NAMES.get(media_type))
    assert (report.credentials.integrity.state, report.credentials.signer.state) == ("intact", "trusted")
    assert report.conclusion.origin == "ai-generated"
    assert response.headers["provenance-manifest"] == report.credentials.history.steps[0].manifest


@pytest.mark.parametrize("status", [200, 201, 203])
def test_every_successful_answer_is_signed(status: int, rule: SigningRule, trusting: provenance.Verifier) -> None:
    with served(SigningMiddleware(answering(png(), "image/png", status), routes={"/": rule})) as client:
        response = client.post("/images")
    assert response.status_code == status
    assert trusting.verify(response.content).credentials.integrity.state == "intact"


def test_what_described_the_unsigned_body_is_gone_and_the_rest_stays(rule: SigningRule) -> None:
    stale = {"ETag": '"1"', "Content_MD5": "x", "Digest": "x", "Repr_Digest": "x", "Accept_Ranges": "bytes"}
    app = answering(png(), "image/png", **stale, Cache_Control="no-store", X_Model="m")
    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        got, head = client.get("/a"), client.head("/a")
    assert {name.replace("_", "-").lower() for name in stale}.isdisjoint(got.headers)
    assert (got.headers["cache-control"], got.headers["x-model"]) == ("no-store", "m")
    assert head.status_code == 200
    assert {"etag", "content-length"}.isdisjoint(head.headers)


def test_text_that_named_no_charset_names_it_once_it_holds_a_manifest(rule: SigningRule) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"A text in ", "more_body": True})
        await send({"type": "http.response.body", "body": b"two parts.\n"})

    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        response = client.get("/a")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("A text in two parts.\n")


def test_facts_come_from_the_request_its_state_and_the_response(signer: Signer, trusting: provenance.Verifier) -> None:
    app = FastAPI()

    @app.get("/images/{name}")
    def image(name: str, request: Request) -> Response:
        request.state.prompt = "a paper boat"
        return Response(png(), media_type="image/png", headers={"X-Model": "Model 7"})

    def facts(scope: Any, headers: Mapping[str, str]) -> dict[str, Any]:
        return {"title": scope["path"], "model": headers["x-model"], "prompt": scope["state"]["prompt"]}

    with served(SigningMiddleware(app, routes={"/images": SigningRule(signer, facts)})) as client:
        data = client.get("/images/boat").content
    step = trusting.verify(data).credentials.history.steps[0]
    assert step.title == "/images/boat"
    assert b"Model 7" in data
    assert b"a paper boat" not in data


def test_a_part_is_never_asked_for_so_that_the_whole_is_signed(
    rule: SigningRule, trusting: provenance.Verifier, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(png())
    app = FastAPI()

    @app.get("/a.png")
    def image() -> FileResponse:
        return FileResponse(tmp_path / "a.png")

    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        response = client.get("/a.png", headers={"Range": "bytes=0-9"})
    assert response.status_code == 200
    assert trusting.verify(response.content).credentials.integrity.state == "intact"


def test_many_requests_at_a_time_each_get_their_own_picture(rule: SigningRule, trusting: provenance.Verifier) -> None:
    app = FastAPI()

    @app.get("/{colour}")
    async def image(colour: str) -> Response:
        await asyncio.sleep(0.01)
        return Response(png(colour), media_type="image/png")

    async def ask(base: str) -> list[bytes]:
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE, trust_env=False) as client:
            return [each.content for each in await asyncio.gather(*(client.get(f"/{c}") for c in colours))]

    colours = ["red", "green", "blue", "teal"] * 4
    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        answers = asyncio.run(ask(str(client.base_url)))
    for colour, data in zip(colours, answers, strict=True):
        assert trusting.verify(data).credentials.integrity.state == "intact"
        with Image.open(io.BytesIO(data)) as image_:
            assert image_.tobytes() == Image.new("RGB", (64, 48), colour).tobytes()


# What is left alone


@pytest.mark.parametrize(
    ("status", "body", "media_type"),
    [
        (404, b"none", "text/plain"),
        (503, b"{}", "application/json"),
        (204, b"", None),
        (304, b"", None),
        (200, b"", None),
    ],
)
def test_errors_and_empty_answers_pass(status: int, body: bytes, media_type: str | None, rule: SigningRule) -> None:
    app = answering(body, media_type, status, ETag='"1"')
    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        response = client.get("/a")
    assert (response.status_code, response.content, response.headers["etag"]) == (status, body, '"1"')


def test_media_types_that_the_rule_leaves_out_pass(signer: Signer) -> None:
    rule = SigningRule(signer, MODEL, leave_out={"application/json"})
    with served(SigningMiddleware(answering(b'{"state":"queued"}', "application/json"), routes={"/": rule})) as client:
        assert client.get("/jobs/1").json() == {"state": "queued"}


def test_a_preflight_request_passes(rule: SigningRule) -> None:
    with served(SigningMiddleware(answering(b"OK", "text/plain"), routes={"/": rule})) as client:
        assert client.options("/a").content == b"OK"


@pytest.mark.parametrize(
    ("path", "which"),
    [
        ("/images", "all images"),
        ("/images/", "all images"),
        ("/images/a/b", "all images"),
        ("/images/a.png", "one image"),
        ("/images/latest.png", "the latest"),
        ("/imagesque", None),
        ("/", None),
        ("/api/images/a", None),
    ],
)
def test_the_route_that_says_most_of_the_path_counts(
    path: str, which: str | None, signer: Signer, trusting: provenance.Verifier
) -> None:
    titles = {
        "/images": "all images",
        "/images/{a_rather_long_name}.png": "one image",
        "/images/latest.png": "the latest",
    }
    routes = {route: SigningRule(signer, {**MODEL, "title": title}) for route, title in titles.items()}
    with served(SigningMiddleware(answering(png(), "image/png"), routes=routes)) as client:
        steps = trusting.verify(client.get(path).content).credentials.history.steps
    assert [step.title for step in steps] == ([which] if which else [])


def test_routes_are_those_of_the_application_where_it_is_mounted(rule: SigningRule) -> None:
    whole = FastAPI()
    whole.mount("/api", SigningMiddleware(answering(png(), "image/png"), routes={"/images": rule}))
    with served(whole) as client:
        assert "provenance-manifest" in client.get("/api/images/a").headers
        assert "provenance-manifest" not in client.get("/api/other").headers


@pytest.mark.parametrize("route", ["images", "", "/files/{path:path}", "/a/*", "/a/{b"])
def test_a_route_that_would_match_nothing_is_refused_at_once(route: str, signer: Signer) -> None:
    with pytest.raises(SettingError, match="a route begins with a slash"):
        SigningMiddleware(answering(b"", None), routes={route: signer})


def test_another_value_for_what_happens_to_the_unsigned_is_refused(signer: Signer) -> None:
    with pytest.raises(SettingError, match="fail or pass"):
        SigningRule(signer, if_unsigned="ignore")


# What cannot be signed does not leave unsigned


REFUSED: dict[str, tuple[FastAPI, str]] = {
    "JSON, which a manifest would spoil": (answering(b'{"b64": "..."}', "application/json"), "read by no parser"),
    "a type that cannot be signed": (answering(b"BM" + bytes(60), "image/bmp"), "image/bmp"),
    "no type": (answering(b"x", None), "octet-stream"),
    "compressed": (answering(gzip.compress(png()), "image/png", Content_Encoding="gzip"), "compressed"),
    "a part": (answering(png()[:10], "image/png", 206, Content_Range="bytes 0-9/100"), "a part of something"),
    "a page of an error": (answering(b"<!DOCTYPE html><html><head></head></html>", "image/png"), "text/html"),
    "another picture": (answering(picture(), "image/png"), "its content is image/jpeg"),
    "cut off": (answering(png()[:50], "image/png"), "cannot be parsed"),
    "another charset": (answering("é".encode("latin-1"), "text/plain; charset=iso-8859-1"), "iso-8859-1"),
    "not in its charset": (answering(b"caf\xe9 ferm\xe9", "text/plain"), "the text is not UTF-8"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_signed_is_withheld_and_the_log_says_why(
    what: str, rule: SigningRule, caplog: pytest.LogCaptureFixture
) -> None:
    app, why = REFUSED[what]
    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        response = client.get("/a?secret=1")
    assert is_refused(response)
    (record,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert record.levelname == "ERROR"
    assert why in record.getMessage()
    assert "secret" not in record.getMessage()
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("what", REFUSED)
def test_a_rule_can_let_it_pass_unchanged_with_a_warning(
    what: str, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    app, why = REFUSED[what]
    with served(app) as client:
        before = client.get("/a")
    rule = SigningRule(signer, MODEL, if_unsigned="pass")
    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        after = client.get("/a")
    assert (after.status_code, after.content) == (before.status_code, before.content)
    assert "provenance-manifest" not in after.headers
    (record,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert record.levelname == "WARNING"
    assert why in record.getMessage()


def streaming(media_type: str, parts: int = 1_000_000, pause: float = 0.02) -> tuple[FastAPI, list[int]]:
    app, sent = FastAPI(), []

    @app.get("/a")
    def answer() -> StreamingResponse:
        async def words() -> Any:
            for number in range(parts):
                sent.append(number)
                yield f"data: {number}\n\n"
                await asyncio.sleep(pause)

        return StreamingResponse(words(), media_type=media_type)

    return app, sent


def test_an_event_stream_is_refused_at_once_and_the_application_is_stopped(rule: SigningRule) -> None:
    app, sent = streaming("text/event-stream")
    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        assert is_refused(client.get("/a"))
        time.sleep(0.3)
        assert len(sent) < 5


def test_an_application_that_asks_for_nothing_is_stopped_by_its_next_message(rule: SigningRule) -> None:
    sent = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(1000):
            await send({"type": "http.response.body", "body": b"data: 0\n\n", "more_body": True})
            sent.append(number)

    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        assert is_refused(client.get("/a"))
    assert sent == []


def test_an_event_stream_passes_event_by_event_where_the_rule_says_so(signer: Signer) -> None:
    app, sent = streaming("text/event-stream", pause=0.1)
    for rule in (
        SigningRule(signer, MODEL, if_unsigned="pass"),
        SigningRule(signer, MODEL, leave_out={"text/event-stream"}),
    ):
        sent.clear()
        with (
            served(SigningMiddleware(app, routes={"/": rule})) as client,
            client.stream("GET", "/a") as response,
        ):
            assert next(response.iter_text()).startswith("data: 0")
            assert len(sent) < 5


@pytest.mark.parametrize(
    ("limit", "why"), [({"max_size": 1000}, "larger than 1000 bytes"), ({"time_limit": 0.3}, "longer than 0.3 seconds")]
)
def test_a_text_beyond_a_limit_is_refused_or_passes_whole(
    limit: dict[str, Any], why: str, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    app, _ = streaming("text/plain", parts=200, pause=0.005)
    with served(SigningMiddleware(app, routes={"/": SigningRule(signer, MODEL)}, **limit)) as client:
        assert is_refused(client.get("/a"))
    assert why in caplog.text
    rule = SigningRule(signer, MODEL, if_unsigned="pass")
    with served(SigningMiddleware(app, routes={"/": rule}, **limit)) as client:
        assert client.get("/a").text == "".join(f"data: {number}\n\n" for number in range(200))


def test_a_missing_fact_or_a_failing_function_for_facts_withholds_the_answer(
    signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    app = answering(png(), "image/png")
    for rule, why in (
        (signer, "needs the fact “model”"),
        (SigningRule(signer, lambda scope, headers: {"model": scope["state"]["model"]}), "KeyError"),
    ):
        with served(SigningMiddleware(app, routes={"/": rule})) as client:
            assert is_refused(client.get("/a"))
        assert why in caplog.text


def test_a_key_that_fails_withholds_the_answer_and_tells_the_client_nothing(
    credential: Credential, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    signer = Signer(credential, profile="ai-generated")

    class Away:
        public_key = None

        def sign(self, data: bytes, algorithm: Any) -> bytes:
            raise CredentialError("https://keys.internal: no signature from this key")

    away = Credential(credential.chain, Away(), credential.algorithm)  # type: ignore[arg-type]
    monkeypatch.setattr(signer, "credential", away)
    with served(SigningMiddleware(answering(png(), "image/png"), routes={"/": SigningRule(signer, MODEL)})) as client:
        response = client.get("/a")
    assert is_refused(response)
    assert "keys.internal" not in response.text
    assert "keys.internal" in caplog.text


def test_an_application_that_fails_while_it_answers_sends_nothing(rule: SigningRule) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"image/png")]})
        await send({"type": "http.response.body", "body": png()[:20], "more_body": True})
        raise ValueError("the model is out of memory")

    with served(SigningMiddleware(app, routes={"/": rule})) as client:
        response = client.get("/a")
    assert response.status_code == 500
    assert b"PNG" not in response.content


def test_a_server_s_ways_around_middleware_are_not_offered_to_the_application(rule: SigningRule) -> None:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope["extensions"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def nothing(*_: Any) -> Any: ...

    scope = {
        "type": "http", "method": "GET", "path": "/a", "headers": [],
        "extensions": {"http.response.pathsend": {}, "http.response.zerocopysend": {}, "tls": {}},
    }  # fmt: skip
    asyncio.run(SigningMiddleware(app, routes={"/": rule})(scope, nothing, nothing))
    assert seen == {"tls": {}}


def test_signing_does_not_hold_up_other_requests(rule: SigningRule, monkeypatch: pytest.MonkeyPatch) -> None:
    own: Callable[..., Any] = rule.signer.sign
    begun, other_was_answered = threading.Event(), threading.Event()

    def sign(*args: Any, **kwargs: Any) -> Any:
        begun.set()
        assert other_was_answered.wait(PATIENCE)
        return own(*args, **kwargs)

    monkeypatch.setattr(rule.signer, "sign", sign)
    with served(SigningMiddleware(answering(png(), "image/png"), routes={"/images": rule})) as client:
        waiting = threading.Thread(
            target=lambda: httpx.get(f"{client.base_url}/images/a", timeout=PATIENCE, trust_env=False)
        )
        waiting.start()
        assert begun.wait(PATIENCE)
        client.get("/other")
        other_was_answered.set()
        waiting.join()


def test_a_problem_is_as_rfc_9457_has_it(signer: Signer) -> None:
    with served(SigningMiddleware(answering(b"{}", "application/json"), routes={"/": signer})) as client:
        response = client.get("/a")
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(response.content)["status"] == response.status_code == 500
