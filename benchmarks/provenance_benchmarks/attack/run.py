"""All cases of a run, handed out to worker processes; one that hangs or falls costs its own case."""

import itertools
import multiprocessing
import pickle
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from provenance import Verifier

from .bases import Base, bases
from .case import World
from .oracle import Violation
from .principals import Principals
from .stories import capture
from .worker import Answer, Examiner, work

# Of wall time, on a machine that does other things too: what takes longer than ten seconds of CPU is measured inside.
_PATIENCE: Final = 300.0

# Memory that an allocator keeps would hide what the next case takes.
_CASES_PER_WORKER: Final = 2_000


_LOGS: Final = itertools.count()


class _Worker:
    """A worker process, with the case that it has and since when."""

    def __init__(self, seed: int, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.log = folder / f"log-{next(_LOGS)}"
        arguments = (theirs, seed, folder / "bases", self.log)
        self.process: BaseProcess = context.Process(target=work, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        self.connection.recv()
        self.number: int | None = None
        self.since = 0.0
        self.done = 0

    def give(self, number: int) -> None:
        """Has it examine this case."""
        self.number, self.since = number, time.monotonic()
        with suppress(OSError):  # one that fell meanwhile is found when its answer is read
            self.connection.send(number)

    def last_words(self) -> str:
        """Of a process that fell: its exit status, and what an engine that gave up wrote."""
        self.process.join(5)
        said = [line for line in self.log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return f"exit status {self.process.exitcode}: {' '.join(said[-4:])[:300]}"

    def stop(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def answers(
    seed: int, numbers: Sequence[int], made: Sequence[Base], jobs: int, *, until: float | None = None
) -> Iterator[Answer]:
    """The answers to these cases, as they come. After `until`, by the monotonic clock, no new case is begun."""
    with tempfile.TemporaryDirectory(prefix="attack-") as name:
        folder = Path(name)
        found = {each.name: each for each in made}
        (folder / "bases").write_bytes(pickle.dumps(found))
        examiner = Examiner(seed, found)
        left = iter(numbers)
        workers = [_Worker(seed, folder) for _ in range(jobs)]
        try:
            busy = [worker for worker in workers if _next(worker, left, until)]
            while busy:
                ready = wait([each.connection for each in busy], timeout=1.0)
                for worker in list(busy):
                    answer = _answer(worker, examiner, ready=worker.connection in ready)
                    if answer is None:
                        continue
                    yield answer
                    fallen = any(each["what"] in ("hang", "crash") for each in answer.violations)
                    if fallen or worker.done >= _CASES_PER_WORKER:
                        busy.remove(worker)
                        worker.stop()
                        worker = _Worker(seed, folder)  # noqa: PLW2901
                        workers.append(worker)
                        busy.append(worker)
                    if not _next(worker, left, until):
                        busy.remove(worker)
        finally:
            for worker in workers:
                worker.process.kill()


def _next(worker: _Worker, left: Iterator[int], until: float | None) -> bool:
    number = None if until is not None and time.monotonic() > until else next(left, None)
    if number is not None:
        worker.give(number)
    return number is not None


def _answer(worker: _Worker, examiner: Examiner, *, ready: bool) -> Answer | None:
    """What a worker answers; None while it works."""
    assert worker.number is not None
    seconds = time.monotonic() - worker.since
    if ready:
        try:
            answer: Answer = worker.connection.recv()
        except (EOFError, OSError):
            return _gone(examiner, worker.number, seconds, Violation("crash", worker.last_words()))
        worker.done += 1
        return answer
    if seconds > _PATIENCE:
        return _gone(examiner, worker.number, seconds, Violation("hang", f"no answer in {_PATIENCE:.0f} s"))
    return None


def _gone(examiner: Examiner, number: int, seconds: float, violation: Violation) -> Answer:
    case = examiner.case(number)
    return Answer(number, case.kind, case.base, "", seconds=seconds, violations=[asdict(violation)])


def prepared(seed: int, formats: Sequence[str]) -> list[Base]:
    """The signed files of a run."""
    return bases(Principals.of_seed(seed), formats)


def controls(seed: int, made: Sequence[Base]) -> dict[str, str]:
    """What is said of each file with an honest record, unchanged: who refuses everything claims nothing either."""
    examiner = Examiner(seed, {each.name: each for each in made})
    verifier = Verifier(trust=examiner.people.trust(), sources=["c2pa"])
    found = {}
    for base in made:
        world = World(examiner.people, examiner.bases, random.Random(base.name))
        data, manifest = base.put(capture(world, base).store)
        report = verifier.verify(data, name=base.file, manifest=manifest)
        found[base.name] = str(report.credentials.integrity.state)
    return found


def one(seed: int, number: int, made: Sequence[Base], folder: Path | None) -> dict[str, Any]:
    """One case again, here; kept in `folder` where one is given, with the anchors by which it can be looked at."""
    examiner = Examiner(seed, {each.name: each for each in made})
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
