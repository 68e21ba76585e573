"""The manifests of the registry: given out as the C2PA Soft Binding Resolution API has it, registered, taken out."""

import hashlib
from functools import partial
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import Depends, FastAPI, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import Response

from provenance.formats.jumbf import StoreError
from provenance.limits import MAX_MANIFEST_STORE
from provenance.media_type import MANIFEST_STORE
from provenance.sources.c2pa.manifest_store import parse_store

from ..access.access import Caller
from ..access.scope import Scope
from ..multipart import FIELD
from ..openapi import GUARDED, KEY, REGISTER_BODY, UPLOADED, WORKED_ON, refusals
from ..problems import RefusedError
from ..registry.fingerprint import ALGORITHM
from ..registry.registration import ID_PATTERN, Registration, RegistrationRefusal, active_label
from ..registry.registry import RegistrationOutcome, Registry, Removal
from ..service import Service
from ..tasks.register import RegisterTask
from ..uploads import received_form

MANIFEST: Final = "manifest"

ManifestId = Annotated[str, PathParameter(pattern=ID_PATTERN)]

_REFUSALS: Final = (*GUARDED, "bad-query")


def add_manifests(app: FastAPI, service: Service, registry: Registry) -> None:
    """Adds what gives manifests out, takes them in, and takes them out again."""
    access, workers = service.access, service.workers

    @app.get(
        "/v1/manifests/{manifest_id}",
        summary="A registered manifest",
        response_class=Response,
        responses={
            200: {"description": "The manifest store.", "content": {MANIFEST_STORE: {}}},
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
        store = await to_thread.run_sync(registry.manifest, manifest_id)
        if store is None:
            raise RefusedError("not-found", path=request.url.path)
        return Response(_active_alone(store) if active else store, media_type=MANIFEST_STORE)

    @app.get(
        "/v1/services/supportedAlgorithms",
        summary="By which soft bindings manifests are found",
        responses=refusals("storage-unavailable"),
    )
    async def algorithms() -> dict[str, list[dict[str, str]]]:
        """The fingerprint, and the algorithms of the watermarks that registered manifests name."""
        names = [name for name in await to_thread.run_sync(registry.algorithms) if name != ALGORITHM]
        return {"watermarks": [{"alg": name} for name in names], "fingerprints": [{"alg": ALGORITHM}]}

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
        caller = await access.admit(request, Scope.REGISTER)
        await access.count_registration(caller)
        with service.upload_slots.take(caller.subject):
            async with received_form(request, service.settings.max_upload, more_files=(MANIFEST,)) as form:
                if MANIFEST not in form.files or form.files[MANIFEST].path.stat().st_size > MAX_MANIFEST_STORE:
                    raise RefusedError("bad-parameter", names=MANIFEST)
                store = await to_thread.run_sync(form.files[MANIFEST].path.read_bytes)
                task = RegisterTask(form.files[FIELD].path, form.files[FIELD].name, store)
                try:
                    registration = await workers.answer(task)
                except Exception:
                    refusal = RegistrationRefusal("", active_label(store))
                    await to_thread.run_sync(_record_refusal, registry, refusal, store, caller)
                    raise
        if not isinstance(registration, Registration):
            await to_thread.run_sync(_record_refusal, registry, registration, store, caller)
            raise RefusedError("not-registered", why=registration.reason)
        outcome = await to_thread.run_sync(registry.add, registration, caller.subject)
        if outcome is RegistrationOutcome.TAKEN:
            raise RefusedError("id-taken", name=registration.manifest_id)
        fingerprint = registration.fingerprint.iscc if registration.fingerprint else None
        return {
            "manifestId": registration.manifest_id,
            "new": outcome is RegistrationOutcome.NEW,
            "signer": registration.standing,
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
        caller = await access.identify(request)
        is_admin = Scope.ADMIN in caller.scopes
        caller.check(Scope.ADMIN if is_admin else Scope.REGISTER)
        remove = partial(registry.remove, manifest_id, caller.subject, of_anybody=is_admin)
        removal = await to_thread.run_sync(remove)
        if removal is Removal.OF_OTHERS:
            raise RefusedError("not-allowed", scope=Scope.ADMIN)
        if removal is Removal.NONE:
            raise RefusedError("not-found", path=request.url.path)


def _active_alone(store: bytes) -> bytes:
    """The store with its active manifest alone; whole where it was registered before stores were parsed strictly."""
    try:
        return parse_store(store).active_alone
    except StoreError:
        return store


def _record_refusal(registry: Registry, refusal: RegistrationRefusal, store: bytes, caller: Caller) -> None:
    registry.record_refusal(refusal.manifest_id, hashlib.sha256(store).hexdigest(), caller.subject)
