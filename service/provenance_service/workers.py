"""Worker processes for files of strangers: a crash or an endless file costs one worker, never the service."""

import asyncio
import contextvars
import multiprocessing
import secrets
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Protocol

from provenance import Fetcher, Kind, Report, Status, Verifier, operating_system
from provenance.asset import open_asset
from provenance.errors import RefusedTypeError
from provenance.fetching import FetchError
from provenance.media_type import check_type
from provenance.render.html import render_html
from provenance.sentences import Message

from .log_lines import places_of
from .registry.fingerprint import Fingerprint, to_ask
from .settings import FETCH_SHARE, SIGNED_OVERHEAD, WORKER_MEMORY, WORKER_START_LIMIT, Settings
from .temporary import PREFIX, delete_all, name_all
from .tracing import SourceTime, asked_sources

# A fresh interpreter: a copy of this process would also copy its threads' locks and its connections.
_SPAWN: Final = multiprocessing.get_context("spawn")


class Task(Protocol):
    """Something to do with a file in a worker process. It travels there, and its answer back."""

    def run(self, tools: "Tools") -> Any:
        """Does it, with what the worker keeps warm."""
        ...


class Tools:
    """What a worker keeps warm from one file to the next."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.verifier = Verifier(
            **settings.who_is_believed(),
            second_engine=not settings.one_engine,
            remote_manifests=settings.remote_manifests,
            fetcher=Fetcher(time_limit=settings.time_limit * FETCH_SHARE),
            refused_types=settings.refused_types,
            timed=lambda source, seconds: self.times.append(SourceTime.just_ended(source, seconds)),
        )
        self.times: list[SourceTime] = []
        self.kept: dict[Any, Any] = {}  # what tasks make once and use again


@dataclass(frozen=True)
class Ping:
    """Nothing to do: whether a worker answers."""

    def run(self, tools: "Tools") -> bool:
        """Says so."""
        return tools.verifier is not None


@dataclass(frozen=True)
class Job:
    """A file to examine, and the form in which to say what was found.

    `thumbnails`: those of its history too. `asks`: with the fingerprint of a picture that bears no signature.
    """

    path: Path
    name: str
    language: str
    as_html: bool = False
    thumbnails: bool = False
    asks: bool = False

    def run(self, tools: Tools) -> "str | Unsigned":
        """Examines the file."""
        report = tools.verifier.verify(self.path, name=self.name, language=self.language, thumbnails=self.thumbnails)
        return (
            Unsigned(report.model_dump_json(), to_ask(self.path))
            if self.asks and is_unsigned(report)
            else self.write(report)
        )

    def write(self, report: Report) -> str:
        """The report in the form that was asked for."""
        return render_html(report) if self.as_html else report.model_dump_json()


@dataclass(frozen=True)
class Unsigned:
    """The report on a file that bears no signature, as JSON, and its fingerprint, or why it has none."""

    report: str
    asked: Fingerprint | Message


def is_unsigned(report: Report) -> bool:
    """Whether no signature of the file says anything about it, so that a registry may."""
    return not any(each.kind is Kind.SIGNED_MANIFEST and each.status is Status.VALID for each in report.evidence)


@dataclass(frozen=True)
class UrlJob:
    """A public https address to fetch and examine, and the form in which to say what was found."""

    url: str
    language: str
    as_html: bool = False
    thumbnails: bool = False

    def run(self, tools: Tools) -> str | Message:
        """Fetches and examines; the sentence that says why it could not be fetched is an answer too."""
        try:
            report = tools.verifier.verify_url(self.url, language=self.language, thumbnails=self.thumbnails)
        except FetchError as error:
            return error.why.in_language(self.language)
        return render_html(report) if self.as_html else report.model_dump_json()


@dataclass(frozen=True)
class _Failure:
    places: str


class WorkerStoppedError(Exception):
    """The worker ran past its time, or died, after these seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class WorkerFailedError(Exception):
    """An error inside the toolkit, with its places in the worker's code for the log."""

    def __init__(self, places: str) -> None:
        super().__init__(places)
        self.places = places


class Workers:
    """Does tasks in worker processes, as many at a time as the settings say."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(settings.workers, thread_name_prefix="provenance-worker")
        self._idle: deque[_Worker] = deque()
        self.stopped = 0
        """How many workers were taken down by a file."""
        self.timed: Callable[[SourceTime], None] | None = None
        """Is told how long each source took."""

    async def start(self) -> None:
        """Starts the first worker, so that the first file does not wait for it."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._start)

    async def stop(self) -> None:
        """Waits for the tasks in progress and ends all workers."""
        await asyncio.to_thread(self._threads.shutdown)
        while self._idle:
            self._idle.pop().end()

    async def answer(self) -> bool:
        """Whether a worker answers within the time limit."""
        try:
            return bool(await self.run(Ping()))
        except (WorkerStoppedError, WorkerFailedError):
            return False

    async def run(self, task: Task, *, more_time: float = 0.0) -> Any:
        """The task's answer, within the time limit and `more_time`.

        Raises `WorkerStoppedError` where the task stopped its worker, `RefusedTypeError` for a file of a type that is
        switched off, and `WorkerFailedError` for an error in the toolkit.
        """
        seconds = self._settings.time_limit + more_time
        # A copy of the context goes to the thread, and with it the list of the sources that were asked.
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, self._run, task, seconds)

    def run_now(self, task: Task, *, more_time: float = 0.0) -> Any:
        """As `run`, for a caller in a thread of its own, which waits."""
        return self._threads.submit(self._run, task, self._settings.time_limit + more_time).result()

    def _start(self) -> None:
        self._idle.append(_Worker(self._settings))

    def _run(self, task: Task, seconds: float) -> Any:
        worker = self._living_worker()
        started = time.monotonic()
        try:
            answer, times = worker.ask(task, seconds)
        except WorkerStoppedError:
            worker.end()
            self.stopped += 1
            raise WorkerStoppedError(time.monotonic() - started) from None
        except BaseException:  # a task that cannot travel: nobody else would end this worker
            worker.end()
            raise
        self._idle.append(worker)
        self._note(times)
        if isinstance(answer, _Failure):
            raise WorkerFailedError(answer.places)
        if isinstance(answer, RefusedTypeError):
            raise answer
        return answer

    def _note(self, times: list[SourceTime]) -> None:
        asked = asked_sources.get()
        if asked is not None:
            asked.extend(times)
        if self.timed is not None:
            for each in times:
                self.timed(each)

    def _living_worker(self) -> "_Worker":
        while True:
            try:
                worker = self._idle.pop()
            except IndexError:
                return _Worker(self._settings)
            if worker.is_alive():
                return worker
            worker.end()


class _Worker:
    """One process, used by one thread at a time. Its time counts once it is ready."""

    def __init__(self, settings: Settings) -> None:
        self._connection, theirs = _SPAWN.Pipe()
        self._prefix = f"{PREFIX}{secrets.token_hex(4)}-"
        self._process = _SPAWN.Process(target=_work, args=(theirs, settings, self._prefix), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self._receive(WORKER_START_LIMIT)
        except WorkerStoppedError:
            self.end()
            raise

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, task: Task, seconds: float) -> tuple[Any, list[SourceTime]]:
        """The worker's answer, and how long each source took. Raises `WorkerStoppedError` where none comes in time."""
        try:
            self._connection.send(task)
        except OSError:
            raise WorkerStoppedError from None
        answer: tuple[Any, list[SourceTime]] = self._receive(seconds)
        return answer

    def end(self) -> None:
        """Ends the process, with the programs that it started, such as a decoder, and what they wrote."""
        operating_system.end_group(self._process)
        delete_all(self._prefix)
        self._connection.close()

    def _receive(self, seconds: float) -> Any:
        try:
            if not self._connection.poll(seconds):
                raise WorkerStoppedError
            return self._connection.recv()
        except (EOFError, OSError):
            raise WorkerStoppedError from None


def _work(connection: Connection, settings: Settings, prefix: str) -> None:
    operating_system.ignore_interrupts()
    operating_system.lead_group()
    name_all(prefix)
    # Time is the service's to limit: it ends the process.
    largest = max(settings.max_upload, settings.max_job) + SIGNED_OVERHEAD
    operating_system.limit(memory=WORKER_MEMORY, file_size=largest)
    tools = Tools(settings)
    connection.send("ready")
    while True:
        try:
            task: Task = connection.recv()
        except (EOFError, OSError):
            return
        tools.times = []
        answer = _answer(tools, task)
        connection.send((answer, tools.times))


def _answer(tools: Tools, task: Task) -> Any:
    try:
        for path in _inputs(task):
            with open_asset(path, name=getattr(task, "name", None)) as asset:
                check_type(asset.media_type, tools.settings.refused_types)
        return task.run(tools)
    except MemoryError:
        # The process ends, and the file gets the answer of one that stopped its worker.
        raise
    except RefusedTypeError as error:
        return error
    except Exception as error:
        return _Failure(places_of(error))


def _inputs(task: Task) -> list[Path]:
    """The files of strangers that a task is about to read."""
    return [path for path in vars(task).values() if isinstance(path, Path) and path.is_file()]
