"""Temporary files, named so that the next start finds those of a killed process.

A lock that the system takes back with the process says who lives: on POSIX. Elsewhere nothing is cleaned up.
"""

import contextlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from provenance import operating_system
from provenance.errors import AssetError
from provenance.files import read_small_file
from provenance.limits import KIB
from provenance.process_pool import delete_temporary_files

PREFIX: Final = f"provenance-{secrets.token_hex(8)}-"

_PREFIX: Final = re.compile(r"provenance-[0-9a-f]{16}-")

# Where each process notes its prefix, in the folder of what the service keeps.
_RUNNING: Final = "running"

_MAX_NOTE: Final = 8 * KIB


@contextmanager
def temporary_file() -> Iterator[Path]:
    """A file that exists as long as this context."""
    # In no folder of its own: to make and remove one took the event loop longer than all the rest of an upload.
    handle, name = tempfile.mkstemp(prefix=PREFIX)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that exists as long as this context."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        yield Path(name)


@contextmanager
def cleaned_up_after_a_crash(folder: Path) -> Iterator[None]:
    """Deletes what killed processes left behind, and notes in the service's folder that this one lives.

    The note goes with this context; that of a process that is killed stays, for the next one to find.
    """
    running = folder / _RUNNING
    with contextlib.ExitStack() as stack:
        # A full disk, or a folder that cannot be written to, is no reason to examine nothing.
        with contextlib.suppress(OSError):
            running.mkdir(mode=0o700, parents=True, exist_ok=True)
            for note in running.iterdir():
                _clean_up(note)
            note = running / secrets.token_hex(8)
            stack.callback(note.unlink, missing_ok=True)
            lock = stack.enter_context(note.open("x"))
            operating_system.lock(lock)
            json.dump({"prefix": PREFIX, "folder": tempfile.gettempdir()}, lock)
            lock.flush()
        yield


def _clean_up(note: Path) -> None:
    with contextlib.suppress(OSError), note.open("r+") as lock:
        if not operating_system.lock(lock):  # its process lives
            return
        with contextlib.suppress(ValueError, KeyError, TypeError, AssetError):
            content = json.loads(read_small_file(note, _MAX_NOTE))
            if _PREFIX.fullmatch(content["prefix"]):
                delete_temporary_files(content["prefix"], content["folder"])
        note.unlink()
