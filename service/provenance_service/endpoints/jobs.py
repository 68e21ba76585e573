"""Jobs: many files or addresses at once."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Final

from anyio import to_thread
from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from provenance.files import sha256_of

from ..access.access import Access, Caller
from ..access.scope import Scope
from ..content_negotiation import Language
from ..idempotency import idempotent
from ..jobs.event_streams import EventListeners, EventStream
from ..jobs.job_input import JobInput
from ..jobs.jobs import ItemResult, Jobs, JobStatus
from ..jobs.queue import Queue
from ..jobs.submission import job_inputs
from ..openapi import GUARDED, JOB_BODY, UPLOADED, WORKED_ON, refusals
from ..problems import RefusedError
from ..reports import ID_PATTERN
from ..service import Service

# Items of one page of results.
MAX_PAGE: Final = 200

# How often a listener is told of progress, in seconds.
PROGRESS_EVERY: Final = 0.5

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
    """Adds `/v1/jobs`."""
    access, storage = service.access, service.storage
    listeners = EventListeners()

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
        caller = await access.admit(request, Scope.VERIFY, files=0)
        if await to_thread.run_sync(jobs.waiting) > MAX_WAITING:
            raise RefusedError("busy")
        with service.upload_slots.take(caller.subject):
            async with (
                job_inputs(request, service) as inputs,
                idempotent(request, storage, caller, partial(_digest, inputs)) as earlier,
            ):
                if earlier is not None and earlier.answer is not None:
                    job = earlier.answer
                else:
                    await access.count(caller, len(inputs))
                    job = await to_thread.run_sync(jobs.add, inputs, language, caller)
                    await to_thread.run_sync(queue.put, job)
                    if earlier is not None:
                        await earlier.keep(job)
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
        caller = await _admit(request, job, access, jobs)
        await _status(request, job, jobs)
        return EventStream(_progress(request, job, jobs), listeners=listeners, job=job, caller=caller.subject)

    @app.delete("/v1/jobs/{job}", summary="Cancel a job", responses=refusals(*_REFUSALS))
    async def cancel(request: Request, job: JobId) -> JobStatus:
        """What waits is not examined any more; what is done stays."""
        await _admit(request, job, access, jobs)
        await _status(request, job, jobs)
        await to_thread.run_sync(jobs.cancel, job)
        return await _status(request, job, jobs)


async def _admit(request: Request, job: str, access: Access, jobs: Jobs) -> Caller:
    """The caller, if the job was submitted by it, or without a key."""
    caller = await access.identify(request)
    caller.check(Scope.VERIFY)
    owner = await to_thread.run_sync(jobs.owner, job)
    if owner is not None and owner != caller.subject:
        raise RefusedError("not-found", path=request.url.path)
    return caller


async def _status(request: Request, job: str, jobs: Jobs) -> JobStatus:
    status = await to_thread.run_sync(jobs.status, job)
    if status is None:
        raise RefusedError("not-found", path=request.url.path)
    return status


async def _progress(request: Request, job: str, jobs: Jobs) -> AsyncIterator[str]:
    last = None
    while True:
        status = await to_thread.run_sync(jobs.status, job)
        if status is None or await request.is_disconnected():
            return
        if status != last:
            last = status
            yield f"event: progress\ndata: {status.model_dump_json()}\n\n"
        if status.state != "running":
            yield f"event: end\ndata: {status.model_dump_json()}\n\n"
            return
        await asyncio.sleep(PROGRESS_EVERY)


def _digest(inputs: list[JobInput]) -> str:
    digest = hashlib.sha256()
    for job_input in inputs:
        digest.update(f"{job_input.name}\n{job_input.url}\n".encode())
        if job_input.path is not None:
            digest.update(sha256_of(job_input.path).encode())
    return digest.hexdigest()
