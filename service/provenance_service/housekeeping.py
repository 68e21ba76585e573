"""What is done from time to time without being asked: deleting what is over, and noting a change of trust."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from typing import Final

from anyio import to_thread
from sqlalchemy import select

from provenance.errors import ProvenanceError
from provenance.trust import TrustStore

from .access.keys import OPERATOR
from .audit import Action, record
from .storage import Storage
from .storage.tables import AUDIT

# What is over may lie this long before it is deleted, in seconds.
EVERY: Final = 30.0

_log: Final = logging.getLogger(__name__)


async def keep_house(tasks: Iterable[Callable[[], bool | None]], every: float) -> None:
    """Does these every so many seconds until cancelled; where the storage does not answer, the next time.

    A task that gives true is done for good.
    """
    left = list(tasks)
    while True:
        for task in tuple(left):
            try:
                if await to_thread.run_sync(task):
                    left.remove(task)
            except ProvenanceError as error:
                _log.warning("%s", error)
            except Exception:
                _log.exception("housekeeping failed")
        await asyncio.sleep(every)


def note_trust(storage: Storage, trust: TrustStore) -> bool:
    """An entry in the audit log where the trust lists are not those of the last entry. Raises `StorageError`."""
    lists = [
        [each.name, each.date, sorted(hashlib.sha256(anchor.der).hexdigest() for anchor in each.anchors)]
        for each in trust.lists
    ]
    digest = hashlib.sha256(json.dumps(lists, default=str).encode()).hexdigest()
    last = select(AUDIT.c.digest).where(AUDIT.c.action == Action.TRUST_CHANGED).order_by(AUDIT.c.number.desc()).limit(1)
    with storage.database.begin() as connection:
        if connection.execute(last).scalar() != digest:
            names = ", ".join(f"{each.name} {each.date}" for each in trust.lists)
            record(storage.database, connection, Action.TRUST_CHANGED, OPERATOR, subject=names[:400], digest=digest)
    return True
