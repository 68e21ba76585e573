"""What the operator sees: a number for each request, figures for Prometheus, and a line of log for each answer.

No content, no file name and no address of a client is logged or counted.
"""

import logging
import math
import sys
import time
from typing import Any, Final
from uuid import uuid4

import structlog
from anyio import to_thread
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .jobs.jobs import Jobs
from .numbering import HEADER, request_id
from .service import Service
from .settings import Settings
from .storage import StorageError
from .tracing import SourceTime, Tracing, asked_sources
from .uploads import Places
from .workers import Workers

# From an answer without a file to one at the default time limit.
_SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

# Paths that nothing answers share one name: whoever tries addresses must not make new figures.
_UNKNOWN: Final = "(unknown)"


class Metrics:
    """The figures of one service."""

    def __init__(self, places: Places, workers: Workers) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "path", "status")
        self.requests = Counter("provenance_requests", "Answers given.", labels, registry=self.registry)
        self.seconds = Histogram(
            "provenance_request_seconds", "From the first byte of a request to the last of its answer.", ("path",),
            registry=self.registry, buckets=_SECONDS,
        )  # fmt: skip
        self.decisions = Counter(
            "provenance_detector_answers", "What detectors said, abstentions among them.", ("detector", "decision"),
            registry=self.registry,
        )  # fmt: skip
        self.sources = Histogram(
            "provenance_source_seconds", "How long each source of evidence took for a file.", ("source",),
            registry=self.registry, buckets=_SECONDS,
        )  # fmt: skip
        self.waiting = Gauge("provenance_job_items_waiting", "Items of jobs that wait.", registry=self.registry)
        uploads = Gauge("provenance_uploads", "Files that are being received or examined.", registry=self.registry)
        uploads.set_function(lambda: places.taken)
        stopped = Gauge("provenance_workers_stopped", "Workers that a file took down.", registry=self.registry)
        stopped.set_function(lambda: workers.stopped)


class Observed:
    """Numbers, counts, times, logs and traces every request."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, log: Any, tracing: Tracing | None = None) -> None:
        self._app, self._metrics, self._log, self._tracing = app, metrics, log, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number, started, status = str(uuid4()), time.perf_counter(), 500
        token, began, sources = request_id.set(number), time.time_ns(), list[SourceTime]()
        asked = asked_sources.set(sources)

        async def send_numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        try:
            await self._app(scope, receive, send_numbered)
        finally:
            request_id.reset(token)
            asked_sources.reset(asked)
            seconds = time.perf_counter() - started
            path, method = getattr(scope.get("route"), "path", _UNKNOWN), scope["method"]
            method = method if method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS") else "other"
            self._metrics.requests.labels(method, path, str(status)).inc()
            self._metrics.seconds.labels(path).observe(seconds)
            self._log.info("request", id=number, method=method, path=path, status=status, seconds=round(seconds, 4))
            if self._tracing is not None:
                about = {"http.request.method": method, "http.route": path, "http.response.status_code": status}
                about["provenance.request_id"] = number
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
                self._tracing.request(headers, f"{method} {path}", began, about, sources)


def add_observing(app: FastAPI, service: Service, jobs: Jobs) -> Metrics:
    """Adds the figures, the log, the traces, `/metrics` unless it is switched off, and `/readyz`."""
    settings, places, workers = service.settings, service.places, service.workers
    metrics = Metrics(places, workers)
    workers.timed = lambda each: metrics.sources.labels(each.source).observe(each.seconds)
    app.add_middleware(Observed, metrics=metrics, log=_logger(settings), tracing=service.tracing)

    @app.get(
        "/readyz",
        summary="Whether a file would be examined now",
        responses={503: {"description": "Not now.", "model": dict[str, str]}},
    )
    async def ready(response: Response) -> dict[str, str]:
        """503 while all places for uploads are taken, or no worker answers: ask another instance.

        `storage` that is unavailable is said, and is no reason to send nothing more: files are examined without it.
        """
        storage = "ok" if await to_thread.run_sync(service.storage.answers) else "unavailable"
        if places.left and await workers.answer():
            return {"status": "ok", "storage": storage}
        response.status_code = 503
        return {"status": "busy", "storage": storage}

    if settings.metrics:

        @app.get("/metrics", summary="Figures for Prometheus", response_class=Response)
        async def figures() -> Response:
            metrics.waiting.set(await to_thread.run_sync(_waiting, jobs))
            return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return metrics


def _waiting(jobs: Jobs) -> float:
    """How many items wait; no number where the storage does not answer."""
    try:
        return jobs.waiting()
    except StorageError:
        return math.nan


def _logger(settings: Settings) -> Any:
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
