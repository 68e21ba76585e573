"""Files that the service keeps: in a folder, or in an object store that speaks S3."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from provenance.errors import SettingError

from .errors import StorageError

# A file comes and goes in pieces of this size, in bytes, so that none is in memory as a whole.
PIECE: Final = 4 << 20


class Objects:
    """Files by their keys, such as `reports/ab12`. A file is there as a whole or not at all.

    `where`: a folder, which is made where it is not there yet; or `s3://bucket/prefix`, with the account, region and
    endpoint in the usual AWS_ variables of the environment.

    Raises `SettingError` where it is neither.
    """

    def __init__(self, where: str | Path) -> None:
        self.shown = str(where)
        try:
            if str(where).startswith("s3://"):
                self._store: S3Store | LocalStore = S3Store.from_url(
                    str(where), client_options={"timeout": "30s", "connect_timeout": "5s", "allow_http": True},
                    retry_config={"max_retries": 2},
                )  # fmt: skip
            elif "://" in str(where):
                raise SettingError(f"objects: {where} is not served; use a folder or s3://bucket")
            else:
                self._store = LocalStore(str(where), mkdir=True)
        except (BaseError, ValueError) as error:
            raise SettingError(f"objects: {where} cannot be used ({_short(error)})") from None

    def put(self, key: str, content: bytes | Path) -> None:
        """Stores this under the key, in place of an earlier file. Raises `StorageError`."""
        with _storage_errors():
            obstore.put(self._store, key, content)

    def get(self, key: str) -> bytes | None:
        """The file under the key; None where there is none. Raises `StorageError`."""
        with _storage_errors():
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except (NotFoundError, FileNotFoundError):
                return None

    def save(self, key: str, path: Path) -> bool:
        """Writes the object of this key into a file, piece by piece; false where there is none."""
        with _storage_errors():
            try:
                stored = obstore.get(self._store, key)
            except (NotFoundError, FileNotFoundError):
                return False
            with path.open("wb") as target:
                for piece in stored.stream(min_chunk_size=PIECE):
                    target.write(piece)
            return True

    def delete(self, keys: Sequence[str]) -> None:
        """Deletes the files under these keys. Raises `StorageError`."""
        for key in keys:
            with _storage_errors(), contextlib.suppress(NotFoundError, FileNotFoundError):
                obstore.delete(self._store, key)

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with this folder. Raises `StorageError`."""
        with _storage_errors():
            return [entry["path"] for page in obstore.list(self._store, prefix) for entry in page]

    def check(self) -> None:
        """Raises `StorageError` where nothing can be kept."""
        self.put("check", b"")


@contextlib.contextmanager
def _storage_errors() -> Iterator[None]:
    """Raises errors of the object store as `StorageError`."""
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise
    except (BaseError, OSError) as error:
        raise StorageError(f"the object store does not answer: {_short(error)}") from error


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200]
