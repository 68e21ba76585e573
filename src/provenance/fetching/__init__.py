"""Fetching from the network: on request only, over https only, from public servers only, within limits.

Nothing in the toolkit opens a connection in another way. What is heavy is loaded with the first fetch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from .. import limits
from ..distribution import VERSION
from ..sentences import say
from .addresses import HTTPS_PORT, Address, Resolver, Target, is_public, system_resolver, target_of
from .errors import FetchError
from .links import Link, links_in

if TYPE_CHECKING:
    import ssl

    import httpcore

__all__ = ["FetchError", "Fetched", "Fetcher", "Link", "fetch"]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Fetched:
    """What a server sent."""

    data: bytes
    url: str  # the one that answered, after redirects
    media_type: str | None  # as the server calls it, which is no proof
    links: tuple[Link, ...]

    def link(self, relation: str) -> str | None:
        """The URL of the first link with this relation, or None."""
        return next((link.url for link in self.links if relation in link.relations), None)


@dataclass(frozen=True)
class Fetcher:
    """Fetches with one set of rules; as it comes, from port 443 of public servers. Thread-safe.

    `allowed` networks may be asked, at any port, although they are not public; `authorities` (PEM) vouch for servers in
    place of those that browsers know. Both are for closed networks and tests, and are given in code only: neither the
    environment nor the command nor the service can set them. `time_limit` is in seconds, for one fetch with all its
    redirects.
    """

    allowed: tuple[IPv4Network | IPv6Network, ...] = ()
    authorities: str | None = None
    resolve: Resolver = system_resolver
    time_limit: float = limits.FETCH_TIME

    def fetch(self, url: str, *, max_size: int, accept: str | None = None) -> Fetched:
        """What is at this URL: up to `max_size` bytes. `accept` is the media type to ask for.

        Raises `FetchError` with the reason: the URL or a redirect leads where nothing is fetched from, the server does
        not answer well, or a limit was reached.
        """
        import httpcore

        from .connection import CheckedNetwork, Ration

        ration = Ration(self.time_limit, limits.MAX_FRAMING * max_size + limits.MAX_RESPONSE_HEADERS)
        network = CheckedNetwork(self.resolve, self._permits, ration)
        pool = httpcore.ConnectionPool(ssl_context=self._ssl_context, network_backend=network)
        with ration.reasons(), pool as connections:
            return self._follow(connections, url, max_size, accept)

    def _follow(self, connections: "httpcore.ConnectionPool", url: str, max_size: int, accept: str | None) -> Fetched:
        for _ in range(limits.MAX_REDIRECTS + 1):
            target = target_of(url)
            if target.port != HTTPS_PORT and not self.allowed:
                raise FetchError(say("fetch.port"))
            answer = _ask(connections, target, max_size, accept)
            if isinstance(answer, Fetched):
                return answer
            url = answer
        raise FetchError(say("fetch.redirects", count=limits.MAX_REDIRECTS))

    def _permits(self, address: Address, port: int) -> bool:
        return (port == HTTPS_PORT and is_public(address)) or any(address in network for network in self.allowed)

    @cached_property
    def _ssl_context(self) -> "ssl.SSLContext":
        import ssl

        import certifi

        # Named outright: without them the environment could put other authorities in their place.
        if self.authorities is None:
            return ssl.create_default_context(cafile=certifi.where())
        return ssl.create_default_context(cadata=self.authorities)


def fetch(url: str, *, max_size: int, accept: str | None = None) -> Fetched:
    """What is at this https URL of a public server: up to `max_size` bytes. Raises `FetchError` with the reason."""
    return Fetcher().fetch(url, max_size=max_size, accept=accept)


def _ask(connections: "httpcore.ConnectionPool", target: Target, max_size: int, accept: str | None) -> Fetched | str:
    """One request: what came, or the URL to which the server sends on."""
    import httpcore

    url = httpcore.URL(scheme="https", host=target.host, port=target.port, target=target.path)
    with connections.stream("GET", url, headers=_request_headers(target, accept)) as response:
        headers = _Headers(response.headers)
        locations = headers.all("location")
        if response.status in _REDIRECTS and locations:
            return _joined(target.url, locations[0])
        if response.status != 200:
            raise FetchError(say("fetch.status", status=response.status))
        # Compression was not asked for, and could hide a bomb.
        if headers.size > limits.MAX_RESPONSE_HEADERS or set(headers.all("content-encoding")) - {"identity"}:
            raise FetchError(say("fetch.broken"))
        data = _body(response.iter_stream(), max_size, headers.all("content-length"))
    types = headers.all("content-type")
    return Fetched(
        data=data,
        url=target.url,
        media_type=types[0].partition(";")[0].strip().lower() if types else None,
        links=tuple(link for value in headers.all("link") for link in links_in(value, target.url)),
    )


class _Headers:
    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._fields = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw]
        self.size = sum(len(name) + len(value) for name, value in self._fields)

    def all(self, name: str) -> list[str]:
        return [value for field, value in self._fields if field == name]


def _request_headers(target: Target, accept: str | None) -> list[tuple[bytes | str, bytes | str]]:
    return [
        ("Host", target.authority),
        ("User-Agent", f"provenance/{VERSION}"),
        ("Accept", f"{accept}, */*;q=0.1" if accept else "*/*"),
        ("Accept-Encoding", "identity"),
    ]


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        raise FetchError(say("fetch.bad_address")) from None


def _body(chunks: Iterable[bytes], max_size: int, announced: list[str]) -> bytes:
    if any(length.isdecimal() and int(length) > max_size for length in announced):
        raise FetchError(say("fetch.too_large", size=max_size))
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > max_size:
            raise FetchError(say("fetch.too_large", size=max_size))
    if not data:
        raise FetchError(say("fetch.empty"))
    return bytes(data)
