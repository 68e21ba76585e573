"""A request that is sent twice with one Idempotency-Key is done once (draft-ietf-httpapi-idempotency-key-header)."""

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from anyio import to_thread
from fastapi import Request
from sqlalchemy import ColumnElement, delete, select, update

from .access.access import Caller
from .problems import RefusedError
from .settings import MAX_IDEMPOTENCY_KEY
from .storage import Storage
from .storage.tables import ANSWER

HEADER: Final = "Idempotency-Key"

# A client that heard no answer tries again within minutes; a day leaves room for a queue that was stopped.
ANSWERS_ARE_KEPT: Final = 86400.0

# An instance that began to answer and has not finished by then is gone: longer than any request may take.
ABANDONED_AFTER: Final = 600.0


class IdempotentRequest:
    """One request under its key. `answer`: the one that it got before; without one, `keep` the new one."""

    def __init__(self, storage: Storage, client: str, key: str) -> None:
        self._storage, self._client, self._key = storage, client, key
        self.answer: str | None = None

    @property
    def object_key(self) -> str:
        """Where a file that belongs to the answer is kept."""
        return f"answers/{hashlib.sha256(self._client.encode()).hexdigest()[:16]}-{self._key}"

    async def keep(self, answer: str) -> None:
        """Keeps the answer, for the next time. Raises `StorageError`."""
        await to_thread.run_sync(self._keep, answer)

    def begin(self, request: str) -> None:
        """Raises `RefusedError` where the key was used for another request, or its answer is being made."""
        now, database = time.time(), self._storage.database
        values = {"client": self._client, "idempotency_key": self._key, "request": request, "made_at": now}
        with database.begin() as connection:
            connection.execute(delete(ANSWER).where(*self._here(), ANSWER.c.made_at < now - ANSWERS_ARE_KEPT))
            abandoned = (ANSWER.c.answer.is_(None), ANSWER.c.made_at < now - ABANDONED_AFTER)
            connection.execute(delete(ANSWER).where(*self._here(), *abandoned))
            first = database.insert(ANSWER).values(values).on_conflict_do_nothing().returning(ANSWER.c.client)
            if connection.execute(first).first() is not None:
                return
            earlier = connection.execute(select(ANSWER.c.request, ANSWER.c.answer).where(*self._here())).one()
        if earlier.request != request:
            raise RefusedError("key-reused")
        if earlier.answer is None:
            raise RefusedError("in-progress")
        self.answer = earlier.answer

    def end(self) -> None:
        """Nothing was answered: the next request with this key begins anew."""
        with self._storage.database.begin() as connection:
            connection.execute(delete(ANSWER).where(*self._here(), ANSWER.c.answer.is_(None)))

    def _keep(self, answer: str) -> None:
        with self._storage.database.begin() as connection:
            connection.execute(update(ANSWER).where(*self._here()).values(answer=answer))

    def _here(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return ANSWER.c.client == self._client, ANSWER.c.idempotency_key == self._key


@asynccontextmanager
async def idempotent(
    request: Request, storage: Storage, caller: Caller, digest: Callable[[], str]
) -> AsyncIterator[IdempotentRequest | None]:
    """The request under its Idempotency-Key; None for one without. `digest`: of the whole request.

    Raises `RefusedError` for a key that is too long, was used for another request, or is being answered.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        yield None
        return
    if len(key) > MAX_IDEMPOTENCY_KEY:
        raise RefusedError("bad-parameter", names=HEADER)
    idempotent_request = IdempotentRequest(storage, caller.subject, hashlib.sha256(key.encode()).hexdigest())
    content = f"{request.url.path}\n{await to_thread.run_sync(digest)}"
    await to_thread.run_sync(idempotent_request.begin, hashlib.sha256(content.encode()).hexdigest())
    try:
        yield idempotent_request
    finally:
        if idempotent_request.answer is None:
            await to_thread.run_sync(idempotent_request.end)


def delete_expired(storage: Storage) -> None:
    """Deletes answers that are a day old, with their files. Raises `StorageError`."""
    is_expired = ANSWER.c.made_at < time.time() - ANSWERS_ARE_KEPT
    with storage.database.begin() as connection:
        expired = connection.execute(
            delete(ANSWER).where(is_expired).returning(ANSWER.c.client, ANSWER.c.idempotency_key)
        )
        storage.objects.delete(
            [IdempotentRequest(storage, row.client, row.idempotency_key).object_key for row in expired]
        )
