"""Safe writing: an output is made beside its target, checked, and moved into place in one step, or not at all.

A crash or a kill at any moment leaves the old file or the complete new one; what it may leave besides is a hidden file
whose name begins with `.provenance-`, which the next signing into that folder removes.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from provenance import operating_system

from .errors import OutputError

_PREFIX: Final = ".provenance-"

_WHY: Final = {
    errno.ENOSPC: "there is no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "there is no such folder",
    errno.EFBIG: "the file would be larger than is allowed",
}


class Draft:
    """An output that is not in its place yet."""

    def __init__(self, target: Path, stream: BinaryIO, path: Path) -> None:
        self.target, self.stream, self.path = target, stream, path

    def publish(self) -> None:
        """Moves the output into its place, with its bytes on the disk first. Raises `OutputError`."""
        with naming(self.target):
            self.stream.flush()
            os.fsync(self.stream.fileno())
            if not operating_system.MOVES_OPEN_FILES:
                self.stream.close()
            self.path.replace(self.target)
            operating_system.sync_folder(self.target.parent)


@contextmanager
def draft(target: Path, *, like: Path | None = None) -> Iterator[Draft]:
    """A file to write, beside `target`, with the permissions of `like`; it is gone unless it was published.

    Raises `OutputError` where it cannot be written: a full disk, a folder that is read-only or not there.
    """
    with naming(target):
        if target.is_dir():
            raise OutputError(f"{target}: is a folder")
        _remove_abandoned(target.parent)
        path, stream = _new_file(target)
    try:
        with naming(target):
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
            # Another signing may take it for abandoned until it is locked: then it is gone, and a new one is made.
            operating_system.lock(stream, wait=True)
            if path.exists():
                return path, stream
        except BaseException:
            stream.close()
            path.unlink(missing_ok=True)
            raise
        stream.close()


@contextmanager
def naming(target: Path) -> Iterator[None]:
    """Turns what the system says of writing into an `OutputError` that names the target."""
    try:
        yield
    except OSError as error:
        why = _WHY.get(error.errno or 0, error.strerror or str(error))
        raise OutputError(f"{target}: cannot be written: {why}. Nothing was changed") from None


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
