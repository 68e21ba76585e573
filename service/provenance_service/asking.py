"""More to ask of a file: what detectors say of it, what a delivered copy kept of its marks; and what is installed."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from provenance.asset import open_asset
from provenance.errors import ProvenanceError
from provenance.trust.show import describe
from provenance_signing.compare import Comparison, compare

from .access.scope import Scope
from .negotiation import Language
from .observing import Metrics
from .openapi import (
    COMPARE_BODY,
    COMPARED,
    DELIVERED,
    DETECTED,
    GUARDED,
    REQUEST_BODY,
    UPLOADED,
    WORKED_ON,
    answered_with,
    refusals,
)
from .problems import RefusedError
from .service import Service
from .signing_tasks import credential_files
from .uploads import FIELD, received_file, received_form
from .workers import Task, Tools, Workers, WorkerStoppedError


@dataclass(frozen=True)
class Refused:
    """Why there is no answer, in words for the client."""

    why: str


@dataclass(frozen=True)
class DetectTask:
    """A file to ask the default detectors about."""

    path: Path
    name: str
    language: str

    def run(self, tools: Tools) -> list[dict[str, Any]] | Refused:
        """Asks them; no detector for this kind of file is an empty list."""
        from provenance_detectors.detector import load_detectors
        from provenance_detectors.running import answers_about
        from provenance_detectors.source import sentence_of

        try:
            if "detectors" not in tools.kept:
                tools.kept["detectors"] = load_detectors()
            with open_asset(self.path, name=self.name) as asset:
                answers = answers_about(asset, tools.kept["detectors"])
        except ProvenanceError as error:
            return Refused(str(error).replace(str(self.path), self.name))
        return [
            {
                **answer.model_dump(mode="json", exclude={"reasons"}),
                "sentence": sentence_of(answer).in_language(self.language).text,
                "reasons": [reason.in_language(self.language).model_dump(mode="json") for reason in answer.reasons],
            }
            for answer in answers
        ]


@dataclass(frozen=True)
class CompareTask:
    """A source, and what was delivered of it."""

    source: Path
    delivered: Path
    language: str

    def run(self, tools: Tools) -> Comparison:
        """Compares them, mark by mark."""
        return compare(self.source, self.delivered, verifier=_judge(tools)).in_language(self.language)


def add_asking(app: FastAPI, service: Service, metrics: Metrics) -> None:
    """Adds `detect`, `compare`, and the lists of detectors, credentials and trust lists."""
    settings, workers, places = service.settings, service.workers, service.places
    described = describe(service.verifier.trust.lists)

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
        client = await service.access.admit(request, Scope.DETECT)
        with places.one(client.subject):
            async with received_file(request, settings.max_upload) as upload:
                found = await done(workers, DetectTask(upload.path, upload.name, language))
        if isinstance(found, Refused):
            raise RefusedError("not-detected", why=found.why)
        for answer in found:
            metrics.decisions.labels(answer["detector"], answer["decision"]).inc()
        return _json({"name": upload.name, "answers": found}, language)

    @app.post(
        "/v1/compare",
        summary="What a delivered copy kept of a file's marks",
        responses={**answered_with(COMPARED), **refusals(*GUARDED, *UPLOADED, *WORKED_ON)},
        openapi_extra={"requestBody": COMPARE_BODY},
    )
    async def compare_two(request: Request, language: Language) -> Response:
        """The signed record and the declared metadata, mark by mark: kept, lost, replaced, broken or added."""
        client = await service.access.admit(request, Scope.VERIFY, files=2)
        with places.one(client.subject):
            async with received_form(request, settings.max_upload, more_files=(DELIVERED,), fields=()) as form:
                if DELIVERED not in form.files:
                    raise RefusedError("no-file")
                task = CompareTask(form.files[FIELD].path, form.files[DELIVERED].path, language)
                found: Comparison = await done(workers, task)
        return _json({**found.model_dump(mode="json"), "all_kept": found.all_kept}, language)

    @app.get("/v1/detectors", summary="The detectors that are installed, with their cards")
    async def detectors() -> list[dict[str, Any]]:
        if find_spec("onnxruntime") is None:
            return []
        from provenance_detectors.card import ModelCard

        return [card.model_dump(mode="json", exclude_none=True) for card in ModelCard.bundled()]

    @app.get("/v1/credentials", summary="The credentials that this service signs with, and their certificates")
    async def credentials() -> list[dict[str, str]]:
        return [_public(name, path) for name, path in credential_files(settings).items()]

    @app.get("/v1/trust", summary="The trust lists that say who is believed")
    async def trust_lists() -> list[dict[str, Any]]:
        return described


def _public(name: str, path: Path) -> dict[str, str]:
    """What stands in every manifest that it signs: its certificates; nothing of its key."""
    from provenance_signing.credential import read_key_file
    from provenance_signing.credential_file import CredentialFile

    try:
        certificates = read_key_file(CredentialFile.load(path).certificates)
        return {"name": name, "certificates": certificates.decode("ascii", "replace")}
    except ProvenanceError:
        return {"name": name, "certificates": ""}  # the operator is told when it is to sign


def _judge(tools: Tools) -> Any:
    from provenance import Verifier

    if "judge" not in tools.kept:
        tools.kept["judge"] = Verifier(trust=tools.verifier.trust, sources=("c2pa", "metadata"))
    return tools.kept["judge"]


async def done(workers: Workers, task: Task, *, more_time: float = 0.0) -> Any:
    """The task's answer. Raises `RefusedError` where it stopped its worker."""
    try:
        return await workers.run(task, more_time=more_time)
    except WorkerStoppedError:
        raise RefusedError("stopped") from None


def _json(content: Mapping[str, Any], language: str) -> Response:
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return JSONResponse(content, headers=headers)
