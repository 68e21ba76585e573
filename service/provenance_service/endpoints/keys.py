"""Keys of clients, for callers with the scope `admin`."""

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Body, Depends, FastAPI, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from ..access.admission import admission_route, admitted_caller
from ..access.keys import Key
from ..access.quota import Quota
from ..access.scope import Scope
from ..openapi import GUARDED, KEY, refusals
from ..problems import RefusedError
from ..service import Service

# No name of a client is longer; it stands in lists and in the audit log.
MAX_NAME = 200

_REFUSALS = refusals(*GUARDED)


class NewKey(BaseModel):
    """A key to make."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]+$")
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    credentials: Annotated[list[Annotated[str, Field(pattern="^[A-Za-z0-9._-]{1,64}$")]], Field(max_length=100)] = []
    quota: str | None = Field(default=None, pattern=r"^\d{1,9}/(second|minute|hour|day)$", examples=["600/hour"])
    days: float | None = Field(default=None, gt=0, le=36500, description="Good for so long; else without an end.")


def add_keys(app: FastAPI, service: Service) -> None:
    """Adds `/v1/keys`."""
    keys, access = service.access.keys, service.access

    @app.get("/v1/keys", summary="The keys of clients", responses=_REFUSALS, dependencies=[Depends(KEY)])
    async def all_keys(request: Request) -> list[Key]:
        """Without what is secret of them, which is kept nowhere."""
        await access.admit(request, Scope.ADMIN)
        return await to_thread.run_sync(keys.all)

    router = APIRouter(route_class=admission_route(access, Scope.ADMIN))

    @router.post(
        "/v1/keys",
        status_code=201,
        summary="Make a key",
        responses={**_REFUSALS, **refusals("too-large", "too-slow")},
        dependencies=[Depends(KEY)],
    )
    async def add_key(request: Request, new: Annotated[NewKey, Body()]) -> dict[str, Any]:
        """The key itself is in this answer and in no other."""
        caller = admitted_caller(request)

        def make() -> tuple[Key, str]:
            return keys.add(
                new.name,
                list(dict.fromkeys(new.scopes)),
                credentials=new.credentials,
                quota=Quota.parse(new.quota) if new.quota else None,
                lifetime=new.days * 86400 if new.days is not None else None,
                by=caller.subject,
            )

        key, secret = await to_thread.run_sync(make)
        return {**key.model_dump(mode="json"), "key": secret}

    app.router.routes.extend(router.routes)

    @app.delete(
        "/v1/keys/{key_id}",
        status_code=204,
        summary="Revoke a key",
        responses={**_REFUSALS, **refusals("not-found")},
        dependencies=[Depends(KEY)],
    )
    async def revoke_key(request: Request, key_id: Annotated[str, Path(pattern="^[0-9a-f]{1,16}$")]) -> None:
        """From now on it is refused."""
        caller = await access.admit(request, Scope.ADMIN)
        if not await to_thread.run_sync(lambda: keys.revoke(key_id, by=caller.subject)):
            raise RefusedError("not-found", path=request.url.path)
