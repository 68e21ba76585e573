"""A number, a line of log, figures and a trace for each request.

No content, no file name and no address of a client is in any of them.
"""

import logging
import sys
import time
from typing import Any, Final
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import Metrics
from .request_id import HEADER, request_id
from .settings import Settings
from .tracing import SourceTime, Tracing, request_source_times

# Paths that nothing answers share one name: probing for addresses must not create new figures.
_UNKNOWN: Final = "(unknown)"


class RequestTelemetry:
    """Numbers, counts, times, logs and traces every request."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, log: Any, tracing: Tracing | None = None) -> None:
        self._app, self._metrics, self._log, self._tracing = app, metrics, log, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number, started, status = str(uuid4()), time.perf_counter(), 500
        began, source_times = time.time_ns(), list[SourceTime]()
        id_token, times_token = request_id.set(number), request_source_times.set(source_times)

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        try:
            await self._app(scope, receive, send_numbered)
        finally:
            request_id.reset(id_token)
            request_source_times.reset(times_token)
            seconds = time.perf_counter() - started
            path, method = getattr(scope.get("route"), "path", _UNKNOWN), scope["method"]
            method = method if method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS") else "other"
            self._metrics.requests.labels(method, path, str(status)).inc()
            self._metrics.seconds.labels(path).observe(seconds)
            self._log.info("request", id=number, method=method, path=path, status=status, seconds=round(seconds, 4))
            if self._tracing is not None:
                attributes = {"http.request.method": method, "http.route": path, "http.response.status_code": status}
                attributes["provenance.request_id"] = number
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
                self._tracing.request(headers, f"{method} {path}", began, attributes, source_times)


def logger_for(settings: Settings) -> Any:
    """Lines of JSON or of text on standard error; none by default, as on a reporter's own machine."""
    if settings.log == "none":
        return structlog.wrap_logger(None, wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    last = (
        structlog.processors.JSONRenderer() if settings.log == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.wrap_logger(
        structlog.PrintLoggerFactory(file=sys.stderr)(),
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.add_log_level, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
