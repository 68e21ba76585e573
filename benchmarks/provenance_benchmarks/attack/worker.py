"""One worker process: makes each case anew from its number, has it verified, and measures time and memory."""

import os
import pickle
import random
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from provenance import Verifier
from provenance.report import Report

from .bases import Base
from .case import Case
from .mutations import case_of
from .oracle import MAX_MEGABYTES, MAX_SECONDS, Violation, judge, judge_renderings
from .principals import PEM, Principals

# How often the whole toolkit is asked but for detectors, and how often a report is rendered that attacks nobody.
_ALL_SOURCES: Final = 0.05
_RENDERED: Final = 0.02
_BY_COMMAND: Final = 0.3

_MEGABYTE: Final = 1024.0

BASES: Final = "bases"
"""The file with the signed files of a run, in its folder."""


@dataclass
class Examination:
    """What came of one case."""

    number: int
    kind: str
    base: str
    settings: str
    integrity: str = ""
    assurance: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0
    violations: list[dict[str, Any]] = field(default_factory=list)


class Examiner:
    """Verifiers in every setting, kept warm."""

    def __init__(self, seed: int, bases: dict[str, Base]) -> None:
        os.environ["PROVENANCE_TRUST"] = os.devnull + "/none"  # a user's own lists must not change the answers
        self.seed, self.bases = seed, bases
        self.people = Principals.of_seed(seed)
        self._verifiers: dict[tuple[bool, bool, bool], Verifier] = {}

    def case(self, number: int) -> Case:
        """The case of this number."""
        return case_of(self.people, self.bases, self.seed, number)

    def settings(self, number: int) -> tuple[bool, bool, bool]:
        """Whether two engines are asked, whether the run's own lists count, and whether all sources are asked."""
        rng = random.Random(f"settings {self.seed}/{number}")
        return rng.random() < 0.7, rng.random() < 0.9, rng.random() < _ALL_SOURCES

    def _verifier(self, settings: tuple[bool, bool, bool]) -> Verifier:
        if settings not in self._verifiers:
            both, trusting, everything = settings
            self._verifiers[settings] = Verifier(
                trust=self.people.trust() if trusting else None,
                sources=["c2pa", "metadata"] if everything else ["c2pa"],
                second_engine=both,
            )
        return self._verifiers[settings]

    def examine(self, number: int) -> Examination:
        """Has one case verified, and judges the report."""
        case, settings = self.case(number), self.settings(number)
        verifier = self._verifier(settings)
        both, trusting, everything = settings
        settings_text = f"{'two engines' if both else 'one engine'}, {'own lists' if trusting else 'shipped lists'}"
        answer = Examination(number, case.kind, case.base, settings_text + (", metadata" if everything else ""))
        _forget_peak()
        before, started = _memory("VmRSS"), time.process_time()
        try:
            report = verifier.verify(case.data, name=case.file, manifest=case.manifest)
        except Exception as error:
            violations = [Violation("an exception", repr(error)[:300])]
        else:
            violations = judge(case, report)
            answer.integrity = str(report.credentials.integrity.state)
            answer.assurance = str(report.conclusion.assurance)
        answer.seconds = time.process_time() - started
        answer.megabytes = _memory("VmHWM") - before
        if answer.seconds > MAX_SECONDS:
            violations.append(Violation("too long", f"{answer.seconds:.1f} s"))
        if answer.megabytes > MAX_MEGABYTES:
            violations.append(Violation("too much memory", f"{answer.megabytes:.0f} MB"))
        rng = random.Random(f"rendered {self.seed}/{number}")
        if not any(violation.what == "an exception" for violation in violations) and (
            case.truth.hostile or rng.random() < _RENDERED
        ):
            violations.extend(
                self._rendered(case, report, by_command=case.truth.hostile and rng.random() < _BY_COMMAND)
            )
        answer.violations = [asdict(violation) for violation in violations]
        return answer

    def _rendered(self, case: Case, report: Report, *, by_command: bool) -> list[Violation]:
        try:
            return judge_renderings(report, self._printed(case) if by_command else None)
        except Exception as error:
            return [Violation("an exception", f"while rendering: {error!r}"[:300])]

    def _printed(self, case: Case) -> str:
        """What the command prints as JSON for a file of this name."""
        from click.testing import CliRunner

        from provenance.cli import main

        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "root.pem")
            root.write_bytes(self.people.root.certificate.public_bytes(PEM))
            options = ["verify", "--json", "--source", "c2pa", "--trust-anchors", str(root)]
            try:
                path = Path(folder, case.file)
                path.write_bytes(case.data)
            except OSError:  # no file can have this name
                path = Path(folder, "a.bin")
                path.write_bytes(case.data)
            if case.manifest is not None:
                path.with_suffix(".c2pa").write_bytes(case.manifest)
            return CliRunner().invoke(main, [*options, str(path)]).output


def _forget_peak() -> None:
    """Has the kernel count the peak of memory from here on."""
    with Path("/proc/self/clear_refs").open("w") as reset:
        reset.write("5")


def _memory(field: str) -> float:
    """VmRSS or VmHWM of this process, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0]) / _MEGABYTE


def prepare(seed: int, folder: Path) -> Examiner:
    """Makes a worker process ready. Its folder holds the signed files, and takes what it would print."""
    _quiet(folder / log_of(os.getpid()))
    with (folder / BASES).open("rb") as stream:
        return Examiner(seed, pickle.load(stream))


def log_of(process_id: int | None) -> str:
    """The name of the file with what a worker process would print."""
    return f"log-{process_id}"


def examine(number: int, examiner: Examiner) -> Examination:
    """The answer to one case, in a worker process."""
    return examiner.examine(number)


def _quiet(log: Path) -> None:
    """What engines and the toolkit write goes to a file: a panic's message is no line of the answer."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with log.open("ab") as stream:
        os.dup2(stream.fileno(), 2)
