"""The attacks on signed files: some of them, and that what they look for would be seen."""

import hashlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import provenance
from provenance.sentences import say
from provenance_benchmarks.attack import run
from provenance_benchmarks.attack.bases import Base
from provenance_benchmarks.attack.case import KINDS, Case, Content, MutationKind, Truth, World
from provenance_benchmarks.attack.oracle import judge, judge_renderings
from provenance_benchmarks.attack.run import answers, prepared
from provenance_benchmarks.attack.stores import (
    CAPTURED,
    ManifestRecipe,
    UnfitError,
    actions,
    created,
    label_of,
    store_of,
)
from provenance_benchmarks.attack.tables import Results
from provenance_benchmarks.attack.worker import Examination, Examiner

CASES = 200


@pytest.fixture(scope="module")
def made() -> list[Base]:
    return prepared(1, ())


@pytest.fixture(scope="module")
def examiner(made: list[Base]) -> Examiner:
    return Examiner(1, {each.name: each for each in made})


@pytest.fixture(scope="module")
def honest(examiner: Examiner) -> tuple[Case, provenance.Report]:
    """A file as it was signed, with its report."""
    base = examiner.bases["jpeg"]
    names = frozenset({"Victim News"})
    case = Case("none", "jpeg", "a.jpeg", base.signed, Truth(names, names, origins=frozenset({"captured"})))
    verifier = provenance.Verifier(trust=examiner.people.trust(), sources=["c2pa"])
    return case, verifier.verify(case.data, name=case.file)


def test_no_attack_of_a_short_run_makes_the_verifier_claim_more_than_it_may(made: list[Base]) -> None:
    results = Results()
    for answer in answers(1, range(CASES), made, jobs=1):
        results.add(answer)
    assert results.total.cases == CASES
    assert not results.failed, results.as_markdown(())


def test_every_format_takes_a_record_that_is_written_here(made: list[Base], examiner: Examiner) -> None:
    """Else most attacks would be refused for what is wrong with the harness, and find nothing."""
    verifier = provenance.Verifier(trust=examiner.people.trust(), sources=["c2pa"])
    unread = set()
    for base in made:
        for version in (1, 2):
            declared = actions(created(CAPTURED, version=version), version=version)
            parts = [declared, base.bound()]
            record = ManifestRecipe(label_of(1, version), examiner.people.newsroom, parts, version)
            data, manifest = base.put(store_of(record.manifest()))
            report = verifier.verify(data, name=base.file, manifest=manifest)
            if "intact" not in {engine.integrity for engine in report.credentials.engines}:
                unread.add(base.name)
    assert not unread
    if shutil.which("ffmpeg"):
        assert len(made) == 43


def test_a_case_is_the_same_bytes_in_every_run(examiner: Examiner) -> None:
    """Of the files that c2pa-python signs some bytes differ; where they are not looked at, all is as it was."""
    again = Examiner(1, {each.name: each for each in prepared(1, ())})

    def hashes(of: Examiner) -> Iterator[tuple[str, str, str]]:
        for number in range(150):
            case = of.case(number)
            yield case.kind, case.base, hashlib.sha256(case.data + (case.manifest or b"")).hexdigest()

    differing = [one for one, other in zip(hashes(examiner), hashes(again), strict=True) if one != other]
    assert {kind for kind, _, _ in differing} <= {"external: for a changed file"}


def test_every_kind_of_mutation_can_be_made(examiner: Examiner) -> None:
    def makes(kind: MutationKind, number: int) -> bool:
        world = World(examiner.people, examiner.bases, random.Random(number))
        try:
            return kind.make(world, world.rng.choice(fitting)).kind == name
        except UnfitError:
            return False

    for name, kind in KINDS.items():
        fitting = [base for base in examiner.bases.values() if kind.fits(base)]
        assert any(makes(kind, number) for number in range(40)), name


def test_an_honest_file_is_no_violation(honest: tuple[Case, provenance.Report]) -> None:
    case, report = honest
    assert report.conclusion.assurance == "verified"
    assert judge(case, report) == []
    assert judge_renderings(report, report.model_dump_json()) == []


@pytest.mark.parametrize(
    ("truth", "seen"),
    [
        (Truth(), {"signer trusted", "step's signer trusted, intact step", "sentence names a signer", "verified"}),
        (Truth(content=Content.CHANGED), {"intact though changed"}),
        (Truth(content=Content.LEFT_OUT), {"intact, changed where the standard leaves out"}),
        (Truth(origins=frozenset({"ai-generated"})), {"another origin, and no word of it"}),
    ],
)
def test_what_is_not_true_is_seen(honest: tuple[Case, provenance.Report], truth: Truth, seen: set[str]) -> None:
    """The same report, where nobody signed, where bytes differ, where the record said something else."""
    case, report = honest
    case = Case(case.kind, case.base, case.file, case.data, truth)
    assert seen <= {violation.what for violation in judge(case, report)}


def test_a_string_that_reaches_a_reader_unescaped_is_seen(honest: tuple[Case, provenance.Report]) -> None:
    _, report = honest
    named = say("term.self_named", name="X").model_copy(update={"text": "\x9b2J", "values": {"name": "X” signed. “"}})
    evil = report.model_copy(update={"remarks": (named,)})
    found = {violation.what for violation in judge_renderings(evil, "\u202e")}
    assert {"control character in page", "control character in the command's JSON"} <= found
    assert "a name closes its quotation marks" in found


KILLER = """
import os
from provenance_benchmarks.attack import worker
def deadly(number, examiner):
    if number == 1:
        os.write(2, b"thread panicked")
        os.abort()
    return worker.examine(number, examiner)
"""


@pytest.mark.slow
def test_a_worker_that_falls_costs_its_own_case(
    made: list[Base], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "killer.py").write_text(KILLER)
    monkeypatch.syspath_prepend(str(tmp_path))
    import killer  # the worker processes import it too

    monkeypatch.setattr(run, "examine", killer.deadly)
    found = {answer.number: answer for answer in answers(1, range(3), made, jobs=1)}
    assert set(found) == {0, 1, 2}
    assert [violation["what"] for violation in found[1].violations] == ["crash"]
    assert "exit status -6: " in found[1].violations[0]["how"]
    assert "thread panicked" in found[1].violations[0]["how"]


def test_the_page_names_each_violation_with_a_case_to_look_at() -> None:
    results = Results()
    results.add(
        Examination(
            7, "bytes: flipped", "jpeg", "two engines", violations=[{"what": "verified", "how": "a|b", "minor": False}]
        )
    )
    assert "| verified | bytes: flipped | 1 | jpeg | 7 (jpeg): `a/b` |" in results.as_markdown(["about"])
    assert results.as_json({})["violations"][0]["examples"][0]["case"] == 7
    assert results.failed
