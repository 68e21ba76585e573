"""The database: SQLite in a file by default, PostgreSQL by its URL; the same tables and statements on both."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, InternalError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from provenance.errors import SettingError

from .errors import StorageError

# A statement here takes milliseconds; a longer wait is for a lock, or for a server that is gone.
WAIT_FOR_DATABASE: Final = 5

# Another instance makes its tables and those of the queue: seconds, on a slow machine many.
WAIT_FOR_TABLES: Final = 60

# More connections than worker threads gain nothing; PostgreSQL allows a hundred for all instances together.
CONNECTIONS: Final = 10

# Any number that other programs on the same server do not use for a lock of theirs.
_ALONE: Final = 7_043_195_118

# The driver's words for "gone", "locked" and "full"; other errors are mistakes of ours.
_UNAVAILABLE: Final = (OperationalError, InterfaceError, InternalError)

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


class Database:
    """Connections to the database.

    `url`: as SQLAlchemy has it, `sqlite:///file` or `postgresql+psycopg://user@host/name`.

    Raises `SettingError` for a URL of another kind.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            if parsed.drivername == "postgresql":
                parsed = parsed.set(drivername="postgresql+psycopg")
            self.is_sqlite = parsed.get_backend_name() == "sqlite"
            if not self.is_sqlite and parsed.drivername != "postgresql+psycopg":
                raise SettingError(f"database: {parsed.drivername} is not served; use sqlite or postgresql")
            self.engine = _engine(parsed, is_sqlite=self.is_sqlite)
            self._reading = self.engine.execution_options(reads=True)
        except (ArgumentError, NoSuchModuleError):
            raise SettingError("database: this is no URL of a database") from None
        self.url = parsed.render_as_string(hide_password=False)
        """With its password: not for showing."""
        self.shown = parsed.render_as_string(hide_password=True)

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: all of it happens, or nothing. Raises `StorageError` where the database does not answer."""
        with _storage_errors(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A view of one moment, for SELECT alone. Raises `StorageError` where the database does not answer."""
        with _storage_errors(), self._reading.begin() as connection:
            yield connection

    def insert(self, table: Table) -> Any:
        """An INSERT that knows ON CONFLICT, which both databases have."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While one instance is in here, no other is. Raises `StorageError` where that takes too long."""
        if self.is_sqlite:
            with self.begin():
                yield
            return
        # No transaction is open meanwhile, and none waits: PostgreSQL makes some indexes only when all others ended.
        lock = {"lock": _ALONE}
        with _storage_errors(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for _ in range(WAIT_FOR_TABLES * 10):
                if connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), lock).scalar():
                    break
                time.sleep(0.1)
            else:
                raise StorageError("the database does not answer: another instance is setting it up")
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), lock)

    def migrate(self) -> None:
        """Brings the tables up to date; one instance at a time. Raises `StorageError`."""
        if self.is_sqlite:
            self._upgrade()
        else:
            with self.alone():
                self._upgrade()

    def _upgrade(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text(f"SET LOCAL statement_timeout = '{WAIT_FOR_TABLES}s'"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


@contextlib.contextmanager
def _storage_errors() -> Iterator[None]:
    """Raises it as `StorageError` where the database does not answer; mistakes of ours stay what they are."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        if isinstance(error, DBAPIError) and not isinstance(error, _UNAVAILABLE) and not error.connection_invalidated:
            raise
        cause = getattr(error, "orig", None) or error
        raise StorageError(f"the database does not answer: {str(cause).strip().splitlines()[0]}") from error


def _engine(url: Any, *, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        return create_engine(
            url,
            pool_size=CONNECTIONS,
            pool_timeout=WAIT_FOR_DATABASE,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": WAIT_FOR_DATABASE,
                "options": f"-c statement_timeout={WAIT_FOR_DATABASE}s -c lock_timeout={WAIT_FOR_DATABASE}s",
            },
        )
    engine = create_engine(
        url, pool_size=CONNECTIONS, pool_timeout=WAIT_FOR_DATABASE, connect_args={"timeout": WAIT_FOR_DATABASE}
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads and then writes would fail where another wrote in between: it waits instead.
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
