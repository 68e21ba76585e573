"""Files on the disk: opened without waiting for anything, hashed, and written whole or not at all.

An output is made beside its target and moved into place in one step. A crash or a kill at any moment leaves the old
file or the complete new one; what it may leave besides is a hidden file whose name begins with `.provenance-`, which
the next one that is written into that folder removes.
"""

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from . import operating_system
from .errors import AssetError

_PREFIX: Final = ".provenance-"


def open_regular_file(path: Path) -> BinaryIO:
    """Opens a regular file without ever waiting for a pipe's other end.

    Raises `AssetError` for what is not there, may not be read, or is a folder, a pipe or a device.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise AssetError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise AssetError(f"{path}: this is a folder, not a file") from None
    except PermissionError:
        raise AssetError(f"{path}: no permission to read this file") from None
    except (OSError, ValueError) as error:
        raise AssetError(f"{path}: cannot be opened ({error})") from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
        raise AssetError(f"{path}: this is {kind}, not a file")
    return os.fdopen(descriptor, "rb")


def read_small_file(path: Path, limit: int) -> bytes:
    """The content of a regular file. Raises `AssetError` where it cannot be read or is larger than `limit` bytes."""
    with open_regular_file(path) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise AssetError(f"{path}: larger than {limit} bytes")
    return data


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal; memory use does not grow with the file. Raises `OSError`."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Writes the content beside the target and moves it into place; a file that was there keeps its permissions.

    Raises `OSError`, and then leaves the target as it was and nothing beside it.
    """
    with draft(path, like=path if path.exists() else None) as output:
        output.stream.write(content)
        output.publish()


class Draft:
    """An output that is not in its place yet."""

    def __init__(self, target: Path, stream: BinaryIO, path: Path) -> None:
        self.target, self.stream, self.path = target, stream, path

    def publish(self) -> None:
        """Moves the output into its place, with its bytes on the disk first. Raises `OSError`."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        if not operating_system.MOVES_OPEN_FILES:
            self.stream.close()
        self.path.replace(self.target)
        operating_system.sync_folder(self.target.parent)


@contextmanager
def draft(target: Path, *, like: Path | None = None) -> Iterator[Draft]:
    """A file to write, beside `target`, with the permissions of `like`; it is gone unless it was published.

    Raises `OSError` where it cannot be written: a full disk, a folder that is read-only or not there.
    """
    if target.is_dir():
        raise IsADirectoryError(f"{target}: is a folder")
    _remove_abandoned(target.parent)
    path, stream = _new_file(target)
    try:
        if like is not None:
            operating_system.set_mode(stream.fileno(), stat.S_IMODE(like.stat().st_mode))
        yield Draft(target, stream, path)
    finally:
        with contextlib.suppress(OSError):
            stream.close()  # on a full disk even this fails; what is published was flushed before
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _new_file(target: Path) -> tuple[Path, BinaryIO]:
    """A file of our own beside the target, locked as long as this process lives: not abandoned."""
    while True:
        path = target.parent / f"{_PREFIX}{secrets.token_hex(8)}{target.suffix}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o666)
        stream = os.fdopen(descriptor, "w+b")
        try:
            # Another process may take it for abandoned until it is locked: then it is gone, and a new one is made.
            operating_system.lock(stream, wait=True)
            if path.exists():
                return path, stream
        except BaseException:
            stream.close()
            path.unlink(missing_ok=True)
            raise
        stream.close()


def _remove_abandoned(folder: Path) -> None:
    """Drafts of processes that were killed: those that nobody holds a lock on."""
    for path in folder.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, operating_system.OPEN_FOR_READING)
            try:
                if operating_system.lock(descriptor) and stat.S_ISREG(os.fstat(descriptor).st_mode):
                    path.unlink()
            finally:
                os.close(descriptor)
