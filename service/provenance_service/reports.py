"""Reports that are kept on request, each under a link of its own until it expires."""

import secrets
import time
from typing import Final

from sqlalchemy import delete, select

from provenance import Report
from provenance.render.html import render_html

from .access.access import Caller
from .access.scope import Scope
from .storage import Storage
from .storage.tables import REPORT

HEADER: Final = "Provenance-Report"

# A link is as good as the file it tells about: nobody finds one by trying.
_ID_BYTES: Final = 16

# Ours have letters, digits and two marks; a database may refuse others, such as NUL, with an error.
ID_PATTERN: Final = r"^[A-Za-z0-9_.\-]{1,64}$"

_DAY: Final = 86400.0


class Reports:
    """The kept reports. Every method raises `StorageError` where the storage does not answer."""

    def __init__(self, storage: Storage, days: float) -> None:
        self._storage, self._seconds = storage, days * _DAY

    def keep(self, report: str, caller: Caller, *, report_id: str | None = None) -> str:
        """Keeps a report, as JSON, and gives its id."""
        report_id, now = report_id or new_id(), time.time()
        self._storage.objects.put(_object(report_id), report.encode())
        owner = None if caller.is_anonymous else caller.subject
        row = {"id": report_id, "client": owner, "made_at": now, "expires_at": now + self._seconds}
        database = self._storage.database
        with database.begin() as connection:
            connection.execute(database.insert(REPORT).values(row).on_conflict_do_nothing())
        return report_id

    def find(self, report_id: str) -> str | None:
        """A report that is kept, as JSON."""
        with self._storage.database.read() as connection:
            row = connection.execute(
                select(REPORT.c.id).where(REPORT.c.id == report_id, REPORT.c.expires_at > time.time())
            ).first()
        content = self._storage.objects.get(_object(report_id)) if row is not None else None
        return content.decode() if content is not None else None

    def delete(self, report_id: str, caller: Caller) -> bool:
        """Deletes a report of this caller; one of anybody's for an admin. False where there is none such."""
        of_caller = () if Scope.ADMIN in caller.scopes else (REPORT.c.client == caller.subject,)
        with self._storage.database.begin() as connection:
            deleted = connection.execute(delete(REPORT).where(REPORT.c.id == report_id, *of_caller)).rowcount == 1
            if deleted:
                self._storage.objects.delete([_object(report_id)])
        return deleted

    def delete_expired(self) -> None:
        """Deletes the reports that have expired."""
        with self._storage.database.begin() as connection:
            expired = connection.execute(
                delete(REPORT).where(REPORT.c.expires_at <= time.time()).returning(REPORT.c.id)
            )
            self._storage.objects.delete([_object(row.id) for row in expired])


def new_id() -> str:
    """An id that nobody guesses."""
    return secrets.token_urlsafe(_ID_BYTES)


def rendered_report(text: str, language: str, as_html: bool) -> str:
    """A kept report in this language: as JSON, or as a page."""
    report = Report.model_validate_json(text).in_language(language)
    return render_html(report) if as_html else report.model_dump_json()


def _object(report_id: str) -> str:
    return f"reports/{report_id}"
