"""The registry: the manifests of signed assets, found again by a copy's likeness, by a binding, or by their ids."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select

from provenance import Evidence

from ..audit import Action, record
from ..storage import Storage
from ..storage.tables import BINDING, MANIFEST
from .evidence import Registered
from .fingerprint import ALGORITHM, Fingerprint, View, of_binding
from .index import FingerprintIndex, Match
from .registering import Registration, object_key

# Manifests that are read from the database at a time when the index is built.
_BATCH: Final = 2000

# How old the index may be, in seconds: what another instance registered is found after that.
FRESH: Final = 1.0

# More than one is rarely wanted, and the nearest come first.
MAX_MATCHES: Final = 100

_CODE: Final = 32


@dataclass(frozen=True)
class Found:
    """A registered manifest that fits, and how alike its picture is, from 0 to 100; None for an equal binding."""

    manifest_id: str
    likeness: int | None


class Registry:
    """All registered manifests. Every method raises `StorageError` where the storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._index = FingerprintIndex()
        self._refreshing = threading.Lock()
        self._refreshed_at = -FRESH
        self._state: tuple[int, int | None] | None = None  # how many pictures there were, and the last one's number
        self._pictures: set[int] = set()  # the numbers of those in the index

    def add(self, found: Registration, client: str) -> bool:
        """Registers a manifest; false where it was registered before: what was registered is never changed."""
        database, fingerprint = self._storage.database, found.fingerprint
        row = {
            "id": found.manifest_id,
            "asset_sha256": found.asset_sha256,
            "media_type": found.media_type,
            "client": client,
            "registered_at": time.time(),
            "evidence": found.evidence.model_dump(mode="json"),
            "iscc": fingerprint.iscc if fingerprint else None,
            "views": packed(fingerprint.views) if fingerprint else None,
        }
        self._storage.objects.put(object_key(found.manifest_id), found.manifest)
        with database.begin() as connection:
            inserted = connection.execute(
                database.insert(MANIFEST).values(row).on_conflict_do_nothing().returning(MANIFEST.c.number)
            ).scalar()
            if inserted is None:
                return False
            bindings = [{"manifest": inserted, "algorithm": name, "value": value} for name, value in found.bindings]
            if bindings:
                connection.execute(BINDING.insert(), bindings)
            digest = found.asset_sha256
            record(database, connection, Action.REGISTERED, client, subject=found.manifest_id, digest=digest)
        self._refreshed_at = -FRESH
        return True

    def remove(self, manifest_id: str, client: str) -> bool:
        """Takes a manifest out; false where there is none."""
        with self._storage.database.begin() as connection:
            gone = delete(MANIFEST).where(MANIFEST.c.id == manifest_id).returning(MANIFEST.c.number)
            if connection.execute(gone).scalar() is None:
                return False
            record(self._storage.database, connection, Action.UNREGISTERED, client, subject=manifest_id)
        self._storage.objects.delete([object_key(manifest_id)])
        self._refreshed_at = -FRESH
        return True

    def manifest(self, manifest_id: str) -> bytes | None:
        """The manifest store that this manifest is the active one of."""
        with self._storage.database.read() as connection:
            there = connection.execute(select(MANIFEST.c.number).where(MANIFEST.c.id == manifest_id)).first()
        return self._storage.objects.get(object_key(manifest_id)) if there is not None else None

    def has_pictures(self) -> bool:
        """Whether there is any picture that another could be a copy of."""
        self._refresh()
        return bool(self._pictures)

    def copies_of(self, asked: Fingerprint, limit: int = 1) -> list[tuple[Match, Registered]]:
        """The registered pictures that this is a copy or near copy of, the nearest first."""
        return [(match, _registered(row)) for match, row in self._near(asked, limit)]

    def by_likeness(self, asked: Fingerprint, limit: int) -> list[Found]:
        """The manifests of these pictures."""
        return [Found(row.id, _likeness(match)) for match, row in self._near(asked, limit)]

    def by_binding(self, algorithm: str, value: str, limit: int) -> list[Found] | None:
        """The manifests with this binding, or for a fingerprint one that is near; None for a value that is none."""
        if algorithm == ALGORITHM:
            asked = of_binding(value)
            return None if asked is None else self.by_likeness(asked, limit)
        both = MANIFEST.join(BINDING, BINDING.c.manifest == MANIFEST.c.number)
        equal = (
            select(MANIFEST.c.id).select_from(both).where(BINDING.c.algorithm == algorithm, BINDING.c.value == value)
        )
        with self._storage.database.read() as connection:
            return [Found(each, None) for each in connection.execute(equal.distinct().limit(limit)).scalars()]

    def algorithms(self) -> list[str]:
        """The algorithms of bindings by which something can be found, beside the fingerprint."""
        with self._storage.database.read() as connection:
            return sorted(connection.execute(select(BINDING.c.algorithm).distinct()).scalars())

    def _near(self, asked: Fingerprint, limit: int) -> list[tuple[Match, Row[Any]]]:
        self._refresh()
        matches = self._index.nearest(asked.views, min(limit, MAX_MATCHES))
        wanted = select(MANIFEST).where(MANIFEST.c.number.in_([match.key for match in matches]))
        with self._storage.database.read() as connection:
            rows = {row.number: row for row in connection.execute(wanted)} if matches else {}
        return [(match, rows[match.key]) for match in matches if match.key in rows]

    def _refresh(self) -> None:
        """Takes into the index what was registered since, here or elsewhere, and out of it what is gone."""
        if time.monotonic() - self._refreshed_at < FRESH:
            return
        has_picture = MANIFEST.c.views.is_not(None)
        with self._refreshing, self._storage.database.read() as connection:
            state = tuple(
                connection.execute(select(func.count(), func.max(MANIFEST.c.number)).where(has_picture)).one()
            )
            if state != self._state:
                there = set(connection.execute(select(MANIFEST.c.number).where(has_picture)).scalars())
                for number in self._pictures - there:
                    self._index.remove(number)
                self._pictures &= there
                # By their numbers: of two that are registered at once, the lower one may be there the later.
                for batch in _batches(sorted(there - self._pictures)):
                    wanted = select(MANIFEST.c.number, MANIFEST.c.views).where(MANIFEST.c.number.in_(batch))
                    rows = connection.execute(wanted).all()
                    self._index.add_all([(row.number, unpacked(row.views)) for row in rows])
                    self._pictures.update(row.number for row in rows)
                self._state = state
            self._refreshed_at = time.monotonic()


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), _BATCH):
        yield numbers[start : start + _BATCH]


def packed(views: tuple[View, ...]) -> bytes:
    """Views as bytes: the length of the name, the name, and the code of 32 bytes, one view after the other."""
    return b"".join(bytes([len(view.name)]) + view.name.encode("ascii") + view.code for view in views)


def unpacked(data: bytes) -> list[View]:
    """The views in these bytes."""
    found, place = [], 0
    while place < len(data):
        end = place + 1 + data[place]
        found.append(View(data[place + 1 : end].decode("ascii"), data[end : end + _CODE]))
        place = end + _CODE
    return found


def _registered(row: Row[Any]) -> Registered:
    date = datetime.fromtimestamp(row.registered_at, UTC).isoformat(timespec="seconds")
    return Registered(row.id, date, row.iscc, Evidence.model_validate(row.evidence))


def _likeness(match: Match) -> int:
    return round(100 * (1 - match.distance / match.bits))
