"""A program that reads a list of files and prints scores: how a tool is measured without being imported.

The program gets one path a line on its standard input and prints, for each, one line of JSON:

    {"path": "...", "score": 1.3, "probability": 0.79, "decision": "ai"}

or `PATH<tab>SCORE`. Only `path` and `score` are needed. A file without a line is a failure, never a score.
"""

import json
import math
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from provenance.files import sha256_of

from ..errors import ContenderError
from ..samples import Sample
from . import NOT_FINITE, Outcome

# What a program may print for one batch: a line a file has a few hundred bytes.
MAX_OUTPUT: Final = 16 * 1024 * 1024

_DECISIONS: Final = ("ai", "not-ai", "abstain", "")


class Command:
    """Asked batch by batch: most programs take long to start."""

    version = ""
    batch = 64

    def __init__(self, command: str, *, modality: str = "image", time_limit: float = 600.0) -> None:
        self._words = shlex.split(command)
        if not self._words or shutil.which(self._words[0]) is None:
            raise ContenderError(f"cmd:{command}: there is no such program")
        self._time_limit = time_limit
        self.name = "cmd-" + Path(self._words[-1]).stem.lower()[:40]
        self.modalities = frozenset({modality})

    def card(self) -> Mapping[str, Any]:
        """The command, and the digest of each file that it names."""
        files = [
            Path(program) for word in self._words if (program := shutil.which(word) or word) and Path(program).is_file()
        ]
        digests = {path.name: sha256_of(path) for path in files}
        words = [Path(word).name if Path(word).exists() else word for word in self._words]
        return {"name": self.name, "command": words, "files": digests}

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        """Runs the program once for these samples."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / sample.name for sample in samples]
            for path, sample in zip(paths, samples, strict=True):
                path.write_bytes(sample.data)
            printed = self._run("".join(f"{path}\n" for path in paths))
            outcomes = scores_in(printed)
        return [outcomes.get(path.name, Outcome(failure="the program printed no score for it")) for path in paths]

    def _run(self, listing: str) -> str:
        try:
            done = subprocess.run(
                self._words, input=listing.encode(), capture_output=True, timeout=self._time_limit, check=False
            )
        except subprocess.TimeoutExpired:
            raise ContenderError(f"{self._words[0]}: no answer within {self._time_limit:.0f} s") from None
        if done.returncode:
            last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
            raise ContenderError(f"{self._words[0]}: exit status {done.returncode}: {last}")
        return done.stdout[:MAX_OUTPUT].decode("utf-8", "replace")


def scores_in(printed: str) -> dict[str, Outcome]:
    """The outcome for each file name in what a program printed; lines of another form say nothing."""
    outcomes: dict[str, Outcome] = {}
    for line in printed.splitlines():
        if line.startswith("{"):
            try:
                record = json.loads(line)
            except ValueError:
                continue
        else:
            path, _, score = line.partition("\t")
            record = {"path": path, "score": score}
        name = Path(str(record.get("path", ""))).name
        if name in outcomes:
            outcomes[name] = Outcome(failure="the program printed two scores for it")
        elif name:
            outcomes[name] = outcome_of(record)
    return outcomes


def outcome_of(record: Mapping[str, Any]) -> Outcome:
    """The outcome in a record with `score`, and perhaps `probability` and `decision`."""
    try:
        score = float(record["score"])
        chance = record.get("probability")
        probability = None if chance is None else float(chance)
    except (KeyError, TypeError, ValueError):
        return Outcome(failure="the score is no number")
    decision = str(record.get("decision") or "")
    if not math.isfinite(score) or (probability is not None and not 0 <= probability <= 1):
        return Outcome(failure=NOT_FINITE)
    if decision not in _DECISIONS:
        return Outcome(failure=f"the decision is none of {', '.join(_DECISIONS[:-1])}")
    return Outcome(score, probability, decision)
