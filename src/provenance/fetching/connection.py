"""Connections to addresses that were checked, with an end to the time and the bytes that they take."""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import httpcore

from .. import limits
from ..sentences import say
from .addresses import Address, Resolver, addresses_of
from .errors import FetchError


class Ration:
    """What one fetch may still take, over all its redirects: seconds, and bytes from the network."""

    def __init__(self, seconds: float, size: int) -> None:
        self._seconds, self._end = seconds, time.monotonic() + seconds
        self._size, self._bytes_left = size, size

    def seconds_left(self) -> float:
        """The time that is left. Raises `FetchError` where there is none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.too_slow()
        return left

    def take(self, size: int) -> None:
        """Counts bytes that came. Raises `FetchError` where they are too many."""
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise FetchError(say("fetch.too_large", size=self._size))

    def too_slow(self) -> FetchError:
        return FetchError(say("fetch.too_slow", seconds=f"{self._seconds:g}"))

    @contextmanager
    def reasons(self) -> Iterator[None]:
        """Turns what a connection raises into a `FetchError` with the reason."""
        try:
            yield
        except httpcore.TimeoutException:
            raise self.too_slow() from None
        except httpcore.ConnectError:
            raise FetchError(say("fetch.no_answer")) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise FetchError(say("fetch.broken")) from None


class CheckedNetwork(httpcore.NetworkBackend):
    """Resolves a name once, checks every address behind it, and connects to one that was checked.

    Where any address is not permitted none is asked: a public name with a private address is a mistake or an attack.
    """

    def __init__(self, resolve: Resolver, permitted: Callable[[Address, int], bool], ration: Ration) -> None:
        self._resolve, self._permitted, self._ration = resolve, permitted, ration
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the ration stands above it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = addresses_of(host, port, self._resolve, self._ration.seconds_left())
        if not all(self._permitted(address, port) for address in addresses):
            raise FetchError(say("fetch.not_public", host=host))
        for address in addresses[: limits.MAX_ADDRESSES]:
            seconds = min(limits.CONNECT_TIME, self._ration.seconds_left())
            try:
                stream = self._sockets.connect_tcp(str(address), port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            if ip_address(stream.get_extra_info("server_addr")[0]) != address:
                stream.close()
                break
            return _RationedStream(stream, self._ration)
        raise FetchError(say("fetch.no_answer"))


class _RationedStream(httpcore.NetworkStream):
    """A connection whose every step draws on the same ration, so that a server that drips comes to an end too."""

    def __init__(self, stream: httpcore.NetworkStream, ration: Ration) -> None:
        self._stream, self._ration = stream, ration
        self.close, self.get_extra_info = stream.close, stream.get_extra_info  # type: ignore[method-assign]

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        data = self._stream.read(max_bytes, self._ration.seconds_left())
        self._ration.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._ration.seconds_left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        try:
            secured = self._stream.start_tls(ssl_context, server_hostname, self._ration.seconds_left())
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise FetchError(say("fetch.certificate")) from None
            raise
        return _RationedStream(secured, self._ration)
