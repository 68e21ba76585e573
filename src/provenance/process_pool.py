"""A pool of worker processes: a task that crashes, or never ends, costs its process and nothing else.

A task has one process from its start to its end. Its time counts from when that process is ready; at its limit the
process is ended, together with the programs that it started and its temporary files, and the next task
gets a new one.
"""

import contextlib
import multiprocessing
import pickle
import secrets
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

from . import operating_system

# A fresh interpreter: a copy of this process would also copy its threads' locks and its connections.
_SPAWN: Final = multiprocessing.get_context("spawn")

# A process that closed its connection is about to end; how it ended is worth this wait, in seconds.
_ENDING_TIME: Final = 5.0

_State = TypeVar("_State")
_Result = TypeVar("_Result")


class ProcessStoppedError(Exception):
    """The process of a task ended before the task did, after so many seconds.

    `exit_code`: of a process that ended by itself; None where it ran past the time limit, or was cancelled.
    """

    def __init__(self, seconds: float, process_id: int | None = None, exit_code: int | None = None) -> None:
        super().__init__(seconds, process_id, exit_code)
        self.seconds = seconds
        self.process_id = process_id
        self.exit_code = exit_code


class TaskFailedError(Exception):
    """A task raised an error that cannot travel between processes: its type and message."""


class ProcessPool(Generic[_State]):
    """Runs tasks in worker processes, at most `size` of them at a time. Thread-safe.

    `prepare` is called once in each process, and each task is called with what it returned. Both travel to the process,
    and results back, by pickle.

    `start_limit`: for `prepare`, in seconds. `max_tasks`: after so many a process makes room for a new one.
    `temporary_prefix`: how the names of a process's temporary files begin.
    """

    def __init__(
        self,
        size: int,
        prepare: Callable[[], _State],
        *,
        start_limit: float | None = None,
        max_tasks: int | None = None,
        temporary_prefix: str = "provenance-",
    ) -> None:
        self._new_process = partial(_WorkerProcess, prepare, start_limit, temporary_prefix)
        self._max_tasks = max_tasks
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="provenance-process-pool")
        self._idle: deque[_WorkerProcess] = deque()
        self._submitted: set[_Submitted[Any]] = set()

    def start(self) -> None:
        """Starts the first process, so that the first task does not wait for it. Raises what `prepare` raises."""
        self._idle.append(self._new_process())

    def submit(self, task: Callable[[_State], _Result], time_limit: float | None = None) -> Future[_Result]:
        """The result to come of a task, which may take so many seconds once its process is ready.

        The future raises what the task or `prepare` raises, `ProcessStoppedError` where the process ended before, and
        `TaskFailedError`. Cancelling it ends its process where the task has begun.
        """
        submitted: _Submitted[_Result] = _Submitted()
        self._submitted.add(submitted)
        submitted.add_done_callback(self._submitted.discard)
        self._threads.submit(self._run, submitted, task, time_limit)
        return submitted

    def close(self) -> None:
        """Waits for all tasks, and ends the processes."""
        self._threads.shutdown()
        while self._idle:
            self._idle.pop().end()

    def stop(self) -> None:
        """Cancels all tasks, and ends the processes."""
        for submitted in tuple(self._submitted):
            submitted.cancel()
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.stop()

    def _run(self, submitted: "_Submitted[Any]", task: Callable[[Any], Any], time_limit: float | None) -> None:
        if not submitted.set_running_or_notify_cancel():
            return
        try:
            process = self._living_process()
            submitted.begin(process)
            try:
                answer, error = process.ask(task, time_limit)
            except BaseException:  # also for a task that cannot travel: nobody else would end this process
                submitted.finish()
                process.end()
                raise
            if submitted.finish() and (self._max_tasks is None or process.tasks < self._max_tasks):
                self._idle.append(process)
            else:
                process.end()
        except BaseException as failure:
            submitted.set_exception(failure)
        else:
            if error is None:
                submitted.set_result(answer)
            else:
                submitted.set_exception(error)

    def _living_process(self) -> "_WorkerProcess":
        while True:
            try:
                process = self._idle.pop()
            except IndexError:
                return self._new_process()
            if process.is_alive():
                return process
            process.end()


class _Submitted(Future[_Result]):
    """The future of a task. Cancelling it ends the process that runs the task, and never one that is done with it."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._process: _WorkerProcess | None = None
        self._was_stopped = False

    def begin(self, process: "_WorkerProcess") -> None:
        with self._lock:
            self._process = process
            if self._was_stopped:
                process.kill()

    def finish(self) -> bool:
        """The process is done with the task; whether it can be given another."""
        with self._lock:
            self._process = None
            return not self._was_stopped

    def cancel(self) -> bool:
        """Cancels the task; false where it has begun, and then its process is ended."""
        if super().cancel():
            return True
        with self._lock:
            self._was_stopped = True
            if self._process is not None:
                self._process.kill()
        return False


class _WorkerProcess:
    """One process, used by one thread at a time."""

    def __init__(self, prepare: Callable[[], Any], start_limit: float | None, temporary_prefix: str) -> None:
        self.tasks = 0
        self._temporary_prefix = f"{temporary_prefix}{secrets.token_hex(4)}-"
        self._connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_work, args=(theirs, prepare, self._temporary_prefix), daemon=True)
        try:
            self._process.start()
            theirs.close()
            _, error = self._received(time.monotonic(), start_limit)
            if error is not None:
                raise error
        except BaseException:
            self.end()
            raise

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, task: Callable[[Any], Any], time_limit: float | None) -> tuple[Any, Exception | None]:
        """The task's result, or its error. Raises `ProcessStoppedError` where neither comes in time."""
        self.tasks += 1
        started = time.monotonic()
        content = pickle.dumps(task)
        with contextlib.suppress(OSError):  # one that ended meanwhile is found when its answer is read
            self._connection.send_bytes(content)
        return self._received(started, time_limit)

    def kill(self) -> None:
        """Has the process end, with the programs that it started; whoever waits for its answer is told."""
        operating_system.kill_group(self._process)

    def end(self) -> None:
        """Ends the process, with the programs that it started and its temporary files."""
        if self._process.pid is not None:
            operating_system.end_group(self._process)
        delete_temporary_files(self._temporary_prefix)
        self._connection.close()

    def _received(self, started: float, time_limit: float | None) -> tuple[Any, Exception | None]:
        try:
            if self._connection.poll(time_limit):
                answer: tuple[Any, Exception | None] = pickle.loads(self._connection.recv_bytes())  # noqa: S301 - ours
                return answer
        except (EOFError, OSError):
            seconds = time.monotonic() - started
            self._process.join(_ENDING_TIME)
            raise ProcessStoppedError(seconds, self._process.pid, self._process.exitcode) from None
        raise ProcessStoppedError(time.monotonic() - started, self._process.pid)


def delete_temporary_files(prefix: str, folder: str | None = None) -> None:
    """Deletes the temporary files and folders whose names begin so; `folder`: another than today's."""
    for path in Path(folder or tempfile.gettempdir()).glob(f"{prefix}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def _work(connection: Connection, prepare: Callable[[], Any], temporary_prefix: str) -> None:
    """The life of a worker process."""
    operating_system.ignore_interrupts()
    operating_system.lead_group()
    tempfile.template = temporary_prefix  # also those of libraries
    state = None

    def prepared(_: object) -> None:
        nonlocal state
        state = prepare()

    with contextlib.suppress(EOFError, OSError):  # whoever waited for the answers has ended
        connection.send_bytes(_answer(prepared, None))
        while True:
            connection.send_bytes(_answer(partial(_called, connection.recv_bytes()), state))


def _called(content: bytes, state: object) -> Any:
    return pickle.loads(content)(state)  # noqa: S301 - ours


def _answer(task: Callable[[Any], Any], state: object) -> bytes:
    try:
        return pickle.dumps((task(state), None))
    except MemoryError:
        # What is left of the process cannot be relied on. Quietly: a traceback can hold pieces of a file.
        raise SystemExit(1) from None
    except Exception as error:
        try:
            answer = pickle.dumps((None, error))
            pickle.loads(answer)  # noqa: S301 - ours
        except Exception:
            answer = pickle.dumps((None, TaskFailedError(f"{type(error).__name__}: {error}")))
        return answer
