"""Signing over HTTP: an asset and its facts in, the signed asset out. Only for clients with a key that allows it."""

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
from provenance_signing.headers import manifest_link

from .access.scope import Scope
from .audit import Action, record
from .idempotency import once
from .openapi import GUARDED, KEY, SIGN_BODY, SIGNED_HEADERS, UPLOADED, refusals
from .problems import RefusedError
from .registry.registry import Registry
from .service import Service
from .settings import MAX_NESTING, MAX_SAVED_NAME, MAX_SIGNED_DATA, Settings
from .signing_tasks import NotSigned, SignatureTask, SignedAnswer, SignTask, credential_files, waiting_time
from .storage import Storage
from .temporary import temporary_folder
from .uploads import Form, received_data, received_form
from .workers import Workers, WorkerStoppedError

FACTS: Final = "facts"
PARENT: Final = "parent"

_UNAVAILABLE: Final = ("no-credentials", "signing-unavailable", "signing-stopped")

_log: Final = logging.getLogger(__name__)


def add_signing(app: FastAPI, service: Service, registry: Registry) -> None:
    """Adds what signs. Raises `SettingError` for a folder that is not there."""
    settings, workers, places, storage = service.settings, service.workers, service.places, service.storage
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
        client = await service.access.admit(request, Scope.SIGN)
        with places.one(client.subject), temporary_folder() as folder:
            async with received_form(request, settings.max_upload, more_files=(PARENT,), fields=(FACTS,)) as form:
                facts = _facts(form.fields.get(FACTS, b""))
                credential = _chosen(facts.pop("credential", None), settings)
                client.check(Scope.SIGN, credential)
                _check_there(credential, settings)
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
                async with once(request, storage, client, partial(_asked, form)) as only:
                    if only is not None and only.before is not None:
                        answer = SignedAnswer(**json.loads(only.before))
                        if not await to_thread.run_sync(storage.objects.save, only.object_key, task.output):
                            raise RefusedError("in-progress")
                    else:
                        answer, registration = await _done(workers, task, settings)
                        about = {"subject": answer.manifest_id, "digest": answer.sha256, "credential": credential}
                        await to_thread.run_sync(partial(_record, storage, Action.SIGNED, client.subject, **about))
                        if registration is not None:
                            await to_thread.run_sync(registry.add, registration, client.subject)
                        if only is not None:
                            await to_thread.run_sync(storage.objects.put, only.object_key, task.output)
                            await only.answered(json.dumps(asdict(answer)))
            content = await to_thread.run_sync(task.output.read_bytes)
        headers = {
            "Provenance-Manifest": answer.manifest_id,
            "Provenance-Remarks": ", ".join(answer.remarks),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(_saved_name(file.name), safe='')}",
        }
        if answer.disclosure is not None:
            headers["AI-Disclosure"] = answer.disclosure
        if settings.register_signed:
            headers["Link"] = manifest_link(f"/v1/manifests/{answer.manifest_id}")
        return Response(content, headers=headers, media_type=answer.media_type)

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
        client = await service.access.admit(request, Scope.SIGNATURE, credential=name)
        _check_there(name, settings)
        with places.one(client.subject):
            data = await received_data(request, MAX_SIGNED_DATA)
        task = SignatureTask(name, algorithm, data)
        made = await _done(workers, task, settings)
        digest = hashlib.sha256(data).hexdigest()
        about = {"digest": digest, "credential": name}
        await to_thread.run_sync(partial(_record, storage, Action.SIGNATURE_MADE, client.subject, **about))
        return Response(made, media_type="application/octet-stream")


def _record(storage: Storage, action: Action, client: str, **about: str) -> None:
    """What is not in the audit log is not handed out."""
    with storage.database.begin() as connection:
        record(storage.database, connection, action, client, **about)


def _asked(form: Form) -> str:
    """A digest of all that was asked for: the files and the facts."""
    digest = hashlib.sha256()
    for name, file in sorted(form.files.items()):
        with file.path.open("rb") as stream:
            digest.update(f"{name}:{file.name}:{hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
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
        facts = json.loads(field or b"{}", parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise RefusedError("bad-parameter", names=FACTS) from None
    if not isinstance(facts, dict) or _is_deeper(facts, MAX_NESTING):
        raise RefusedError("bad-parameter", names=FACTS)
    return facts


def _no_json(constant: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python's reader takes for JSON and the engine's does not."""
    raise ValueError(constant)


def _is_deeper(value: object, levels: int) -> bool:
    """Whether lists and objects nest deeper than this."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(each, levels - 1) for each in inside)


def _chosen(name: object, settings: Settings) -> str:
    """The credential that was asked for; where there is only one, nobody has to name it."""
    there = list(credential_files(settings))
    if name is None and len(there) == 1:
        return there[0]
    if not isinstance(name, str):
        raise RefusedError("bad-parameter", names="credential")
    return name


def _check_there(name: str, settings: Settings) -> None:
    if name not in credential_files(settings):
        # JSON can hold half of a surrogate pair, which no answer can.
        raise RefusedError("no-such-credential", name=name[:64].encode("utf-8", "replace").decode())


def _saved_name(name: str) -> str:
    """The name of a file, cut where no disk and no proxy would take it; what tells its type stays."""
    path = PurePath(name)
    return path.stem[:MAX_SAVED_NAME] + path.suffix[:MAX_SAVED_NAME]


async def _done(workers: Workers, task: SignTask | SignatureTask, settings: Settings) -> Any:
    try:
        answer = await workers.run(task, more_time=waiting_time(credential_files(settings)[task.credential]))
    except WorkerStoppedError as error:
        _log.error("not signed with %s: the worker was stopped after %.1f seconds", task.credential, error.seconds)
        raise RefusedError("signing-stopped") from None
    if not isinstance(answer, NotSigned):
        return answer
    if answer.ours:
        _log.error("not signed with %s: %s", task.credential, answer.why)
        raise RefusedError("signing-unavailable")
    raise RefusedError("not-signed", why=answer.why)
