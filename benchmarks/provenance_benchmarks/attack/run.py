"""All cases of a run, handed out to worker processes; one that hangs or falls costs its own case."""

import pickle
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

from provenance import Verifier
from provenance.process_pool import ProcessPool, ProcessStoppedError

from .bases import Base, bases
from .case import Case, World
from .oracle import Violation
from .principals import Principals
from .stories import capture
from .worker import BASES, Examination, Examiner, examine, log_of, prepare

# Of wall time, on a machine that does other things too: what takes longer than ten seconds of CPU is measured inside.
_PATIENCE: Final = 300.0

# Memory that an allocator keeps would hide what the next case takes.
_CASES_PER_WORKER: Final = 2_000


def answers(
    seed: int, numbers: Sequence[int], made: Sequence[Base], jobs: int, *, until: float | None = None
) -> Iterator[Examination]:
    """The answers to these cases, as they come. After `until`, by the monotonic clock, no new case is begun."""
    with tempfile.TemporaryDirectory(prefix="attack-") as name:
        folder = Path(name)
        named = {base.name: base for base in made}
        (folder / BASES).write_bytes(pickle.dumps(named))
        examiner = Examiner(seed, named)
        left = iter(numbers)
        running: dict[Future[Examination], int] = {}
        with ProcessPool(jobs, partial(prepare, seed, folder), max_tasks=_CASES_PER_WORKER) as pool:
            while True:
                while len(running) < jobs and (number := _next(left, until)) is not None:
                    running[pool.submit(partial(examine, number), _PATIENCE)] = number
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    number = running.pop(future)
                    try:
                        yield future.result()
                    except ProcessStoppedError as error:
                        yield _stopped(examiner.case(number), number, folder, error)


def _next(left: Iterator[int], until: float | None) -> int | None:
    return None if until is not None and time.monotonic() > until else next(left, None)


def _stopped(case: Case, number: int, folder: Path, error: ProcessStoppedError) -> Examination:
    """The answer for a case that ended its process: with the exit status, and what an engine that gave up wrote."""
    violation = Violation("hang", f"no answer in {_PATIENCE:.0f} s")
    if error.exit_code is not None:
        written = (folder / log_of(error.process_id)).read_text("utf-8", "replace")
        last = " ".join([line for line in written.splitlines() if line.strip()][-4:])
        violation = Violation("crash", f"exit status {error.exit_code}: {last[:300]}")
    return Examination(number, case.kind, case.base, "", seconds=error.seconds, violations=[asdict(violation)])


def prepared(seed: int, formats: Sequence[str]) -> list[Base]:
    """The signed files of a run."""
    return bases(Principals.of_seed(seed), formats)


def controls(seed: int, made: Sequence[Base]) -> dict[str, str]:
    """What is said of each file with an honest record, unchanged: who refuses everything claims nothing either."""
    examiner = Examiner(seed, {base.name: base for base in made})
    verifier = Verifier(trust=examiner.people.trust(), sources=["c2pa"])
    states = {}
    for base in made:
        world = World(examiner.people, examiner.bases, random.Random(base.name))
        data, manifest = base.put(capture(world, base).store)
        report = verifier.verify(data, name=base.file, manifest=manifest)
        states[base.name] = str(report.credentials.integrity.state)
    return states


def one(seed: int, number: int, made: Sequence[Base], folder: Path | None) -> dict[str, Any]:
    """One case again, here; kept in `folder` where one is given, with the anchors by which it can be looked at."""
    examiner = Examiner(seed, {base.name: base for base in made})
    case = examiner.case(number)
    if folder is not None:
        from .principals import PEM

        folder.mkdir(parents=True, exist_ok=True)
        stem = f"case-{seed}-{number}"
        (folder / f"{stem}.{case.file.rpartition('.')[2]}").write_bytes(case.data)
        (folder / "root.pem").write_bytes(examiner.people.root.certificate.public_bytes(PEM))
        (folder / "colleague.pem").write_bytes(examiner.people.colleague.certificate.public_bytes(PEM))
        if case.manifest is not None:
            (folder / f"{stem}.c2pa").write_bytes(case.manifest)
    return {**asdict(examiner.examine(number)), "truth": str(case.truth)}
