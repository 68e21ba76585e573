"""The queue of items: DBOS keeps it in the database, so that accepted jobs survive a crash.

Each instance of the service takes items as it has workers free, and says from time to time that it lives. What a dead
one had begun is given back to the queue. An item may thus be begun twice; `Jobs.finish` lets it end once.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from dbos import DBOS, SetWorkflowID
from sqlalchemy import delete, select

from ..settings import Settings
from ..storage import Storage, StorageError
from ..storage.storage import ensured_folder
from ..storage.tables import INSTANCE

# How often an instance says that it lives, in seconds; it counts as dead after having been silent for four times that.
HEARTBEAT: Final = 2.0
_DEAD_AFTER: Final = 4 * HEARTBEAT

# How often the queue is looked at, in seconds.
_POLL: Final = 0.2

# How long to wait for storage that does not answer before an item is tried again, in seconds.
_TRY_AGAIN_AFTER: Final = 2.0

_JOBS: Final = "jobs"
_ITEMS: Final = "items"


class _StoppingError(BaseException):
    """Ends a workflow without an outcome: DBOS takes an `Exception` for the outcome of an item."""


class Queue:
    """Hands out the items of jobs.

    `numbers`: those of all items of a job, the same whenever they are asked for. `execute`: does one item, given the
    job and the number.
    """

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        numbers: Callable[[str], list[int]],
        execute: Callable[[str, int], None],
    ) -> None:
        self._settings, self._storage = settings, storage
        self._instance = str(uuid4())
        self._launched = False
        self._launching = threading.Lock()
        self._stopping = threading.Event()
        self._items_in_work, self._idle = 0, threading.Condition()

        @DBOS.workflow(name="item")
        def item(job: str, number: int) -> None:
            with self._at_work():
                while not self._stopping.is_set():
                    try:
                        execute(job, number)
                        return
                    except StorageError:
                        self._stopping.wait(_TRY_AGAIN_AFTER)
            raise _StoppingError

        @DBOS.workflow(name="job")
        def spread(job: str) -> None:
            for number in numbers(job):
                with SetWorkflowID(f"{job}.{number}"):
                    DBOS.enqueue_workflow(_ITEMS, item, job, number)

        self._spread = spread

    def put(self, job: str) -> None:
        """Has the items of a job done, by whichever instance is free. Raises `StorageError`."""
        self._launch()
        with SetWorkflowID(job):
            DBOS.enqueue_workflow(_JOBS, self._spread, job)

    def heartbeat(self) -> None:
        """Says that this instance lives, and gives back what dead ones had begun. Raises `StorageError`."""
        self._launch()
        now, database = time.time(), self._storage.database
        seen = database.insert(INSTANCE).values(id=self._instance, seen_at=now)
        with database.begin() as connection:
            connection.execute(seen.on_conflict_do_update(index_elements=[INSTANCE.c.id], set_={"seen_at": now}))
            connection.execute(delete(INSTANCE).where(INSTANCE.c.seen_at < now - _DEAD_AFTER))
            living = set(connection.execute(select(INSTANCE.c.id)).scalars())
        for workflow in DBOS.list_workflows(status="PENDING", load_input=False, load_output=False):
            if workflow.executor_id not in living:
                queue = _ITEMS if workflow.name == "item" else _JOBS
                DBOS.resume_workflow(workflow.workflow_id, queue_name=queue)

    def delete(self, jobs: list[str]) -> None:
        """Deletes what the queue still knows of these jobs. Raises `StorageError`."""
        if jobs:
            self._launch()
            DBOS.delete_workflows(jobs, delete_children=True)

    def stop(self, seconds: float) -> None:
        """Lets running items end within this time, starts no more, and leaves the rest to other instances."""
        if not self._launched:
            return
        self._stopping.set()
        with self._idle:
            self._idle.wait_for(lambda: self._items_in_work == 0, seconds)
        DBOS.destroy()
        with self._storage.database.begin() as connection:
            connection.execute(delete(INSTANCE).where(INSTANCE.c.id == self._instance))

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Counts the items in work, so that `stop` can wait for them."""
        with self._idle:
            self._items_in_work += 1
        try:
            yield
        finally:
            with self._idle:
                self._items_in_work -= 1
                self._idle.notify_all()

    def _launch(self) -> None:
        if self._launched:
            return
        # Instances that start together would all make the tables of the queue.
        with self._launching, self._storage.database.alone():
            if self._launched:
                return
            DBOS(config=_config(self._settings, self._storage, self._instance))
            DBOS.launch()
            # Half of the workers: a single request is not held up by a long job.
            at_once = max(1, self._settings.workers // 2)
            DBOS.register_queue(_ITEMS, worker_concurrency=at_once, polling_interval_sec=_POLL)
            DBOS.register_queue(_JOBS, worker_concurrency=1, polling_interval_sec=_POLL)
            self._launched = True


def _config(settings: Settings, storage: Storage, instance: str) -> Any:
    in_folder = f"sqlite:///{ensured_folder(settings.folder) / 'queue.db'}"
    return {
        "name": "provenance",
        "system_database_url": in_folder if storage.database.is_sqlite else storage.database.url,
        "executor_id": instance,
        # To be raised when a newer version cannot read the entries of the queue: jobs outlive an update.
        "application_version": "1",
        "log_level": "ERROR",
        # Its listener waits for messages that nothing here sends; at the end it is waited for.
        "use_listen_notify": False,
        "notification_listener_polling_interval_sec": 0.25,
        "enable_otlp": False,
    }
