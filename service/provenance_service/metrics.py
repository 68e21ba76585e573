"""Figures for Prometheus. No content, no file name and no address of a client is counted."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .upload_slots import UploadSlots
from .workers import Workers

# From an answer without a file to one at the default time limit.
_SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one service."""

    def __init__(self, upload_slots: UploadSlots, workers: Workers) -> None:
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
        uploads.set_function(lambda: upload_slots.taken)
        stopped = Gauge("provenance_workers_stopped", "Workers that a file took down.", registry=self.registry)
        stopped.set_function(lambda: workers.stopped)
        workers.on_source_time = lambda time: self.sources.labels(time.source).observe(time.seconds)
