"""The audit log: who signed, registered, or changed keys or trust; each entry holds the hash of the one before it.

It has no contents and no keys. Someone with write access to the database could make the whole chain anew: note its head
elsewhere from time to time (`provenance audit verify` prints it).
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, select, text

from provenance.errors import SettingError

from .storage.database import Database
from .storage.tables import AUDIT

# Any number that other programs on the same server do not use for a lock of theirs.
_APPENDING: Final = 7_043_195_119

_START: Final = "0" * 64

# As `check_chain` gives it; the number of an entry has no zeros in front, and no digits but these.
_HEAD: Final = re.compile(r"(0|[1-9][0-9]{0,17}):([0-9a-f]{64})")

# Rows in memory at a time while the chain is walked.
_BATCH: Final = 1000


class AuditAction(StrEnum):
    """The kinds of entries."""

    SIGNED = "signed"
    SIGNATURE_MADE = "signature-made"
    REGISTERED = "registered"
    REGISTERED_AGAIN = "registered-again"
    REGISTRATION_REFUSED = "registration-refused"
    UNREGISTERED = "unregistered"
    KEY_MADE = "key-made"
    KEY_REVOKED = "key-revoked"
    TRUST_CHANGED = "trust-changed"


@dataclass(frozen=True)
class ChainCheck:
    """Whether the chain holds: how many entries hold, the head, and what is wrong with the first that does not."""

    entries: int
    head: str
    fault: str | None = None


def record(
    database: Database,
    connection: Connection,
    action: AuditAction,
    client: str,
    *,
    subject: str = "",
    digest: str = "",
    credential: str = "",
) -> None:
    """Adds an entry in the transaction of what it tells about.

    `digest`: the SHA-256 of what was signed, or of a manifest store.
    """
    if not database.is_sqlite:  # there one transaction writes at a time anyway
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPENDING})
    last = connection.execute(select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)).first()
    entry = {
        "number": last.number + 1 if last else 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "action": str(action),
        "client": client,
        "subject": subject,
        "digest": digest,
        "credential": credential,
    }
    connection.execute(AUDIT.insert().values(**entry, hash=_chained(last.hash if last else _START, entry)))


def entries(connection: Connection, *, after: int = 0) -> Iterator[Row[Any]]:
    """All entries after this number, the oldest first."""
    while rows := connection.execute(
        select(AUDIT).where(AUDIT.c.number > after).order_by(AUDIT.c.number).limit(_BATCH)
    ).all():
        yield from rows
        after = rows[-1].number


def check_chain(connection: Connection, *, head: str | None = None) -> ChainCheck:
    """Walks the chain. `head`: as this function gave it earlier, `NUMBER:HASH`; what it names must still be there.

    Raises `SettingError` for a head that is none: it would be found nowhere, and so nothing would be missed.
    """
    previous, number = _START, 0
    noted, noted_hash = _read_head(head) if head is not None else (0, _START)
    for row in entries(connection):
        if row.number != number + 1:
            return ChainCheck(number, f"{number}:{previous}", f"entry {number + 1} is missing")
        entry = {name: value for name, value in row._mapping.items() if name != "hash"}
        if _chained(previous, entry) != row.hash:
            return ChainCheck(number, f"{number}:{previous}", f"entry {row.number} was changed")
        previous, number = row.hash, row.number
        if number == noted and previous != noted_hash:
            return ChainCheck(number - 1, f"{number}:{previous}", f"entry {number} is not the one that was noted")
    if noted > number:
        return ChainCheck(number, f"{number}:{previous}", f"entries {number + 1} to {noted} are missing at the end")
    return ChainCheck(number, f"{number}:{previous}")


def _read_head(head: str) -> tuple[int, str]:
    match = _HEAD.fullmatch(head)
    if match is None or (match[1] == "0" and match[2] != _START):
        raise SettingError(f"{head[:100]!r} is no head: write it as an earlier check printed it, NUMBER:HASH")
    return int(match[1]), match[2]


def _chained(previous: str, entry: dict[str, Any]) -> str:
    content = json.dumps([previous, entry], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()
