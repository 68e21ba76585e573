"""Asking detectors about a file."""

from importlib.util import find_spec

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from ..access.scope import Scope
from ..content_negotiation import Language, language_headers
from ..metrics import Metrics
from ..openapi import DETECTED, GUARDED, REQUEST_BODY, UPLOADED, WORKED_ON, answered_with, refusals
from ..problems import RefusedError
from ..service import Service
from ..tasks.detect import DetectionRefusal, DetectTask
from ..uploads import received_file


def add_detect(app: FastAPI, service: Service, metrics: Metrics) -> None:
    """Adds `POST /v1/detect`."""

    @app.post(
        "/v1/detect",
        summary="Ask detectors about a picture, text, video or sound",
        responses={
            **answered_with(DETECTED),
            **refusals(*GUARDED, *UPLOADED, *WORKED_ON, "not-detected", "no-detectors"),
        },
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def detect(request: Request, language: Language) -> Response:
        """Statistical estimates with their measured error rates: they prove nothing about one file."""
        if find_spec("onnxruntime") is None:
            raise RefusedError("no-detectors")
        caller = await service.access.admit(request, Scope.DETECT)
        with service.upload_slots.take(caller.subject):
            async with received_file(request, service.settings.max_upload) as upload:
                answers = await service.workers.answer(DetectTask(upload.path, upload.name, language), request)
        if isinstance(answers, DetectionRefusal):
            raise RefusedError("not-detected", why=answers.reason)
        for answer in answers:
            metrics.decisions.labels(answer["detector"], answer["decision"]).inc()
        return JSONResponse({"name": upload.name, "answers": answers}, headers=language_headers(language))
