"""The database and the files together, opened once, and again after they could not be reached."""

import threading
import time
from pathlib import Path
from typing import Final, Self

from sqlalchemy import select

from provenance.errors import SettingError

from ..settings import Settings
from .database import Database
from .errors import StorageError
from .objects import Objects

# After a failure the database is asked again at most this often, in seconds: each try may wait for its time limit.
RETRY_AFTER: Final = 2.0


class Storage:
    """What the service keeps. Nothing is opened before it is needed: a service starts without its database."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database, self.objects = database, objects
        self._lock = threading.Lock()
        self._migrated = False
        self._failed_at = -RETRY_AFTER
        self._failure = ""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say: in their folder, or elsewhere. Raises `SettingError`."""
        return cls(
            Database(database_url(settings)), Objects(settings.objects or ensured_folder(settings.folder) / "objects")
        )

    @property
    def database(self) -> Database:
        """The database with its tables up to date. Raises `StorageError` where it does not answer."""
        if not self._migrated:
            with self._lock:
                self._migrate()
        return self._database

    def answers(self) -> bool:
        """Whether the database answers."""
        try:
            with self.database.read() as connection:
                return connection.execute(select(1)).scalar() == 1
        except StorageError:
            return False

    @property
    def where(self) -> str:
        """The database and the files, without passwords."""
        return f"{self._database.shown}, {self.objects.shown}"

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()

    def _migrate(self) -> None:
        if self._migrated:
            return
        if time.monotonic() - self._failed_at < RETRY_AFTER:
            raise StorageError(self._failure)
        try:
            self._database.migrate()
        except StorageError as error:
            self._failed_at, self._failure = time.monotonic(), str(error)
            raise
        self._migrated = True


def database_url(settings: Settings) -> str:
    """The database that the settings name; a file in their folder where they name none. Raises `SettingError`."""
    return (
        settings.database.get_secret_value()
        if settings.database
        else f"sqlite:///{ensured_folder(settings.folder) / 'provenance.db'}"
    )


def ensured_folder(folder: Path) -> Path:
    """The folder, made where it is missing. Raises `SettingError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingError(f"{folder}: cannot be made ({error.strerror}); name another with --folder") from None
    return folder
