"""The application, put together: storage, background tasks, middleware and addresses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial

from anyio import to_thread
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from provenance.distribution import VERSION

from . import idempotency
from .body_limits import BodyLimits
from .endpoints.capabilities import add_capabilities
from .endpoints.compare import add_compare
from .endpoints.detect import add_detect
from .endpoints.health import add_health
from .endpoints.heat_maps import add_heat_maps
from .endpoints.jobs import add_jobs
from .endpoints.keys import add_keys
from .endpoints.manifests import add_manifests
from .endpoints.matches import add_matches
from .endpoints.page import add_page
from .endpoints.reports import add_reports
from .endpoints.sign import add_sign
from .endpoints.verify import add_verify
from .jobs.execution import execute_item
from .jobs.jobs import Jobs
from .jobs.queue import HEARTBEAT, Queue
from .maintenance import CLEAN_UP_EVERY, record_trust_change, run_periodically
from .metrics import Metrics
from .openapi import describe_lazily, refusals
from .problems import handle_problems
from .registry.registry import Registry
from .reports import HEADER, Reports
from .request_telemetry import RequestTelemetry, logger_for
from .security_headers import SecurityHeaders
from .service import Service
from .settings import STOP_GRACE, Settings
from .temporary_files import cleaned_up_after_a_crash


def create_app(settings: Settings) -> FastAPI:
    """The service with these settings. Raises `SettingError`, and `TrustError` for anchors that cannot be read."""
    service = Service.of(settings)
    registry = Registry(service.storage)
    reports, jobs = Reports(service.storage, settings.keep_days), Jobs(service.storage, settings.keep_days)
    execute = partial(execute_item, service=service, jobs=jobs, reports=reports, registry=registry)
    queue = Queue(settings, service.storage, jobs.numbers, execute)
    metrics = Metrics(service.upload_slots, service.workers)

    app = FastAPI(
        title="provenance",
        summary="Where does this content come from, and did AI make or change it?",
        version=VERSION,
        lifespan=lambda _: _running(service, reports, jobs, queue),
        responses=refusals("internal"),
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    _add_middleware(app, service, metrics)
    handle_problems(app)
    add_health(app, service, jobs, metrics)
    add_page(app, settings)
    add_capabilities(app, service)
    add_verify(app, service, reports, registry)
    add_detect(app, service, metrics)
    add_heat_maps(app, service)
    add_compare(app, service)
    add_sign(app, service, registry)
    add_matches(app, service, registry)
    add_manifests(app, service, registry)
    add_reports(app, service, reports)
    add_jobs(app, service, jobs, queue)
    add_keys(app, service)
    describe_lazily(app)
    return app


@asynccontextmanager
async def _running(service: Service, reports: Reports, jobs: Jobs, queue: Queue) -> AsyncIterator[None]:
    """What runs from the start of the service to its end, beside the requests."""
    settings, storage = service.settings, service.storage
    leftovers = ExitStack()
    await to_thread.run_sync(leftovers.enter_context, cleaned_up_after_a_crash(settings.folder))
    await service.workers.start()
    maintenance = (
        partial(record_trust_change, storage, service.verifier.trust),
        service.access.delete_expired,
        reports.delete_expired,
        lambda: queue.delete(jobs.delete_expired()),
        partial(idempotency.delete_expired, storage),
    )
    periodic = (
        asyncio.create_task(run_periodically(maintenance, CLEAN_UP_EVERY)),
        asyncio.create_task(run_periodically([queue.heartbeat], HEARTBEAT)),
    )
    yield
    for task in periodic:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await to_thread.run_sync(queue.stop, settings.time_limit + STOP_GRACE)
    await service.workers.stop()
    storage.close()
    leftovers.close()
    if service.tracing is not None:
        await to_thread.run_sync(service.tracing.stop)


def _add_middleware(app: FastAPI, service: Service, metrics: Metrics) -> None:
    """The last one that is added sees a request first."""
    settings = service.settings
    app.add_middleware(BodyLimits, settings=settings)
    app.add_middleware(SecurityHeaders)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors, allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Accept-Language", idempotency.HEADER],
            expose_headers=["Request-Id", "Retry-After", HEADER, "Provenance-Manifest", "Provenance-Remarks"],
        )  # fmt: skip
    app.add_middleware(RequestTelemetry, metrics=metrics, log=logger_for(settings), tracing=service.tracing)
