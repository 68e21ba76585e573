"""The bundled models are the ones that their cards measured, on splits that do not overlap."""

import csv
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from provenance_detectors import Picture, judge_picture, load_detector
from provenance_detectors.errors import WeightsError
from provenance_detectors.files import check_files
from provenance_detectors.judgement import probability
from provenance_detectors.pictures import decode
from provenance_detectors.views import views_of

ROOT = Path(__file__).parents[2]
PICTURES = Path(os.environ.get("PROVENANCE_PICTURES", ROOT / "no-such-folder"))
RESULTS = ROOT / "benchmarks" / "results"
TRAINING = ROOT / "detectors" / "training" / "data"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def auc(labels: list[bool], scores: list[float]) -> float:
    """The share of pairs in the right order: the definition of the area, not a formula from a library."""
    positive = np.array([score for label, score in zip(labels, scores, strict=True) if label])
    negative = np.array([score for label, score in zip(labels, scores, strict=True) if not label])
    return float((positive[:, None] > negative).mean() + 0.5 * (positive[:, None] == negative).mean())


def test_the_figures_of_the_text_card_follow_from_the_committed_scores() -> None:
    scores = rows(RESULTS / "text-detector-test-scores.csv")
    measured = auc([row["label"] == "ai" for row in scores], [float(row["log_odds"]) for row in scores])
    said = {(metric.group, metric.name): metric for metric in load_detector("text").card.metrics}
    figure = said["seen sources: test split", "AUC"]
    assert measured == pytest.approx(figure.value, abs=1e-3)
    assert figure.low < figure.value < figure.high and figure.items == len(scores)


def final_scores() -> list[dict[str, str]]:
    """What the image detector said of the final sources."""
    return rows(RESULTS / "image-detector-final-scores.csv")


def test_the_rates_of_the_image_card_follow_from_the_committed_scores() -> None:
    scores, card = final_scores(), load_detector("image").card
    point = card.operating_point()
    called, real = (np.array([row[column] == value for row in scores]) for column, value in
                    (("decision", "ai"), ("label", "real")))  # fmt: skip
    assert called[real].mean() == pytest.approx(point.fpr.value) and called[~real].mean() == pytest.approx(
        point.tpr.value
    )
    by_source = {(metric.group, metric.name): metric.value for metric in card.metrics}
    shares = {"ai": [], "real": []}
    for source in {row["source"] for row in scores}:
        own = np.array([row["source"] == source for row in scores])
        label = "real" if real[own][0] else "ai"
        name = "found" if label == "ai" else "false alarms"
        said = by_source.get((f"source: {source}", f"{name} at the default threshold"))
        if said is None:  # too few pictures for a figure of its own
            continue
        assert called[own].mean() == pytest.approx(said)
        shares[label].append(said)
    assert len(shares["ai"]) >= 12 and len(shares["real"]) >= 10
    for label, name in (("ai", "found"), ("real", "false alarms")):
        mean = by_source["sources never seen: mean of sources", f"{name} at the default threshold"]
        assert np.mean(shares[label]) == pytest.approx(mean)


def test_the_image_card_names_the_worst_source_beside_the_mean() -> None:
    metrics = load_detector("image").card.metrics
    for name in ("AUC", "found at the default threshold", "false alarms at the default threshold"):
        of_sources = [metric.value for metric in metrics if metric.group.startswith("source: ") and metric.name == name]
        (worst,) = (metric for metric in metrics if "worst, " in metric.group and metric.name == name)
        assert worst.value == (max(of_sources) if name.startswith("false") else min(of_sources))


@pytest.mark.parametrize(("name", "split"), [("image", "final"), ("text", "test")])
def test_the_calibration_of_the_card_follows_from_the_committed_scores(name: str, split: str) -> None:
    scores = [row for row in rows(RESULTS / f"{name}-detector-{split}-scores.csv") if row["log_odds"]]
    card = load_detector(name).card
    chances = np.array([probability(card, float(row["log_odds"])) for row in scores])
    labels = np.array([row["label"] == "ai" for row in scores])
    weights = np.where(labels, 1 / labels.sum(), 1 / (~labels).sum())
    calibration, error = card.calibration, 0.0
    assert calibration and calibration.expected_error and len(calibration.bins) == 10
    for part, said in zip(np.array_split(np.argsort(chances), 10), calibration.bins, strict=True):
        inside = weights[part].sum()
        assert said.items == part.size
        assert said.predicted == pytest.approx((weights[part] * chances[part]).sum() / inside, abs=1e-3)
        assert said.observed == pytest.approx(weights[part][labels[part]].sum() / inside, abs=1e-3)
        error += abs(said.observed - said.predicted) * inside / 2
    assert error == pytest.approx(calibration.expected_error.value, abs=1e-4)


def test_no_group_of_pictures_lies_on_two_sides() -> None:
    sides = defaultdict(set)
    seen = set()
    for row in rows(TRAINING / "images.csv"):
        sides[row["group"]].add(row["split"])
        assert row["sha256"] not in seen
        seen.add(row["sha256"])
        assert row["source"] and row["commit"] and row["source_path"] and row["licence"]
    assert len(seen) > 4000 and all(len(splits) == 1 for splits in sides.values())


def test_the_measured_pictures_are_those_of_the_final_sources() -> None:
    final = {row["sha256"]: row["source"] for row in rows(TRAINING / "pictures.csv") if row["split"] == "final"}
    assert all(final[row["sha256"]] == row["source"] for row in final_scores())


def test_the_models_are_small_and_run_without_torch() -> None:
    folder = ROOT / "detectors" / "provenance_detectors"
    for name in ("image", "text"):
        assert sum(path.stat().st_size for path in (folder / name).iterdir() if path.is_file()) < 10 * 2**20
    code = (
        "import sys, io, PIL.Image, numpy as np, provenance; b = io.BytesIO();"
        "PIL.Image.fromarray(np.random.default_rng(0).integers(0, 255, (400, 400, 3), np.uint8)).save(b, 'PNG');"
        "report = provenance.verify(b.getvalue()); assert report.versions.detectors;"
        "assert not {'torch', 'transformers', 'sklearn', 'lightgbm'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_toolkit_loads_no_detector() -> None:
    code = "import sys, provenance; provenance.Message; assert not {'numpy', 'onnxruntime', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_model_that_is_not_the_card_s_is_not_run(tmp_path: Path) -> None:
    card = load_detector("image").card
    for name in card.files:
        (tmp_path / name).write_bytes(b"another model")
    with pytest.raises(WeightsError, match="not the file that the card"):
        check_files(tmp_path, card)


def test_the_scores_come_out_again_from_the_pictures() -> None:
    """Training and use share one definition of a feature: a picture of a final source gets the score it got there."""
    if not PICTURES.is_dir():
        pytest.skip("the pictures that picture_data.py writes are not here: set PROVENANCE_PICTURES")
    committed = {row["sha256"]: row for row in final_scores() if row["log_odds"]}
    found = [digest for digest in committed if (PICTURES / digest).is_file()][:24]
    assert len(found) == 24
    detector = load_detector("image")
    for digest in found:
        answer = judge_picture(detector, (PICTURES / digest).read_bytes())
        # Arithmetic in eight bits differs a little between processors.
        assert answer.log_odds == pytest.approx(float(committed[digest]["log_odds"]), abs=0.3)


def test_a_picture_is_scored_alike_alone_and_in_a_batch() -> None:
    from .photographs import photograph, saved

    detector = load_detector("image")
    pictures = [decode(saved(photograph(seed=seed))) for seed in range(5)]
    prepared = []
    for picture in pictures:
        assert isinstance(picture, Picture)
        (view,) = views_of(picture.pixels, ["as-is"], detector.card.preparation)
        prepared.append(Picture(view, 320, 320, ""))
    together = detector.score(prepared)
    assert together.shape == (5,)
    assert np.allclose(together, [detector.score([each])[0] for each in prepared], atol=1e-4)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "The committee met on Tuesday, and after two hours of talk about parking, they went home without a vote. ",
        ),
        (
            "fr",
            "Le comité s'est réuni mardi et, après deux heures de discussion sur le parking, chacun est rentré chez soi. ",
        ),
        (
            "de",
            "Der Ausschuss traf sich am Dienstag und ging nach zwei Stunden Streit über Parkplätze ohne Beschluss heim. ",
        ),
        (
            "es",
            "El comité se reunió el martes y, tras dos horas de hablar del aparcamiento, todos se fueron sin votar. ",
        ),
    ],
)
def test_every_language_of_the_card_has_a_model(language: str, text: str) -> None:
    detector = load_detector("text")
    assert language in detector.card.languages
    (score,) = detector.score([text * 8])
    assert np.isfinite(score)
    assert np.isnan(detector.score(["港は静かだった。誰も話さなかった。" * 20])[0])


@pytest.mark.slow
def test_a_picture_far_under_the_threshold_is_decided_by_one_view_as_by_all() -> None:
    detector = load_detector("image")
    careful = load_detector("image")
    careful.card = detector.card.model_copy(update={"clear_margin": None})
    files = sorted((Path(__file__).parents[2] / "benchmarks" / "suites" / "smoke-v1" / "files").glob("picture-*.jpg"))
    asked = []
    for path in files:
        answer, whole = (judge_picture(each, path.read_bytes()) for each in (detector, careful))
        assert answer.decision == whole.decision
        assert answer.log_odds == whole.log_odds
        assert len(whole.views) in (0, 3)
        point = detector.card.operating_point()
        if answer.views:
            is_clear = answer.log_odds < point.threshold - detector.card.clear_margin
            assert len(answer.views) == (1 if is_clear else 3)
        asked.append(len(answer.views))
    assert 1 in asked and 3 in asked
