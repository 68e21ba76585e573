"""The registry: the manifests of signed assets, found again by a copy's likeness, by a binding, or by their ids.

Under one id there is at most one entry of a listed signer, and one of a signer who is on no list. Neither is ever
changed; where both are there, the listed one alone is found.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, exists, func, select

from provenance import Evidence

from ..audit import AuditAction, record
from ..storage import Storage
from ..storage.tables import BINDING, MANIFEST, REGISTRANT
from .evidence import RegisteredPicture, Standing
from .fingerprint import ALGORITHM, Fingerprint, View, of_binding
from .index import FingerprintIndex, Match
from .registration import MAX_ID, Registration, object_key

# Manifests that are read from the database at a time when the index is built.
_BATCH: Final = 2000

# How old the index may be, in seconds: what another instance registered is found after that.
FRESH: Final = 1.0

# More than one is rarely wanted, and the nearest come first.
MAX_MATCHES: Final = 100

# Names of algorithms that are listed: there are some tens, and every manifest may name some of its own.
MAX_ALGORITHMS: Final = 200

_CODE: Final = 32

_LISTED: Final = MANIFEST.alias("listed_entry")

# An entry that is found by its id: an unlisted one is hidden by a listed one.
_IS_FOUND: Final = MANIFEST.c.listed | ~exists().where(_LISTED.c.id == MANIFEST.c.id, _LISTED.c.listed)

_LISTED_FIRST: Final = (MANIFEST.c.listed.desc(), MANIFEST.c.number)


class RegistrationOutcome(Enum):
    """The outcome of a registration."""

    NEW = auto()
    AGAIN = auto()  # the same bytes were there before
    TAKEN = auto()  # other bytes have this id: nothing was registered


class Removal(Enum):
    """The outcome of a removal."""

    DONE = auto()
    OF_OTHERS = auto()  # it is there, and others registered it
    NONE = auto()


@dataclass(frozen=True)
class ManifestMatch:
    """A registered manifest that fits, the standing of its signer, and how alike its picture is, from 0 to 100.

    `likeness` is None for an equal binding.
    """

    manifest_id: str
    standing: Standing
    likeness: int | None


class Registry:
    """All registered manifests. Every method raises `StorageError` where the storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        # Apart, so that however many pictures nobody vouches for, they crowd out none of a listed signer.
        self._indexes = {True: FingerprintIndex(), False: FingerprintIndex()}
        self._refreshing = threading.Lock()
        self._refreshed_at = -FRESH
        self._state: tuple[Any, ...] | None = None  # how many pictures there were, and which
        self._pictures: dict[int, bool] = {}  # the numbers of those in the indexes, and in which

    def add(self, registration: Registration, client: str) -> RegistrationOutcome:
        """Registers a manifest. An entry is never changed: other bytes under the same id are refused."""
        database, fingerprint, sha256 = self._storage.database, registration.fingerprint, registration.manifest_sha256
        row = {
            "id": registration.manifest_id,
            "listed": registration.standing.is_listed,
            "standing": str(registration.standing),
            "sha256": sha256,
            "asset_sha256": registration.asset_sha256,
            "media_type": registration.media_type,
            "registered_at": time.time(),
            "evidence": registration.evidence.model_dump(mode="json"),
            "iscc": fingerprint.iscc if fingerprint else None,
            "views": packed(fingerprint.views) if fingerprint else None,
        }
        with database.begin() as connection:
            entry = None if registration.standing.is_listed else _entry(connection, registration.manifest_id)
            number = None
            if entry is None:
                number = connection.execute(
                    database.insert(MANIFEST).values(row).on_conflict_do_nothing().returning(MANIFEST.c.number)
                ).scalar()
                entry = _entry(connection, registration.manifest_id)  # of two at once, the other one may be there now
            if number is not None and (entry is None or entry.number != number):
                connection.execute(delete(MANIFEST).where(MANIFEST.c.number == number))
            if entry is None or entry.sha256 != sha256:
                outcome, action = RegistrationOutcome.TAKEN, AuditAction.REGISTRATION_REFUSED
            else:
                is_new = number is not None
                outcome, action = (
                    (RegistrationOutcome.NEW, AuditAction.REGISTERED)
                    if is_new
                    else (RegistrationOutcome.AGAIN, AuditAction.REGISTERED_AGAIN)
                )
                registrant = database.insert(REGISTRANT).values(manifest=entry.number, client=client)
                connection.execute(registrant.on_conflict_do_nothing())
            if number is not None and outcome is RegistrationOutcome.NEW:
                bindings = [
                    {"manifest": number, "algorithm": name, "value": value} for name, value in registration.bindings
                ]
                if bindings:
                    connection.execute(BINDING.insert(), bindings)
                # Under the number that is its own from here on, and before anybody can ask for it.
                self._storage.objects.put(object_key(registration.manifest_id, number, sha256), registration.manifest)
            record(database, connection, action, client, subject=registration.manifest_id, digest=sha256)
        self._refreshed_at = -FRESH
        return outcome

    def record_refusal(self, manifest_id: str, manifest_sha256: str, client: str) -> None:
        """Notes in the audit log that a manifest was not registered. `manifest_id`: what it calls itself."""
        database = self._storage.database
        with database.begin() as connection:
            details = {"subject": manifest_id[:MAX_ID], "digest": manifest_sha256}
            record(database, connection, AuditAction.REGISTRATION_REFUSED, client, **details)

    def remove(self, manifest_id: str, client: str, *, of_anybody: bool = False) -> Removal:
        """Removes what this client registered under the id, or what anybody did.

        What others registered too stays in their names.
        """
        database = self._storage.database
        entries = select(MANIFEST.c.number, MANIFEST.c.sha256).where(MANIFEST.c.id == manifest_id)
        is_of_client = exists().where(REGISTRANT.c.manifest == MANIFEST.c.number, REGISTRANT.c.client == client)
        unused_objects: list[str] = []
        with database.begin() as connection:
            all_entries = connection.execute(entries).all()
            removed = all_entries if of_anybody else connection.execute(entries.where(is_of_client)).all()
            for row in removed:
                leaving = REGISTRANT.c.manifest == row.number
                connection.execute(
                    delete(REGISTRANT).where(leaving if of_anybody else leaving & (REGISTRANT.c.client == client))
                )
                if connection.execute(select(REGISTRANT.c.client).where(leaving).limit(1)).first() is None:
                    connection.execute(delete(MANIFEST).where(MANIFEST.c.number == row.number))
                    unused_objects.append(object_key(manifest_id, row.number, row.sha256))
                record(database, connection, AuditAction.UNREGISTERED, client, subject=manifest_id, digest=row.sha256)
        self._storage.objects.delete(unused_objects)
        self._refreshed_at = -FRESH
        return Removal.DONE if removed else Removal.OF_OTHERS if all_entries else Removal.NONE

    def manifest(self, manifest_id: str) -> bytes | None:
        """The manifest store that this manifest is the active one of; None where it is not as it was registered."""
        with self._storage.database.read() as connection:
            row = _entry(connection, manifest_id)
        if row is None:
            return None
        store = self._storage.objects.get(object_key(manifest_id, row.number, row.sha256))
        changed = store is not None and row.sha256 and hashlib.sha256(store).hexdigest() != row.sha256
        return None if changed else store

    def has_pictures(self) -> bool:
        """Whether there is any picture that another could be a copy of."""
        self._refresh()
        return bool(self._pictures)

    def copies_of(self, fingerprint: Fingerprint) -> list[tuple[Match, RegisteredPicture]]:
        """The registered picture that this is a copy or near copy of: of a listed signer, else of another."""
        return [(match, _registered(row)) for match, row in self._near(fingerprint, 1)]

    def by_likeness(self, fingerprint: Fingerprint, limit: int) -> list[ManifestMatch]:
        """The manifests of these pictures, those of listed signers first."""
        near = self._near(fingerprint, limit)
        return [ManifestMatch(row.id, Standing(row.standing), _likeness(match)) for match, row in near]

    def by_binding(self, algorithm: str, value: str, limit: int) -> list[ManifestMatch] | None:
        """The manifests with this binding, or for a fingerprint one that is near; None for a value that is none.

        Those of listed signers first, and of these whoever named the binding first: a later claim hides none.
        """
        if algorithm == ALGORITHM:
            fingerprint = of_binding(value)
            return None if fingerprint is None else self.by_likeness(fingerprint, limit)
        has_binding = exists().where(
            BINDING.c.manifest == MANIFEST.c.number, BINDING.c.algorithm == algorithm, BINDING.c.value == value
        )
        equal = (
            select(MANIFEST.c.id, MANIFEST.c.standing)
            .where(has_binding, _IS_FOUND)
            .order_by(*_LISTED_FIRST)
            .limit(limit)
        )
        with self._storage.database.read() as connection:
            return [
                ManifestMatch(row.id, Standing(row.standing), None)
                for row in connection.execute(equal.order_by(*_LISTED_FIRST).limit(limit))
            ]

    def algorithms(self) -> list[str]:
        """The algorithms of bindings by which something of listed signers can be found, beside the fingerprint."""
        joined = BINDING.join(MANIFEST, BINDING.c.manifest == MANIFEST.c.number)
        algorithms = select(BINDING.c.algorithm).select_from(joined).where(MANIFEST.c.listed).distinct()
        with self._storage.database.read() as connection:
            return list(connection.execute(algorithms.order_by(BINDING.c.algorithm).limit(MAX_ALGORITHMS)).scalars())

    def _near(self, fingerprint: Fingerprint, limit: int) -> list[tuple[Match, Row[Any]]]:
        """The entries that look like this one, those of listed signers first."""
        self._refresh()
        near: list[tuple[Match, Row[Any]]] = []
        for index in self._indexes.values():
            matches = index.nearest(fingerprint.views, min(limit, MAX_MATCHES)) if len(near) < limit else []
            near_entries = select(MANIFEST).where(MANIFEST.c.number.in_([match.key for match in matches]), _IS_FOUND)
            with self._storage.database.read() as connection:
                rows = {row.number: row for row in connection.execute(near_entries)} if matches else {}
            near += [(match, rows[match.key]) for match in matches if match.key in rows]
        return near[:limit]

    def _refresh(self) -> None:
        """Updates the indexes by the entries that were added or removed since, here or by another instance."""
        if time.monotonic() - self._refreshed_at < FRESH:
            return
        has_picture = MANIFEST.c.views.is_not(None)
        numbers = MANIFEST.c.number
        # All of these, so that no two changes between two looks make up for each other: numbers are not used twice.
        summary = select(func.count(), func.max(numbers), func.sum(numbers)).where(has_picture)
        with self._refreshing, self._storage.database.read() as connection:
            state = tuple(connection.execute(summary).one())
            if state != self._state:
                numbers_now = set(connection.execute(select(numbers).where(has_picture)).scalars())
                for number in self._pictures.keys() - numbers_now:
                    self._indexes[self._pictures.pop(number)].remove(number)
                # By their numbers: of two that are registered at once, the lower one may be there the later.
                for batch in _batches(sorted(numbers_now - self._pictures.keys())):
                    new_entries = select(numbers, MANIFEST.c.listed, MANIFEST.c.views).where(numbers.in_(batch))
                    rows = connection.execute(new_entries).all()
                    for is_listed, index in self._indexes.items():
                        index.add_all([(row.number, unpacked(row.views)) for row in rows if row.listed == is_listed])
                    self._pictures.update({row.number: row.listed for row in rows})
                self._state = state
            self._refreshed_at = time.monotonic()


def _entry(connection: Connection, manifest_id: str) -> Any:
    """The number and the hash of the entry that is found by this id; None where there is none."""
    columns = (MANIFEST.c.number, MANIFEST.c.sha256)
    first = select(*columns).where(MANIFEST.c.id == manifest_id).order_by(*_LISTED_FIRST).limit(1)
    return connection.execute(first).first()


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), _BATCH):
        yield numbers[start : start + _BATCH]


def packed(views: tuple[View, ...]) -> bytes:
    """Views as bytes: the length of the name, the name, and the code of 32 bytes, one view after the other."""
    return b"".join(bytes([len(view.name)]) + view.name.encode("ascii") + view.code for view in views)


def unpacked(data: bytes) -> list[View]:
    """The views in these bytes."""
    views, start = [], 0
    while start < len(data):
        end = start + 1 + data[start]
        views.append(View(data[start + 1 : end].decode("ascii"), data[end : end + _CODE]))
        start = end + _CODE
    return views


def _registered(row: Row[Any]) -> RegisteredPicture:
    date = datetime.fromtimestamp(row.registered_at, UTC).isoformat(timespec="seconds")
    return RegisteredPicture(row.id, date, row.iscc, Evidence.model_validate(row.evidence), Standing(row.standing))


def _likeness(match: Match) -> int:
    return round(100 * (1 - match.distance / match.bits))
