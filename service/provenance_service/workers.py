"""Worker processes for files of strangers: a crash or an endless file costs one worker, never the service."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any

from fastapi import Request

from provenance.process_pool import ProcessPool, ProcessStoppedError

from .problems import RefusedError
from .settings import WORKER_START_LIMIT, Settings
from .tasks.worker import PingTask, TaskOutcome, WorkerTask, perform, prepare
from .temporary_files import PREFIX
from .tracing import SourceTime, request_source_times


class WorkerFailedError(Exception):
    """An error inside the toolkit, with its places in the worker's code for the log."""

    def __init__(self, places: str) -> None:
        super().__init__(places)
        self.places = places


class Workers:
    """Runs tasks in worker processes, as many at a time as the settings say."""

    def __init__(self, settings: Settings) -> None:
        self._time_limit = settings.time_limit
        self._pool = ProcessPool(
            settings.workers, partial(prepare, settings), start_limit=WORKER_START_LIMIT, temporary_prefix=PREFIX
        )
        self.stopped = 0
        """How many workers were taken down by a file."""
        self.on_source_time: Callable[[SourceTime], None] | None = None
        """Called with how long a source took."""

    async def start(self) -> None:
        """Starts the first worker, so that the first file does not wait for it."""
        await asyncio.to_thread(self._pool.start)

    async def stop(self) -> None:
        """Waits for the tasks in progress and ends all workers."""
        await asyncio.to_thread(self._pool.close)

    async def respond(self) -> bool:
        """Whether a worker answers within the time limit."""
        try:
            return bool(await self.run(PingTask()))
        except (ProcessStoppedError, WorkerFailedError):
            return False

    async def run(self, task: WorkerTask, request: Request | None = None, *, more_time: float = 0.0) -> Any:
        """The task's answer, within the time limit and `more_time`, in seconds.

        `request`: the one that is answered, read to its end; the task ends where its client goes away.

        Raises `ProcessStoppedError` where the task stopped its worker, `RefusedTypeError` for a file of a type that is
        switched off, `WorkerFailedError` for an error in the toolkit, and `RefusedError` for a client that went away.
        """
        with self._counting():
            answer = asyncio.wrap_future(self._submitted(task, more_time))
            return self._unpacked(await (answer if request is None else _while_connected(answer, request)))

    async def answer(self, task: WorkerTask, request: Request | None = None, *, more_time: float = 0.0) -> Any:
        """As `run`; raises `RefusedError` where the task stopped its worker."""
        try:
            return await self.run(task, request, more_time=more_time)
        except ProcessStoppedError:
            raise RefusedError("stopped") from None

    def run_blocking(self, task: WorkerTask, *, more_time: float = 0.0) -> Any:
        """As `run`, for a caller in a thread of its own, which waits."""
        with self._counting():
            return self._unpacked(self._submitted(task, more_time).result())

    def _submitted(self, task: WorkerTask, more_time: float) -> Future[TaskOutcome]:
        return self._pool.submit(partial(perform, task), self._time_limit + more_time)

    @contextmanager
    def _counting(self) -> Iterator[None]:
        try:
            yield
        except ProcessStoppedError:
            self.stopped += 1
            raise

    def _unpacked(self, outcome: TaskOutcome) -> Any:
        of_request = request_source_times.get()
        if of_request is not None:
            of_request.extend(outcome.source_times)
        if self.on_source_time is not None:
            for source_time in outcome.source_times:
                self.on_source_time(source_time)
        if outcome.failure is not None:
            raise WorkerFailedError(outcome.failure)
        return outcome.answer


async def _while_connected(answer: "asyncio.Future[TaskOutcome]", request: Request) -> TaskOutcome:
    disconnected = asyncio.create_task(_disconnected(request))
    try:
        either: set[asyncio.Future[Any]] = {answer, disconnected}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise RefusedError("interrupted")
        return answer.result()
    finally:
        disconnected.cancel()
        answer.cancel()  # ends the worker of a task that goes on


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
