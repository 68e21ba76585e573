"""Maintenance of what the service keeps: deleting what has expired, noting a change of the trust lists."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from typing import Final

from anyio import to_thread
from sqlalchemy import select

from provenance.errors import ProvenanceError
from provenance.trust import TrustList, TrustStore

from .access.keys import OPERATOR
from .audit import AuditAction, record
from .storage import Storage
from .storage.tables import AUDIT

# What has expired may lie this long before it is deleted, in seconds.
CLEAN_UP_EVERY: Final = 30.0

_log: Final = logging.getLogger(__name__)


async def run_periodically(tasks: Iterable[Callable[[], bool | None]], seconds: float) -> None:
    """Runs these every so many seconds until cancelled; where the storage does not answer, the next time.

    A task that returns true is not run again.
    """
    remaining = list(tasks)
    while True:
        for task in tuple(remaining):
            try:
                if await to_thread.run_sync(task):
                    remaining.remove(task)
            except ProvenanceError as error:
                _log.warning("%s", error)
            except Exception:
                _log.exception("maintenance failed")
        await asyncio.sleep(seconds)


def record_trust_change(storage: Storage, trust: TrustStore) -> bool:
    """An entry in the audit log where the trust lists are not those of the last entry. Raises `StorageError`."""
    lists = [[trust_list.name, trust_list.date, _anchor_digests(trust_list)] for trust_list in trust.lists]
    digest = hashlib.sha256(json.dumps(lists, default=str).encode()).hexdigest()
    changes = select(AUDIT.c.digest).where(AUDIT.c.action == AuditAction.TRUST_CHANGED)
    with storage.database.begin() as connection:
        if connection.execute(changes.order_by(AUDIT.c.number.desc()).limit(1)).scalar() != digest:
            names = ", ".join(f"{trust_list.name} {trust_list.date}" for trust_list in trust.lists)
            record(
                storage.database, connection, AuditAction.TRUST_CHANGED, OPERATOR, subject=names[:400], digest=digest
            )
    return True


def _anchor_digests(trust_list: TrustList) -> list[str]:
    return sorted(hashlib.sha256(anchor.der).hexdigest() for anchor in trust_list.anchors)
