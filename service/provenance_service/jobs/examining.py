"""Examining one item of a job, in a worker process as every file of a stranger."""

import logging
from typing import Final

from provenance.errors import RefusedTypeError
from provenance.sentences import Message

from ..access.access import Client
from ..registry.lookup import is_worth_a_look, looked_up
from ..registry.registry import Registry
from ..reports import Reports
from ..sentences import phrase
from ..service import Service
from ..storage import StorageError
from ..temporary import temporary_folder
from ..workers import Job, Unsigned, UrlJob, WorkerStoppedError
from .jobs import Jobs, State, Work, input_key, report_id

_log: Final = logging.getLogger(__name__)


def examine(job: str, number: int, service: Service, jobs: Jobs, reports: Reports, registry: Registry) -> None:
    """Examines the item and keeps its report, unless that was done before. Raises `StorageError`."""
    work = jobs.work(job, number)
    if work is None:
        return
    try:
        found = _fetched(work, service) if work.url is not None else _examined(work, service, registry)
    except StorageError:
        raise
    except RefusedTypeError as error:
        found = Message(key="", text=phrase("problem.refused-type.detail", work.language, type=error.media_type))
    except Exception:  # whatever it is, the other items go on, and this one says so
        _log.exception("item %d of a job failed", number)
        found = Message(key="", text=phrase("problem.internal.detail", work.language))
    if isinstance(found, Message):
        jobs.finish(job, number, State.FAILED, found.text)
        return
    owner = Client(work.client or "", (), is_anonymous=work.client is None)
    reports.keep(found, owner, report_id=report_id(job, number))
    jobs.finish(job, number, State.DONE)


def _fetched(work: Work, service: Service) -> str | Message:
    try:
        answer: str | Message = service.workers.run_now(UrlJob(str(work.url), work.language, thumbnails=True))
    except WorkerStoppedError:
        return Message(key="", text=phrase("problem.stopped.detail", work.language))
    return answer


def _examined(work: Work, service: Service, registry: Registry) -> str | Message:
    with temporary_folder() as folder:
        path = folder / "item"
        if not service.storage.objects.save(input_key(work.job, work.number), path):
            return Message(key="", text=phrase("job.file-gone", work.language))
        task = Job(path, work.name, work.language, thumbnails=True, asks=is_worth_a_look(registry))
        try:
            found = service.workers.run_now(task)
        except WorkerStoppedError as error:
            given_up = service.verifier.given_up(path, error.seconds, name=work.name, language=work.language)
            return given_up.model_dump_json()
        return task.write(looked_up(found, registry, service.verifier)) if isinstance(found, Unsigned) else str(found)
