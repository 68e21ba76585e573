"""Where in a picture a detector found what it goes by, drawn over the picture."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from provenance.asset import open_asset
from provenance.errors import ProvenanceError

from .access.scope import Scope
from .asking import Refused, done
from .openapi import GUARDED, REQUEST_BODY, UPLOADED, WORKED_ON, refusals
from .problems import RefusedError
from .service import Service
from .uploads import received_file
from .workers import Tools

_NAME: Final = r"^[a-z0-9][a-z0-9._-]{0,63}$"  # as in a detector's card


@dataclass(frozen=True)
class HeatMapTask:
    """A picture, and the detector to ask; without a name the default one."""

    path: Path
    name: str
    detector: str | None

    def run(self, tools: Tools) -> bytes | Refused:
        """Draws it, as PNG."""
        from provenance_detectors.detector import load_detector, load_detectors
        from provenance_detectors.running import draw_heat_map

        try:
            kept = f"detector {self.detector}" if self.detector else "detectors"
            if kept not in tools.kept:
                tools.kept[kept] = [load_detector(self.detector)] if self.detector else load_detectors()
            with open_asset(self.path, name=self.name) as asset:
                return draw_heat_map(asset, tools.kept[kept])
        except ProvenanceError as error:
            return Refused(str(error).replace(str(self.path), self.name))


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
        client = await service.access.admit(request, Scope.DETECT)
        with service.places.one(client.subject):
            async with received_file(request, service.settings.max_upload) as upload:
                drawn = await done(service.workers, HeatMapTask(upload.path, upload.name, detector))
        if isinstance(drawn, Refused):
            raise RefusedError("not-detected", why=drawn.why)
        return Response(drawn, media_type="image/png")
