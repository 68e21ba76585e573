"""Verification: how often a verifier gives the answers that a file deserves, question by question."""

from collections.abc import Iterator
from typing import Final

from ..metrics import share
from ..samples import Unit
from ..suite import Suite
from . import Outcomes, TaskFigures, present
from .detection import ALL

# Worst of all for a newsroom: unchanged since signing, and called altered; altered, and called unchanged.
_WHOLE: Final = "intact"
_BAD: Final = ("altered", "broken")


# No manifest is there, or none can be there in such a file: tools draw this line in different places.
_NOTHING: Final = ("absent", "unreadable")


class Verification:
    """The share of right answers to each question, and of the two errors that mislead people."""

    name = "verification"

    def units(self, suite: Suite, modality: str) -> Iterator[Unit]:
        """The test split of files with and without manifests."""
        if modality == "manifest":
            yield from (Unit(item.id) for item in suite.of(modality, "test"))

    def finding(self, outcomes: Outcomes) -> TaskFigures:
        """By question. One that the tool answers of no file has no figure; one left open for a file counts as wrong."""
        questions = {question for row in outcomes.rows.values() for question in row.outcome.answers}
        right: dict[str, list[bool]] = {}
        signed: dict[str, list[bool]] = {}
        called_altered, called_whole = [], []
        for unit in self.units(outcomes.suite, outcomes.modality):
            row = outcomes.rows.get(unit)
            if row is None:
                continue
            answers = row.outcome.answers
            expected = dict(outcomes.items[unit.item].expected)
            for question, answer in expected.items():
                if question not in questions:
                    continue
                hit = _plain(answers.get(question)) == _plain(answer)
                right.setdefault(question, []).append(hit)
                if expected.get("signer", "none") != "none":
                    signed.setdefault(question, []).append(hit)
            if expected.get("integrity") == _WHOLE:
                called_altered.append(answers.get("integrity") in _BAD)
            elif expected.get("integrity") in _BAD:
                called_whole.append(answers.get("integrity") == _WHOLE)
        draws, name = outcomes.resamples, self.name
        figures = [share(name, f"{question} right", ALL, hits, draws) for question, hits in right.items()]
        figures += [
            share(name, f"{question} right", "files with a signature", hits, draws) for question, hits in signed.items()
        ]
        figures.append(share(name, "unchanged, called altered or broken", ALL, called_altered, draws))
        figures.append(share(name, "altered or broken, called unchanged", ALL, called_whole, draws))
        return TaskFigures(present(figures))


def _plain(answer: str | None) -> str | None:
    return "nothing" if answer in _NOTHING else answer
