"""Examining a file or an address."""

import json
from typing import Annotated

from anyio import to_thread
from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response

from provenance.process_pool import ProcessStoppedError
from provenance.sentences import Message

from ..access.scope import Scope
from ..content_negotiation import Language, prefers_html
from ..openapi import GUARDED, REQUEST_BODY, UPLOADED, URL_CONTENT, WORKED_ON, refusals, reported
from ..problems import RefusedError
from ..registry.recovery import has_registered_pictures, with_registry_matches
from ..registry.registry import Registry
from ..reports import HEADER, Reports, rendered_report
from ..security_headers import REPORT_HEADERS
from ..service import Service
from ..settings import MAX_ADDRESS, Settings
from ..tasks.verify import UnsignedReport, VerifyTask, VerifyUrlTask
from ..uploads import content_type, received_data, received_file


def add_verify(app: FastAPI, service: Service, reports: Reports, registry: Registry) -> None:
    """Adds `POST /v1/verify`."""
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
        caller = await service.access.admit(request, Scope.VERIFY)
        as_html = prefers_html(request.headers.get("accept", ""))
        form = (language, as_html and not keep, as_html or keep)
        with service.upload_slots.take(caller.subject):
            if content_type(request) == "application/json":
                text = await _report_on_url(request, VerifyUrlTask(await _url(request, settings), *form), service)
            else:
                async with received_file(request, settings.max_upload) as upload:
                    with_fingerprint = await to_thread.run_sync(has_registered_pictures, registry)
                    task = VerifyTask(upload.path, upload.name, *form, with_fingerprint=with_fingerprint)
                    text = await _report_on_file(request, task, service, registry)
        headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
        if keep:
            headers[HEADER] = f"/v1/reports/{await to_thread.run_sync(reports.keep, text, caller)}"
            text = await to_thread.run_sync(rendered_report, text, language, as_html)
        if as_html:
            return HTMLResponse(text, headers={**REPORT_HEADERS, **headers})
        return Response(text, headers=headers, media_type="application/json")


async def _url(request: Request, settings: Settings) -> str:
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


async def _report_on_url(request: Request, task: VerifyUrlTask, service: Service) -> str:
    answer = await service.workers.answer(task, request)
    if isinstance(answer, Message):
        raise RefusedError("not-fetched", why=answer.text)
    return str(answer)


async def _report_on_file(request: Request, task: VerifyTask, service: Service, registry: Registry) -> str:
    """The report, rendered; where the file stopped its worker, one that says so."""
    try:
        answer = await service.workers.run(task, request)
    except ProcessStoppedError as error:
        return await to_thread.run_sync(task.stopped, service.verifier, error.seconds)
    if isinstance(answer, UnsignedReport):
        return task.rendered(await to_thread.run_sync(with_registry_matches, answer, registry, service.verifier))
    return str(answer)
