"""Jobs and their items in the database. An item leaves `waiting` once, however many workers examined it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, func, select, update

from ..access.access import Caller
from ..reports import new_id
from ..storage import Storage
from ..storage.tables import JOB, JOB_ITEM
from .job_input import JobInput

_DAY: Final = 86400.0


class ItemState(StrEnum):
    """The state of an item."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobStatus(BaseModel):
    """How far a job is."""

    model_config = ConfigDict(frozen=True)

    id: str
    state: str = Field(description="running, done or cancelled", examples=["running"])
    items: int
    waiting: int
    done: int
    failed: int = Field(description="Of these there is no report; their results say why.")
    cancelled: int
    made_at: float = Field(description="Seconds since 1970.")
    expires_at: float


class ItemResult(BaseModel):
    """What became of one item."""

    model_config = ConfigDict(frozen=True)

    number: int
    name: str
    url: str | None
    state: ItemState
    why: str | None = Field(description="Of an item that failed.")
    report: str | None = Field(description="Where its report is, as JSON or as a page.", examples=["/v1/reports/x.1"])


@dataclass(frozen=True)
class PendingItem:
    """An item that waits to be examined."""

    job: str
    number: int
    name: str
    url: str | None
    language: str
    client: str | None


class Jobs:
    """All jobs. Every method raises `StorageError` where the storage does not answer."""

    def __init__(self, storage: Storage, days: float) -> None:
        self._storage, self._seconds = storage, days * _DAY

    def add(self, inputs: Sequence[JobInput], language: str, caller: Caller) -> str:
        """Keeps a job with its files, and gives its id. All of it is there afterwards, or nothing."""
        job, now = new_id(), time.time()
        try:
            for number, job_input in enumerate(inputs, 1):
                if job_input.path is not None:
                    self._storage.objects.put(input_key(job, number), job_input.path)
            with self._storage.database.begin() as connection:
                row = {"id": job, "language": language, "made_at": now, "expires_at": now + self._seconds}
                connection.execute(JOB.insert().values(**row, client=None if caller.is_anonymous else caller.subject))
                items = [
                    {
                        "job": job,
                        "number": number,
                        "name": job_input.name,
                        "url": job_input.url,
                        "state": ItemState.WAITING,
                    }
                    for number, job_input in enumerate(inputs, 1)
                ]
                connection.execute(JOB_ITEM.insert(), items)
        except BaseException:
            self._delete_inputs(job)
            raise
        return job

    def status(self, job: str) -> JobStatus | None:
        """How far the job is; None where there is none."""
        counts = (
            select(JOB_ITEM.c.state, func.count().label("items"))
            .where(JOB_ITEM.c.job == job)
            .group_by(JOB_ITEM.c.state)
        )
        with self._storage.database.read() as connection:
            row = connection.execute(select(JOB).where(JOB.c.id == job)).first()
            items_in = {row.state: row.items for row in connection.execute(counts)}
        if row is None:
            return None
        by_state = {str(state): items_in.get(state, 0) for state in ItemState}
        ended = "done" if row.cancelled_at is None else "cancelled"
        return JobStatus(
            id=job,
            state="running" if by_state["waiting"] else ended,
            items=sum(by_state.values()),
            **by_state,
            made_at=row.made_at,
            expires_at=row.expires_at,
        )

    def results(self, job: str, *, after: int, limit: int) -> list[ItemResult]:
        """The results of the items after this number, waiting ones among them."""
        page = select(JOB_ITEM).where(JOB_ITEM.c.job == job, JOB_ITEM.c.number > after)
        with self._storage.database.read() as connection:
            rows = connection.execute(page.order_by(JOB_ITEM.c.number).limit(limit)).all()
        return [
            ItemResult(
                number=row.number,
                name=row.name,
                url=row.url,
                state=row.state,
                why=row.why,
                report=f"/v1/reports/{report_id(job, row.number)}" if row.state == ItemState.DONE else None,
            )
            for row in rows
        ]

    def owner(self, job: str) -> str | None:
        """Whose job it is; None for anybody's."""
        with self._storage.database.read() as connection:
            return connection.execute(select(JOB.c.client).where(JOB.c.id == job)).scalar()

    def cancel(self, job: str) -> None:
        """Cancels the waiting items and deletes their files; finished ones stay."""
        with self._storage.database.begin() as connection:
            waiting = update(JOB_ITEM).where(JOB_ITEM.c.job == job, JOB_ITEM.c.state == ItemState.WAITING)
            stopped = connection.execute(waiting.values(state=ItemState.CANCELLED, finished_at=time.time())).rowcount
            if stopped:
                now = {"cancelled_at": time.time()}
                connection.execute(update(JOB).where(JOB.c.id == job, JOB.c.cancelled_at.is_(None)).values(now))
        self._delete_inputs(job)

    def numbers(self, job: str) -> list[int]:
        """The numbers of all items, also of finished ones: a workflow that is resumed must get the same ones again."""
        numbers = select(JOB_ITEM.c.number).where(JOB_ITEM.c.job == job)
        with self._storage.database.read() as connection:
            return list(connection.execute(numbers.order_by(JOB_ITEM.c.number)).scalars())

    def pending(self, job: str, number: int) -> PendingItem | None:
        """An item that waits; None where it was done before, or is not wanted any more."""
        joined = JOB_ITEM.join(JOB, JOB.c.id == JOB_ITEM.c.job)
        conditions = (JOB_ITEM.c.job == job, JOB_ITEM.c.number == number, JOB_ITEM.c.state == ItemState.WAITING)
        columns = (JOB_ITEM.c.job, JOB_ITEM.c.number, JOB_ITEM.c.name, JOB_ITEM.c.url, JOB.c.language, JOB.c.client)
        with self._storage.database.read() as connection:
            row = connection.execute(select(*columns).select_from(joined).where(*conditions)).first()
        return PendingItem(**row._mapping) if row is not None else None

    def finish(self, job: str, number: int, state: ItemState, why: str | None = None) -> bool:
        """The item is finished; false where it was before. Its file is deleted."""
        conditions = (JOB_ITEM.c.job == job, JOB_ITEM.c.number == number, JOB_ITEM.c.state == ItemState.WAITING)
        with self._storage.database.begin() as connection:
            values = {"state": state, "why": why, "finished_at": time.time()}
            first = connection.execute(update(JOB_ITEM).where(*conditions).values(values)).rowcount == 1
        self._storage.objects.delete([input_key(job, number)])
        return first

    def waiting(self) -> int:
        """How many items wait, of all jobs."""
        with self._storage.database.read() as connection:
            count = select(func.count()).select_from(JOB_ITEM).where(JOB_ITEM.c.state == ItemState.WAITING)
            return int(connection.execute(count).scalar_one())

    def delete_expired(self) -> list[str]:
        """Deletes the jobs that have expired, and gives their ids. Their reports expire by themselves."""
        with self._storage.database.begin() as connection:
            expired = connection.execute(delete(JOB).where(JOB.c.expires_at <= time.time()).returning(JOB.c.id))
            ids = list(expired.scalars())
        for job in ids:
            self._delete_inputs(job)
        return ids

    def _delete_inputs(self, job: str) -> None:
        self._storage.objects.delete(self._storage.objects.keys(f"jobs/{job}/"))


def input_key(job: str, number: int) -> str:
    """Where an item's file is kept until it is done."""
    return f"jobs/{job}/{number}"


def report_id(job: str, number: int) -> str:
    """The id of an item's report; it follows from the job's id."""
    return f"{job}.{number}"
