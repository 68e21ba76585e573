"""Time stamps from authorities that fail in every way, and the address on this machine that the engine asks."""

import http.client
from urllib.parse import urlsplit

import c2pa
import pytest
import rfc3161_client
from pydantic import ValidationError

from provenance.sources.c2pa.der import SEQUENCE, encoded, integer
from provenance_signing.errors import TimeStampError
from provenance_signing.keys.development import create_tsa
from provenance_signing.keys.development_tsa import DevelopmentTsa
from provenance_signing.rfc3161 import rejected
from provenance_signing.time_stamps import TimeStamps

from .directly import signed_jpeg
from .servers import drip, hang, send, serving
from .time_stamp_query import query


@pytest.fixture(scope="module")
def tsa(tmp_path_factory):
    with DevelopmentTsa(create_tsa(tmp_path_factory.mktemp("tsa")).folder) as running:
        yield running


def test_an_authority_stamps_time(tsa):
    answer = TimeStamps(url=tsa.url).ask(query())
    assert rfc3161_client.decode_timestamp_response(answer).status == rfc3161_client.PKIStatus.GRANTED


def test_an_authority_that_is_down_gives_no_time_stamp(listener):
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(TimeStampError, match="no time stamp. The server did not answer"):
        TimeStamps(url=f"http://127.0.0.1:{port}/").ask(query())


@pytest.mark.parametrize("answer", [hang, drip(b"HTTP/1.1 200 OK\r\n\r\n", b"0")], ids=["hangs", "drips"])
def test_an_authority_that_never_comes_to_an_end_is_left_at_the_time_limit(answer):
    with serving(answer) as url, pytest.raises(TimeStampError, match=r"longer than 0\.3 seconds"):
        TimeStamps(url=url, time_limit=0.3).ask(query())


REFUSED = rejected("time_not_available")
WAITING, EMPTY, UNHEARD_OF = (encoded(SEQUENCE, encoded(SEQUENCE, integer(state))) for state in (3, 0, -1))


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b"oh", 500, "error code 500"),
        (b"", 302, "error code 302"),
        (bytes(65 * 1024), 200, "larger than 65536 bytes"),
        (b"", 200, "sent nothing"),
        (b"<html>Welcome to our network</html>", 200, "cannot be read as a time stamp"),
        (REFUSED, 200, r"refused it \(time not available\)"),
        (WAITING, 200, r"refused it \(waiting\)"),
        (EMPTY, 200, "cannot be read as a time stamp"),
        (UNHEARD_OF, 200, "cannot be read as a time stamp"),
    ],
    ids=[
        "500",
        "redirect",
        "too large",
        "empty",
        "web page",
        "refused",
        "waiting",
        "granted without a stamp",
        "no such state",
    ],
)
def test_an_answer_that_is_no_time_stamp_is_an_error_that_says_why(answer, status, said):
    with (
        serving(lambda request, _: send(request, answer, status=status, Location="/other")) as url,
        pytest.raises(TimeStampError, match=said) as caught,
    ):
        TimeStamps(url=url).ask(query())
    assert url in str(caught.value)


@pytest.mark.parametrize("other", [{"nonce": 1}, {"nonce": None}, "message"])
def test_a_time_stamp_for_another_query_is_refused(tsa, other):
    stale = tsa.answer(query(bytes(32), nonce=4711) if other == "message" else query(**other))
    with (
        serving(lambda request, _: send(request, stale)) as url,
        pytest.raises(TimeStampError, match="to another query"),
    ):
        TimeStamps(url=url).ask(query(nonce=4711))


def test_the_engine_is_told_of_a_failure_at_once_and_the_reason_is_kept(credential):
    with (
        serving(hang) as url,
        TimeStamps(url=url, time_limit=0.3).relayed() as relay,
        pytest.raises(c2pa.C2paError),
    ):
        signed_jpeg(credential, tsa_url=relay.url)
    assert "longer than 0.3 seconds" in str(relay.failure)


def test_garbage_from_the_authority_reaches_no_signature(credential):
    with (
        serving(lambda request, _: send(request, b"garbage")) as url,
        TimeStamps(url=url).relayed() as relay,
        pytest.raises(c2pa.C2paError),
    ):
        signed_jpeg(credential, tsa_url=relay.url)
    assert "cannot be read as a time stamp" in str(relay.failure)


def test_nobody_else_on_this_machine_gets_time_stamps_by_the_address(tsa):
    with TimeStamps(url=tsa.url).relayed() as relay:
        address = urlsplit(relay.url)
        for path in ("/", "/guess"):
            connection = http.client.HTTPConnection(address.netloc, timeout=5)
            connection.request("POST", path, query())
            assert connection.getresponse().status == 404
    with pytest.raises(OSError):
        http.client.HTTPConnection(address.netloc, timeout=5).connect()


@pytest.mark.parametrize(
    "url", ["tsa.example.org", "ftp://tsa.example.org", "http://", "http://user:pw@tsa.example.org", "http://a:99999/"]
)
def test_an_address_that_cannot_be_asked_is_refused_when_it_is_configured(url):
    with pytest.raises(ValidationError):
        TimeStamps(url=url)
