"""Signing over HTTP: what a client with a key gets, what nobody else gets, and what goes wrong without telling secrets."""

import hashlib
import io
import json
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from PIL import Image

import provenance
from provenance_service.sentences import phrase
from provenance_service.settings import MAX_FIELD, MAX_NESTING, MAX_SIGNED_DATA
from provenance_signing import Credential, sign_bytes
from provenance_signing.algorithms import Algorithm
from provenance_signing.errors import CredentialError
from provenance_signing.keys.development import create
from provenance_signing.keys.remote import RemoteKey

from ..core.signing import IPTC
from ..patience import PATIENCE, eventually
from ..signing.certificates import chain, official, signer
from ..signing.documents import FILES, WORD, archive
from .conftest import Service, bearer, new_key, started
from .house import HOUSE
from .raw_requests import is_problem

AI = {"credential": "newsroom", "profile": "ai-generated", "model": "Example Model"}
PASSPHRASE = "correct-horse-battery-staple"


@dataclass(frozen=True)
class Newsroom:
    """What the operator of a service that signs has: credentials, profiles, and clients with keys."""

    folder: Path
    keys: dict[str, str]

    @property
    def credentials(self) -> Path:
        return self.folder / "credentials"

    @property
    def roots(self) -> Path:
        return self.folder / "roots.pem"

    def options(self, **instead: Path) -> list[str]:
        given = {
            "credentials": self.credentials,
            "profiles": self.folder / "profiles",
            "folder": self.folder / "kept",
            "trust-anchors": self.roots,
        }
        return [part for name, path in (given | instead).items() for part in (f"--{name}", str(path))]


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    folder = tmp_path_factory.mktemp("newsroom")
    keys = folder / "kept"
    made = Newsroom(
        folder,
        {
            "cms": new_key(keys, "cms", "--scope", "sign"),
            "archivist": new_key(keys, "archivist", "--scope", "sign", "--credential", "archive"),
            "vault": new_key(keys, "vault", "--scope", "signature", "--credential", "newsroom"),
            "stranger": "prv_a-key-that-nobody-made",
        },
    )
    first = create(made.credentials / "newsroom", organisation="Example newsroom")
    other = create(folder / "archive", organisation="Example archive", algorithm=Algorithm.ED25519)
    (made.credentials / "archive.toml").write_text(
        f'certificates = "{other.chain}"\n[key]\nfile = "{other.key}"\n', encoding="utf-8"
    )
    (made.credentials / "not a name.toml").write_text("")
    made.roots.write_bytes(first.root.read_bytes() + other.root.read_bytes())
    (folder / "profiles").mkdir()
    (folder / "profiles" / "house.toml").write_text(HOUSE)
    (folder / "outside.toml").write_text(HOUSE)
    return made


@pytest.fixture(scope="module")
def desk(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The newsroom's service."""
    running = started(tmp_path_factory.mktemp("desk"), *newsroom.options())
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """No file stays on the disk, whatever the test did."""
    yield
    if "desk" in request.fixturenames:
        assert list(request.getfixturevalue("desk").temporary.iterdir()) == []


def sign(
    service: Service,
    key: str,
    content: bytes,
    facts: Any = None,
    *,
    name: str = "picture.jpg",
    parent: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    files = {"file": (name, content)} | ({"parent": ("parent.jpg", parent)} if parent is not None else {})
    return httpx.post(
        f"{service.url}/v1/sign",
        files=files,
        data={"facts": facts if isinstance(facts, str) else json.dumps(AI if facts is None else facts)},
        headers={**(bearer(key) if key else {}), **(headers or {})},
        timeout=PATIENCE,
    )


def verified(service: Service, content: bytes, name: str = "picture.jpg") -> dict[str, Any]:
    return httpx.post(f"{service.url}/v1/verify", files={"file": (name, content)}, timeout=PATIENCE).json()


def ask_signature(service: Service, key: str, data: bytes, name: str = "newsroom", algorithm: str = "es256") -> Any:
    return httpx.post(
        f"{service.url}/v1/credentials/{name}/signature",
        content=data,
        headers={**bearer(key), "Provenance-Algorithm": algorithm},
        timeout=PATIENCE,
    )


def open_request(service: Service, path: str, *headers: str) -> socket.socket:
    """A request whose body is still to come."""
    connection = socket.create_connection(service.address, timeout=PATIENCE)
    lines = [f"POST {path} HTTP/1.1", "Host: test", "Content-Type: multipart/form-data; boundary=b", *headers]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


@pytest.fixture
def pixels(picture: Path) -> bytes:
    return picture.read_bytes()


# What a client with a key gets


def test_a_signed_picture_is_trusted_and_its_pixels_are_the_same(desk, newsroom, pixels):
    answer = sign(desk, newsroom.keys["cms"], pixels)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''picture.jpg"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["provenance-remarks"] == "sign.development"
    assert answer.headers["cache-control"] == "no-store"

    by_library = provenance.Verifier(trust=newsroom.roots).verify(answer.content, name="picture.jpg")
    for report in (verified(desk, answer.content), by_library.model_dump(mode="json")):
        assert report["credentials"]["integrity"]["state"] == "intact"
        assert report["credentials"]["signer"]["state"] == "trusted"
        assert report["conclusion"]["headline"]["key"] == "headline.ai_generated.verified"
        assert report["credentials"]["history"]["steps"][0]["manifest"] == answer.headers["provenance-manifest"]

    before, after = Image.open(io.BytesIO(pixels)), Image.open(io.BytesIO(answer.content))
    assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("profile", ["edited", "ai-edited"])
def test_an_edited_picture_keeps_the_history_of_its_parent(desk, newsroom, pixels, profile):
    facts = {**AI, "profile": profile}
    if profile == "edited":
        del facts["model"]
    parent = sign(desk, newsroom.keys["cms"], pixels, {"credential": "archive", "profile": "captured"})
    answer = sign(desk, newsroom.keys["cms"], pixels, facts, parent=parent.content)
    assert answer.status_code == 200
    first, second = verified(desk, answer.content)["credentials"]["history"]["steps"][:2]
    assert first["manifest"] == answer.headers["provenance-manifest"]
    assert second["manifest"] == parent.headers["provenance-manifest"]

    without = sign(desk, newsroom.keys["cms"], pixels, facts)
    assert is_problem(without, 422, "not-signed")
    assert "needs the parent" in without.json()["detail"]


def test_a_parent_with_a_broken_manifest_is_refused_by_its_own_name(desk, newsroom, pixels):
    signed = sign(desk, newsroom.keys["cms"], pixels).content
    broken = signed[:-1000] + bytes(reversed(signed[-1000:-2])) + signed[-2:]
    facts = {"credential": "newsroom", "profile": "edited"}
    answer = sign(desk, newsroom.keys["cms"], pixels, facts, parent=broken)
    assert is_problem(answer, 422, "not-signed")
    assert "parent.jpg" in answer.json()["detail"]
    assert str(desk.temporary) not in answer.text


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("note.txt", "Le café est fermé.\n".encode(), "text/plain"),
        ("letter.docx", archive(FILES[WORD]), WORD),
    ],
)
def test_text_and_documents_are_signed_too(desk, newsroom, name, content, media_type):
    answer = sign(desk, newsroom.keys["cms"], content, name=name)
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media_type
    report = verified(desk, answer.content, name)
    assert report["asset"]["media_type"] == media_type
    assert report["credentials"]["integrity"]["state"] == "intact"
    assert report["credentials"]["signer"]["name"] == "Example newsroom"


def test_each_credential_signs_by_its_name(desk, newsroom, pixels):
    for name, organisation in (("newsroom", "Example newsroom"), ("archive", "Example archive")):
        answer = sign(desk, newsroom.keys["cms"], pixels, {**AI, "credential": name})
        assert organisation in verified(desk, answer.content)["credentials"]["signer"]["name"]


def test_the_only_credential_need_not_be_named(start, newsroom, pixels, tmp_path):
    create(tmp_path / "newsroom")
    service = start(*newsroom.options(credentials=tmp_path))
    facts = {"profile": "ai-generated", "model": "Example Model"}
    assert sign(service, newsroom.keys["cms"], pixels, facts).status_code == 200
    assert is_problem(sign(service, newsroom.keys["archivist"], pixels, facts), 403, "not-allowed")


def test_facts_come_into_the_manifest(desk, newsroom, pixels):
    facts = {**AI, "title": "Un café à Lyon", "actions": [{"action": "c2pa.edited", "description": "お知らせ"}]}
    answer = sign(desk, newsroom.keys["cms"], pixels, facts)
    step = verified(desk, answer.content)["credentials"]["history"]["steps"][0]
    assert step["title"] == "Un café à Lyon"
    assert {"c2pa.created", "c2pa.edited"} <= {each["action"] for each in step["actions"]}
    assert "お知らせ" in [each["description"] for each in step["actions"]]


def test_facts_may_be_sent_as_a_file(desk, newsroom, pixels):
    answer = httpx.post(
        f"{desk.url}/v1/sign",
        files={"facts": ("facts.json", json.dumps(AI)), "file": ("picture.jpg", pixels)},
        headers=bearer(newsroom.keys["cms"]),
        timeout=PATIENCE,
    )
    assert answer.status_code == 200


def test_an_operators_own_profile_signs_and_stands_above_a_shipped_one(start, newsroom, pixels, tmp_path):
    (tmp_path / "captured.toml").write_text(HOUSE)
    service = start(*newsroom.options(profiles=tmp_path))
    answer = sign(service, newsroom.keys["cms"], pixels, {"credential": "newsroom", "profile": "captured"})
    (action,) = verified(service, answer.content)["credentials"]["history"]["steps"][0]["actions"]
    assert action["digital_source_type"] == f"{IPTC}digitalArt"


def test_eight_at_once_get_their_own_files(desk, newsroom, pixels):
    titles = [f"Number {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda title: sign(desk, newsroom.keys["cms"], pixels, AI | {"title": title}), titles))
    assert [each.status_code for each in answers] == [200] * 8
    assert len({each.headers["provenance-manifest"] for each in answers}) == 8
    for title, answer in zip(titles, answers, strict=True):
        assert verified(desk, answer.content)["credentials"]["history"]["steps"][0]["title"] == title


# Names of files


@pytest.mark.parametrize(
    ("parameter", "saved"),
    [
        (rb'filename="a\"b.jpg"', 'a"b.jpg'),
        (b'filename="a%0D%0AX-Injected: yes.jpg"', "a%0D%0AX-Injected: yes.jpg"),
        ('filename="お知らせ – été.jpg"'.encode(), "お知らせ – été.jpg"),
        (b'filename="\xff.jpg"', "\ufffd.jpg"),
        (b'filename="' + b"x" * 3000 + b'.jpg"', "x" * 100 + ".jpg"),
        (b'filename="../../photo.jpg"', "photo.jpg"),
        (b'filename=".."', ".."),
    ],
    ids=["quote", "line break", "not ASCII", "not UTF-8", "long", "path", "dots"],
)
def test_the_header_is_valid_whatever_the_file_is_called(desk, newsroom, pixels, parameter, saved):
    answer = sign_with_name(desk, newsroom.keys["cms"], pixels, parameter)
    assert answer.status_code == 200
    assert "x-injected" not in answer.headers
    _, _, name = answer.headers["content-disposition"].partition("attachment; filename*=UTF-8''")
    assert name.isascii()
    assert unquote(name) == saved


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_name_with_a_line_break_makes_no_header(desk, newsroom, pixels, end):
    answer = sign_with_name(desk, newsroom.keys["cms"], pixels, b'filename="a' + end + b'X-Injected: yes.jpg"')
    assert "x-injected" not in answer.headers


def sign_with_name(service: Service, key: str, content: bytes, parameter: bytes) -> httpx.Response:
    """Sends a file with its name as these bytes have it."""
    body = b'--b\r\nContent-Disposition: form-data; name="facts"\r\n\r\n' + json.dumps(AI).encode()
    body += b'\r\n--b\r\nContent-Disposition: form-data; name="file"; ' + parameter + b"\r\n\r\n"
    return httpx.post(
        f"{service.url}/v1/sign",
        content=body + content + b"\r\n--b--\r\n",
        headers={**bearer(key), "Content-Type": "multipart/form-data; boundary=b"},
        timeout=PATIENCE,
    )


# Facts that cannot be used


@pytest.mark.parametrize(
    "facts",
    [
        "no JSON",
        "[]",
        '"ai-generated"',
        "null",
        '{"title": NaN}',
        '{"a": ' * 20_000,
        '{"a": ' * (MAX_NESTING + 1) + "1" + "}" * (MAX_NESTING + 1),
        "[" * 900 + "]" * 900,
        '{"when": ' + "1" * 5000 + "}",
        "\ud800",
        json.dumps({**AI, "title": "x" * MAX_FIELD}),
    ],
    ids=["text", "list", "string", "null", "NaN", "cut", "deep", "deep lists", "digits", "not UTF-8", "long"],
)
def test_facts_that_are_no_object_in_json_are_refused(desk, newsroom, pixels, facts):
    body = facts.encode("utf-8", "surrogatepass")
    answer = httpx.post(
        f"{desk.url}/v1/sign",
        files={"facts": ("facts.json", body), "file": ("picture.jpg", pixels)},
        headers=bearer(newsroom.keys["cms"]),
        timeout=PATIENCE,
    )
    assert is_problem(answer, 422, "bad-parameter")
    assert "facts" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"profile": "ai-generated"}, "model"),
        ({"profile": "captured", "model": "M"}, "not about AI"),
        ({}, "no profile called ''"),
        ({"profile": None}, "no profile called 'None'"),
        ({"profile": "nothing"}, "there are ai-edited, ai-generated, captured, derived, edited, house, published"),
        ({**AI, "title": "\ud800"}, "title"),
        ({**AI, "title": ""}, "title"),
        ({**AI, "title": "x" * 3000}, "title"),
        ({**AI, "when": "soon"}, "when"),
        ({**AI, "actions": [{"action": "c2pa.nothing"}]}, "no action of C2PA"),
        ({**AI, "actions": [{"action": "c2pa.edited", "parameters": {"org.example.a": "\ud800"}}]}, "did not sign"),
        ({**AI, "digital_source_type": "digitalCapture"}, "says that AI took part"),
        ({**AI, "digital_source_type": "\ud800"}, "no Unicode"),
        ({**AI, "prompt": "\ud800"}, "prompt"),
        ({**AI, "when": "0001-01-01T00:00:00+14:00"}, "when"),
    ],
)
def test_facts_that_are_wrong_are_refused_with_the_reason(desk, newsroom, pixels, facts, said):
    answer = sign(desk, newsroom.keys["cms"], pixels, {"credential": "newsroom", **facts})
    assert is_problem(answer, 422, "not-signed")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    "more",
    [
        {"unknown": 1},
        {"sidecar": True},
        {"in_place": True},
        {"remote_url": "https://example.org/elsewhere"},
        {"assertions": [{"label": "org.example", "data": {}}]},
        {"ingredients": ["/etc/hostname"]},
        {"identity": "anybody"},
        {"output": "/tmp/elsewhere"},
        {"source": "/etc/hostname"},
        {"name": "other.jpg"},
        {"parent": "/etc/hostname"},
        {"self": 1},
        {"accept_broken_ingredients": True},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_client_tells_facts_and_sets_nothing_else(desk, newsroom, pixels, more):
    answer = sign(desk, newsroom.keys["cms"], pixels, AI | more)
    assert is_problem(answer, 422, "not-signed")
    assert f"facts: {next(iter(more))!r} is none" in answer.json()["detail"]


@pytest.mark.parametrize(
    "name",
    ["../outside", "../outside.toml", "{folder}/outside.toml", "house.toml", "./house", "..%2Foutside", "house\x00"],
)
def test_a_profile_that_is_a_path_is_never_read(desk, newsroom, pixels, name):
    facts = {"credential": "newsroom", "profile": name.format(folder=newsroom.folder)}
    answer = sign(desk, newsroom.keys["cms"], pixels, facts)
    assert is_problem(answer, 422, "not-signed")
    assert answer.json()["detail"].startswith("Nothing was signed: no profile called ")


def test_no_profile_is_read_from_a_path_where_no_folder_is_named(start, newsroom, pixels):
    service = start("--credentials", str(newsroom.credentials), "--folder", str(newsroom.folder / "kept"))
    for profile in (str(newsroom.folder / "outside.toml"), "house"):
        answer = sign(service, newsroom.keys["cms"], pixels, {"credential": "newsroom", "profile": profile})
        assert is_problem(answer, 422, "not-signed")
        assert "no profile called " in answer.json()["detail"]


@pytest.mark.parametrize("content", [b"", bytes(1000), b"\xff\xd8\xff but no picture"], ids=["empty", "zeros", "cut"])
def test_what_cannot_be_signed_is_refused_with_the_reason(desk, newsroom, content):
    answer = sign(desk, newsroom.keys["cms"], content)
    assert is_problem(answer, 422, "not-signed")
    assert str(desk.temporary) not in answer.text


def test_a_manifest_that_is_there_already_is_not_dropped(desk, newsroom, pixels):
    signed = sign(desk, newsroom.keys["cms"], pixels).content
    answer = sign(desk, newsroom.keys["cms"], signed)
    assert is_problem(answer, 422, "not-signed")
    assert "picture.jpg: has a manifest already" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["nothing", "../newsroom", "not a name", "", "newsroom.toml", "\ud800", "x" * 500])
def test_a_credential_that_is_not_there(desk, newsroom, pixels, name):
    answer = sign(desk, newsroom.keys["cms"], pixels, AI | {"credential": name})
    assert is_problem(answer, 422, "no-such-credential")
    assert len(answer.json()["detail"]) < 200


@pytest.mark.parametrize("name", [None, 1, ["newsroom"], {"name": "newsroom"}])
def test_one_of_several_credentials_has_to_be_named(desk, newsroom, pixels, name):
    answer = sign(desk, newsroom.keys["cms"], pixels, AI | {"credential": name})
    assert is_problem(answer, 422, "bad-parameter")
    assert "credential" in answer.json()["detail"]


# Who may


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize(
    ("client", "status", "problem"),
    [
        ("stranger", 401, "no-key"),
        ("", 401, "no-key"),
        ("vault", 403, "not-allowed"),
        ("archivist", 403, "not-allowed"),
    ],
)
def test_who_may_not_sign_is_told_so_in_their_language(desk, newsroom, pixels, client, status, problem, language):
    headers = {"Accept-Language": language}
    answer = sign(desk, newsroom.keys[client] if client else "", pixels, headers=headers)
    assert is_problem(answer, status, problem)
    assert answer.json()["title"] == phrase(f"problem.{problem}.title", language)
    assert "{" not in answer.json()["detail"]
    assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize("header", ["{key}", "Basic {key}", "Bearer", "Bearer {key}x", "Bearer {key} x"])
def test_a_key_is_accepted_in_its_header_only(desk, newsroom, pixels, header):
    headers = {"Authorization": header.format(key=newsroom.keys["cms"])}
    assert is_problem(sign(desk, "", pixels, headers=headers), 401, "no-key")
    url = httpx.URL(f"{desk.url}/v1/sign", params={"key": newsroom.keys["cms"]})
    assert is_problem(httpx.post(url, files={"file": ("a.jpg", pixels)}), 401, "no-key")


def test_the_hash_of_a_key_is_no_key(desk, newsroom, pixels):
    digest = hashlib.sha256(newsroom.keys["cms"].encode()).hexdigest()
    with sqlite3.connect(newsroom.folder / "kept" / "provenance.db") as database:
        assert (digest,) in database.execute("SELECT sha256 FROM api_key").fetchall()
    assert is_problem(sign(desk, digest, pixels), 401, "no-key")


def test_a_key_signs_with_its_own_credential_and_learns_of_no_other(desk, newsroom, pixels):
    assert sign(desk, newsroom.keys["archivist"], pixels, AI | {"credential": "archive"}).status_code == 200
    for name in ("newsroom", "nothing"):
        answer = sign(desk, newsroom.keys["archivist"], pixels, AI | {"credential": name})
        assert is_problem(answer, 403, "not-allowed")


PATHS = ["/v1/sign", "/v1/credentials/newsroom/signature"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("client", "status"), [("stranger", 401), ("", 401), ("other scope", 403)])
def test_who_may_not_is_refused_before_the_body_is_sent(desk, newsroom, path, client, status):
    key = (
        newsroom.keys["vault" if path == "/v1/sign" else "cms"]
        if client == "other scope"
        else newsroom.keys.get(client)
    )
    headers = [f"Authorization: Bearer {key}"] if key else []
    with open_request(desk, path, "Content-Length: 1000000", "Expect: 100-continue", *headers) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize("language", ["en", "fr", "ja"])
@pytest.mark.parametrize("path", PATHS)
def test_a_service_without_credentials_says_so_before_the_body_is_sent(service, path, language):
    answer = httpx.post(f"{service.url}{path}", headers={"Accept-Language": language})
    assert is_problem(answer, 503, "no-credentials")
    assert answer.json()["title"] == phrase("problem.no-credentials.title", language)
    assert "--credentials" in answer.json()["detail"]
    with open_request(service, path, "Content-Length: 1000000") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 503 ")


def test_a_key_of_another_service_signs_nothing(start, newsroom, pixels, tmp_path):
    service = start(*newsroom.options(folder=tmp_path / "kept"))
    assert is_problem(sign(service, newsroom.keys["cms"], pixels), 401, "no-key")


def test_the_limits_of_an_upload_hold(start, newsroom, picture, tmp_path):
    service = start(*newsroom.options(), "--max-upload", "100000")
    key = newsroom.keys["cms"]
    facts = {"credential": "newsroom", "profile": "edited"}
    assert is_problem(sign(service, key, bytes(100_001)), 413, "too-large")
    assert is_problem(sign(service, key, bytes(60_000), facts, parent=bytes(60_000)), 413, "too-large")
    for length, declared in ((10_000_000, b"413"), (-1, b"400")):
        header = f"Content-Length: {length}"
        with open_request(service, "/v1/sign", f"Authorization: Bearer {key}", header) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 " + declared)
    assert list(service.temporary.iterdir()) == []
    assert sign(service, key, picture.read_bytes()).status_code == 200


@pytest.mark.parametrize(
    ("files", "status", "problem"),
    [
        ({"other": ("a.jpg", b"a")}, 422, "no-file"),
        ({"parent": ("a.jpg", b"a")}, 422, "no-file"),
        ([("file", ("a.jpg", b"a")), ("file", ("b.jpg", b"b"))], 422, "several-files"),
        ([("file", ("a.jpg", b"a")), ("parent", ("b", b"b")), ("parent", ("c", b"c"))], 422, "several-files"),
        (None, 415, "not-a-form"),
    ],
)
def test_a_form_without_its_one_file_is_refused(desk, newsroom, files, status, problem):
    answer = httpx.post(f"{desk.url}/v1/sign", files=files, headers=bearer(newsroom.keys["cms"]))
    assert is_problem(answer, status, problem)


# What goes wrong on the server: told in the log, and not to the client


def credential_file(folder: Path, toml: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "newsroom.toml").write_text(toml)
    return folder


def expired(folder: Path) -> str:
    days_ago = datetime.now(UTC) - timedelta(days=10)
    leaf, *above = official(signer().but(since=days_ago, days=5))[:-1]
    folder.mkdir()
    (folder / "chain.pem").write_bytes(chain(leaf, *above))
    (folder / "key.pem").write_bytes(leaf.key_pem())
    return f'certificates = "{folder}/chain.pem"\n[key]\nfile = "{folder}/key.pem"\n'


def with_authority(newsroom: Newsroom, url: str, *lines: str) -> str:
    files = newsroom.credentials / "newsroom"
    key = f'certificates = "{files}/chain.pem"\n[key]\nfile = "{files}/key.pem"\n'
    return "\n".join([key, "[time_stamps]", f'url = "{url}"', *lines])


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes a question and gives no answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def is_told_in_the_log_only(answer: httpx.Response, log: str, why: str) -> bool:
    assert is_problem(answer, 503, "signing-unavailable")
    assert why in log
    assert "not signed with newsroom: " in log
    assert "Traceback" not in log
    return why not in answer.text


def test_an_expired_credential(capfd, start, newsroom, pixels, tmp_path):
    folder = credential_file(tmp_path / "credentials", expired(tmp_path / "expired"))
    answer = sign(start(*newsroom.options(credentials=folder)), newsroom.keys["cms"], pixels)
    assert is_told_in_the_log_only(answer, capfd.readouterr().err, "has expired on ")


def test_an_authority_that_cannot_be_reached(capfd, start, newsroom, pixels, tmp_path):
    folder = credential_file(tmp_path / "credentials", with_authority(newsroom, "http://127.0.0.1:1/stamp"))
    service = start(*newsroom.options(credentials=folder))
    answer = sign(service, newsroom.keys["cms"], pixels)
    assert is_told_in_the_log_only(answer, capfd.readouterr().err, "http://127.0.0.1:1/stamp")
    assert list(service.temporary.iterdir()) == []


def test_an_authority_that_is_silent_has_its_own_time_and_not_the_files(
    capfd, start, newsroom, pixels, tmp_path, silent
):
    toml = with_authority(newsroom, silent, "time_limit = 5", 'if_unavailable = "{}"')
    failing = start(
        *newsroom.options(credentials=credential_file(tmp_path / "a", toml.format("fail"))), "--time-limit", "4"
    )
    answer = sign(failing, newsroom.keys["cms"], pixels)
    assert is_told_in_the_log_only(answer, capfd.readouterr().err, silent)
    lenient = credential_file(tmp_path / "b", toml.format("sign-without"))
    answer = sign(start(*newsroom.options(credentials=lenient), "--time-limit", "4"), newsroom.keys["cms"], pixels)
    assert answer.status_code == 200
    assert "sign.no_time_stamp" in answer.headers["provenance-remarks"]


@pytest.mark.parametrize("toml", ["no TOML", 'certificates = "nowhere.pem"\n[key]\nfile = "nowhere.pem"\n'])
def test_a_credential_that_cannot_be_read(capfd, start, newsroom, pixels, tmp_path, toml):
    service = start(*newsroom.options(credentials=credential_file(tmp_path, toml)))
    answer = sign(service, newsroom.keys["cms"], pixels)
    assert is_told_in_the_log_only(answer, capfd.readouterr().err, str(tmp_path))


def test_a_profile_of_the_operators_that_cannot_be_read(capfd, start, newsroom, pixels, tmp_path):
    (tmp_path / "house.toml").write_text("no TOML")
    service = start(*newsroom.options(profiles=tmp_path))
    answer = sign(service, newsroom.keys["cms"], pixels, AI | {"profile": "house"})
    assert is_told_in_the_log_only(answer, capfd.readouterr().err, str(tmp_path))


@pytest.mark.parametrize(("passphrase", "status"), [(PASSPHRASE, 200), ("wrong-horse", 503)])
def test_secrets_are_in_no_answer_and_in_no_log(capfd, start, newsroom, pixels, tmp_path, passphrase, status):
    files = create(tmp_path / "newsroom", passphrase=PASSPHRASE)
    with files.credential.open("a") as toml:
        toml.write('passphrase_env = "NEWSROOM_PASSPHRASE"\n')
    service = start(*newsroom.options(credentials=tmp_path), NEWSROOM_PASSPHRASE=passphrase)
    answers = [
        *(sign(service, key, pixels) for key in newsroom.keys.values()),
        *(ask_signature(service, key, b"a claim") for key in newsroom.keys.values()),
        sign(service, newsroom.keys["cms"], pixels, "no JSON"),
    ]
    assert status in [each.status_code for each in answers]
    service.stop()
    written = capfd.readouterr()
    said = [each.text + str(each.headers) for each in answers] + [written.out, written.err]
    for secret in (*newsroom.keys.values(), PASSPHRASE, passphrase, files.key.read_text()[100:200]):
        assert not any(secret in each for each in said)


def test_the_token_of_a_remote_key_is_in_no_answer_and_in_no_log(capfd, desk, start, newsroom, pixels, tmp_path):
    files = newsroom.credentials / "newsroom"
    url = f"{desk.url}/v1/credentials/newsroom/signature"
    toml = f'certificates = "{files}/chain.pem"\n[key]\nurl = "{url}"\ntoken_env = "VAULT_TOKEN"\n'
    options = newsroom.options(credentials=credential_file(tmp_path, toml))

    behind = start(*options, VAULT_TOKEN=newsroom.keys["vault"])
    signed = sign(behind, newsroom.keys["cms"], pixels)
    assert verified(desk, signed.content)["credentials"]["signer"]["state"] == "trusted"

    wrong = newsroom.keys["stranger"]
    refused = sign(start(*options, VAULT_TOKEN=wrong), newsroom.keys["cms"], pixels)
    log = capfd.readouterr().err
    assert is_told_in_the_log_only(refused, log, url)
    assert not any(secret in log + refused.text for secret in (wrong, newsroom.keys["vault"]))


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds worker processes through /proc")


@needs_proc
@pytest.mark.parametrize("ends", [True, False], ids=["dies", "hangs"])
def test_a_file_that_stops_its_worker_costs_that_worker_only(capfd, start, newsroom, pixels, ends):
    service = start(*newsroom.options(), "--time-limit", "60" if ends else "6")
    # The worker is given the file after it was received as a whole: where it was killed before that, wait longer.
    for patience in (0.5, 2, 8, 30):
        (worker,) = service.workers()
        os.kill(worker, signal.SIGSTOP)
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(sign, service, newsroom.keys["cms"], pixels)
            eventually(
                lambda: len(pixels) in [path.stat().st_size for path in service.temporary.iterdir() if path.is_file()]
            )
            if ends:
                time.sleep(patience)
                os.kill(worker, signal.SIGKILL)
        if answer.result().status_code != 200:
            break
    assert is_problem(answer.result(), 503, "signing-stopped")
    assert "not signed with newsroom: the worker was stopped" in capfd.readouterr().err
    assert list(service.temporary.iterdir()) == []
    assert sign(service, newsroom.keys["cms"], pixels).status_code == 200
    assert worker not in service.workers()


# The service as a key for other signers


@pytest.mark.parametrize("content", [b"a claim", b"", bytes(MAX_SIGNED_DATA)], ids=["claim", "empty", "largest"])
def test_raw_data_is_signed_with_the_key_that_stays(desk, newsroom, content):
    answer = ask_signature(desk, newsroom.keys["vault"], content)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    public = Credential.load(newsroom.credentials / "newsroom" / "credential.toml").chain[0].public_key()
    assert Algorithm.ES256.is_valid(public, answer.content, content)


def test_a_credential_with_its_key_behind_the_service_signs_as_any_other(desk, newsroom, pixels):
    url = f"{desk.url}/v1/credentials/newsroom/signature"
    certificates = (newsroom.credentials / "newsroom" / "chain.pem").read_bytes()
    credential = Credential.of(certificates, RemoteKey(url, token=newsroom.keys["vault"]))
    signed = sign_bytes(pixels, credential=credential, profile="ai-generated", model="Example Model")
    report = provenance.Verifier(trust=newsroom.roots).verify(signed)
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.state == "trusted"
    for key in ("cms", "stranger"):
        with pytest.raises(CredentialError, match="no signature from this key"):
            Credential.of(certificates, RemoteKey(url, token=newsroom.keys[key]))


@pytest.mark.parametrize("algorithm", ["ps256", "es384", "ES256", "", "none"])
def test_another_algorithm_than_the_keys_is_refused(desk, newsroom, algorithm):
    answer = ask_signature(desk, newsroom.keys["vault"], b"a claim", algorithm=algorithm)
    assert is_problem(answer, 422, "not-signed")
    assert "this key signs with es256" in answer.json()["detail"]


def test_data_past_the_limit_is_refused_declared_or_not(desk, newsroom):
    too_much = bytes(MAX_SIGNED_DATA + 1)
    assert is_problem(ask_signature(desk, newsroom.keys["vault"], too_much), 413, "too-large")
    in_chunks = ask_signature(desk, newsroom.keys["vault"], iter([too_much[:1000], too_much[1000:]]))
    assert is_problem(in_chunks, 413, "too-large")
    path, key = "/v1/credentials/newsroom/signature", newsroom.keys["vault"]
    with open_request(desk, path, f"Authorization: Bearer {key}", "Content-Length: 10000000") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_data_that_breaks_off_disturbs_nobody(capfd, start, newsroom):
    service = start(*newsroom.options())
    path, key = "/v1/credentials/newsroom/signature", newsroom.keys["vault"]
    with open_request(service, path, f"Authorization: Bearer {key}", "Content-Length: 1000") as connection:
        connection.sendall(b"the beginning")
        time.sleep(0.5)
    assert ask_signature(service, key, b"a claim").status_code == 200
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("client", "name", "status", "problem"),
    [
        ("cms", "newsroom", 403, "not-allowed"),  # signing assets is another thing than signing any claim
        ("vault", "archive", 403, "not-allowed"),
        ("vault", "nothing", 403, "not-allowed"),
        ("stranger", "newsroom", 401, "no-key"),
        ("vault", "..%2Fnewsroom", 404, "not-found"),
        ("vault", "newsroom%00", 403, "not-allowed"),
    ],
)
def test_who_may_not_have_a_signature_gets_none(desk, newsroom, client, name, status, problem):
    assert is_problem(ask_signature(desk, newsroom.keys[client], b"a claim", name), status, problem)


def test_a_key_for_all_credentials_is_told_which_is_not_there(start, newsroom, tmp_path):
    key = new_key(tmp_path, "vault", "--scope", "signature", "--scope", "sign")
    service = start(*newsroom.options(folder=tmp_path))
    assert is_problem(ask_signature(service, key, b"a claim", "nothing"), 422, "no-such-credential")
    assert ask_signature(service, key, b"a claim", "archive", "ed25519").status_code == 200
