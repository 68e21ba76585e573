"""Comparing a delivered copy with its source."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from provenance_signing.comparison import Comparison

from ..access.scope import Scope
from ..content_negotiation import Language, language_headers
from ..multipart import FIELD
from ..openapi import COMPARE_BODY, COMPARED, DELIVERED, GUARDED, UPLOADED, WORKED_ON, answered_with, refusals
from ..problems import RefusedError
from ..service import Service
from ..tasks.compare import CompareTask
from ..uploads import received_form


def add_compare(app: FastAPI, service: Service) -> None:
    """Adds `POST /v1/compare`."""
    settings = service.settings

    @app.post(
        "/v1/compare",
        summary="What a delivered copy kept of a file's marks",
        responses={**answered_with(COMPARED), **refusals(*GUARDED, *UPLOADED, *WORKED_ON)},
        openapi_extra={"requestBody": COMPARE_BODY},
    )
    async def compare_two(request: Request, language: Language) -> Response:
        """The signed record and the declared metadata, mark by mark: kept, lost, replaced, broken or added."""
        caller = await service.access.admit(request, Scope.VERIFY, files=2)
        with service.upload_slots.take(caller.subject):
            async with received_form(request, settings.max_upload, more_files=(DELIVERED,), fields=()) as form:
                if DELIVERED not in form.files:
                    raise RefusedError("no-file")
                task = CompareTask(form.files[FIELD].path, form.files[DELIVERED].path, language)
                comparison: Comparison = await service.workers.answer(task, request)
        content = {**comparison.model_dump(mode="json"), "all_kept": comparison.all_kept}
        return JSONResponse(content, headers=language_headers(language))
