"""What each worker process has: warm readers of files, limits, and a check of types before a file is parsed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from provenance import Fetcher, Verifier, operating_system
from provenance.asset import open_asset
from provenance.errors import RefusedTypeError
from provenance.media_type import check_type

from ..log_lines import places_of
from ..settings import FETCH_SHARE, SIGNED_OVERHEAD, WORKER_MEMORY, Settings
from ..tracing import SourceTime


class WorkerTask(Protocol):
    """Something to do with a file in a worker process. It travels there, and its answer back."""

    def run(self, context: "WorkerContext") -> Any:
        """Does it, with what the worker keeps warm."""
        ...


class WorkerContext:
    """What a worker keeps warm from one file to the next."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.verifier = Verifier(
            **settings.trust_arguments(),
            second_engine=not settings.one_engine,
            remote_manifests=settings.remote_manifests,
            fetcher=Fetcher(time_limit=settings.time_limit * FETCH_SHARE),
            refused_types=settings.refused_types,
            timed=lambda source, seconds: self.source_times.append(SourceTime.just_ended(source, seconds)),
        )
        self.source_times: list[SourceTime] = []
        self.cache: dict[Any, Any] = {}
        """What tasks make once and use again."""


@dataclass(frozen=True)
class TaskOutcome:
    """The answer of a task and how long each source took; or where in the code the toolkit failed, for the log."""

    answer: Any
    source_times: list[SourceTime]
    failure: str | None = None


@dataclass(frozen=True)
class PingTask:
    """Nothing to do: whether a worker answers."""

    def run(self, context: WorkerContext) -> bool:
        """Says so."""
        return context.verifier is not None


def prepare(settings: Settings) -> WorkerContext:
    """Limits this process and makes it ready. The pool limits the time of each task."""
    largest = max(settings.max_upload, settings.max_job) + SIGNED_OVERHEAD
    operating_system.limit(memory=WORKER_MEMORY, file_size=largest)
    return WorkerContext(settings)


def perform(task: WorkerTask, context: WorkerContext) -> TaskOutcome:
    """Runs a task. Raises `RefusedTypeError` for a file of a type that is switched off, and `MemoryError`."""
    context.source_times = []
    try:
        for path in _input_files(task):
            with open_asset(path, name=getattr(task, "name", None)) as asset:
                check_type(asset.media_type, context.settings.refused_types)
        return TaskOutcome(task.run(context), context.source_times)
    except (MemoryError, RefusedTypeError):
        raise
    except Exception as error:  # its message can hold a piece of the file: only its places travel
        return TaskOutcome(None, context.source_times, failure=places_of(error))


def _input_files(task: WorkerTask) -> list[Path]:
    """The files of strangers that a task is about to read."""
    return [value for value in vars(task).values() if isinstance(value, Path) and value.is_file()]
