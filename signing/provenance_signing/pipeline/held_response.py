"""A response that is held until it is signed, let out as it is, or refused."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from provenance.errors import ProvenanceError

from ..signer import SignArguments, Signed
from .responses import (
    CannotBeSignedError,
    check_content,
    check_response,
    header,
    media_type_of,
    name_for,
    signed_headers,
    without_stale,
)
from .routes import IfUnsigned, Scope, SigningRule

_log: Final = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_NO_OUTPUT: Final = (204, 205)  # RFC 9110: successful, and without content


class NobodyListensError(OSError):
    """The response is over. ASGI 2.4 has servers raise an `OSError` from `send` then, and applications end."""


class HeldResponse:
    """One response of an application. `max_size` and `time_limit` are those of `SigningMiddleware`."""

    def __init__(self, rule: SigningRule, scope: Scope, send: Send, *, max_size: int, time_limit: float) -> None:
        self._rule, self._scope, self._send = rule, scope, send
        self._max_size, self._time_limit = max_size, time_limit
        self._start: Message = {}
        self._body = bytearray()
        self._deadline = 0.0
        self._held = False
        self.refused = False

    async def send(self, message: Message) -> None:
        """Takes a message of the application to the server."""
        if self.refused:
            raise NobodyListensError
        if message["type"] == "http.response.start":
            await self._begin({**message, "headers": [(bytes(k), bytes(v)) for k, v in message.get("headers", ())]})
        elif message["type"] == "http.response.body" and self._held:
            await self._go_on(message)
        else:
            await self._send(message)

    async def _begin(self, start: Message) -> None:
        status, headers = start["status"], start["headers"]
        if self._scope["method"] == "HEAD":
            await self._send({**start, "headers": without_stale(headers)})
            return
        nothing = not 200 <= status < 300 or status in _NO_OUTPUT or header(headers, b"content-length") == "0"
        if nothing or media_type_of(headers) in self._rule.leave_out:
            await self._send(start)
            return
        self._start, self._held = start, True
        self._deadline = asyncio.get_running_loop().time() + self._time_limit
        try:
            check_response(status, headers)
        except CannotBeSignedError as error:
            await self._not_signed(str(error), more=True)

    async def _go_on(self, message: Message) -> None:
        self._body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(self._body) > self._max_size:
            await self._not_signed(f"it is larger than {self._max_size} bytes", more=more)
        elif asyncio.get_running_loop().time() > self._deadline:
            await self._not_signed(f"it took longer than {self._time_limit:g} seconds", more=more)
        elif not more:
            await self._finish()

    async def _finish(self) -> None:
        if not self._body:
            await self._release(more=False)
            return
        try:
            signed = await asyncio.to_thread(self._signed)
        except (ProvenanceError, CannotBeSignedError) as error:
            await self._not_signed(str(error), more=False)
        except Exception as error:  # whatever it is, nothing goes out unsigned
            _log.debug("signing a response failed", exc_info=True)
            await self._not_signed(f"{type(error).__name__}: {error}", more=False)
        else:
            body = signed.data or b""
            headers = signed_headers(self._start["headers"], length=len(body), manifest_id=signed.manifest_id)
            self._held = False
            await self._send({**self._start, "headers": headers})
            await self._send({"type": "http.response.body", "body": body})

    def _signed(self) -> Signed:
        headers = self._start["headers"]
        facts = self._rule.facts
        if callable(facts):
            facts = facts(self._scope, {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in headers})
        arguments: SignArguments = {**facts, "name": name_for(media_type_of(headers))}
        signed = self._rule.signer.sign(bytes(self._body), **arguments)
        check_content(headers, signed.media_type)
        return signed

    async def _not_signed(self, reason: str, *, more: bool) -> None:
        path = self._scope["path"]
        if self._rule.if_unsigned == IfUnsigned.PASS:
            _log.warning("%r: the response went out unsigned: %s", path, reason)
            await self._release(more=more)
            return
        _log.error("%r: the response was refused, for it cannot be signed: %s", path, reason)
        self.refused = True
        await self._send({"type": "http.response.start", "status": 500, "headers": _PROBLEM_HEADERS})
        await self._send({"type": "http.response.body", "body": _PROBLEM})

    async def _release(self, *, more: bool) -> None:
        """Lets out what was held, as it is; what follows passes."""
        self._held = False
        await self._send(self._start)
        if self._body or not more:
            await self._send({"type": "http.response.body", "body": bytes(self._body), "more_body": more})


# RFC 9457. The reason is for the log: it may tell of keys, services and prompts.
_PROBLEM: Final = json.dumps(
    {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "The response could not be signed, and was withheld.",
    }
).encode()
_PROBLEM_HEADERS: Final = [
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_PROBLEM)).encode()),
    (b"cache-control", b"no-store"),
]
