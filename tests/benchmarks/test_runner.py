"""A run: the same scores again, after a kill too; what a contender does wrong is a failure of an item, never a score."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from provenance_benchmarks.errors import ContenderError, ResultError, RunError, SuiteError
from provenance_benchmarks.journal import JOURNAL, Journal
from provenance_benchmarks.result import SCORES, Result
from provenance_benchmarks.rows import Row, read_rows
from provenance_benchmarks.runner import RunOrder, run
from provenance_benchmarks.samples import Unit
from provenance_benchmarks.suite import Suite, load_suite

from ..patience import PATIENCE

pytestmark = pytest.mark.slow

Program = Callable[[str], str]

RIGHT = "return text.count('delve') - 0.5"


def _order(suite: Suite, spec: str, folder: Path, **changes: object) -> RunOrder:
    return replace(RunOrder(suite, spec, folder, options={"modality": suite.card.modalities[0]}), **changes)


def test_a_good_detector_gets_the_figures_that_it_deserves(text_suite: Suite, program: Program, tmp_path: Path) -> None:
    result = run(_order(text_suite, program(RIGHT), tmp_path / "run"))
    assert result.failures == {}
    assert result.figure("AUC").value == 1.0
    assert result.figure("AUC").low == 1.0
    tests = text_suite.of("text", "test")
    assert result.figure("AUC").items == len(tests)
    rows = {row.unit.item: row.outcome.score for row in read_rows(tmp_path / "run" / SCORES)}
    assert rows.keys() == {item.id for item in text_suite.items if item.split in ("test", "calibration")}
    assert all((rows[item.id] > 0) == (item.label == "ai") for item in tests)


def test_a_second_run_and_a_run_with_two_workers_give_the_same_bytes(
    text_suite: Suite, program: Program, tmp_path: Path
) -> None:
    spec = program("return len(text) / 7")
    one, two, both = (
        run(_order(text_suite, spec, tmp_path / name, workers=workers))
        for name, workers in (("one", 1), ("two", 1), ("both", 2))
    )
    assert one.same_scores(two) and one.same_scores(both)
    assert (tmp_path / "one" / SCORES).read_bytes() == (tmp_path / "both" / SCORES).read_bytes()
    assert 0.0 < one.figure("AUC").value < 1.0


def test_a_registry_is_shown_the_originals_in_each_worker_before_it_is_asked(tmp_path: Path) -> None:
    suite = load_suite("smoke-v1")
    few = replace(suite, items=suite.of("image", "test")[:8])
    result = run(RunOrder(few, "registry:fingerprint", tmp_path / "run", ("retrieval",), workers=2))
    assert result.failures == {}
    led_back = result.figure("led back", "all")
    assert led_back.value == 1.0
    assert led_back.items == 8 * len(suite.card.edits)


def test_a_finished_run_is_not_asked_again_unless_it_is_told_to(
    text_suite: Suite, program: Program, tmp_path: Path
) -> None:
    order = _order(text_suite, program(RIGHT), tmp_path / "run")
    first = run(order)
    calls = (tmp_path / "calls.txt").read_text()
    assert run(order) == first
    assert (tmp_path / "calls.txt").read_text() == calls
    run(replace(order, again=True))
    assert len((tmp_path / "calls.txt").read_text()) == 2 * len(calls)


def test_the_cost_of_a_finished_run_is_measured_again_and_nothing_else(tmp_path: Path) -> None:
    order = RunOrder(load_suite("smoke-v1"), "baseline:random", tmp_path / "run", modality="text", tasks=("detection",))
    first = run(order)
    assert first.cost is None
    again = run(replace(order, tasks=("cost",)))
    assert again.cost is not None
    assert again.cost.items >= 20
    assert again.cost.energy_wh_per_1000 >= 0
    assert again.cost.country == "FRA"
    assert ("estimate" in again.cost.energy_source) != ("RAPL" in again.cost.energy_source)
    assert again.same_scores(first)
    assert Result.load(tmp_path / "run") == again


def test_a_run_that_is_killed_goes_on_where_it_stopped(text_suite: Suite, program: Program, tmp_path: Path) -> None:
    spec = program("time.sleep(0.15); " + RIGHT)
    # In small batches, so that there is something to go on from.
    program_text = (
        "import provenance_benchmarks.contenders.command as c; c.Command.batch = 4; "
        "from provenance.cli import main; main()"
    )
    command = [
        sys.executable, "-c", program_text, "bench", "run", "--suite", str(text_suite.folder), "--detector", spec,
        "--modality", "text", "--out", str(tmp_path / "killed"),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)
    journal = tmp_path / "killed" / JOURNAL
    try:
        deadline = time.monotonic() + PATIENCE
        while not (journal.exists() and journal.read_bytes().count(b"\n") > 8):
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(0.02)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    finished = [json.loads(line) for line in journal.read_bytes().splitlines(keepends=True)[1:] if line.endswith(b"\n")]
    assert 8 <= len(finished) < 45
    (tmp_path / "calls.txt").unlink()
    again = run(_order(text_suite, spec, tmp_path / "killed"))
    asked = (tmp_path / "calls.txt").read_text().split()
    names = {_name(row["item"]) for row in finished}
    assert not names & set(asked)
    assert len(asked) == len(set(asked)) == again.suite.units - len(finished)
    undisturbed = run(_order(text_suite, spec, tmp_path / "undisturbed"))
    assert again.same_scores(undisturbed)
    assert (tmp_path / "killed" / SCORES).read_bytes() == (tmp_path / "undisturbed" / SCORES).read_bytes()
    assert not journal.exists()


def _name(item: str) -> str:
    from provenance_benchmarks.samples import Sample

    return Sample(Unit(item), "text", b"", ".txt").name


# By the number of a text that is AI and in the test split: what is done with it, and what the run says of that.
WRONG = {
    2: ("raise ValueError('no')", "exit status 1: ValueError: no"),
    8: ("return math.nan", "not a finite number"),
    10: ("return math.inf", "not a finite number"),
    16: ("return 'high'", "no number"),
    18: ("return None", "printed no score"),
    24: ("os.kill(os.getpid(), 9)", "exit status -9"),
    26: ("print(path + '\\t1')", "two scores"),
}


def test_what_a_contender_does_wrong_is_a_failure_of_that_item(
    text_suite: Suite, program: Program, tmp_path: Path
) -> None:
    body = "".join(f"if 'Number {number}.' in text: {wrong}\n" for number, (wrong, _) in WRONG.items()) + RIGHT
    result = run(_order(text_suite, program(body), tmp_path / "run"))
    assert sum(result.failures.values()) == len(WRONG)
    failed = {row.unit.item: row.outcome for row in read_rows(tmp_path / "run" / SCORES) if row.outcome.failure}
    assert failed.keys() == {f"{number:03d}.txt" for number in WRONG}
    for number, (_, reason) in WRONG.items():
        outcome = failed[f"{number:03d}.txt"]
        assert outcome.score is None
        assert reason in outcome.failure
    # Without an answer it counts as not found.
    made = sum(item.label == "ai" for item in text_suite.of("text", "test"))
    assert result.figure("AUC").value == pytest.approx(1 - len(WRONG) / made)


MISBEHAVIOUR = {
    2: ("raise RuntimeError('broken')", "RuntimeError: broken"),
    3: ("return np.array([np.nan])", "the score is not a finite number"),
    8: ("return np.array([])", "the score is not a finite number"),
    9: ("return np.array([1.0, 1.0])", "the score is not a finite number"),
    10: ("os._exit(3)", "its process ended (exit code 3)"),
    11: ("time.sleep(3600)", "no answer within 15 s"),
}


def test_a_detector_of_a_third_party_that_misbehaves_costs_those_items(
    text_suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install_detector(tmp_path, {number: body for number, (body, _) in MISBEHAVIOUR.items()}, monkeypatch)
    # Long enough for a good item on a machine with much else to do, a worker's start included.
    result = run(_order(text_suite, "misbehaving", tmp_path / "run", item_limit=15.0))
    failed = {row.unit.item: row.outcome.failure for row in read_rows(tmp_path / "run" / SCORES) if row.outcome.failure}
    assert failed == {f"{number:03d}.txt": reason for number, (_, reason) in MISBEHAVIOUR.items()}
    assert result.suite.units == 46


def _install_detector(folder: Path, bodies: dict[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with an entry point, as a third party would install it."""
    package = folder / "site"
    (package / "misbehaving-1.dist-info").mkdir(parents=True)
    (package / "misbehaving-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: misbehaving\nVersion: 1\n"
    )
    (package / "misbehaving-1.dist-info" / "entry_points.txt").write_text(
        "[provenance.detectors]\nmisbehaving = misbehaving:Detector\n"
    )
    (package / "misbehaving.py").write_text(
        "import os, time\n"
        "import numpy as np\n"
        "from provenance_detectors.card import ModelCard\n"
        "class Detector:\n"
        "    card = ModelCard(name='misbehaving', version='1', question='ai', modality='text', summary='s', licence='l')\n"
        "    name, version, media_types = 'misbehaving', '1', frozenset({'text/*'})\n"
        "    def score(self, batch):\n"
        + "".join(
            f"        if 'Number {number}.' in batch[0]:\n            {body}\n" for number, body in bodies.items()
        )
        + "        return np.array([float(batch[0].count('delve'))])\n"
    )
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package), *sys.path]))


def test_a_changed_file_stops_the_run_with_its_name(text_suite: Suite, program: Program, tmp_path: Path) -> None:
    (text_suite.folder / "files" / "004.txt").write_text("another text")
    with pytest.raises(SuiteError, match=r"004\.txt is not the file that the manifest names"):
        run(_order(text_suite, program(RIGHT), tmp_path / "run"))
    assert not (tmp_path / "run" / SCORES).exists()


def test_missing_files_are_said_before_anything_is_asked(text_suite: Suite, program: Program, tmp_path: Path) -> None:
    (text_suite.folder / "files" / "004.txt").unlink()
    with pytest.raises(SuiteError, match=r"1 of 46 files of tiny-texts are not here \(the first: 004\.txt\)"):
        run(_order(text_suite, program(RIGHT), tmp_path / "run"))
    assert not (tmp_path / "calls.txt").exists()


def test_an_unreadable_picture_is_counted_and_left_out(picture_suite: Suite, program: Program, tmp_path: Path) -> None:
    import hashlib

    from provenance_benchmarks.suite import write_manifest

    broken = b"no picture at all"
    (picture_suite.folder / "files" / "000.img").write_bytes(broken)
    digest = hashlib.sha256(broken).hexdigest()
    items = [replace(item, sha256=digest) if item.id == "000.img" else item for item in picture_suite.items]
    write_manifest(picture_suite.folder / "manifest.csv", items)
    suite = Suite.load(picture_suite.folder)
    result = run(_order(suite, program("return len(text)"), tmp_path / "run", tasks=("detection",)))
    (reason,) = result.failures
    assert reason.startswith("not measured: not readable as a picture")
    assert result.figure("AUC").items == len(suite.of("image", "test")) - 1


def test_the_size_of_a_matched_picture_says_nothing(picture_suite: Suite, program: Program, tmp_path: Path) -> None:
    result = run(_order(picture_suite, program("return len(text)"), tmp_path / "run", tasks=("detection",)))
    scores = {row.outcome.score for row in read_rows(tmp_path / "run" / SCORES)}
    assert len(scores) == 1
    assert result.figure("AUC").value == 0.5


def test_two_runs_in_one_folder_are_refused(text_suite: Suite, program: Program, tmp_path: Path) -> None:
    about = {"suite": "s"}
    journal = Journal.open(tmp_path / "run", about)
    with pytest.raises(RunError, match="another run is writing here"):
        Journal.open(tmp_path / "run", about)
    journal.close()
    Journal.open(tmp_path / "run", about).close()


def test_a_folder_with_the_result_of_another_contender_is_refused(
    text_suite: Suite, program: Program, tmp_path: Path
) -> None:
    run(_order(text_suite, program(RIGHT), tmp_path / "run"))
    before = (tmp_path / "run" / "result.json").read_bytes()
    with pytest.raises(RunError, match="holds the result of a run with another contender, spec"):
        run(_order(text_suite, program("return 1.0"), tmp_path / "run"))
    assert (tmp_path / "run" / "result.json").read_bytes() == before


def test_an_unfinished_run_of_another_suite_is_refused(tmp_path: Path) -> None:
    Journal.open(tmp_path / "run", {"suite": "one"}).close()
    with pytest.raises(RunError, match="holds an unfinished run with another suite"):
        Journal.open(tmp_path / "run", {"suite": "other"})


def test_a_line_that_was_cut_by_a_kill_is_asked_again_and_a_damaged_one_is_said(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, {"suite": "s"})
    journal.add([Row(Unit("a")), Row(Unit("b"))])
    journal.close()
    path = tmp_path / JOURNAL
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    journal = Journal.open(tmp_path, {"suite": "s"})
    assert [unit.item for unit in journal.done] == ["a"]
    journal.add([Row(Unit("b"))])
    journal.close()
    assert path.read_bytes() == whole
    path.write_bytes(whole.replace(b'"a"', b'"a', 1))
    with pytest.raises(RunError, match="line 2 is damaged"):
        Journal.open(tmp_path, {"suite": "s"})


def test_a_full_disk_is_said_and_loses_nothing(text_suite: Suite, program: Program, tmp_path: Path) -> None:
    spec = program(RIGHT)

    def no_space() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))

    command = [
        sys.executable, "-B", "-m", "provenance.cli", "bench", "run", "--suite", str(text_suite.folder), "--detector", spec,
        "--modality", "text", "--out", str(tmp_path / "run"),
    ]  # fmt: skip
    done = subprocess.run(
        command,
        preexec_fn=no_space,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 1
    assert "make room and start the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run" / "result.json").exists()
    result = run(_order(text_suite, spec, tmp_path / "run"))
    assert result.figure("AUC").value == 1.0


def test_a_contender_of_another_modality_is_refused(text_suite: Suite, tmp_path: Path) -> None:
    with pytest.raises(ContenderError, match="is asked about manifest; tiny-texts holds text"):
        run(RunOrder(text_suite, "verifier:provenance", tmp_path / "run"))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nothing-of-this-name", "no detector called nothing-of-this-name"),
        ("baseline:none", "no baseline called none"),
        ("verifier:none", "no verifier called none"),
        ("cmd:no-such-program-here", "there is no such program"),
        ("ftp:example", "no such kind of contender"),
        ("detectzoo:x", None),
    ],
)
def test_a_contender_that_is_not_there_is_said(
    spec: str, message: str | None, text_suite: Suite, tmp_path: Path
) -> None:
    options = {"python": str(tmp_path / "no-python"), "modality": "text"}
    with pytest.raises(ContenderError, match=message or "name the interpreter"):
        run(RunOrder(text_suite, spec, tmp_path / "run", options=options))


def test_a_task_that_the_suite_does_not_have_is_said(text_suite: Suite, program: Program, tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="tiny-texts has no task robustness; it has detection, calibration"):
        run(_order(text_suite, program(RIGHT), tmp_path / "run", tasks=("robustness",)))
    with pytest.raises(SuiteError, match="no task called none"):
        run(_order(text_suite, program(RIGHT), tmp_path / "run", tasks=("none",)))


def test_a_part_of_a_suite_says_so(text_suite: Suite, program: Program, tmp_path: Path) -> None:
    result = run(_order(text_suite, program(RIGHT), tmp_path / "run", most=4))
    assert result.suite.most == 4
    assert result.suite.items == 16
    assert result.suite.sha256 != text_suite.digest


def test_edits_are_asked_about_and_a_learner_leaves_generators_out(picture_suite: Suite, tmp_path: Path) -> None:
    result = run(RunOrder(picture_suite, "baseline:floor", tmp_path / "run"))
    rows = read_rows(tmp_path / "run" / SCORES)
    tests, calibration = (len(picture_suite.of("image", split)) for split in ("test", "calibration"))
    real = sum(item.label == "not-ai" for item in picture_suite.of("image", "test"))
    made = tests - real
    by_variant = {
        variant: sum(row.unit.variant == variant for row in rows) for variant in {r.unit.variant for r in rows}
    }
    expected = {"as-is": tests + calibration, "jpeg-50": tests, "half-size": tests}
    expected |= {"without generator-0": real + made // 2, "without generator-1": real + made // 2}
    assert by_variant == expected
    assert result.figure("AUC", "edit: jpeg-50", "robustness").value > 0.9
    assert result.figure("flips", "edit: jpeg-50").items == tests


def test_a_suite_without_a_training_split_is_learnt_for_from_another(picture_suite: Suite, tmp_path: Path) -> None:
    suites = tmp_path / "suites"
    alone = replace(
        picture_suite,
        items=tuple(item for item in picture_suite.items if item.split != "train"),
        card=picture_suite.card.model_copy(update={"tasks": ("detection",)}),
    )
    with pytest.raises(ContenderError, match="has no training split"):
        run(RunOrder(alone, "baseline:floor", suites / "without"))
    named = replace(alone, card=alone.card.model_copy(update={"trained_on": str(picture_suite.folder)}))
    found = run(RunOrder(named, "baseline:floor", suites / "with"))
    whole = run(RunOrder(picture_suite, "baseline:floor", suites / "whole", tasks=("detection",)))
    assert found.figure("AUC") == whole.figure("AUC")
    assert found.suite.sha256 == alone.digest


def test_a_result_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text('{"format": "other"}')
    with pytest.raises(ResultError, match="this is not a result"):
        Result.load(tmp_path)
    with pytest.raises(ResultError, match="this is not a result"):
        Result.load(tmp_path / "missing.json")
