"""Where in a picture a detector found what it goes by, drawn over the picture."""

from importlib.util import find_spec
from typing import Annotated, Final

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from ..access.scope import Scope
from ..openapi import GUARDED, REQUEST_BODY, UPLOADED, WORKED_ON, refusals
from ..problems import RefusedError
from ..service import Service
from ..tasks.detect import DetectionRefusal, HeatMapTask
from ..uploads import received_file

_NAME: Final = r"^[a-z0-9][a-z0-9._-]{0,63}$"  # as in a detector's card


def add_heat_maps(app: FastAPI, service: Service) -> None:
    """Adds `POST /v1/heatmap`."""

    @app.post(
        "/v1/heatmap",
        summary="Where in a picture a detector found what it goes by",
        response_class=Response,
        responses={
            200: {
                "description": "The picture in grey; a place has more colour the more it speaks for the answer.",
                "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
            },
            **refusals(*GUARDED, *UPLOADED, *WORKED_ON, "bad-parameter", "not-detected", "no-detectors"),
        },
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def heat_map(
        request: Request,
        detector: Annotated[
            str | None, Query(pattern=_NAME, description="The default detector for pictures where it is left out.")
        ] = None,
    ) -> Response:
        """An estimate, drawn: it shows what a detector went by, and proves nothing about the place."""
        if find_spec("onnxruntime") is None:
            raise RefusedError("no-detectors")
        caller = await service.access.admit(request, Scope.DETECT)
        with service.upload_slots.take(caller.subject):
            async with received_file(request, service.settings.max_upload) as upload:
                heat_map_png = await service.workers.answer(HeatMapTask(upload.path, upload.name, detector), request)
        if isinstance(heat_map_png, DetectionRefusal):
            raise RefusedError("not-detected", why=heat_map_png.reason)
        return Response(heat_map_png, media_type="image/png")
