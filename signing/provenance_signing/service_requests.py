"""Asking a configured service by HTTP POST, with an end to the time and the bytes that its answer takes."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import httpcore

from provenance.fetching import FetchError
from provenance.fetching.addresses import system_resolver
from provenance.fetching.connection import CheckedNetwork, Ration
from provenance.limits import MAX_FRAMING, MAX_RESPONSE_HEADERS
from provenance.sentences import say


def post(url: str, content: bytes, headers: Mapping[str, str], *, max_size: int, seconds: float) -> bytes:
    """The body of a service's answer 200: up to `max_size` bytes, within these seconds. Redirects are not followed.

    The service was chosen by whoever configured it, and so may be on a private network. Raises `FetchError` with the
    reason, which holds neither headers nor content.
    """
    ration = Ration(seconds, MAX_FRAMING * max_size + MAX_RESPONSE_HEADERS)
    network = CheckedNetwork(system_resolver, lambda *_: True, ration)
    sent = [("Host", urlsplit(url).netloc), *headers.items()]
    with (
        ration.reasons(),
        httpcore.ConnectionPool(network_backend=network) as pool,
        pool.stream("POST", url, headers=sent, content=content) as response,
    ):
        if response.status != 200:
            raise FetchError(say("fetch.status", status=response.status))
        return _body(response, max_size)


def service_url(url: str) -> SplitResult:
    """A service's address, taken apart. Raises `ValueError` for what is none, or holds a user or a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address of a service begins with https:// or http://")
    if "@" in parts.netloc:
        raise ValueError("the address of a service holds no user and no password: it appears in messages")
    if not url.isascii() or not url.isprintable() or " " in url or parts.port == 0:
        raise ValueError("this is no address of a service")
    return parts


def is_this_machine(host: str) -> bool:
    """Whether this host is a loopback address, over which nobody else listens."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _body(response: httpcore.Response, max_size: int) -> bytes:
    answer = b""
    for chunk in response.iter_stream():
        answer += chunk
        if len(answer) > max_size:
            raise FetchError(say("fetch.too_large", size=max_size))
    if not answer:
        raise FetchError(say("fetch.empty"))
    return answer
