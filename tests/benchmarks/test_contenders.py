"""Ways to name a contender: each gives what asking the thing itself gives."""

import http.server
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance_benchmarks.contenders import Outcome, Registering, contender_for, digest_of
from provenance_benchmarks.contenders.command import scores_in
from provenance_benchmarks.samples import Sample, Unit, sample_of
from provenance_benchmarks.store import Store
from provenance_benchmarks.suite import load_suite
from provenance_detectors import judge_picture, judge_text, load_detector


def _samples(modality: str, count: int) -> list[Sample]:
    suite, store = load_suite("smoke-v1"), Store()
    return [sample_of(suite, store, item, Unit(item.id)) for item in suite.of(modality)[:count]]


def test_a_registered_detector_is_asked_as_its_users_ask_it() -> None:
    contender, detector = contender_for("image"), load_detector("image")
    for sample, outcome in zip(_samples("image", 4), contender.examine(_samples("image", 4)), strict=True):
        answer = judge_picture(detector, sample.data)
        decision = {"no-indication": "not-ai"}.get(answer.decision, answer.decision)
        assert (outcome.score, outcome.probability, outcome.decision) == (answer.log_odds, answer.probability, decision)
    (sample,), text = _samples("text", 1), load_detector("text")
    (outcome,) = contender_for("text").examine([sample])
    assert outcome.score == judge_text(text, sample.text).log_odds
    assert contender.card() == detector.card.model_dump(mode="json", exclude_none=True)
    assert digest_of(contender) == digest_of(contender_for("image")) != digest_of(contender_for("text"))


def test_baselines_see_nothing_or_the_size() -> None:
    samples = _samples("image", 6)
    draws = [outcome.score for outcome in contender_for("baseline:random").examine(samples)]
    assert draws == [outcome.score for outcome in contender_for("baseline:random").examine(samples)]
    assert len(set(draws)) == 6
    sizes = {outcome.score for outcome in contender_for("baseline:file-size").examine(samples)}
    assert len(sizes) == 1


def test_the_registry_leads_copies_back_and_names_nothing_for_a_stranger() -> None:
    suite, store = load_suite("smoke-v1"), Store()
    *items, stranger = [item for item in suite.of("image") if item.id.startswith("picture-")][:7]
    contender = contender_for("registry:fingerprint")
    assert isinstance(contender, Registering)
    contender.register([sample_of(suite, store, item, Unit(item.id)) for item in items])
    for edit in ("jpeg-50", "mirror", "crop-10"):
        copies = [sample_of(suite, store, item, Unit(item.id, edit), edit) for item in (*items, stranger)]
        answers = [outcome.answers["nearest"] for outcome in contender.examine(copies)]
        assert answers == [*(item.id for item in items), ""]


def test_verifiers_answer_the_questions_of_the_report() -> None:
    suite, store = load_suite("smoke-v1"), Store()
    items = suite.of("manifest")
    samples = [sample_of(suite, store, item, Unit(item.id)) for item in items]
    for name, questions in (
        ("provenance", {"integrity", "signer", "time", "history"}),
        ("c2pa-python", {"integrity", "signer", "time"}),
        ("fast-c2pa-python", {"integrity", "signer", "time"}),
        ("encypher-c2pa", {"integrity"}),
    ):
        outcomes = contender_for(f"verifier:{name}").examine(samples)
        answers = {item.id: outcome.answers for item, outcome in zip(items, outcomes, strict=True)}
        assert answers["signed-ai.jpg"]["integrity"] == "intact"
        assert answers["altered-after-signing.jpg"]["integrity"] == "altered"
        assert answers["nothing-known.jpg"]["integrity"] == "absent"
        assert answers["signed-ai.jpg"].keys() == questions


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[tuple[str, str, int]], dict[str, object]]]:
    """An endpoint that says how long a body is, what it was asked, and what it shall answer instead."""
    asked, instead = list[tuple[str, str, int]](), dict[str, object]()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.headers["Content-Type"], self.headers.get("Authorization", ""), len(body)))
            self.send_response(int(instead.get("status", 200)))
            self.end_headers()
            answer = {"score": len(body), "probability": 0.25, "decision": "not-ai"}
            self.wfile.write(json.dumps(instead.get("body", answer)).encode())

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/score?key=secret", asked, instead
    server.shutdown()
    server.server_close()


def test_an_endpoint_is_sent_the_file_and_its_type(
    endpoint: tuple[str, list[tuple[str, str, int]], dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked, instead = endpoint
    monkeypatch.setenv("PROVENANCE_BENCH_TOKEN", "a-token")
    contender = contender_for(url, {"modality": "text"})
    (sample,) = _samples("text", 1)
    assert contender.examine([sample]) == [Outcome(float(len(sample.data)), 0.25, "not-ai")]
    assert asked == [("text/plain", "Bearer a-token", len(sample.data))]
    assert "secret" not in json.dumps(dict(contender.card()))
    for answer, reason in (
        ({"status": 503}, "HTTP status 503"),
        ({"body": {"probability": 0.5}}, "the score is no number"),
        ({"body": {"score": "NaN"}}, "the score is not a finite number"),
        ({"body": {"score": 1, "probability": 7}}, "the score is not a finite number"),
        ({"body": {"score": 1, "decision": "fake"}}, "the decision is none of ai, not-ai, abstain"),
        ({"body": [1]}, "the answer is no JSON object"),
    ):
        instead.clear()
        instead.update(answer)
        assert contender.examine([sample]) == [Outcome(failure=reason)]


def test_an_endpoint_that_is_not_there_is_a_failure_of_each_item() -> None:
    contender = contender_for("http://127.0.0.1:9/score", {"modality": "text"})
    (outcome,) = contender.examine(_samples("text", 1))
    assert outcome.score is None
    assert outcome.failure.startswith("ConnectError")


def test_what_a_program_prints_is_read_line_by_line() -> None:
    printed = '\n'.join(
        ["loading ...", "/tmp/a.png\t1.5", '{"path": "b.png", "score": -2, "probability": 0.1, "decision": "not-ai"}',
         "{broken", "c.png\tnan", "/tmp/d.png\t1", "/other/d.png\t2"]
    )  # fmt: skip
    found = scores_in(printed)
    assert found["a.png"] == Outcome(1.5)
    assert found["b.png"] == Outcome(-2.0, 0.1, "not-ai")
    assert found["c.png"].failure == "the score is not a finite number"
    assert found["d.png"].failure == "the program printed two scores for it"


def test_the_name_of_a_file_tells_a_program_nothing() -> None:
    suite = load_suite("smoke-v1")
    for sample, item in zip(_samples("image", 8), suite.of("image")[:8], strict=True):
        assert item.id.partition(".")[0] not in sample.name
        assert not {"ai", "real", "fake"} & set(sample.name.partition(".")[0].split("-"))
        assert sample.name == Sample(sample.unit, "image", b"", ".png").name


def test_detectors_of_detectzoo_run_in_their_own_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a package of the same name and interface: the real one needs weights that have to be downloaded."""
    (tmp_path / "detectzoo.py").write_text(
        "class Found:\n"
        "    def __init__(self, score): self.score, self.label = score, 'ai' if score > 700 else 'human'\n"
        "class Detector:\n"
        "    def predict(self, content): return Found(len(content))\n"
        "def load_detector(name, device='cuda', model_name=''):\n"
        "    assert (name, device, model_name) == ('log_rank', 'cpu', 'a b')\n"
        "    return Detector()\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    contender = contender_for("detectzoo:log_rank?model_name=a b", {"python": sys.executable, "modality": "text"})
    samples = _samples("text", 3)
    assert contender.examine(samples) == [Outcome(float(len(each.text)), None, "not-ai") for each in samples]
    assert contender.name == "detectzoo-log_rank"


def test_the_real_detectzoo_gives_scores(tmp_path: Path) -> None:
    """With a tiny model of the test's own, since those of its detectors have to be downloaded."""
    interpreter = os.environ.get("DETECTZOO_PYTHON")
    if interpreter is None:
        pytest.skip("needs DETECTZOO_PYTHON, the interpreter of an environment with DetectZoo")
    from ..detectors import tiny_models

    folder = tiny_models.language_model(tmp_path / "model")
    contender = contender_for(f"detectzoo:log_rank?model_name={folder}", {"python": interpreter, "modality": "text"})
    samples = [
        Sample(Unit(str(seed)), "text", tiny_models.random_words(80, seed).encode(), ".txt") for seed in range(4)
    ]
    outcomes = contender.examine(samples)
    assert [outcome.failure for outcome in outcomes] == [""] * 4
    assert len({outcome.score for outcome in outcomes}) == 4
    assert {outcome.decision for outcome in outcomes} <= {"ai", "not-ai"}
