"""The queries of the C2PA Soft Binding Resolution API (C2PA 2.4) over the registry."""

from typing import Annotated, Final

from anyio import to_thread
from fastapi import APIRouter, Body, FastAPI, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from ..access.admission import admission_route, admitted_caller
from ..access.scope import Scope
from ..openapi import GUARDED, WORKED_ON, refusals
from ..problems import RefusedError
from ..registry.evidence import Standing
from ..registry.fingerprint import ALGORITHM, Fingerprint
from ..registry.registration import MAX_BINDING_VALUE
from ..registry.registry import MAX_MATCHES, ManifestMatch, Registry
from ..service import Service
from ..tasks.fingerprint import FingerprintTask, FingerprintUrlTask
from ..temporary_files import temporary_folder
from ..uploads import received_to

_REFUSALS: Final = (*GUARDED, "bad-query")


class MatchedManifest(BaseModel):
    """A manifest that fits. The API lets a service add fields of its own: `signer` is one."""

    model_config = ConfigDict(frozen=True)

    manifestId: str = Field(description="Ask for it at /manifests/{manifestId}.")
    signer: Standing = Field(
        description="Who vouched for its signer when it was registered: a trust list, the list of known signers, the "
        "operator who signed it; or nobody (`unlisted`), and then it may say anything about anybody's picture."
    )
    similarityScore: int | None = Field(
        default=None, ge=0, le=100, description="How alike the pictures are: a likeness, and no proof."
    )


class Matches(BaseModel):
    """The manifests that fit: those of listed signers first, the nearest or earliest first among them."""

    model_config = ConfigDict(frozen=True)

    matches: list[MatchedManifest]


class BindingQuery(BaseModel):
    """A soft binding to look for."""

    alg: str = Field(max_length=100, examples=[ALGORITHM])
    value: str = Field(
        max_length=MAX_BINDING_VALUE, examples=["ISCC:EEDV7QSQAKGI6GAM7ZHJMLMTYLYA2SAFGVJR5HJDI2AQQ3VWFPQTKBQ"]
    )


class ReferenceQuery(BaseModel):
    """An asset to fetch and look for."""

    referenceUrl: str = Field(max_length=8192, pattern="^https://.*", json_schema_extra={"format": "uri"})
    assetLength: int = Field(ge=0, description="No more than this is fetched.")
    assetType: str | None = Field(default=None, max_length=100, examples=["image/jpeg"])


MaxResults = Annotated[int, Query(alias="maxResults", ge=1, description=f"At most {MAX_MATCHES} are given.")]
Alg = Annotated[str | None, Query(max_length=100)]
HintAlg = Annotated[str | None, Query(alias="hintAlg", max_length=100)]
HintValue = Annotated[str | None, Query(alias="hintValue", max_length=MAX_BINDING_VALUE)]


def add_matches(app: FastAPI, service: Service, registry: Registry) -> None:
    """Adds what finds manifests: by a binding, by content, and by a reference to content."""
    access, workers = service.access, service.workers
    router = APIRouter(route_class=admission_route(access, Scope.VERIFY))

    async def by_binding(alg: str, value: str, limit: int) -> Matches:
        if "\0" in alg or "\0" in value:
            raise RefusedError("bad-query")
        matches = await to_thread.run_sync(registry.by_binding, alg, value, min(limit, MAX_MATCHES))
        if matches is None:
            raise RefusedError("bad-query")
        return _matches(matches)

    async def by_fingerprint(
        fingerprint: Fingerprint | None, limit: int, alg: str | None, hint_alg: str | None, hint_value: str | None
    ) -> Matches:
        limit = min(limit, MAX_MATCHES)
        hinted = (await by_binding(hint_alg, hint_value, limit)).matches if hint_alg and hint_value else []
        alike: list[ManifestMatch] = []
        if fingerprint is not None and alg in (None, ALGORITHM):
            alike = await to_thread.run_sync(registry.by_likeness, fingerprint, limit)
        by_id = {match.manifestId: match for match in (*hinted, *_matches(alike).matches)}
        return Matches(matches=sorted(by_id.values(), key=lambda match: not match.signer.is_listed)[:limit])

    @app.get("/v1/matches/byBinding", summary="The manifests with this soft binding", responses=refusals(*_REFUSALS),
             response_model_exclude_none=True)  # fmt: skip
    async def query_by_binding(
        request: Request,
        value: Annotated[str, Query(max_length=MAX_BINDING_VALUE)],
        alg: Annotated[str, Query(max_length=100)],
        limit: MaxResults = 10,
    ) -> Matches:
        """Of a fingerprint also those that are near: a copy or near copy of the registered picture."""
        await access.admit(request, Scope.VERIFY)
        return await by_binding(alg, value, limit)

    @router.post(
        "/v1/matches/byBinding",
        summary="The manifests with this soft binding",
        response_model_exclude_none=True,
        responses=refusals(*_REFUSALS, "too-large", "too-slow"),
    )
    async def query_by_large_binding(query: Annotated[BindingQuery, Body()], limit: MaxResults = 10) -> Matches:
        """The same as GET, for values that do not fit into an address."""
        return await by_binding(query.alg, query.value, limit)

    @app.post(
        "/v1/matches/byContent",
        summary="The manifests of what this is a copy of",
        response_model_exclude_none=True,
        responses=refusals(*_REFUSALS, *WORKED_ON, "interrupted", "too-slow", "too-large"),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def query_by_content(
        request: Request,
        alg: Alg = None,
        limit: MaxResults = 10,
        hint_alg: HintAlg = None,
        hint_value: HintValue = None,
    ) -> Matches:
        """The asset is the body of the request, as it is. It is not kept. Pictures alone have fingerprints here."""
        caller = await access.admit(request, Scope.VERIFY)
        with service.upload_slots.take(caller.subject), temporary_folder() as folder:
            path = folder / "asset"
            await received_to(request, path, service.settings.max_upload)
            fingerprint = await workers.answer(FingerprintTask(path), request)
        return await by_fingerprint(fingerprint, limit, alg, hint_alg, hint_value)

    @router.post(
        "/v1/matches/byReference",
        summary="The manifests of what lies at an address",
        response_model_exclude_none=True,
        responses=refusals(*_REFUSALS, *WORKED_ON, "fetching-off", "too-large", "too-slow"),
    )
    async def query_by_reference(
        request: Request,
        query: Annotated[ReferenceQuery, Body()],
        alg: Alg = None,
        limit: MaxResults = 10,
        hint_alg: HintAlg = None,
        hint_value: HintValue = None,
    ) -> Matches:
        """Where this server fetches at all: from public servers only."""
        if not service.settings.fetch_urls:
            raise RefusedError("fetching-off")
        with service.upload_slots.take(admitted_caller(request).subject):
            size = min(query.assetLength, service.settings.max_upload)
            fingerprint = await workers.answer(FingerprintUrlTask(query.referenceUrl, size, query.assetType), request)
        if isinstance(fingerprint, str):
            raise RefusedError(fingerprint)
        return await by_fingerprint(fingerprint, limit, alg, hint_alg, hint_value)

    app.router.routes.extend(router.routes)


def _matches(matches: list[ManifestMatch]) -> Matches:
    return Matches(
        matches=[
            MatchedManifest(manifestId=match.manifest_id, signer=match.standing, similarityScore=match.likeness)
            for match in matches
        ]
    )
