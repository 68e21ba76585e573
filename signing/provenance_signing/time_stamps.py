"""Time stamps: RFC 3161 answers from a configured authority, within limits, and what happens where none comes.

NOTE: c2pa-rs (0.91) asks the authority itself, and waits without an end for one that does not answer. It is therefore
given an address on this machine, which exists while one asset is signed, and passes on what `TimeStamps.ask` gets.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from provenance.fetching import FetchError

from . import limits
from .errors import TimeStampError
from .rfc3161 import problem
from .service_requests import post, service_url
from .time_stamp_http import QUERY_TYPE, REPLY_TYPE, send_reply


class IfUnavailable(StrEnum):
    """What happens where the authority gives no time stamp."""

    FAIL = "fail"
    SIGN_WITHOUT = "sign-without"


class TimeStamps(BaseModel):
    """A time stamping authority (RFC 3161), and what happens where it gives no time stamp."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    if_unavailable: IfUnavailable = IfUnavailable.FAIL
    time_limit: float = Field(default=limits.TIME_STAMP_TIME, gt=0, le=300)

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        service_url(url)
        return url

    def ask(self, query: bytes) -> bytes:
        """The authority's answer to a query, both in DER (RFC 3161, section 3.4).

        Raises `TimeStampError` where it is no time stamp for this query.
        """
        headers = {"Content-Type": QUERY_TYPE, "Accept": REPLY_TYPE}
        try:
            answer = post(self.url, query, headers, max_size=limits.MAX_TIME_STAMP_ANSWER, seconds=self.time_limit)
        except FetchError as error:
            raise TimeStampError(f"{self.url}: no time stamp. {error}") from None
        if (why := problem(query, answer)) is not None:
            raise TimeStampError(f"{self.url}: no time stamp. {why}")
        return answer

    @contextmanager
    def relayed(self) -> "Iterator[Relay]":
        """An address on this machine that passes queries on to the authority, as long as this context lasts."""
        relay = Relay(self)
        thread = threading.Thread(target=relay.server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            relay.server.shutdown()
            relay.server.server_close()
            thread.join()


class Relay:
    """What the engine asks in place of the authority, and why it got no answer, where it got none.

    Its address holds a secret, so that nobody else on this machine gets time stamps at the authority's customer's cost.
    """

    def __init__(self, authority: TimeStamps) -> None:
        self.failure: TimeStampError | None = None
        path = f"/{secrets.token_urlsafe(16)}"
        relay = self

        class RelayHandler(BaseHTTPRequestHandler):
            timeout = authority.time_limit

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                if self.path != path or length > limits.MAX_TIME_STAMP_ANSWER:
                    self.send_error(404)
                    return
                try:
                    answer = authority.ask(self.rfile.read(length))
                except TimeStampError as error:
                    relay.failure = error
                    self.send_error(502)
                    return
                send_reply(self, answer)

            def log_message(self, *_: Any) -> None:
                """Says nothing: what failed is told by `failure`."""

        self.server = HTTPServer(("127.0.0.1", 0), RelayHandler)
        self.url = f"http://127.0.0.1:{self.server.server_port}{path}"
