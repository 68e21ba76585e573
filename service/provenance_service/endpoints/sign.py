"""Signing: an asset and its facts in, the signed asset out. Only for callers with a key that allows it."""

import hashlib
import json
import logging
from dataclasses import asdict
from functools import partial
from pathlib import PurePath
from typing import Annotated, Any, Final, NoReturn
from urllib.parse import quote

from anyio import to_thread
from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import Response

from provenance.errors import SettingError
from provenance.files import sha256_of
from provenance.process_pool import ProcessStoppedError
from provenance_signing.headers import manifest_link

from ..access.scope import Scope
from ..audit import AuditAction, record
from ..credential_files import credential_files, waiting_time
from ..idempotency import idempotent
from ..openapi import GUARDED, KEY, SIGN_BODY, SIGNED_HEADERS, UPLOADED, refusals
from ..problems import RefusedError
from ..registry.registry import Registry
from ..service import Service
from ..settings import MAX_NESTING, MAX_SAVED_NAME, MAX_SIGNED_DATA, Settings
from ..storage import Storage
from ..tasks.sign import SignatureTask, SigningRefusal, SigningResult, SignTask
from ..temporary_files import temporary_folder
from ..uploads import ReceivedForm, received_data, received_form
from ..workers import Workers

FACTS: Final = "facts"
PARENT: Final = "parent"

_UNAVAILABLE: Final = ("no-credentials", "signing-unavailable", "signing-stopped")

_log: Final = logging.getLogger(__name__)


def add_sign(app: FastAPI, service: Service, registry: Registry) -> None:
    """Adds `POST /v1/sign`, and raw signatures. Raises `SettingError` for a folder that is not there."""
    settings, workers, storage = service.settings, service.workers, service.storage
    _check_folders(settings)

    @app.post(
        "/v1/sign",
        summary="Sign a file",
        response_class=Response,
        responses={
            200: {
                "description": "The signed file.",
                "headers": SIGNED_HEADERS,
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            },
            **refusals(
                *GUARDED,
                *UPLOADED,
                *("bad-parameter", "no-such-credential", "not-signed", "key-reused", "in-progress"),
                *_UNAVAILABLE,
            ),
        },
        openapi_extra={"requestBody": SIGN_BODY},
        dependencies=[Depends(KEY)],
    )
    async def sign(request: Request) -> Response:
        """Signs the file with a credential of the server. Neither the file nor what was signed is kept, except that a
        request with an Idempotency-Key has its answer kept for a day. Its manifest and its fingerprint are registered
        unless the operator switched that off, so that copies without it are led back to it.
        """
        _check_configured(settings)
        caller = await service.access.admit(request, Scope.SIGN)
        with service.upload_slots.take(caller.subject), temporary_folder() as folder:
            async with received_form(request, settings.max_upload, more_files=(PARENT,), fields=(FACTS,)) as form:
                facts = _facts(form.fields.get(FACTS, b""))
                credential = _chosen_credential(facts.pop("credential", None), settings)
                caller.check(Scope.SIGN, credential)
                _check_exists(credential, settings)
                file, parent = form.files["file"], form.files.get(PARENT)
                task = SignTask(
                    credential=credential,
                    profile=str(facts.pop("profile", "")),
                    facts=facts,
                    source=file.path,
                    name=file.name,
                    output=folder / "signed",
                    parent=parent.path if parent else None,
                    parent_name=parent.name if parent else None,
                    register=settings.register_signed,
                )
                async with idempotent(request, storage, caller, partial(_digest, form)) as earlier:
                    if earlier is not None and earlier.answer is not None:
                        result = SigningResult(**json.loads(earlier.answer))
                        if not await to_thread.run_sync(storage.objects.save, earlier.object_key, task.output):
                            raise RefusedError("in-progress")
                    else:
                        result, registration = await _signed(workers, task, settings)
                        details = {"subject": result.manifest_id, "digest": result.sha256, "credential": credential}
                        await to_thread.run_sync(
                            partial(_record, storage, AuditAction.SIGNED, caller.subject, **details)
                        )
                        if registration is not None:
                            await to_thread.run_sync(registry.add, registration, caller.subject)
                        if earlier is not None:
                            await to_thread.run_sync(storage.objects.put, earlier.object_key, task.output)
                            await earlier.keep(json.dumps(asdict(result)))
            content = await to_thread.run_sync(task.output.read_bytes)
        headers = {
            "Provenance-Manifest": result.manifest_id,
            "Provenance-Remarks": ", ".join(result.remarks),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(_saved_name(file.name), safe='')}",
        }
        if result.disclosure is not None:
            headers["AI-Disclosure"] = result.disclosure
        if settings.register_signed:
            headers["Link"] = manifest_link(f"/v1/manifests/{result.manifest_id}")
        return Response(content, headers=headers, media_type=result.media_type)

    @app.post(
        "/v1/credentials/{name}/signature",
        summary="Sign raw data with a key that stays here",
        response_class=Response,
        responses={
            200: {"description": "The signature, as COSE has it.", "content": {"application/octet-stream": {}}},
            **refusals(
                *GUARDED,
                *("interrupted", "too-slow", "too-large", "no-such-credential", "not-signed", "busy"),
                *_UNAVAILABLE,
            ),
        },
        openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
        dependencies=[Depends(KEY)],
    )
    async def signature(
        request: Request,
        name: str,
        algorithm: Annotated[str, Header(alias="Provenance-Algorithm", description="The key's own: es256.")] = "",
    ) -> Response:
        """Makes this service a key for other signers: whoever may use it can sign any claim with this credential."""
        _check_configured(settings)
        caller = await service.access.admit(request, Scope.SIGNATURE, credential=name)
        _check_exists(name, settings)
        with service.upload_slots.take(caller.subject):
            data = await received_data(request, MAX_SIGNED_DATA)
        task = SignatureTask(name, algorithm, data)
        raw_signature = await _signed(workers, task, settings)
        digest = hashlib.sha256(data).hexdigest()
        details = {"digest": digest, "credential": name}
        await to_thread.run_sync(partial(_record, storage, AuditAction.SIGNATURE_MADE, caller.subject, **details))
        return Response(raw_signature, media_type="application/octet-stream")


def _record(storage: Storage, action: AuditAction, client: str, **details: str) -> None:
    """An entry in the audit log, before the signature is handed out."""
    with storage.database.begin() as connection:
        record(storage.database, connection, action, client, **details)


def _digest(form: ReceivedForm) -> str:
    """Of the whole request: the files and the facts."""
    digest = hashlib.sha256()
    for name, file in sorted(form.files.items()):
        digest.update(f"{name}:{file.name}:{sha256_of(file.path)}\n".encode())
    digest.update(form.fields.get(FACTS, b""))
    return digest.hexdigest()


def _check_folders(settings: Settings) -> None:
    for folder in (settings.credentials, settings.profiles):
        if folder is not None and not folder.is_dir():
            raise SettingError(f"{folder}: there is no such folder")


def _check_configured(settings: Settings) -> None:
    if not credential_files(settings):
        raise RefusedError("no-credentials")


def _facts(field: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(field or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise RefusedError("bad-parameter", names=FACTS) from None
    if not isinstance(facts, dict) or _is_deeper(facts, MAX_NESTING):
        raise RefusedError("bad-parameter", names=FACTS)
    return facts


def _refuse_constant(constant: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python's reader takes for JSON and the engine's does not."""
    raise ValueError(constant)


def _is_deeper(value: object, levels: int) -> bool:
    """Whether lists and objects nest deeper than this."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(item, levels - 1) for item in inside)


def _chosen_credential(name: object, settings: Settings) -> str:
    """The requested credential; it need not be named where there is only one."""
    names = list(credential_files(settings))
    if name is None and len(names) == 1:
        return names[0]
    if not isinstance(name, str):
        raise RefusedError("bad-parameter", names="credential")
    return name


def _check_exists(name: str, settings: Settings) -> None:
    if name not in credential_files(settings):
        # JSON can hold half of a surrogate pair, which no answer can.
        raise RefusedError("no-such-credential", name=name[:64].encode("utf-8", "replace").decode())


def _saved_name(name: str) -> str:
    """The name of a file, cut where no disk and no proxy would take it; what tells its type stays."""
    path = PurePath(name)
    return path.stem[:MAX_SAVED_NAME] + path.suffix[:MAX_SAVED_NAME]


async def _signed(workers: Workers, task: SignTask | SignatureTask, settings: Settings) -> Any:
    """What the worker answers. Raises `RefusedError` where nothing was signed; an internal reason goes to the log."""
    try:
        answer = await workers.run(task, more_time=waiting_time(credential_files(settings)[task.credential]))
    except ProcessStoppedError as error:
        _log.error("not signed with %s: the worker was stopped after %.1f seconds", task.credential, error.seconds)
        raise RefusedError("signing-stopped") from None
    if not isinstance(answer, SigningRefusal):
        return answer
    if answer.is_internal:
        _log.error("not signed with %s: %s", task.credential, answer.reason)
        raise RefusedError("signing-unavailable")
    raise RefusedError("not-signed", why=answer.reason)
