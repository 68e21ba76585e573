"""The application: one file in, one report out."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from provenance import Verifier, report_schema
from provenance.sentences import Message

from .asking import add_asking, done
from .headers import REPORT_HEADERS, SecurityHeaders
from .heat_maps import add_heat_maps
from .negotiation import Language, prefers_html
from .observing import add_observing
from .openapi import REQUEST_BODY, URL_CONTENT, responses
from .page import add_page
from .problems import RefusedError, handle_problems
from .settings import MAX_ADDRESS, MAX_UPLOADS_AT_ONCE, Settings
from .signing import add_signing
from .uploads import Places, received_data, received_file
from .workers import Job, UrlJob, Workers, WorkerStoppedError


def create_app(settings: Settings) -> FastAPI:
    """The service with these settings. Raises `TrustError` for trust anchors that cannot be read."""
    workers, verifier = Workers(settings), Verifier(trust=settings.trust_anchors)
    places = Places(MAX_UPLOADS_AT_ONCE)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await workers.start()
        yield
        await workers.stop()

    app = FastAPI(
        title="provenance",
        summary="Where does this content come from, and did AI make or change it?",
        version=version("provenance"),
        lifespan=lifespan,
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(SecurityHeaders)
    handle_problems(app)
    metrics = add_observing(app, settings, places, workers)
    add_page(app, settings)
    add_signing(app, settings, workers, places)
    add_asking(app, settings, workers, places, verifier.trust, metrics)
    add_heat_maps(app, settings, workers, places)

    @app.post(
        "/v1/verify",
        summary="Examine a file, or what lies at an address",
        response_class=Response,
        responses=responses(),
        openapi_extra={"requestBody": {**REQUEST_BODY, "content": {**REQUEST_BODY["content"], **URL_CONTENT}}},
    )
    async def verify(request: Request, language: Language) -> Response:
        """Says what is known about where the file comes from. The file is not kept.

        Where the server allows it, `{"url": "https://..."}` as JSON is fetched instead: from public servers only.
        """
        as_html = prefers_html(request.headers.get("accept", ""))
        with places.one():
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
                text = await _fetched(UrlJob(await _address(request, settings), language, as_html), workers)
            else:
                async with received_file(request, settings.max_upload) as upload:
                    text = await _examined(Job(upload.path, upload.name, language, as_html), workers, verifier)
        headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
        if as_html:
            return HTMLResponse(text, headers={**REPORT_HEADERS, **headers})
        return Response(text, headers=headers, media_type="application/json")

    @app.get("/v1/schema", summary="The JSON Schema of the report")
    async def schema() -> dict[str, Any]:
        return report_schema()

    @app.get("/healthz", summary="Whether the service answers")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


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


async def _fetched(job: UrlJob, workers: Workers) -> str:
    """The report on what lies at an address."""
    found = await done(workers, job)
    if isinstance(found, Message):
        raise RefusedError("not-fetched", why=found.text)
    return str(found)


async def _examined(job: Job, workers: Workers, verifier: Verifier) -> str:
    """The report on a file, written out; one that says so where the file stopped its worker."""
    try:
        return str(await workers.run(job))
    except WorkerStoppedError as error:
        return job.write(verifier.given_up(job.path, error.seconds, name=job.name, language=job.language))
