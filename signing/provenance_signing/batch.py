"""Folders: every file of a folder signed into another one, by several processes, with a record that can be resumed.

A file that cannot be signed, or that takes its process down, is recorded, and the rest goes on.
"""

import csv
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from provenance.asset import SIDECAR_SUFFIX
from provenance.errors import ProvenanceError
from provenance.files import sha256_of
from provenance.process_pool import ProcessPool, ProcessStoppedError

from .credential import Credential
from .errors import OutputError
from .signer import Signer
from .time_stamps import TimeStamps

RECORD: Final = "signing.csv"


class BatchStatus(StrEnum):
    """What became of a file."""

    SIGNED = "signed"
    SKIPPED = "skipped"  # signed before, and not changed since
    FAILED = "failed"


@dataclass(frozen=True)
class BatchRow:
    """One line of the record."""

    source: str
    status: BatchStatus
    profile: str
    output: str = ""
    manifest: str = ""
    source_sha256: str = ""
    output_sha256: str = ""
    remarks: str = ""
    error: str = ""


@dataclass(frozen=True)
class BatchSettings:
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
    folder: Path, out: Path, settings: BatchSettings, *, jobs: int = 1, paths: Iterable[Path] | None = None
) -> Iterator[BatchRow]:
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
        writer = csv.DictWriter(record, [field.name for field in fields(BatchRow)])
        if record.tell() == 0:
            writer.writeheader()
        to_sign: list[tuple[Path, Path]] = []
        for path in paths if paths is not None else files_below(folder, out):
            relative = path.relative_to(folder)
            if relative == Path(RECORD):
                row = BatchRow(RECORD, BatchStatus.FAILED, name, error="its output would take the place of the record")
                writer.writerow(asdict(row))
                yield row
                continue
            before = done.get(str(relative))
            if before is not None and _is_unchanged(path, out / relative, before):
                yield BatchRow(str(relative), BatchStatus.SKIPPED, name, before.output, before.manifest)
            else:
                to_sign.append((path, relative))
        for row in _sign_all(to_sign, out, settings, jobs):
            writer.writerow(asdict(row))
            record.flush()
            yield row


def _sign_all(paths: Iterable[tuple[Path, Path]], out: Path, settings: BatchSettings, jobs: int) -> Iterator[BatchRow]:
    """Signs these files, each with the path that it has in the record, and gives their rows as they come."""
    waiting = deque(paths)
    running: dict[Future[BatchRow], Path] = {}
    with ProcessPool(jobs, partial(_Signing, settings)) as pool:
        while waiting or running:
            while waiting and len(running) < 2 * jobs:  # so that none stands still, and few are lost by a kill
                path, relative = waiting.popleft()
                running[pool.submit(partial(_sign_one, path, relative, out))] = relative
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                relative = running.pop(future)
                try:
                    yield future.result()
                except ProcessStoppedError:
                    error = "the file stopped the process"
                    yield BatchRow(str(relative), BatchStatus.FAILED, settings.profile, error=error)


class _Signing:
    """What each process keeps from one file to the next."""

    def __init__(self, settings: BatchSettings) -> None:
        self.signer, self.facts = settings.signer(), settings.facts


def _sign_one(path: Path, relative: Path, out: Path, signing: _Signing) -> BatchRow:
    signer, facts = signing.signer, signing.facts
    target = out / relative
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        content = sha256_of(path)  # before it is read: what changes meanwhile is signed again
        signed = signer.sign(path, target, **facts)
        return BatchRow(
            source=str(relative),
            status=BatchStatus.SIGNED,
            profile=signer.profile.name,
            output=str(relative),
            manifest=signed.manifest_id,
            source_sha256=content,
            output_sha256=sha256_of(target),
            remarks=" ".join(remark.text for remark in signed.remarks),
        )
    except (ProvenanceError, OSError) as error:
        return BatchRow(str(relative), BatchStatus.FAILED, signer.profile.name, error=str(error))
    except Exception as error:  # whatever it is, the rest goes on
        return BatchRow(
            str(relative), BatchStatus.FAILED, signer.profile.name, error=f"{type(error).__name__}: {error}"
        )


def _signed_before(record: IO[str], profile: str) -> dict[str, BatchRow]:
    """What the record says was signed by this profile; a line that a kill cut off says nothing."""
    record.seek(0)
    text = record.read()
    if text and not text.endswith("\n"):
        record.write('"\r\n' if text.count('"') % 2 else "\r\n")  # else what follows would belong to that line
        record.flush()
    record.seek(0)
    signed_rows: dict[str, BatchRow] = {}
    for line in csv.DictReader(record):
        cells: dict[str, Any] = {field.name: line.get(field.name) or "" for field in fields(BatchRow)}
        if cells["status"] == BatchStatus.SIGNED and cells["profile"] == profile and cells["output_sha256"]:
            signed_rows[cells["source"]] = BatchRow(**{**cells, "status": BatchStatus.SIGNED})
    record.seek(0, os.SEEK_END)
    return signed_rows


def _is_unchanged(source: Path, output: Path, before: BatchRow) -> bool:
    try:
        return sha256_of(source) == before.source_sha256 and sha256_of(output) == before.output_sha256
    except OSError:
        return False
