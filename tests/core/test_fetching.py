"""Fetching: what is never asked, what always ends, and what a good server gives. Against a real HTTPS server."""

import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

import provenance
from provenance import limits
from provenance.fetching import Fetcher, FetchError, fetch
from provenance.fetching.addresses import is_public
from provenance.fetching.links import Link, links_in

from .https_server import NAME, HttpsServer, Request, running

SIZE = 100_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HttpsServer]:
    with running(tmp_path) as server:
        yield server


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", connect)


def reason(fetcher: Fetcher, url: str, max_size: int = SIZE) -> str:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, max_size=max_size)
    assert isinstance(caught.value, provenance.ProvenanceError)
    return caught.value.why.key


# What a good server gives


def test_it_gets_what_is_there_with_its_type_and_links(server: HttpsServer) -> None:
    server.answers["/a%20b?c=d"] = lambda request: request.send(
        b"data", Content_Type="Image/JPEG; x=y", Link='<m.c2pa>; rel="c2pa-manifest"'
    )
    fetched = server.fetcher().fetch(server.url("/a%20b?c=d#fragment"), max_size=4)
    assert (fetched.data, fetched.media_type, fetched.url) == (b"data", "image/jpeg", server.url("/a%20b?c=d"))
    assert fetched.link("c2pa-manifest") == server.url("/m.c2pa")
    assert fetched.link("next") is None


def test_the_request_says_who_asks_and_little_else(server: HttpsServer) -> None:
    server.answers["/"] = lambda request: request.send(b"data", Set_Cookie="a=b")
    server.fetcher().fetch(server.url("/"), max_size=SIZE, accept="application/c2pa")
    server.fetcher().fetch(server.url("/"), max_size=SIZE)
    first, second = (dict(request.headers) for request in server.asked)
    assert first == {
        "Host": f"{NAME}:{server.port}",
        "User-Agent": first["User-Agent"],
        "Accept": "application/c2pa, */*;q=0.1",
        "Accept-Encoding": "identity",
    }
    assert first["User-Agent"].startswith("provenance/")
    assert second == first | {"Accept": "*/*"}


def test_a_body_in_chunks_arrives(server: HttpsServer) -> None:
    server.answers["/"] = lambda request: raw(
        request, b"Transfer-Encoding: chunked", b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    assert server.fetcher().fetch(server.url("/"), max_size=5).data == b"abcde"


def test_a_proxy_in_the_environment_is_not_used(server: HttpsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answers["/"] = lambda request: request.send(b"data")
    assert server.fetcher().fetch(server.url("/"), max_size=SIZE).data == b"data"


def test_authorities_in_the_environment_are_not_believed(
    server: HttpsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root.pem").write_text(server.fetcher().authorities or "")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    assert reason(server.fetcher(authorities=None), server.url("/")) == "fetch.certificate"


# What is never asked


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://photos.example/", "fetch.not_https"),
        ("ftp://photos.example/", "fetch.not_https"),
        ("file:///etc/passwd", "fetch.not_https"),
        ("//photos.example/", "fetch.not_https"),
        ("https://user:secret@photos.example/", "fetch.bad_address"),
        ("https://@photos.example/", "fetch.bad_address"),
        ("https://photos.example\\@127.0.0.1/", "fetch.bad_address"),
        ("https://photos.example/a b", "fetch.bad_address"),
        ("https://photos.example/a\r\nHost: other", "fetch.bad_address"),
        ("https:///nothing", "fetch.bad_address"),
        ("https://[::1", "fetch.bad_address"),
        ("https://[fe80::1%25eth0]/", "fetch.not_public"),
        ("https://photos..example/", "fetch.bad_address"),
        ("https://photos.example:99999/", "fetch.bad_address"),
        ("https://ｐhotos.example/", "fetch.bad_address"),
        ("https://photos.example/" + "a" * limits.MAX_URL_LENGTH, "fetch.bad_address"),
        ("https://photos.example:8443/", "fetch.port"),
        ("https://photos.example:22/", "fetch.port"),
        # IPv4 as systems also read it
        ("https://2130706433/", "fetch.bad_address"),
        ("https://0x7f000001/", "fetch.bad_address"),
        ("https://0x7f.1/", "fetch.bad_address"),
        ("https://0177.0.0.1/", "fetch.bad_address"),
        ("https://127.1/", "fetch.bad_address"),
        ("https://127.0.0.1/", "fetch.not_public"),
        ("https://[::1]/", "fetch.not_public"),
        ("https://[::ffff:127.0.0.1]/", "fetch.not_public"),
        ("https://169.254.169.254/latest/meta-data/", "fetch.not_public"),
    ],
)
@pytest.mark.usefixtures("no_connection")
def test_such_a_url_is_refused_without_a_connection(url: str, why: str) -> None:
    assert reason(Fetcher(), url) == why


PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1"),
    *("240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "fec0::1"),
    *(
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
    ),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "3fff::1", "100::1"),
    "4000::1",
]


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.usefixtures("no_connection")
def test_a_name_that_leads_to_such_an_address_is_refused(address: str) -> None:
    assert reason(Fetcher(resolve=lambda *_: [address]), "https://photos.example/") == "fetch.not_public"


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_a_public_address_is_public_in_every_form(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.usefixtures("no_connection")
def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    mixed = Fetcher(resolve=lambda *_: ["8.8.8.8", "10.0.0.1"])
    assert reason(mixed, "https://photos.example/") == "fetch.not_public"


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("https://127.0.0.2/", "fetch.not_public"),
        ("https://[fd00:ec2::254]/", "fetch.not_public"),
        ("https://inside.example/", "fetch.not_public"),
        ("http://photos.example/", "fetch.not_https"),
        ("file:///etc/passwd", "fetch.not_https"),
        ("https://user@photos.example/", "fetch.bad_address"),
        ("https://[", "fetch.bad_address"),
    ],
)
def test_a_redirect_is_judged_like_the_first_url(location: str, why: str, server: HttpsServer) -> None:
    server.answers["/"] = lambda request: request.send(status=302, Location=location)
    fetcher = server.fetcher(resolve=lambda host, _: ["10.0.0.1" if host == "inside.example" else "127.0.0.1"])
    assert reason(fetcher, server.url("/")) == why
    assert len(server.asked) == 1


def test_the_connection_goes_to_the_address_that_was_checked(server: HttpsServer) -> None:
    """A name that answers differently the second time is not asked a second time."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return next(answers)

    server.answers["/"] = lambda request: request.send(b"data")
    assert server.fetcher(resolve=rebinding).fetch(server.url("/"), max_size=SIZE).data == b"data"
    assert asked == [NAME]
    assert server.asked[0].came_to == ("127.0.0.1", server.port)
    assert server.asked[0].headers["Host"] == f"{NAME}:{server.port}"


def test_a_name_that_changes_its_mind_between_redirects_is_refused(server: HttpsServer) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    server.answers["/"] = lambda request: request.send(status=307, Location="/again")
    assert reason(server.fetcher(resolve=lambda *_: next(answers)), server.url("/")) == "fetch.not_public"


def test_an_allowed_network_opens_nothing_else(server: HttpsServer) -> None:
    other = server.fetcher(allowed=(ip_network("127.0.0.9/32"),))
    assert reason(other, server.url("/")) == "fetch.not_public"
    public = server.fetcher(resolve=lambda *_: ["8.8.8.8"])
    assert reason(public, "https://photos.example:8443/") == "fetch.not_public"


def test_a_server_with_another_name_is_refused(server: HttpsServer) -> None:
    assert reason(server.fetcher(), server.url("/", host="other.example")) == "fetch.certificate"


def test_a_server_that_no_authority_vouches_for_is_refused(server: HttpsServer) -> None:
    assert reason(server.fetcher(authorities=None), server.url("/")) == "fetch.certificate"
    assert server.asked == []


# What always ends


def raw(request: Request, headers: bytes, *parts: bytes, pause: float = 0) -> None:
    request.close_connection = True
    request.wfile.write(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n")
    for part in parts:
        request.wfile.write(part)
        time.sleep(pause)


def test_redirects_in_a_circle_end(server: HttpsServer) -> None:
    server.answers["/"] = lambda request: request.send(status=301, Location="/")
    assert reason(server.fetcher(), server.url("/")) == "fetch.redirects"
    assert len(server.asked) == limits.MAX_REDIRECTS + 1


def test_an_endless_body_ends(server: HttpsServer) -> None:
    parts = [b"x" * 10_000] * 100
    server.answers["/"] = lambda request: raw(request, b"Connection: close", *parts)
    assert reason(server.fetcher(), server.url("/")) == "fetch.too_large"


def test_a_body_that_says_that_it_is_too_large_is_not_read(server: HttpsServer) -> None:
    server.answers["/"] = lambda request: raw(request, b"Content-Length: 100001")
    assert reason(server.fetcher(), server.url("/")) == "fetch.too_large"


def test_endless_chunks_without_content_end(server: HttpsServer) -> None:
    chunk = b"1;" + b"x" * 9_000 + b"\r\ny\r\n"
    server.answers["/"] = lambda request: raw(request, b"Transfer-Encoding: chunked", *[chunk] * 100, b"0\r\n\r\n")
    assert reason(server.fetcher(), server.url("/")) == "fetch.too_large"


def test_endless_interim_answers_end(server: HttpsServer) -> None:
    def interim(request: Request) -> None:
        for _ in range(1000):
            request.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX: " + b"x" * 1000 + b"\r\n\r\n")
        request.send(b"data")

    server.answers["/"] = interim
    assert reason(server.fetcher(), server.url("/")) == "fetch.too_large"


def test_oversize_headers_are_refused(server: HttpsServer) -> None:
    server.answers["/"] = lambda request: request.send(b"data", X="x" * limits.MAX_RESPONSE_HEADERS)
    assert reason(server.fetcher(), server.url("/")) == "fetch.broken"


@pytest.mark.parametrize("part", ["body", "headers"])
def test_a_server_that_drips_comes_to_an_end(part: str, server: HttpsServer) -> None:
    """Left alone, the answer would be whole after a hundred seconds, with no pause as long as the limit."""

    def drip(request: Request) -> None:
        head = b"Content-Length: 1000" if part == "body" else b"Content-Length: 1\r\nX: "
        answer = b"HTTP/1.1 200 OK\r\n" + head + (b"\r\n\r\n" if part == "body" else b"")
        request.wfile.write(answer)
        for _ in range(1000):
            request.wfile.write(b"x")
            time.sleep(0.1)
        if part == "headers":
            request.wfile.write(b"\r\n\r\nx")

    server.answers["/"] = drip
    assert reason(server.fetcher(time_limit=1), server.url("/")) == "fetch.too_slow"


def test_a_handshake_that_never_comes_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        fetcher = Fetcher(allowed=(ip_network("127.0.0.1"),), time_limit=0.5)
        assert reason(fetcher, f"https://127.0.0.1:{silent.getsockname()[1]}/") == "fetch.too_slow"


def test_a_resolver_that_never_answers_ends() -> None:
    def sleepy(*_: object) -> list[str]:
        time.sleep(3)
        return ["127.0.0.1"]

    assert reason(Fetcher(resolve=sleepy, time_limit=0.2), "https://photos.example/") == "fetch.no_such_host"


def test_a_compressed_answer_is_refused(server: HttpsServer) -> None:
    server.answers["/"] = lambda request: request.send(b"data", Content_Encoding="gzip")
    assert reason(server.fetcher(), server.url("/")) == "fetch.broken"


@pytest.mark.parametrize(
    ("status", "why"), [(404, "fetch.status"), (206, "fetch.status"), (304, "fetch.status"), (200, "fetch.empty")]
)
def test_an_answer_without_content_has_a_reason(status: int, why: str, server: HttpsServer) -> None:
    server.answers["/"] = lambda request: request.send(status=status)
    assert reason(server.fetcher(), server.url("/")) == why


def test_an_answer_that_breaks_off_is_no_answer(server: HttpsServer) -> None:
    server.answers["/"] = lambda request: raw(request, b"Content-Length: 100", b"half")
    assert reason(server.fetcher(), server.url("/")) == "fetch.broken"


def test_a_server_that_is_not_there_or_has_no_name_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    fetcher = Fetcher(allowed=(ip_network("127.0.0.1"),))
    assert reason(fetcher, f"https://127.0.0.1:{port}/") == "fetch.no_answer"
    with pytest.raises(FetchError, match="no server called nowhere.invalid"):
        fetch("https://nowhere.invalid/", max_size=SIZE)


def test_the_next_address_is_tried_where_the_first_does_not_answer(server: HttpsServer) -> None:
    server.answers["/"] = lambda request: request.send(b"data")
    fetcher = server.fetcher(allowed=(ip_network("127.0.0.0/8"),), resolve=lambda *_: ["127.0.0.2", "127.0.0.1"])
    assert fetcher.fetch(server.url("/"), max_size=SIZE).data == b"data"


# The Link header, RFC 8288

BASE = "https://photos.example/folder/photo.jpg"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<m.c2pa>; rel="c2pa-manifest"', [("https://photos.example/folder/m.c2pa", {"c2pa-manifest"})]),
        ("<m.c2pa>;rel=C2PA-Manifest", [("https://photos.example/folder/m.c2pa", {"c2pa-manifest"})]),
        ("</a,b;c>; rel=x", [("https://photos.example/a,b;c", {"x"})]),
        ("<//other.example/m>; rel=x", [("https://other.example/m", {"x"})]),
        ('<a>; title="one, <two>; rel=three"; rel="x y"', [("https://photos.example/folder/a", {"x", "y"})]),
        (r'<a>; title="\"; rel=z"; rel=x', [("https://photos.example/folder/a", {"x"})]),
        ("<a>; rel=x; rel=y", [("https://photos.example/folder/a", {"x"})]),
        (
            '<a>; rel=x,\t<b> ; rel = "y" ; crossorigin,, <c>',
            [
                ("https://photos.example/folder/a", {"x"}),
                ("https://photos.example/folder/b", {"y"}),
                ("https://photos.example/folder/c", set()),
            ],
        ),
        ('<a>; rel=x; anchor="#part", <b>; rel=y', [("https://photos.example/folder/b", {"y"})]),
        ("<https://[>; rel=x, <b>; rel=y", [("https://photos.example/folder/b", {"y"})]),
        ("a; rel=x", []),
        ("<a; rel=x", []),
        ('<a>; rel="x', [("https://photos.example/folder/a", set())]),
        ("", []),
    ],
)
def test_links_are_read_as_the_standard_says(header: str, expected: list[tuple[str, set[str]]]) -> None:
    assert links_in(header, BASE) == tuple(Link(url, frozenset(relations)) for url, relations in expected)


def test_a_hostile_link_header_is_read_in_one_go() -> None:
    for piece in ("<", "<a>,", "<a>;", ";" * 9, '"', '<a>;x="', "<a>; a=b ", " \t", "\\"):
        links_in(piece * 8000, BASE)
        links_in("<a>" + piece * 8000, BASE)
