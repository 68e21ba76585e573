"""Counters of the files of each client in the present period; all instances count together."""

import time

from sqlalchemy import delete

from ..storage import Storage
from ..storage.tables import QUOTA
from .quota import Quota


class QuotaCounters:
    """The counters of all callers. Every method raises `StorageError` where the database does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def take(self, subject: str, quota: Quota, count: int = 1) -> float:
        """Counts this many files: 0, or how many seconds to wait where that is more than the quota.

        Refused files are not counted: a client that asks too early does not wait longer for it.
        """
        now = time.time()
        window = (int(now) // quota.seconds + 1) * quota.seconds
        database = self._storage.database
        first = database.insert(QUOTA).values(subject=subject, window=window, used=count)
        counted = first.on_conflict_do_update(
            index_elements=[QUOTA.c.subject, QUOTA.c.window],
            set_={"used": QUOTA.c.used + count},
            where=QUOTA.c.used + count <= quota.count,
        ).returning(QUOTA.c.used)
        if count > quota.count:
            return window - now
        with database.begin() as connection:
            return 0.0 if connection.execute(counted).first() is not None else window - now

    def delete_expired(self) -> None:
        """Deletes the counters of periods that are over."""
        with self._storage.database.begin() as connection:
            connection.execute(delete(QUOTA).where(QUOTA.c.window < time.time()))
