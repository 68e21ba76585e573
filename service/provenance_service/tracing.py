"""OpenTelemetry: a span for each request and for each source of evidence, sent to a collector where one is named.

Without a collector nothing of it is loaded. Spans have what the log has: no content, no file name, no client.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from provenance.distribution import VERSION
from provenance.errors import MissingExtraError

# A collector that is away must not fill the memory; the exporter's own time limit, in seconds.
MAX_WAITING: Final = 2048
SEND_TIME_LIMIT: Final = 5

_SECOND: Final = 1_000_000_000


@dataclass(frozen=True)
class SourceTime:
    """How long a source took for an asset; times in nanoseconds since 1970."""

    source: str
    started: int
    ended: int

    @classmethod
    def just_ended(cls, source: str, seconds: float) -> "SourceTime":
        """One that ended now."""
        now = time.time_ns()
        return cls(source, now - int(seconds * _SECOND), now)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.started) / _SECOND


request_source_times: Final[ContextVar[list[SourceTime] | None]] = ContextVar("request_source_times", default=None)
"""How long the sources took for the current request."""


class Tracing:
    """Sends spans to a collector at this address, such as http://127.0.0.1:4318. Raises `MissingExtraError`."""

    def __init__(self, collector: str) -> None:
        try:
            from opentelemetry import trace
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ModuleNotFoundError:
            raise MissingExtraError("OpenTelemetry", "telemetry") from None
        # A collector that is away is the operator's to see elsewhere; each try would be a traceback in the log.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        service = {"service.name": "provenance", "service.version": VERSION}
        self._provider = TracerProvider(resource=Resource(service))
        exporter = OTLPSpanExporter(f"{collector.rstrip('/')}/v1/traces", timeout=SEND_TIME_LIMIT)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=MAX_WAITING))
        self._tracer = self._provider.get_tracer("provenance")
        self._carried, self._trace = TraceContextTextMapPropagator(), trace

    def request(
        self,
        headers: Mapping[str, str],
        name: str,
        started: int,
        attributes: Mapping[str, Any],
        sources: Iterable[SourceTime],
    ) -> None:
        """A request that ended now, with the times of its sources. `headers` may name the caller's own span."""
        context = self._carried.extract(dict(headers))
        span = self._tracer.start_span(
            name, context, kind=self._trace.SpanKind.SERVER, attributes=dict(attributes), start_time=started
        )
        within = self._trace.set_span_in_context(span, context)
        for source in sources:
            self._tracer.start_span(source.source, within, start_time=source.started).end(source.ended)
        span.end()

    def stop(self) -> None:
        """Sends what waits."""
        self._provider.shutdown()
