"""What may be asked: https URLs of public servers. Names are resolved here, once, and what they lead to is judged."""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread
from typing import Final
from urllib.parse import quote, urlsplit

from .. import limits
from ..sentences import say
from .errors import FetchError

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Iterable[str]]

HTTPS_PORT: Final = 443

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f\\]")
# What stands in a path or a query as it is; the percent sign because the URL is quoted already.
_AS_IT_IS: Final = "/%:@!$&'()*+,;=~-._"

# All that IANA has given out to servers; what lies outside is reserved, local, or IPv4 in disguise.
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
_NAT64: Final = ip_network("64:ff9b::/96")
# Not public for this purpose, though not every version of `ipaddress` says so.
_REFUSED: Final = (
    ip_network("192.0.0.0/24"),  # protocol assignments, one of them a metadata service
    ip_network("192.88.99.0/24"),  # the way into 6to4
    ip_network("168.63.129.16/32"),  # the host under a virtual machine on Azure
    ip_network("2001::/23"),  # protocol assignments, among them Teredo
    ip_network("3fff::/20"),  # documentation
)


@dataclass(frozen=True)
class Target:
    """One https URL, taken apart once, so that what is checked is what is asked."""

    host: str
    port: int
    path: str  # with the query, quoted

    @property
    def authority(self) -> str:
        """The `Host` of the request."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS_PORT else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL in its one plain form, without a fragment."""
        return f"https://{self.authority}{self.path}"


def target_of(url: str) -> Target:
    """Takes a URL apart. Raises `FetchError` for one that is not https, is malformed, or holds a user or a password."""
    if len(url) > limits.MAX_URL_LENGTH or _UNFIT.search(url):
        raise FetchError(say("fetch.bad_address"))
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or HTTPS_PORT
    except ValueError:
        raise FetchError(say("fetch.bad_address")) from None
    if parts.scheme != "https":
        raise FetchError(say("fetch.not_https"))
    if "@" in parts.netloc or not (_is_name(host) or _literal(host)):
        raise FetchError(say("fetch.bad_address"))
    path = quote(parts.path or "/", safe=_AS_IT_IS)
    query = f"?{quote(parts.query, safe=_AS_IT_IS + '?')}" if parts.query else ""
    return Target(host, port, path + query)


def is_public(address: Address) -> bool:
    """Whether an address belongs to a server on the open internet, also under the disguises of IPv4 in IPv6."""
    if isinstance(address, IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour
        if hidden is None and address in _NAT64:
            hidden = IPv4Address(address.packed[-4:])
        if hidden is not None:
            return is_public(hidden)
        if address not in _GLOBAL_UNICAST or address.scope_id is not None:
            return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _REFUSED)


def addresses_of(host: str, port: int, resolve: Resolver, seconds: float) -> list[Address]:
    """The addresses behind a host. Raises `FetchError` where there are none, or none within these seconds."""
    if literal := _literal(host):
        return [literal]
    addresses: list[Address] = []

    def look_up() -> None:
        try:
            addresses.extend(ip_address(literal) for literal in resolve(host, port))
        except (OSError, ValueError):
            addresses.clear()

    # The system's resolver knows no time limit. A thread that it holds is left behind.
    thread = Thread(target=look_up, daemon=True, name="provenance-resolver")
    thread.start()
    thread.join(seconds)
    if thread.is_alive() or not addresses:
        raise FetchError(say("fetch.no_such_host", host=host))
    return addresses


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses that this machine's resolver gives for a name. Raises `OSError` where it knows none."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in entries))


def _is_name(host: str) -> bool:
    """Whether this is a name in the DNS; 2130706433 and 0x7f.1 are numbers that systems read as IPv4 addresses."""
    labels = host.split(".")
    return len(host) <= 253 and all(map(_LABEL.fullmatch, labels)) and not _NUMBER.fullmatch(labels[-1])


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
