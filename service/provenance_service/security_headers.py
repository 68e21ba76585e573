"""The headers that keep a browser from doing more than it must with what the service sends."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provenance.render.html import STYLE_HASH

_NOWHERE: Final = "base-uri 'none'; frame-ancestors 'none'"

# The report's own style sheet is allowed on the page too: the page parses the whole report to take its answer out.
PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": f"default-src 'none'; script-src 'self'; style-src 'self' '{STYLE_HASH}'; "
    f"img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; {_NOWHERE}",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}

# A report has one style sheet of its own, pictures inside it, and nothing else.
REPORT_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": f"default-src 'none'; style-src '{STYLE_HASH}'; img-src data:; "
    f"form-action 'none'; {_NOWHERE}",
}


class SecurityHeaders:
    """Sets the headers on every answer that does not bring its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PAGE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
