"""Signing inside a web service: an ASGI middleware that signs what a generating service answers, by route.

app = SigningMiddleware(app, routes={"/images": SigningRule(signer, facts={"model": "Example Model"})})

A response is held until it is signed. What cannot be signed does not go out: the client gets status 500, and the log
the reason. Runs on asyncio.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from .. import limits
from ..signer import Signer
from .held_response import HeldResponse, Message, Send
from .routes import IfUnsigned, Routes, Scope, SigningRule

__all__ = ["IfUnsigned", "SigningMiddleware", "SigningRule"]

_log: Final = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[Message]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# A part of a file cannot be signed, so that none is asked for: a server may always answer with the whole.
_ASKING_FOR_PARTS: Final = frozenset({b"range", b"if-range"})

# By these a server sends files that no middleware sees.
_UNSEEN: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


class SigningMiddleware:
    """Signs the successful responses of an ASGI application, by route.

    `routes`: by a path, which stands for all below it, or by a template such as `/images/{name}`, each of whose parts
    is one segment. Where several match, the one with more plain letters counts. Other paths are left alone.
    `max_size`, in bytes, and `time_limit`, in seconds from a response's beginning to its end: what goes beyond cannot
    be signed. Nor can event streams, compressed or partial responses, JSON, and content of another type than its
    headers say.

    Raises `SettingError` for a route that is none.
    """

    def __init__(
        self,
        app: App,
        *,
        routes: Mapping[str, Signer | SigningRule],
        max_size: int = limits.MAX_RESPONSE,
        time_limit: float = limits.RESPONSE_TIME,
    ) -> None:
        self.app, self._routes = app, Routes.of(routes)
        self._max_size, self._time_limit = max_size, time_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, as ASGI 3 has it."""
        rule = self._routes.rule_for(scope) if scope["type"] == "http" and scope["method"] != "OPTIONS" else None
        if rule is None:
            await self.app(scope, receive, send)
            return
        # The application gets this very mapping, so that what it leaves in its `state` reaches the rule's facts.
        asked = {
            **scope,
            "headers": [header for header in scope["headers"] if header[0].lower() not in _ASKING_FOR_PARTS],
            "extensions": {k: v for k, v in (scope.get("extensions") or {}).items() if k not in _UNSEEN},
        }
        response = HeldResponse(rule, asked, send, max_size=self._max_size, time_limit=self._time_limit)
        try:
            await self.app(asked, receive, response.send)
        except Exception:
            if not response.refused:
                raise
            _log.debug("the application was stopped, for its response was refused", exc_info=True)
