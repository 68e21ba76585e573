"""Executing a job: each item is examined in a worker process, as every file of a stranger."""

import logging
from typing import Final

from provenance.errors import RefusedTypeError
from provenance.process_pool import ProcessStoppedError
from provenance.sentences import Message

from ..access.access import Caller
from ..registry.recovery import has_registered_pictures, with_registry_matches
from ..registry.registry import Registry
from ..reports import Reports
from ..sentences import phrase
from ..service import Service
from ..storage import StorageError
from ..tasks.verify import UnsignedReport, VerifyTask, VerifyUrlTask
from ..temporary_files import temporary_folder
from .jobs import ItemState, Jobs, PendingItem, input_key, report_id

_log: Final = logging.getLogger(__name__)


class _ItemFailedError(Exception):
    """Why there is no report on an item, in the client's language."""


def execute_item(job: str, number: int, service: Service, jobs: Jobs, reports: Reports, registry: Registry) -> None:
    """Examines the item and keeps its report, unless that was done before. Raises `StorageError`."""
    item = jobs.pending(job, number)
    if item is None:
        return
    try:
        report = _report(item, service, registry)
    except _ItemFailedError as error:
        jobs.finish(job, number, ItemState.FAILED, str(error))
        return
    owner = Caller(item.client or "", (), is_anonymous=item.client is None)
    reports.keep(report, owner, report_id=report_id(job, number))
    jobs.finish(job, number, ItemState.DONE)


def _report(item: PendingItem, service: Service, registry: Registry) -> str:
    try:
        return _report_on_url(item, service) if item.url is not None else _report_on_file(item, service, registry)
    except (StorageError, _ItemFailedError):
        raise
    except RefusedTypeError as error:
        raise _failed(item, "problem.refused-type.detail", type=error.media_type) from None
    except Exception:  # whatever it is, the other items go on, and this one says so
        _log.exception("item %d of a job failed", item.number)
        raise _failed(item, "problem.internal.detail") from None


def _report_on_url(item: PendingItem, service: Service) -> str:
    try:
        answer = service.workers.run_blocking(VerifyUrlTask(str(item.url), item.language, thumbnails=True))
    except ProcessStoppedError:
        raise _failed(item, "problem.stopped.detail") from None
    if isinstance(answer, Message):
        raise _ItemFailedError(answer.text)
    return str(answer)


def _report_on_file(item: PendingItem, service: Service, registry: Registry) -> str:
    with temporary_folder() as folder:
        path = folder / "item"
        if not service.storage.objects.save(input_key(item.job, item.number), path):
            raise _failed(item, "job.file-gone")
        with_fingerprint = has_registered_pictures(registry)
        task = VerifyTask(path, item.name, item.language, thumbnails=True, with_fingerprint=with_fingerprint)
        try:
            answer = service.workers.run_blocking(task)
        except ProcessStoppedError as error:
            return task.stopped(service.verifier, error.seconds)
        if isinstance(answer, UnsignedReport):
            return task.rendered(with_registry_matches(answer, registry, service.verifier))
        return str(answer)


def _failed(item: PendingItem, key: str, **values: str) -> _ItemFailedError:
    return _ItemFailedError(phrase(key, item.language, **values))
