"""Whether the service lives, and whether it could examine a file now; and its figures."""

import math

from anyio import to_thread
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ..jobs.jobs import Jobs
from ..metrics import Metrics
from ..service import Service
from ..storage import StorageError


def add_health(app: FastAPI, service: Service, jobs: Jobs, metrics: Metrics) -> None:
    """Adds `/readyz`, `/healthz`, and `/metrics` unless it is switched off."""

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
        if service.upload_slots.left and await service.workers.respond():
            return {"status": "ok", "storage": storage}
        response.status_code = 503
        return {"status": "busy", "storage": storage}

    if service.settings.metrics:

        @app.get("/metrics", summary="Figures for Prometheus", response_class=Response)
        async def figures() -> Response:
            metrics.waiting.set(await to_thread.run_sync(_waiting, jobs))
            return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/healthz", summary="Whether the service answers")
    async def health() -> dict[str, str]:
        return {"status": "ok"}


def _waiting(jobs: Jobs) -> float:
    """How many items wait; no number where the storage does not answer."""
    try:
        return jobs.waiting()
    except StorageError:
        return math.nan
