"""A service of the benchmarks' own, on a free port of this machine, in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provenance_service.access.keys import Keys
from provenance_service.access.quota import Quota
from provenance_service.access.scope import Scope
from provenance_service.settings import Settings
from provenance_service.storage import Storage


@dataclass(frozen=True)
class Served:
    """A running service."""

    url: str
    process: int

    def processes(self) -> list[int]:
        """Its own process, and those of its workers."""
        children = Path(f"/proc/{self.process}/task").glob("*/children")
        return [self.process, *(int(child) for listing in children for child in listing.read_text().split())]

    def memory(self) -> dict[str, float]:
        """What the server and its workers hold, in MiB."""
        server, *workers = (_resident(process) for process in self.processes())
        return {"server": server, "workers": sum(workers)}

    def cpu(self) -> float:
        """The CPU time that the server and its workers have used, in seconds."""
        return sum(_cpu(process) for process in self.processes())


@contextmanager
def serving(folder: Path, *options: str, database: str | None = None) -> Iterator[Served]:
    """A service that keeps everything in this folder, or in this database, and that ends with this context."""
    where = ["--folder", str(folder), *(["--database", database] if database else [])]
    command = [sys.executable, "-m", "provenance.cli", "serve", "--port", "0", *where, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(folder)})
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield Served(line.removeprefix("Serving on ").strip(), process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def new_key(folder: Path, *scopes: Scope, database: str | None = None, quota: str | None = None) -> str:
    """A key for the service with this folder or this database."""
    storage = Storage.of(Settings(folder=folder, database=database))
    try:
        return Keys(storage).add("benchmark", scopes, quota=Quota.parse(quota) if quota else None)[1]
    finally:
        storage.close()


def _resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
