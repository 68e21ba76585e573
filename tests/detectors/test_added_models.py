"""Models that a user adds: hashed, checked, never pickled, and asked as every other detector."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from provenance.cli import main
from provenance_detectors import DetectorError, WeightsError, judge_picture, judge_text, load_detector
from provenance_detectors.hub.adding import Origin, add, pull
from provenance_detectors.hub.folder import detectors_folder

from . import tiny_models
from .cards import TEXT
from .photographs import photograph, saved

pytestmark = pytest.mark.slow

LABELS = {"artificial": "ai", "human": "not-ai"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROVENANCE_DETECTORS", str(tmp_path / "detectors"))
    return tmp_path / "detectors"


def test_an_image_model_from_a_folder_gives_scores_and_abstains_until_it_has_a_threshold(tmp_path: Path) -> None:
    folder = tiny_models.image_model(tmp_path / "vit")
    card = add(Origin.parse(str(folder)), task="image-classification", labels=LABELS, name="vit")
    assert set(card.files) == {"config.json", "model.safetensors", "preprocessor_config.json"}
    answer = judge_picture(load_detector("vit"), saved(photograph()))
    assert answer.decision == "abstain" and answer.log_odds is not None
    add(Origin.parse(str(folder)), task="image-classification", labels=LABELS, name="vit", threshold=-50.0)
    again = judge_picture(load_detector("vit"), saved(photograph()))
    assert again.decision == "ai" and again.log_odds == answer.log_odds


def test_the_label_map_turns_the_scale_around(tmp_path: Path) -> None:
    folder = tiny_models.image_model(tmp_path / "vit")
    add(Origin.parse(str(folder)), task="image-classification", labels=LABELS, name="one")
    turned = {"artificial": "not-ai", "human": "ai"}
    add(Origin.parse(str(folder)), task="image-classification", labels=turned, name="other")
    one, other = (judge_picture(load_detector(name), saved(photograph())).log_odds for name in ("one", "other"))
    assert one is not None and one == pytest.approx(-other)


def test_text_and_audio_models_load_and_score_in_batches(tmp_path: Path) -> None:
    add(
        Origin.parse(str(tiny_models.text_model(tmp_path / "b"))),
        task="text-classification",
        labels=LABELS,
        name="bert",
    )
    texts = [tiny_models.random_words(200, seed) for seed in range(11)]
    scores = load_detector("bert").score(texts)
    assert scores.shape == (11,) and len(set(scores.round(6))) > 5
    assert judge_text(load_detector("bert"), TEXT).log_odds is not None
    add(
        Origin.parse(str(tiny_models.audio_model(tmp_path / "w"))),
        task="audio-classification",
        labels=LABELS,
        name="wav",
    )
    sound = np.random.default_rng(0).normal(0, 0.1, (3, 16_000)).astype(np.float32)
    assert load_detector("wav").score(list(sound)).shape == (3,)


@pytest.mark.parametrize("method", ["fast-detect-gpt", "log-rank", "binoculars"])
def test_zero_shot_methods_find_what_the_model_itself_would_write(tmp_path: Path, method: str) -> None:
    folder = tiny_models.language_model(tmp_path / "gpt")
    add(Origin.parse(str(folder)), task="zero-shot-text", labels={}, name="gpt", method=method)
    detector = load_detector("gpt")
    model, tokenizer = tiny_models.writer(), tiny_models.tokenizer()
    asked = tokenizer("word1", return_tensors="pt")
    likely = model.generate(**asked, do_sample=False, max_new_tokens=80, min_new_tokens=80)
    own = tokenizer.decode(likely[0], skip_special_tokens=True)
    others = [tiny_models.random_words(80, seed) for seed in range(20)]
    assert detector.score([own])[0] > detector.score(others).max()
    assert np.isnan(detector.score(["word1"])[0])


def test_a_changed_file_is_not_loaded(tmp_path: Path) -> None:
    add(
        Origin.parse(str(tiny_models.image_model(tmp_path / "v"))), task="image-classification", labels=LABELS, name="v"
    )
    with (detectors_folder() / "v" / "config.json").open("a") as file:
        file.write(" ")
    with pytest.raises(WeightsError, match="not the file that the card"):
        load_detector("v")
    with pytest.raises(WeightsError, match="delete it and pull again"):
        pull("v")


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = tiny_models.image_model(tmp_path / "v")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(WeightsError, match="pickled weights are refused"):
        add(Origin.parse(str(folder)), task="image-classification", labels=LABELS)
    assert not list(detectors_folder().glob("*/card.toml"))


def test_a_label_map_without_both_meanings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="--label-map"):
        add(Origin.parse(str(tmp_path)), task="image-classification", labels={"artificial": "ai"})


@pytest.mark.parametrize("text", ["hf:", "hf:../x", "hf:a/b@", "hf:a b/c", "/nowhere"])
def test_what_names_no_model_is_refused(text: str) -> None:
    with pytest.raises(DetectorError):
        Origin.parse(text)


class Hub(BaseHTTPRequestHandler):
    """A hub of one repository, as far as a client needs it: what there is, and the files by commit."""

    folder: Path
    commit = "c0ffee" + "0" * 34
    broken = False

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/models/org/tiny"):
            files = [{"rfilename": each.name} for each in sorted(self.folder.iterdir())]
            content = json.dumps({"id": "org/tiny", "sha": self.commit, "siblings": files}).encode()
            self._send(content, "application/json", body)
            return
        prefix = f"/org/tiny/resolve/{self.commit}/"
        file = self.folder / path.removeprefix(prefix)
        if not path.startswith(prefix) or not file.is_file() or (self.broken and file.suffix == ".safetensors"):
            self.send_error(404)
            return
        self._send(
            file.read_bytes(),
            "application/octet-stream",
            body,
            {"ETag": f'"{file.name}"', "X-Repo-Commit": self.commit},
        )

    def _send(self, content: bytes, kind: str, body: bool, headers: dict[str, str] | None = None) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    handler = type("OneHub", (Hub,), {"folder": tiny_models.image_model(tmp_path / "at-the-hub")})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    import huggingface_hub.constants as constants

    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield handler
    server.shutdown()


def test_a_model_of_the_hub_is_fetched_at_its_commit_and_hashed(hub: type[Hub]) -> None:
    (hub.folder / "pytorch_model.bin").write_bytes(b"\x80\x04 a pickle")
    (hub.folder / "modeling_tiny.py").write_text("raise SystemExit('this code must never run')")
    card = add(Origin.parse("hf:org/tiny@main"), task="image-classification", labels=LABELS)
    assert card.name == "tiny" and card.options["source"] == f"hf:org/tiny@{hub.commit}"
    kept = {path.name for path in (detectors_folder() / "tiny").iterdir() if path.is_file()}
    assert kept == {"card.toml", "config.json", "model.safetensors", "preprocessor_config.json"}
    assert judge_picture(load_detector("tiny"), saved(photograph())).log_odds is not None
    (detectors_folder() / "tiny" / "config.json").unlink()
    assert pull("tiny") == card
    assert (detectors_folder() / "tiny" / "config.json").exists()


def test_a_hub_with_pickles_only_is_refused_before_anything_is_fetched(hub: type[Hub]) -> None:
    (hub.folder / "model.safetensors").rename(hub.folder / "pytorch_model.bin")
    with pytest.raises(WeightsError, match=r"pytorch_model\.bin.*pickled weights are refused"):
        add(Origin.parse("hf:org/tiny@main"), task="image-classification", labels=LABELS)


def test_a_fetch_that_breaks_off_leaves_no_detector(hub: type[Hub]) -> None:
    hub.broken = True
    with pytest.raises(WeightsError, match="cannot be fetched"):
        add(Origin.parse("hf:org/tiny@main"), task="image-classification", labels=LABELS)
    assert not list(detectors_folder().glob("*/card.toml"))
    hub.broken = False
    assert add(Origin.parse("hf:org/tiny@main"), task="image-classification", labels=LABELS).files


def test_the_commands_add_list_run_and_pull(tmp_path: Path) -> None:
    folder, picture = tiny_models.image_model(tmp_path / "v"), tmp_path / "p.png"
    picture.write_bytes(saved(photograph()))
    run = CliRunner()
    added = run.invoke(main, ["detectors", "add", str(folder), "--name", "mine", "--label-map", "artificial=ai",
                              "--label-map", "human=not-ai"])  # fmt: skip
    assert added.exit_code == 0 and "added mine (3 files" in added.output
    assert "mine" in run.invoke(main, ["detectors", "list"]).output
    assert "No threshold was measured" in run.invoke(main, ["detectors", "info", "mine"]).output
    assert "3 files" in run.invoke(main, ["detectors", "pull", "mine"]).output
    asked = run.invoke(main, ["detectors", "run", "--json", "--detector", "mine", str(picture)])
    assert json.loads(asked.stdout)["detector"] == "mine"
    wrong = run.invoke(main, ["detectors", "add", str(folder), "--label-map", "artificial=robot"])
    assert wrong.exit_code == 2 and "LABEL=ai" in wrong.output


def test_a_model_of_the_hub_is_benchmarked_by_its_name(hub: type[Hub]) -> None:
    from provenance_benchmarks.contenders import contender_for
    from provenance_benchmarks.samples import Sample, Unit

    contender = contender_for("hf:org/tiny@main", {"labels": LABELS})
    (outcome,) = contender.examine([Sample(Unit("one"), "image", saved(photograph()), ".png")])
    assert outcome.score == judge_picture(load_detector("bench-org-tiny-main"), saved(photograph())).log_odds
    assert outcome.score is not None
    # Without a threshold it gives scores and abstains; a second run finds it where the first one put it.
    assert outcome.decision == "abstain"
    hub.broken = True
    assert contender_for("hf:org/tiny@main", {"labels": LABELS}).examine(
        [Sample(Unit("one"), "image", saved(photograph()), ".png")]
    ) == [outcome]
