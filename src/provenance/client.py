"""A client of the service: files out, the same `Report` back. One for plain code, one for asyncio.

    from provenance.client import Client

    with Client("https://provenance.example.org") as client:
        print(client.verify("photo.jpg").conclusion.headline.text)

What may be tried again is tried again: a server that is busy, restarting, or cannot be reached for a moment. Nothing
is sent to anybody but this server.
"""

import asyncio
import ipaddress
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, TypedDict, Unpack
from urllib.parse import urlsplit

from .errors import MissingExtraError, ProvenanceError, SettingError
from .report import Report

try:
    import httpx
except ModuleNotFoundError:
    raise MissingExtraError("provenance.client", "client") from None

__all__ = ["AsyncClient", "Client", "ClientOptions", "JsonObject", "ServiceError", "SignedContent", "Source"]

Source = str | Path | bytes | BinaryIO

# A file at the service's time limit, after others that wait before it.
TIMEOUT: Final = 60.0

# After these a server may answer the same request; each waits about twice as long as the one before.
_AGAIN: Final = (429, 502, 503, 504)
RETRIES: Final = 3
_FIRST_PAUSE: Final = 0.5
MOST_PAUSE: Final = 30.0

# A report with thumbnails has some megabytes; a signed file comes back as large as it went.
_USER_AGENT: Final = "provenance-client"


# Any: what JSON holds is for whoever asked to read.
JsonObject = dict[str, Any]


class ServiceError(ProvenanceError):
    """The service refused, or could not be reached. `problem` is its stable name, such as `too-large`."""

    def __init__(self, message: str, *, status: int | None = None, problem: str = "", number: str = "") -> None:
        super().__init__(message)
        self.status, self.problem, self.number = status, problem, number


@dataclass(frozen=True)
class SignedContent:
    """A signed file: its bytes, media type, manifest, and what whoever signs should know, as keys of sentences."""

    content: bytes
    media_type: str
    manifest_id: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Request:
    path: str
    files: Mapping[str, tuple[str, bytes]] | None = None
    data: Mapping[str, str] | None = None
    json: Mapping[str, str] | None = None


class ClientOptions(TypedDict, total=False):
    """How a client asks: see `Client`."""

    key: str | None
    language: str
    timeout: float
    retries: int
    plain_http: bool


class _Base:
    """What both clients share: requests, and what is read out of answers."""

    def __init__(
        self, server: str, *, key: str | None = None, language: str = "en", timeout: float = TIMEOUT,
        retries: int = RETRIES, plain_http: bool = False,
    ) -> None:  # fmt: skip
        if key is not None and not plain_http and not _is_private(server):
            raise SettingError("the key is not sent over plain http, where others can read it: use https")
        self._retries = retries
        headers = {"User-Agent": _USER_AGENT, "Accept": "application/json", "Accept-Language": language}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        # The environment's proxies and passwords are not for this server.
        self._options: dict[str, Any] = {
            "base_url": server.rstrip("/"), "headers": headers, "timeout": timeout, "trust_env": False,
        }  # fmt: skip

    def _pause(self, attempt: int, answer: "httpx.Response | None") -> float:
        asked = answer.headers.get("retry-after", "") if answer is not None else ""
        if asked.isdecimal():
            return min(float(asked), MOST_PAUSE)
        # Clients that were refused together do not come back together.
        pause = min(_FIRST_PAUSE * 2.0**attempt, MOST_PAUSE)
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret

    def _is_last(self, attempt: int, answer: "httpx.Response | None") -> bool:
        return attempt >= self._retries or (answer is not None and answer.status_code not in _AGAIN)


class Client(_Base):
    """Asks a service, and waits for its answers. Thread-safe; close it, or use it in a `with`.

    `key`: of the client, where the service asks for one. `language`: of the sentences. `timeout`: in seconds.
    `retries`: how often more. `plain_http`: send the key even where everybody on the way can read it.

    Raises `SettingError`.
    """

    def __init__(self, server: str, **options: Unpack[ClientOptions]) -> None:
        super().__init__(server, **options)
        self._client = httpx.Client(**self._options)

    def verify(self, source: Source, *, name: str | None = None) -> Report:
        """The report on a file. Raises `ServiceError`; `OSError` for a path that cannot be read."""
        return _report(self._send(_Request("/v1/verify", {"file": _file(source, name)})))

    def verify_url(self, url: str) -> Report:
        """The report on what lies at an https URL, where the service fetches. Raises `ServiceError`."""
        return _report(self._send(_Request("/v1/verify", json={"url": url})))

    def detect(self, source: Source, *, name: str | None = None) -> list[JsonObject]:
        """What the service's detectors say of a file: estimates that prove nothing. Raises `ServiceError`."""
        return _answers(self._send(_Request("/v1/detect", {"file": _file(source, name)})))

    def compare(self, source: Source, delivered: Source) -> JsonObject:
        """What a delivered copy kept of a file's marks. Raises `ServiceError`."""
        return _object(self._send(_comparison(source, delivered)))

    def sign(
        self, source: Source, facts: Mapping[str, object], *, parent: Source | None = None, name: str | None = None
    ) -> SignedContent:
        """The file, signed by a profile of the service. Needs a key. Raises `ServiceError`."""
        return _signed(self._send(_signing(source, facts, parent, name)))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, request: _Request) -> "httpx.Response":
        for attempt in range(self._retries + 1):
            answer, failure = None, None
            try:
                answer = self._client.post(request.path, files=request.files, data=request.data, json=request.json)
            except httpx.HTTPError as error:
                failure = error
            if (answer is not None and answer.is_success) or self._is_last(attempt, answer):
                break
            time.sleep(self._pause(attempt, answer))
        return _checked(answer, failure)


class AsyncClient(_Base):
    """The same for asyncio."""

    def __init__(self, server: str, **options: Unpack[ClientOptions]) -> None:
        super().__init__(server, **options)
        self._client = httpx.AsyncClient(**self._options)

    async def verify(self, source: Source, *, name: str | None = None) -> Report:
        """The report on a file. Raises `ServiceError`; `OSError` for a path that cannot be read."""
        return _report(await self._send(_Request("/v1/verify", {"file": await asyncio.to_thread(_file, source, name)})))

    async def verify_url(self, url: str) -> Report:
        """The report on what lies at an https URL, where the service fetches. Raises `ServiceError`."""
        return _report(await self._send(_Request("/v1/verify", json={"url": url})))

    async def detect(self, source: Source, *, name: str | None = None) -> list[JsonObject]:
        """What the service's detectors say of a file: estimates that prove nothing. Raises `ServiceError`."""
        file = await asyncio.to_thread(_file, source, name)
        return _answers(await self._send(_Request("/v1/detect", {"file": file})))

    async def compare(self, source: Source, delivered: Source) -> JsonObject:
        """What a delivered copy kept of a file's marks. Raises `ServiceError`."""
        return _object(await self._send(await asyncio.to_thread(_comparison, source, delivered)))

    async def sign(
        self, source: Source, facts: Mapping[str, object], *, parent: Source | None = None, name: str | None = None
    ) -> SignedContent:
        """The file, signed by a profile of the service. Needs a key. Raises `ServiceError`."""
        return _signed(await self._send(await asyncio.to_thread(_signing, source, facts, parent, name)))

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _send(self, request: _Request) -> "httpx.Response":
        for attempt in range(self._retries + 1):
            answer, failure = None, None
            try:
                answer = await self._client.post(
                    request.path, files=request.files, data=request.data, json=request.json
                )
            except httpx.HTTPError as error:
                failure = error
            if (answer is not None and answer.is_success) or self._is_last(attempt, answer):
                break
            await asyncio.sleep(self._pause(attempt, answer))
        return _checked(answer, failure)


def _is_private(server: str) -> bool:
    """Whether nobody on the way can read what is sent: https, or this very machine."""
    try:
        parts = urlsplit(server)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https" or host == "localhost":
        return parts.scheme in ("https", "http")
    try:
        return parts.scheme == "http" and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _file(source: Source, name: str | None = None) -> tuple[str, bytes]:
    """The name and bytes of a file. They are read at once, so that a request can be sent again."""
    if isinstance(source, str | Path):
        return name or Path(source).name, Path(source).read_bytes()
    return name or "file", source if isinstance(source, bytes) else source.read()


def _comparison(source: Source, delivered: Source) -> _Request:
    return _Request("/v1/compare", {"file": _file(source), "delivered": _file(delivered)})


def _signing(source: Source, facts: Mapping[str, object], parent: Source | None, name: str | None) -> _Request:
    files = {"file": _file(source, name)}
    if parent is not None:
        files["parent"] = _file(parent)
    return _Request("/v1/sign", files, {"facts": json.dumps(dict(facts))})


def _checked(answer: "httpx.Response | None", failure: Exception | None) -> "httpx.Response":
    if answer is None:
        raise ServiceError(f"the service cannot be reached ({type(failure).__name__}: {failure})") from None
    if answer.is_success:
        return answer
    try:
        body = answer.json()
        problem, detail = str(body["type"]).rpartition(":")[2], f"{body['title']}: {body['detail']}"
    except (ValueError, KeyError, TypeError):
        problem, detail = "", f"status {answer.status_code}"
    number = answer.headers.get("request-id", "")
    raise ServiceError(detail, status=answer.status_code, problem=problem, number=number)


def _report(answer: "httpx.Response") -> Report:
    try:
        return Report.model_validate_json(answer.content)
    except ValueError as error:
        raise ServiceError(f"this is not the answer of a provenance service ({error.__class__.__name__})") from None


def _object(answer: "httpx.Response") -> JsonObject:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ServiceError("this is not the answer of a provenance service")
    return body


def _answers(answer: "httpx.Response") -> list[JsonObject]:
    answers = _object(answer).get("answers")
    if not isinstance(answers, list):
        raise ServiceError("this is not the answer of a provenance service")
    return answers


def _signed(answer: "httpx.Response") -> SignedContent:
    remarks = answer.headers.get("provenance-remarks", "")
    return SignedContent(
        answer.content,
        answer.headers.get("content-type", ""),
        answer.headers.get("provenance-manifest", ""),
        tuple(remark.strip() for remark in remarks.split(",") if remark.strip()),
    )
