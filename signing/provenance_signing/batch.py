"""Folders: every file of a folder signed into another one, by several processes, with a record that can be resumed.

A file that cannot be signed, or that takes its process down, is recorded, and the rest goes on.
"""

import csv
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final

from provenance import operating_system
from provenance.asset import SIDECAR_SUFFIX
from provenance.errors import ProvenanceError
from provenance.files import sha256_of

from .credential import Credential
from .errors import OutputError
from .signer import Signer
from .time_stamps import TimeStamps

RECORD: Final = "signing.csv"

_SPAWN: Final = multiprocessing.get_context("spawn")


class Status(StrEnum):
    """What became of a file."""

    SIGNED = "signed"
    SKIPPED = "skipped"  # signed before, and not changed since
    FAILED = "failed"


@dataclass(frozen=True)
class Row:
    """One line of the record."""

    source: str
    status: Status
    profile: str
    output: str = ""
    manifest: str = ""
    source_sha256: str = ""
    output_sha256: str = ""
    remarks: str = ""
    error: str = ""


@dataclass(frozen=True)
class Settings:
    """How every file is signed; plain data, for each process makes its own signer of it."""

    credential: Path
    profile: str
    passphrase: str | None = field(default=None, repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)  # those of `Signer`
    time_stamps: TimeStamps | None = None  # in place of the credential's

    def signer(self) -> Signer:
        """The signer. Raises `SigningError`."""
        credential = Credential.load(self.credential, passphrase=self.passphrase)
        if self.time_stamps is not None:
            credential = credential.with_time_stamps(self.time_stamps)
        return Signer(credential, profile=self.profile, **self.options)


def files_below(folder: Path, out: Path) -> list[Path]:
    """The files to sign, in order: no links, no manifests that stand beside their assets, nothing of the output."""
    excluded = out.resolve()
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and path.suffix != SIDECAR_SUFFIX
        and not path.name.startswith(".")
        and excluded not in path.resolve().parents
    )


def sign_folder(
    folder: Path, out: Path, settings: Settings, *, jobs: int = 1, paths: Iterable[Path] | None = None
) -> Iterator[Row]:
    """Signs the files below `folder` into `out`, each under the same name, and gives the record's rows as they come.

    What the record in `out` says was signed, and has not changed since, is skipped. Raises `SigningError` where
    nothing at all can be signed: no such profile, a credential that cannot be used, a folder that cannot be written.
    """
    name = settings.signer().profile.name  # what cannot be used is said before the first file
    try:
        out.mkdir(parents=True, exist_ok=True)
        record = (out / RECORD).open("a+", newline="", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from None
    with record:
        done = _signed_before(record, name)
        writer = csv.DictWriter(record, [each.name for each in fields(Row)])
        if record.tell() == 0:
            writer.writeheader()
        work: deque[tuple[Path, Path]] = deque()
        for path in paths if paths is not None else files_below(folder, out):
            relative = path.relative_to(folder)
            if relative == Path(RECORD):
                row = Row(RECORD, Status.FAILED, name, error="its output would take the place of the record")
                writer.writerow(asdict(row))
                yield row
                continue
            before = done.get(str(relative))
            if before is not None and _is_unchanged(path, out / relative, before):
                yield Row(str(relative), Status.SKIPPED, name, before.output, before.manifest)
            else:
                work.append((path, relative))
        for row in _sign_all(work, out, settings, jobs):
            writer.writerow(asdict(row))
            record.flush()
            yield row


def _sign_all(work: deque[tuple[Path, Path]], out: Path, settings: Settings, jobs: int) -> Iterator[Row]:
    """Few files are under way at a time: a process that dies takes few with it, and each gets a second try alone."""
    alone: deque[tuple[Path, Path]] = deque()
    while work:
        running: dict[Future[Row], tuple[Path, Path]] = {}
        with _pool(settings, jobs) as pool:
            try:
                while work or running:
                    while work and len(running) < 2 * jobs:
                        job = work.popleft()
                        running[pool.submit(_sign_one, *job, out)] = job
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        row = future.result()
                        del running[future]
                        yield row
            except BrokenProcessPool:
                alone.extend(running.values())
    for path, relative in alone:
        with _pool(settings, 1) as pool:
            try:
                yield pool.submit(_sign_one, path, relative, out).result()
            except BrokenProcessPool:
                yield Row(str(relative), Status.FAILED, settings.profile, error="the file stopped the process")


def _pool(settings: Settings, jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=_SPAWN, initializer=_start, initargs=(settings,))


_mine: tuple[Signer, Mapping[str, Any]] | None = None  # one in each process


def _start(settings: Settings) -> None:
    global _mine  # noqa: PLW0603 - how a pool's processes keep what they were started with
    operating_system.ignore_interrupts()
    _mine = (settings.signer(), settings.facts)


def _sign_one(path: Path, relative: Path, out: Path) -> Row:
    assert _mine is not None  # noqa: S101 - set by _start
    signer, facts = _mine
    target = out / relative
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        content = sha256_of(path)  # before it is read: what changes meanwhile is signed again
        signed = signer.sign(path, target, **facts)
        return Row(
            source=str(relative),
            status=Status.SIGNED,
            profile=signer.profile.name,
            output=str(relative),
            manifest=signed.manifest_id,
            source_sha256=content,
            output_sha256=sha256_of(target),
            remarks=" ".join(each.text for each in signed.remarks),
        )
    except (ProvenanceError, OSError) as error:
        return Row(str(relative), Status.FAILED, signer.profile.name, error=str(error))
    except Exception as error:  # whatever it is, the rest goes on
        return Row(str(relative), Status.FAILED, signer.profile.name, error=f"{type(error).__name__}: {error}")


def _signed_before(record: IO[str], profile: str) -> dict[str, Row]:
    """What the record says was signed by this profile; a line that a kill cut off says nothing."""
    record.seek(0)
    whole = record.read()
    if whole and not whole.endswith("\n"):
        record.write('"\r\n' if whole.count('"') % 2 else "\r\n")  # else what follows would belong to that line
        record.flush()
    record.seek(0)
    found: dict[str, Row] = {}
    for line in csv.DictReader(record):
        known: dict[str, Any] = {each.name: line.get(each.name) or "" for each in fields(Row)}
        if known["status"] == Status.SIGNED and known["profile"] == profile and known["output_sha256"]:
            found[known["source"]] = Row(**{**known, "status": Status.SIGNED})
    record.seek(0, os.SEEK_END)
    return found


def _is_unchanged(source: Path, output: Path, before: Row) -> bool:
    try:
        return sha256_of(source) == before.source_sha256 and sha256_of(output) == before.output_sha256
    except OSError:
        return False
