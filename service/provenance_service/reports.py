"""Answers that somebody asked to keep, each under a link of its own until its time is over."""

import secrets
import time
from typing import Annotated, Final

from anyio import to_thread
from fastapi import FastAPI, Path, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import delete, select

from provenance import Report
from provenance.render.html import render_html

from .access.access import Client
from .access.scope import Scope
from .headers import REPORT_HEADERS
from .negotiation import Language, prefers_html
from .openapi import refusals, reported
from .problems import RefusedError
from .service import Service
from .storage import Storage
from .storage.tables import REPORT

HEADER: Final = "Provenance-Report"

# A link is as good as the file it tells about: nobody finds one by trying.
_ID_BYTES: Final = 16

# Ours have letters, digits and two marks; a database may refuse others, such as NUL, with an error.
ID_PATTERN: Final = r"^[A-Za-z0-9_.\-]{1,64}$"

ReportId = Annotated[str, Path(pattern=ID_PATTERN)]

_DAY: Final = 86400.0


class Reports:
    """The kept answers. Every method raises `StorageError` where the storage does not answer."""

    def __init__(self, storage: Storage, days: float) -> None:
        self._storage, self._seconds = storage, days * _DAY

    def keep(self, report: str, client: Client, *, report_id: str | None = None) -> str:
        """Keeps a report, as JSON, and gives its id."""
        report_id, now = report_id or new_id(), time.time()
        self._storage.objects.put(_object(report_id), report.encode())
        owner = None if client.is_anonymous else client.subject
        row = {"id": report_id, "client": owner, "made_at": now, "expires_at": now + self._seconds}
        database = self._storage.database
        with database.begin() as connection:
            connection.execute(database.insert(REPORT).values(row).on_conflict_do_nothing())
        return report_id

    def find(self, report_id: str) -> str | None:
        """A report that is kept, as JSON."""
        with self._storage.database.read() as connection:
            there = connection.execute(
                select(REPORT.c.id).where(REPORT.c.id == report_id, REPORT.c.expires_at > time.time())
            ).first()
        content = self._storage.objects.get(_object(report_id)) if there is not None else None
        return content.decode() if content is not None else None

    def delete(self, report_id: str, client: Client) -> bool:
        """Deletes a report of this client; one of anybody's for an admin. False where there is none such."""
        mine = () if Scope.ADMIN in client.scopes else (REPORT.c.client == client.subject,)
        with self._storage.database.begin() as connection:
            found = connection.execute(delete(REPORT).where(REPORT.c.id == report_id, *mine)).rowcount == 1
            if found:
                self._storage.objects.delete([_object(report_id)])
        return found

    def forget(self) -> None:
        """Deletes the reports whose time is over."""
        with self._storage.database.begin() as connection:
            over = connection.execute(delete(REPORT).where(REPORT.c.expires_at <= time.time()).returning(REPORT.c.id))
            self._storage.objects.delete([_object(row.id) for row in over])


def new_id() -> str:
    """An id that nobody guesses."""
    return secrets.token_urlsafe(_ID_BYTES)


def add_reports(app: FastAPI, service: Service, reports: Reports) -> None:
    """Adds `reports`."""

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
        text = await to_thread.run_sync(written, text, language, as_html)
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
        client = await service.access.client(request)
        if client.is_anonymous:
            raise RefusedError("no-key")
        if not await to_thread.run_sync(reports.delete, report_id, client):
            raise RefusedError("not-found", path=request.url.path)


def written(text: str, language: str, as_html: bool) -> str:
    """A kept report in this language: as JSON, or as a page."""
    report = Report.model_validate_json(text).in_language(language)
    return render_html(report) if as_html else report.model_dump_json()


def _object(report_id: str) -> str:
    return f"reports/{report_id}"
