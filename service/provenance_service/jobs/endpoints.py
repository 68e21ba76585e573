"""Jobs over HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from ..access.access import Client
from ..access.scope import Scope
from ..idempotency import once
from ..negotiation import Language
from ..openapi import GUARDED, JOB_BODY, UPLOADED, WORKED_ON, refusals
from ..problems import RefusedError
from ..reports import ID_PATTERN
from ..service import Service
from .intake import asked
from .jobs import ItemResult, Jobs, JobStatus, Source
from .listening import Events, Listeners
from .queue import Queue

# Items of one page of results.
MAX_PAGE: Final = 200

# How often progress is told, in seconds.
TOLD_EVERY: Final = 0.5

# Items of all jobs that may wait: their files fill the storage.
MAX_WAITING: Final = 100_000

_REFUSALS: Final = (*GUARDED, "not-found")

JobId = Annotated[str, Path(pattern=ID_PATTERN)]


class Page(BaseModel):
    """A page of results."""

    model_config = ConfigDict(frozen=True)

    items: list[ItemResult]
    next: int | None = Field(description="Ask for `after` this number; null at the end.")


def add_jobs(app: FastAPI, service: Service, jobs: Jobs, queue: Queue) -> None:
    """Adds `jobs`."""
    access, storage = service.access, service.storage
    listeners = Listeners()

    @app.post(
        "/v1/jobs",
        status_code=202,
        summary="Examine many files or addresses",
        responses=refusals(
            *GUARDED,
            *UPLOADED,
            *WORKED_ON,
            *("bad-parameter", "bad-archive", "too-many-items", "key-reused", "fetching-off", "in-progress"),
        ),
        openapi_extra={"requestBody": JOB_BODY},
    )
    async def add_job(request: Request, language: Language) -> JobStatus:
        """Several files in the field `file`, or a ZIP as the body, or `{"urls": [...]}`; kept until they are examined.

        Their reports are kept like those that were asked for with `keep`. With an Idempotency-Key a repeated request
        gets the same job.
        """
        client = await access.admit(request, Scope.VERIFY, files=0)
        if await to_thread.run_sync(jobs.waiting) > MAX_WAITING:
            raise RefusedError("busy")
        with service.places.one(client.subject):
            async with (
                asked(request, service) as sources,
                once(request, storage, client, partial(_digest, sources)) as only,
            ):
                if only is not None and only.before is not None:
                    job = only.before
                else:
                    await access.count(client, len(sources))
                    job = await to_thread.run_sync(jobs.add, sources, language, client)
                    await to_thread.run_sync(queue.put, job)
                    if only is not None:
                        await only.answered(job)
        return await _status(request, job, jobs)

    @app.get("/v1/jobs/{job}", summary="How far a job is", responses=refusals(*_REFUSALS))
    async def status(request: Request, job: JobId) -> JobStatus:
        await _admit(request, job, access, jobs)
        return await _status(request, job, jobs)

    @app.get("/v1/jobs/{job}/results", summary="What was found", responses=refusals(*_REFUSALS))
    async def results(
        request: Request,
        job: JobId,
        after: Annotated[int, Query(ge=0, le=MAX_PAGE * 1_000_000, description="The number of the last one seen.")] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> Page:
        """In the order of the items, waiting ones among them. Each finished one names its report."""
        await _admit(request, job, access, jobs)
        await _status(request, job, jobs)
        items = await to_thread.run_sync(lambda: jobs.results(job, after=after, limit=limit))
        return Page(items=items, next=items[-1].number if len(items) == limit else None)

    @app.get(
        "/v1/jobs/{job}/events",
        summary="Progress as it happens",
        response_class=StreamingResponse,
        responses={
            200: {"description": "Server-sent events.", "content": {"text/event-stream": {}}},
            **refusals(*_REFUSALS, "busy"),
        },
    )
    async def events(request: Request, job: JobId) -> StreamingResponse:
        """Server-sent events: `progress` with the job's status whenever it changed, `end` when nothing waits."""
        client = await _admit(request, job, access, jobs)
        await _status(request, job, jobs)
        answer = Events(_progress(request, job, jobs))
        answer.listeners, answer.job, answer.client = listeners, job, client.subject
        return answer

    @app.delete("/v1/jobs/{job}", summary="Cancel a job", responses=refusals(*_REFUSALS))
    async def cancel(request: Request, job: JobId) -> JobStatus:
        """What waits is not examined any more; what is done stays."""
        await _admit(request, job, access, jobs)
        await _status(request, job, jobs)
        await to_thread.run_sync(jobs.cancel, job)
        return await _status(request, job, jobs)


async def _admit(request: Request, job: str, access: Any, jobs: Jobs) -> Client:
    """Whoever has the id of a job that was given without a key; else whoever has that key."""
    client: Client = await access.client(request)
    client.check(Scope.VERIFY)
    owner = await to_thread.run_sync(jobs.owner, job)
    if owner is not None and owner != client.subject:
        raise RefusedError("not-found", path=request.url.path)
    return client


async def _status(request: Request, job: str, jobs: Jobs) -> JobStatus:
    found = await to_thread.run_sync(jobs.status, job)
    if found is None:
        raise RefusedError("not-found", path=request.url.path)
    return found


async def _progress(request: Request, job: str, jobs: Jobs) -> AsyncIterator[str]:
    told = None
    while True:
        found = await to_thread.run_sync(jobs.status, job)
        if found is None or await request.is_disconnected():
            return
        if found != told:
            told = found
            yield f"event: progress\ndata: {found.model_dump_json()}\n\n"
        if found.state != "running":
            yield f"event: end\ndata: {found.model_dump_json()}\n\n"
            return
        await asyncio.sleep(TOLD_EVERY)


def _digest(sources: list[Source]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.name}\n{source.url}\n".encode())
        if source.path is not None:
            with source.path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
