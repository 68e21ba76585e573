"""The C2PA Soft Binding Resolution API (C2PA 2.4) over the registry; and registering, which it leaves open."""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Body, Depends, FastAPI, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from provenance.fetching import FetchError
from provenance.limits import MAX_MANIFEST_STORE
from provenance.sources.c2pa.manifest_store import StoreError, parse_store

from ..access.access import Client
from ..access.scope import Scope
from ..asking import done
from ..bodies import admitted, asked_first
from ..openapi import GUARDED, KEY, REGISTER_BODY, UPLOADED, WORKED_ON, refusals
from ..problems import RefusedError
from ..service import Service
from ..temporary import temporary_folder
from ..uploads import FIELD, received_form, received_to
from ..workers import Tools
from .evidence import Standing
from .fingerprint import ALGORITHM, Fingerprint, to_ask
from .registering import ID_PATTERN, MAX_BINDING_VALUE, NotRegistered, RegisterTask, Registration, named_in
from .registry import MAX_MATCHES, Found, Outcome, Registry, Removal

MANIFEST: Final = "manifest"
MEDIA_TYPE: Final = "application/c2pa"

ManifestId = Annotated[str, PathParameter(pattern=ID_PATTERN)]

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


@dataclass(frozen=True)
class AskTask:
    """A file whose fingerprint is looked for."""

    path: Path

    def run(self, tools: Tools) -> Fingerprint | None:  # noqa: ARG002 - a fingerprint needs none of them
        """The fingerprint; nothing for what has none."""
        found = to_ask(self.path)
        return found if isinstance(found, Fingerprint) else None


@dataclass(frozen=True)
class AskUrlTask:
    """An address whose content's fingerprint is looked for."""

    url: str
    max_size: int
    media_type: str | None

    def run(self, tools: Tools) -> Fingerprint | str | None:
        """The fingerprint; nothing for what has none; the name of a problem where it is not to be had as asked."""
        try:
            fetched = tools.verifier.fetcher.fetch(self.url, max_size=self.max_size)
        except FetchError:
            return "bad-query"
        if self.media_type is not None and fetched.media_type != self.media_type:
            return "bad-query"
        found = to_ask(fetched.data)
        return found if isinstance(found, Fingerprint) else None


MaxResults = Annotated[int, Query(alias="maxResults", ge=1, description=f"At most {MAX_MATCHES} are given.")]
Alg = Annotated[str | None, Query(max_length=100)]
HintAlg = Annotated[str | None, Query(alias="hintAlg", max_length=100)]
HintValue = Annotated[str | None, Query(alias="hintValue", max_length=MAX_BINDING_VALUE)]


def add_registry(app: FastAPI, service: Service, registry: Registry) -> None:
    """Adds the queries, the manifests, and registering."""
    add_queries(app, service, registry)
    add_manifests(app, service, registry)


def add_queries(app: FastAPI, service: Service, registry: Registry) -> None:
    """Adds what finds manifests: by a binding, by content, and by a reference to content."""
    access, workers = service.access, service.workers
    router = APIRouter(route_class=asked_first(access, Scope.VERIFY))

    async def by_binding(alg: str, value: str, limit: int) -> Matches:
        if "\0" in alg or "\0" in value:
            raise RefusedError("bad-query")
        found = await to_thread.run_sync(registry.by_binding, alg, value, min(limit, MAX_MATCHES))
        if found is None:
            raise RefusedError("bad-query")
        return _matches(found)

    async def by_fingerprint(
        asked: Fingerprint | None, limit: int, alg: str | None, hint_alg: str | None, hint_value: str | None
    ) -> Matches:
        limit = min(limit, MAX_MATCHES)
        hinted = (await by_binding(hint_alg, hint_value, limit)).matches if hint_alg and hint_value else []
        found: list[Found] = []
        if asked is not None and alg in (None, ALGORITHM):
            found = await to_thread.run_sync(registry.by_likeness, asked, limit)
        both = {each.manifestId: each for each in (*hinted, *_matches(found).matches)}
        return Matches(matches=sorted(both.values(), key=lambda each: not each.signer.is_listed)[:limit])

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
        client = await access.admit(request, Scope.VERIFY)
        with service.places.one(client.subject), temporary_folder() as folder:
            path = folder / "asset"
            await received_to(request, path, service.settings.max_upload)
            asked = await done(workers, AskTask(path))
        return await by_fingerprint(asked, limit, alg, hint_alg, hint_value)

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
        with service.places.one(admitted(request).subject):
            size = min(query.assetLength, service.settings.max_upload)
            asked = await done(workers, AskUrlTask(query.referenceUrl, size, query.assetType))
        if isinstance(asked, str):
            raise RefusedError(asked)
        return await by_fingerprint(asked, limit, alg, hint_alg, hint_value)

    app.router.routes.extend(router.routes)


def add_manifests(app: FastAPI, service: Service, registry: Registry) -> None:
    """Adds what gives manifests out, takes them in, and takes them out again."""
    access, workers = service.access, service.workers

    @app.get(
        "/v1/manifests/{manifest_id}",
        summary="A registered manifest",
        response_class=Response,
        responses={
            200: {"description": "The manifest store.", "content": {MEDIA_TYPE: {}}},
            **refusals(*_REFUSALS, "not-found"),
        },
    )
    async def manifest(
        request: Request,
        manifest_id: ManifestId,
        active: Annotated[bool, Query(alias="returnActiveManifest", description="Without its ingredients.")] = False,
    ) -> Response:
        """The whole manifest store, as it was registered."""
        await access.admit(request, Scope.VERIFY, files=0)
        found = await to_thread.run_sync(registry.manifest, manifest_id)
        if found is None:
            raise RefusedError("not-found", path=request.url.path)
        return Response(_active_of(found) if active else found, media_type=MEDIA_TYPE)

    @app.get(
        "/v1/services/supportedAlgorithms",
        summary="By which soft bindings manifests are found",
        responses=refusals("storage-unavailable"),
    )
    async def algorithms() -> dict[str, list[dict[str, str]]]:
        """The fingerprint, and the algorithms of the watermarks that registered manifests name."""
        named = [each for each in await to_thread.run_sync(registry.algorithms) if each != ALGORITHM]
        return {"watermarks": [{"alg": each} for each in named], "fingerprints": [{"alg": ALGORITHM}]}

    @app.post(
        "/v1/manifests",
        status_code=201,
        summary="Register a signed file",
        responses=refusals(*GUARDED, *UPLOADED, *WORKED_ON, "bad-parameter", "not-registered", "id-taken"),
        openapi_extra={"requestBody": REGISTER_BODY},
        dependencies=[Depends(KEY)],
    )
    async def register(request: Request) -> dict[str, Any]:
        """The file, and its manifest store in the field `manifest`. The file is not kept; its fingerprint is.

        Only what holds is registered: its signature, and that it is about this file. What its signer says is told to
        others where a list of this service's names the signer: `signer` says whether. An id that other bytes have is
        refused; a signer who is listed comes before one who is not.
        """
        client = await access.admit(request, Scope.REGISTER)
        await access.count_registration(client)
        with service.places.one(client.subject):
            async with received_form(request, service.settings.max_upload, more_files=(MANIFEST,)) as form:
                if MANIFEST not in form.files or form.files[MANIFEST].path.stat().st_size > MAX_MANIFEST_STORE:
                    raise RefusedError("bad-parameter", names=MANIFEST)
                store = form.files[MANIFEST].path.read_bytes()
                task = RegisterTask(form.files[FIELD].path, form.files[FIELD].name, store)
                try:
                    found = await done(workers, task)
                except Exception:
                    await to_thread.run_sync(_refused, registry, NotRegistered("", named_in(store)), store, client)
                    raise
        if not isinstance(found, Registration):
            await to_thread.run_sync(_refused, registry, found, store, client)
            raise RefusedError("not-registered", why=found.why)
        outcome = await to_thread.run_sync(registry.add, found, client.subject)
        if outcome is Outcome.TAKEN:
            raise RefusedError("id-taken", name=found.manifest_id)
        fingerprint = found.fingerprint.iscc if found.fingerprint else None
        return {
            "manifestId": found.manifest_id,
            "new": outcome is Outcome.NEW,
            "signer": found.standing,
            "fingerprint": fingerprint,
        }

    @app.delete(
        "/v1/manifests/{manifest_id}",
        status_code=204,
        summary="Take a manifest out of the registry",
        responses=refusals(*_REFUSALS, "not-found"),
        dependencies=[Depends(KEY)],
    )
    async def unregister(request: Request, manifest_id: ManifestId) -> None:
        """Copies of its picture are not led back any more. A key takes out what it registered itself, an admin all."""
        client = await access.client(request)
        is_admin = Scope.ADMIN in client.scopes
        client.check(Scope.ADMIN if is_admin else Scope.REGISTER)
        take_out = partial(registry.remove, manifest_id, client.subject, of_anybody=is_admin)
        outcome = await to_thread.run_sync(take_out)
        if outcome is Removal.OF_OTHERS:
            raise RefusedError("not-allowed", scope=Scope.ADMIN)
        if outcome is Removal.NONE:
            raise RefusedError("not-found", path=request.url.path)


def _active_of(store: bytes) -> bytes:
    """The store with its active manifest alone; whole where it was registered before stores were parsed strictly."""
    try:
        return parse_store(store).active_alone
    except StoreError:
        return store


def _refused(registry: Registry, found: NotRegistered, store: bytes, client: Client) -> None:
    registry.refused(found.manifest_id, hashlib.sha256(store).hexdigest(), client.subject)


def _matches(found: list[Found]) -> Matches:
    return Matches(
        matches=[
            MatchedManifest(manifestId=each.manifest_id, signer=each.standing, similarityScore=each.likeness)
            for each in found
        ]
    )
