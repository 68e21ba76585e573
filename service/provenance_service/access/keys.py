"""Keys of clients: each is shown once; the database has its SHA-256 only."""

import hashlib
import secrets
import time
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, select, update

from ..audit import AuditAction, record
from ..storage import Storage
from ..storage.tables import API_KEY
from .quota import Quota
from .scope import Scope

PREFIX: Final = "prv_"

# Who acts by the command line of the server itself.
OPERATOR: Final = "operator"


class Key(BaseModel):
    """A key, without its secret."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    scopes: tuple[Scope, ...]
    credentials: tuple[str, ...] | None = None
    quota: str | None = None
    made_at: float
    expires_at: float | None = None
    revoked_at: float | None = None

    @property
    def state(self) -> str:
        """`good`, `revoked` or `expired`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= time.time() else "good"


class Keys:
    """All keys of a service. Every method raises `StorageError` where the database does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def add(
        self,
        name: str,
        scopes: Sequence[Scope],
        *,
        credentials: Sequence[str] = (),
        quota: Quota | None = None,
        lifetime: float | None = None,
        by: str = OPERATOR,
    ) -> tuple[Key, str]:
        """Makes a key. Its secret is returned this once, beside the record that is kept.

        `credentials`: only these, or all. `lifetime`: in seconds, or without an end. `by`: who makes it.
        """
        secret, now = PREFIX + secrets.token_urlsafe(32), time.time()
        key = Key(
            id=secrets.token_hex(4),
            name=name,
            scopes=tuple(scopes),
            credentials=tuple(credentials) or None,
            quota=str(quota) if quota else None,
            made_at=now,
            expires_at=None if lifetime is None else now + lifetime,
        )
        with self._storage.database.begin() as connection:
            connection.execute(API_KEY.insert().values(sha256=hashed(secret), **key.model_dump(mode="json")))
            record(self._storage.database, connection, AuditAction.KEY_MADE, by, subject=f"{key.id} {name}"[:400])
        return key, secret

    def revoke(self, key_id: str, *, by: str = OPERATOR) -> bool:
        """From now on the key is refused; false where there is none that was good."""
        statement = update(API_KEY).where(API_KEY.c.id == key_id, API_KEY.c.revoked_at.is_(None))
        with self._storage.database.begin() as connection:
            if not connection.execute(statement.values(revoked_at=time.time())).rowcount:
                return False
            record(self._storage.database, connection, AuditAction.KEY_REVOKED, by, subject=key_id)
        return True

    def all(self) -> list[Key]:
        """All keys, the newest last."""
        with self._storage.database.read() as connection:
            return [_key(row) for row in connection.execute(select(API_KEY).order_by(API_KEY.c.made_at))]

    def find(self, secret: str) -> Key | None:
        """The key that this is, in whatever state."""
        # Found by the hash: how long that takes tells nothing about a secret that nobody can guess.
        with self._storage.database.read() as connection:
            row = connection.execute(select(API_KEY).where(API_KEY.c.sha256 == hashed(secret))).first()
        return _key(row) if row is not None else None


def hashed(secret: str) -> str:
    """The hash that is kept of a key."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _key(row: Row[Any]) -> Key:
    return Key.model_validate(dict(row._mapping))
