"""The journal of a run: each outcome is on disk before the next ones are asked, so that a kill loses nothing."""

import contextlib
import errno
import json
import os
from collections.abc import Iterable, Mapping
from io import BufferedRandom
from pathlib import Path
from typing import Any, Final, Self

from provenance import operating_system

from .errors import ResultError, RunError
from .rows import Row
from .samples import Unit

JOURNAL: Final = "journal.jsonl"


class Journal:
    """Lines of JSON: first what the run is about, then a row each. Locked while it is open."""

    def __init__(self, file: BufferedRandom, path: Path, done: dict[Unit, Row]) -> None:
        self._file, self._path, self.done = file, path, done

    @classmethod
    def open(cls, folder: Path, about: Mapping[str, Any]) -> Self:
        """Opens the journal in a folder, with the rows of an earlier run of the same kind.

        Raises `RunError` where another run is writing it, or where it is about something else.
        """
        path = folder / JOURNAL
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file: BufferedRandom = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror})") from None
        if not operating_system.lock(file) and operating_system.HAS_LOCKS:
            file.close()
            raise RunError(f"{folder}: another run is writing here; wait for it, or name another folder")
        try:
            done = _read(file, path, about)
        except BaseException:
            file.close()
            raise
        journal = cls(file, path, done)
        if file.tell() == 0:
            journal._write([json.dumps({"about": about}, sort_keys=True)])
        return journal

    def add(self, rows: Iterable[Row]) -> None:
        """Writes rows down. Raises `RunError` where there is no space."""
        rows = list(rows)
        self._write([json.dumps(row.as_record()) for row in rows])
        self.done |= {row.unit: row for row in rows}

    def close(self) -> None:
        """Ends the run here; the file stays."""
        self._file.close()

    def remove(self) -> None:
        """Ends the run and takes the journal away: its result is written."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        self._file.close()

    def _write(self, lines: list[str]) -> None:
        try:
            self._file.write("".join(f"{line}\n" for line in lines).encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            space = error.errno in (errno.ENOSPC, errno.EDQUOT)
            reason = "no space is left" if space else str(error.strerror)
            raise RunError(
                f"{self._path}: {reason}; what was finished is kept: make room and start the same command again"
            ) from None


def _read(file: BufferedRandom, path: Path, about: Mapping[str, Any]) -> dict[Unit, Row]:
    done: dict[Unit, Row] = {}
    whole = 0
    for number, line in enumerate(file):
        if not line.endswith(b"\n"):
            break  # the run was killed while it wrote this line
        try:
            record = json.loads(line)
            if number == 0:
                earlier = record["about"]
                if earlier != json.loads(json.dumps(about)):
                    changed = [name for name in about if earlier.get(name) != about[name]]
                    raise RunError(
                        f"{path.parent}: holds an unfinished run with another {', '.join(changed)}; finish that one, "
                        "delete the folder, or name another"
                    )
            else:
                row = Row.of(record)
                done[row.unit] = row
        except (ValueError, KeyError, TypeError, ResultError):
            raise RunError(f"{path}: line {number + 1} is damaged; delete the file to start anew") from None
        whole += len(line)
    file.seek(whole)
    file.truncate()
    return done
