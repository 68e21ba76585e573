"""Kept reports."""

from typing import Annotated

from anyio import to_thread
from fastapi import FastAPI, Path, Request
from fastapi.responses import HTMLResponse, Response

from ..content_negotiation import Language, prefers_html
from ..openapi import refusals, reported
from ..problems import RefusedError
from ..reports import ID_PATTERN, Reports, rendered_report
from ..security_headers import REPORT_HEADERS
from ..service import Service

ReportId = Annotated[str, Path(pattern=ID_PATTERN)]


def add_reports(app: FastAPI, service: Service, reports: Reports) -> None:
    """Adds `/v1/reports`."""

    @app.get(
        "/v1/reports/{report_id}",
        summary="A kept report",
        response_class=Response,
        responses={**reported(), **refusals("not-found", "storage-unavailable")},
    )
    async def report(request: Request, report_id: ReportId, language: Language) -> Response:
        """As JSON, or as a page for people where Accept prefers text/html. Whoever has the link may read it."""
        text = await to_thread.run_sync(reports.find, report_id)
        if text is None:
            raise RefusedError("not-found", path=request.url.path)
        as_html = prefers_html(request.headers.get("accept", ""))
        text = await to_thread.run_sync(rendered_report, text, language, as_html)
        headers = {"Content-Language": language, "Vary": "Accept, Accept-Language", "X-Robots-Tag": "noindex"}
        if as_html:
            return HTMLResponse(text, headers={**REPORT_HEADERS, **headers})
        return Response(text, headers=headers, media_type="application/json")

    @app.delete(
        "/v1/reports/{report_id}",
        status_code=204,
        summary="Delete a kept report",
        responses=refusals("no-key", "not-found", "storage-unavailable", "issuer-unavailable"),
    )
    async def delete_report(request: Request, report_id: ReportId) -> None:
        """For whoever had it kept, by the same key, and for an admin."""
        caller = await service.access.identify(request)
        if caller.is_anonymous:
            raise RefusedError("no-key")
        if not await to_thread.run_sync(reports.delete, report_id, caller):
            raise RefusedError("not-found", path=request.url.path)
