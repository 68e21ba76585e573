"""A limit for the body of every request, counted as it arrives, before anything reads it.

Endpoints that take uploads have limits of their own below this one. Every other address takes a small body, or none.
"""

import time
from typing import Final

from anyio import fail_after
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import RefusedError
from .settings import FORM_OVERHEAD, MAX_JSON, MAX_JSON_TIME, Settings
from .uploads import media_type_of

# Where files are sent; all others take JSON, or a claim to sign, or nothing.
_UPLOADS: Final = frozenset(
    {"/v1/verify", "/v1/detect", "/v1/heatmap", "/v1/compare", "/v1/sign", "/v1/manifests", "/v1/matches/byContent"}
)
_JOBS: Final = "/v1/jobs"


class BodyLimits:
    """Refuses a body as soon as it is larger than its address may take, or a small one takes too long."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        limit, seconds = self._limits(scope["path"], headers)
        declared = headers.get(b"content-length", b"0")
        is_too_large = declared.isdigit() and int(declared[:20]) > limit
        received, complete, started = 0, False, time.monotonic()

        async def counted() -> Message:
            nonlocal received, complete
            if complete:  # the next message is that the client has gone
                return await receive()
            if is_too_large:
                raise RefusedError("too-large", size=limit)
            try:
                with fail_after(None if seconds is None else max(0.0, started + seconds - time.monotonic())):
                    message = await receive()
            except TimeoutError:
                raise RefusedError("too-slow") from None
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                complete = not message.get("more_body", False)
                if received > limit:
                    raise RefusedError("too-large", size=limit)
            return message

        await self._app(scope, counted, send)

    def _limits(self, path: str, headers: dict[bytes, bytes]) -> tuple[int, float | None]:
        """How many bytes, and in how many seconds; those of uploads are timed where they are received."""
        is_json = media_type_of(headers.get(b"content-type", b"").decode("latin-1")) == "application/json"
        if path == _JOBS and not is_json:
            # Each of its files may bring headers; who takes them counts those exactly.
            return 2 * self._settings.max_job + FORM_OVERHEAD, None
        if path in _UPLOADS and not is_json:
            return self._settings.max_upload + FORM_OVERHEAD, None
        return MAX_JSON, MAX_JSON_TIME
