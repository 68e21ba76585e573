"""Unpacking a ZIP of files to examine, in a worker process."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provenance.limits import KIB

from ..jobs.job_input import MAX_ITEMS, JobInput, shortened_name
from .worker import WorkerContext

# Deflate makes at most a thousandth of what it was given; real pictures and videos hardly shrink at all.
MAX_UNPACKED_SHARE: Final = 200

_PIECE: Final = 256 * KIB


@dataclass(frozen=True)
class UnpackTask:
    """A ZIP to unpack into a folder, of at most so many bytes."""

    path: Path
    folder: Path
    max_size: int

    def run(self, context: WorkerContext) -> list[JobInput] | str:  # noqa: ARG002 - a ZIP needs nothing of it
        """The files in it; or which problem it has. Folders in it do not matter, and ZIPs in it stay as they are."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                if len(entries) > MAX_ITEMS:
                    return "too-many-items"
                return self._unpacked(archive, entries)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
            return "bad-archive"  # damaged, encrypted, or packed in a way that is not known

    def _unpacked(self, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> list[JobInput] | str:
        left = min(self.max_size, self.path.stat().st_size * MAX_UNPACKED_SHARE)
        inputs = []
        for number, entry in enumerate(entries, 1):
            path = self.folder / f"item-{number}"
            with archive.open(entry) as packed, path.open("wb") as target:
                # What the archive says about its sizes is not believed.
                while piece := packed.read(min(_PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        return "too-large"
                    target.write(piece)
            inputs.append(JobInput(shortened_name(entry.filename), path))
        return inputs
