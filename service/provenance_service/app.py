"""The application: one file in, one report out."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import FastAPI, Query, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, Response

from provenance import report_schema
from provenance.distribution import VERSION
from provenance.sentences import Message

from . import idempotency
from .access.endpoints import add_keys
from .access.scope import Scope
from .asking import add_asking, done
from .bodies import BodyLimits
from .headers import REPORT_HEADERS, SecurityHeaders
from .heat_maps import add_heat_maps
from .housekeeping import EVERY, keep_house, note_trust
from .jobs.endpoints import add_jobs
from .jobs.examining import examine
from .jobs.jobs import Jobs
from .jobs.queue import BEAT, Queue
from .negotiation import Language, prefers_html
from .observing import add_observing
from .openapi import (
    GUARDED,
    REQUEST_BODY,
    UPLOADED,
    URL_CONTENT,
    WORKED_ON,
    describe_when_asked,
    refusals,
    reported,
)
from .page import add_page
from .problems import RefusedError, handle_problems
from .registry.endpoints import add_registry
from .registry.lookup import is_worth_a_look, looked_up
from .registry.registry import Registry
from .reports import HEADER, Reports, add_reports, written
from .service import Service
from .settings import MAX_ADDRESS, STOP_GRACE, Settings
from .signing import add_signing
from .temporary import noted
from .uploads import content_type, received_data, received_file
from .workers import Job, Unsigned, UrlJob, WorkerStoppedError


def create_app(settings: Settings) -> FastAPI:
    """The service with these settings. Raises `SettingError`, and `TrustError` for anchors that cannot be read."""
    service = Service.of(settings)
    registry = Registry(service.storage)
    reports, jobs = Reports(service.storage, settings.keep_days), Jobs(service.storage, settings.keep_days)
    work = partial(examine, service=service, jobs=jobs, reports=reports, registry=registry)
    queue = Queue(settings, service.storage, jobs.numbers, work)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        left = ExitStack()
        await to_thread.run_sync(left.enter_context, noted(settings.folder))
        await service.workers.start()
        forget = (
            service.access.forget,
            reports.forget,
            lambda: queue.forget(jobs.forget()),
            partial(idempotency.forget, service.storage),
        )
        trust = service.verifier.trust
        houses = (
            asyncio.create_task(keep_house([partial(note_trust, service.storage, trust), *forget], EVERY)),
            asyncio.create_task(keep_house([queue.tend], BEAT)),
        )
        yield
        for house in houses:
            house.cancel()
            with suppress(asyncio.CancelledError):
                await house
        await to_thread.run_sync(queue.stop, settings.time_limit + STOP_GRACE)
        await service.workers.stop()
        service.storage.close()
        left.close()
        if service.tracing is not None:
            await to_thread.run_sync(service.tracing.stop)

    app = FastAPI(
        title="provenance",
        summary="Where does this content come from, and did AI make or change it?",
        version=VERSION,
        lifespan=lifespan,
        responses=refusals("internal"),
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(BodyLimits, settings=settings)
    app.add_middleware(SecurityHeaders)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors, allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Accept-Language", idempotency.HEADER],
            expose_headers=["Request-Id", "Retry-After", HEADER, "Provenance-Manifest", "Provenance-Remarks"],
        )  # fmt: skip
    handle_problems(app)
    metrics = add_observing(app, service, jobs)
    add_page(app, settings)
    add_verifying(app, service, reports, registry)
    add_signing(app, service, registry)
    add_registry(app, service, registry)
    add_asking(app, service, metrics)
    add_heat_maps(app, service)
    add_reports(app, service, reports)
    add_jobs(app, service, jobs, queue)
    add_keys(app, service)

    @app.get("/v1/schema", summary="The JSON Schema of the report")
    async def schema() -> dict[str, Any]:
        return report_schema()

    @app.get("/healthz", summary="Whether the service answers")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    describe_when_asked(app)
    return app


def add_verifying(app: FastAPI, service: Service, reports: Reports, registry: Registry) -> None:
    """Adds `verify`."""
    settings = service.settings

    @app.post(
        "/v1/verify",
        summary="Examine a file, or what lies at an address",
        response_class=Response,
        responses={
            **reported(),
            **refusals(*GUARDED, *UPLOADED, *WORKED_ON, "bad-parameter", "fetching-off", "not-fetched"),
        },
        openapi_extra={"requestBody": {**REQUEST_BODY, "content": {**REQUEST_BODY["content"], **URL_CONTENT}}},
    )
    async def verify(
        request: Request,
        language: Language,
        keep: Annotated[bool, Query(description="Keep the report; the header Provenance-Report says where.")] = False,
    ) -> Response:
        """Says what is known about where the file comes from. The file is not kept, and the report where asked alone.

        Where the server allows it, `{"url": "https://..."}` as JSON is fetched instead: from public servers only.
        """
        client = await service.access.admit(request, Scope.VERIFY)
        as_html = prefers_html(request.headers.get("accept", ""))
        form = (language, as_html and not keep, as_html or keep)
        with service.places.one(client.subject):
            if content_type(request) == "application/json":
                text = await _fetched(UrlJob(await _address(request, settings), *form), service)
            else:
                async with received_file(request, settings.max_upload) as upload:
                    job = Job(upload.path, upload.name, *form, asks=await to_thread.run_sync(is_worth_a_look, registry))
                    text = await _examined(job, service, registry)
        headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
        if keep:
            headers[HEADER] = f"/v1/reports/{await to_thread.run_sync(reports.keep, text, client)}"
            text = await to_thread.run_sync(written, text, language, as_html)
        if as_html:
            return HTMLResponse(text, headers={**REPORT_HEADERS, **headers})
        return Response(text, headers=headers, media_type="application/json")


async def _address(request: Request, settings: Settings) -> str:
    """The address in `{"url": ...}`. Raises `RefusedError` where this server fetches nothing, or it is none."""
    if not settings.fetch_urls:
        raise RefusedError("fetching-off")
    try:
        url = json.loads(await received_data(request, MAX_ADDRESS))["url"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise RefusedError("bad-parameter", names="url") from None
    if not isinstance(url, str):
        raise RefusedError("bad-parameter", names="url")
    return url


async def _fetched(job: UrlJob, service: Service) -> str:
    """The report on what lies at an address."""
    found = await done(service.workers, job)
    if isinstance(found, Message):
        raise RefusedError("not-fetched", why=found.text)
    return str(found)


async def _examined(job: Job, service: Service, registry: Registry) -> str:
    """The report on a file, written out; one that says so where the file stopped its worker."""
    try:
        found = await service.workers.run(job)
    except WorkerStoppedError as error:
        return job.write(service.verifier.given_up(job.path, error.seconds, name=job.name, language=job.language))
    if isinstance(found, Unsigned):
        found = job.write(await to_thread.run_sync(looked_up, found, registry, service.verifier))
    return str(found)
