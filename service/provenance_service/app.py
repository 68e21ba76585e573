"""The application: one file in, one report out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from provenance import Verifier, report_schema

from .headers import REPORT_HEADERS, SecurityHeaders
from .negotiation import Language, prefers_html
from .openapi import REQUEST_BODY, responses
from .page import add_page
from .problems import handle_problems
from .settings import MAX_UPLOADS_AT_ONCE, Settings
from .signing import add_signing
from .uploads import Places, received_file
from .workers import Job, Workers, WorkerStoppedError


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
    add_page(app, settings)
    add_signing(app, settings, workers, places)

    @app.post(
        "/v1/verify",
        summary="Examine a file",
        response_class=Response,
        responses=responses(),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def verify(request: Request, language: Language) -> Response:
        """Says what is known about where the file comes from. The file is not kept."""
        as_html = prefers_html(request.headers.get("accept", ""))
        with places.one():
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


async def _examined(job: Job, workers: Workers, verifier: Verifier) -> str:
    """The report on a file, written out; one that says so where the file stopped its worker."""
    try:
        return str(await workers.run(job))
    except WorkerStoppedError as error:
        return job.write(verifier.given_up(job.path, error.seconds, name=job.name, language=job.language))
