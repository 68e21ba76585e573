"""Trains the bundled image detector, measures it, and writes its model and card.

    python detectors/training/image_data.py FOLDER... --out features.npz
    python detectors/training/images.py features.npz

Splits are those of the manifest and fixed before: groups of near duplicates, of one prompt and of one sequence lie on
one side. Thresholds and calibration come from pictures of sources that the model asked has not seen; the test split is
measured once, by the finished model, and trains nothing.
"""

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import onnx
import tomli_w
from codecarbon import OfflineEmissionsTracker
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from rich.progress import track
from sklearn.linear_model import LogisticRegression

from image_data import PREPARATION, VIEWS, manifest
from measures import Scored, calibration_bins, expected_error, figure, interval
from provenance_detectors.card import Calibration, Metric, ModelCard, OperatingPoint, Question, Training
from provenance_detectors.files import sha256_of
from provenance_detectors.image import MODELS
from provenance_detectors.onnx import session
from provenance_detectors.scope import FLAT_SHARE

PACKAGE: Final = Path(__file__).parents[1] / "provenance_detectors" / "image"
RESULTS: Final = Path(__file__).parents[2] / "benchmarks" / "results"

# The views that decide; the first of those that the features were taken in.
DECIDING: Final = 3

FALSE_ALARMS: Final = (0.001, 0.005, 0.01, 0.05)
SEED: Final = 20261124

# How far the weights are held back: the inverse of scikit-learn's C, where the weights of the pictures sum to one.
# Chosen on the folds of unseen sources.
_RESTRAINT: Final = 0.06

# A feature further from its mean than this many standard deviations counts as so many.
_CUT: Final = 4.0

# Generators with fewer pictures give no figure of their own.
_FEWEST: Final = 20

# Pictures of several models in one gallery: they may hold the generator that is left out.
_MIXED: Final = "mixed"


class Data:
    """The manifest's rows with their features, in one order."""

    def __init__(self, path: Path) -> None:
        saved = np.load(path)
        rows = {row["sha256"]: row for row in manifest()}
        self.rows = [rows[digest] for digest in saved["sha256"]]
        self.features: NDArray[np.float32] = saved["features"]
        self.ai = self.column("label") == "ai"
        self.real = self.column("label") == "real"
        self.generator, self.source = self.column("generator"), self.column("source")
        self.split, self.fold = self.column("split"), self.column("fold").astype(int)
        graphic = saved["flat"] > FLAT_SHARE
        self.judged = ~graphic & (saved["quality"] >= PREPARATION.min_jpeg_quality)

    def column(self, name: str) -> NDArray[Any]:
        """One column of the manifest."""
        return np.array([row[name] for row in self.rows])

    def weights(self) -> NDArray[np.float64]:
        """Each class counts the same, and within it a source or generator by about the square root of its size."""
        key = np.where(self.ai, self.generator, self.source)
        counts = Counter(key)
        weights = np.array([counts[each] ** -0.4 for each in key])
        for value in (True, False):
            weights[self.ai == value] /= weights[self.ai == value].mean()
        return weights


class Head:
    """Logistic regression on the standardised features of both backbones, in all views of the pictures chosen.

    Screenshots are left out: they are not judged, and teaching that they are photographs makes it worse for those.
    """

    def __init__(self, data: Data, chosen: NDArray[np.bool_]) -> None:
        chosen = chosen & (data.real | data.ai)
        features = data.features[chosen].reshape(-1, data.features.shape[2])
        labels, weights = (np.repeat(each[chosen], len(VIEWS)) for each in (data.ai, data.weights()))
        self.mean, self.scale = features.mean(axis=0), features.std(axis=0) + np.float32(1e-3)
        line = LogisticRegression(C=1 / _RESTRAINT, max_iter=100, tol=1e-4)
        line.fit(self._standardised(features), labels, sample_weight=weights / weights.sum())
        self.slopes, self.intercept = line.coef_[0].astype(np.float32), float(line.intercept_[0])

    def _standardised(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.clip((features - self.mean) / self.scale, -_CUT, _CUT)

    def scores(self, data: Data, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Log-odds of shape (pictures, deciding views)."""
        return self.log_odds(data.features[chosen][:, :DECIDING])

    def log_odds(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log-odds for features in the last dimension."""
        return np.asarray(self._standardised(features) @ self.slopes + self.intercept, np.float64)


def by_unseen_source(data: Data) -> NDArray[np.float64]:
    """Scores of all pictures that are not in the test split, each by a model that saw nothing of its fold.

    A fold holds whole sources of photographs and whole families of generators.
    """
    outcome = np.full((len(data.rows), DECIDING), np.nan)
    known = data.split != "test"
    for fold in track(sorted(set(data.fold[data.fold >= 0])), "unseen sources"):
        held = known & (data.fold == fold)
        others = known & ~held & ~((data.generator == _MIXED) & (fold in (0, 3)))
        outcome[held] = Head(data, others).scores(data, held)
    return outcome


def leave_one_generator_out(data: Data) -> list[Metric]:
    """AUC and TPR on each generator by a model that never saw it, against the photographs of the test split."""
    metrics, held_real = [], data.real & (data.split == "test")
    everything = []
    counts = Counter(data.generator[data.ai])
    names = sorted(name for name, count in counts.items() if count >= _FEWEST and name != _MIXED)
    for name in track(names, "unseen generators"):
        test = data.ai & (data.generator == name)
        model = Head(data, (data.split != "test") & ~test & (data.generator != _MIXED))
        both = (test | held_real) & data.judged
        scored = Scored(data.ai[both], model.scores(data, both)[:, 0])
        metrics += _both_figures(scored, f"unseen generator: {name}")
        everything.append(scored)
    worst = min(metrics[::2], key=lambda metric: metric.value)
    mean_auc = float(np.mean([each.auc for each in everything]))
    mean_tpr = float(np.mean([each.tpr(0.05) for each in everything]))
    return [
        Metric(name="AUC", group="unseen generator: mean of all [worst, best]", value=mean_auc, low=worst.value,
               high=max(metric.value for metric in metrics[::2]), items=len(everything)),
        Metric(name="TPR at 5 % FPR", group="unseen generator: mean of all [worst, best]", value=mean_tpr,
               low=min(metric.value for metric in metrics[1::2]), high=max(metric.value for metric in metrics[1::2]),
               items=len(everything)),
        *metrics,
    ]  # fmt: skip


def _both_figures(scored: Scored, group: str) -> list[Metric]:
    return [
        figure("AUC", group, scored, lambda each: each.auc),
        figure("TPR at 5 % FPR", group, scored, lambda each: each.tpr(0.05)),
    ]


def calibrated(labels: NDArray[np.bool_], log_odds: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and intercept (Platt 1999), both classes counting the same."""
    line = LogisticRegression(C=1e6, class_weight="balanced").fit(log_odds[:, None], labels)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def clear_margin(scores: NDArray[np.float64]) -> float:
    """How far under the threshold the first view decides alone: half as much again as any other ever lay above it."""
    return round(1.5 * float((scores[:, 1:].max(axis=1) - scores[:, 0]).max()), 1)


def operating_points(
    data: Data, unseen: NDArray[np.float64], final: NDArray[np.float64], test: NDArray[np.bool_]
) -> tuple[OperatingPoint, ...]:
    """Thresholds from photographs of unseen sources, and what the finished model does with them on the test split."""
    lowest = unseen[data.real & data.judged & ~np.isnan(unseen[:, 0])].min(axis=1)
    points = []
    for rate in FALSE_ALARMS:
        threshold = float(np.quantile(lowest, 1 - rate, method="higher")) + 1e-6
        called = (final >= threshold).all(axis=1)
        undecided = (final >= threshold).any(axis=1) & ~called
        real, ai = data.real[test], data.ai[test]
        points.append(
            OperatingPoint(
                max_fpr=rate, threshold=threshold,
                chosen_on=f"{len(lowest)} photographs of sources that the model asked had not seen",
                measured_on=f"test split of images-v1 ({real.sum()} photographs, {ai.sum()} AI)",
                fpr=interval(called[real]), tpr=interval(called[ai]), abstained=float(undecided.mean()),
            )
        )  # fmt: skip
    return tuple(points)


def write_models(head: Head, folder: Path) -> None:
    """Each backbone with its share of the head, from pixels to its part of the log-odds."""
    side = (4, PREPARATION.crop, PREPARATION.crop, 3)
    probe = np.random.default_rng(SEED).integers(0, 256, side).astype(np.uint8)
    features = [session(folder / name).run(None, {"pixels": probe})[0] for name in MODELS]
    start = 0
    for name, values in zip(MODELS, features, strict=True):
        model = onnx.load(folder / name)
        part = slice(start, start + values.shape[1])
        start = part.stop
        constants = {
            "mean": head.mean[part], "scale": head.scale[part], "slopes": head.slopes[part][:, None],
            "low": np.float32(-_CUT), "high": np.float32(_CUT), "intercept": np.float32(head.intercept / len(MODELS)),
        }  # fmt: skip
        model.graph.initializer.extend(
            numpy_helper.from_array(np.asarray(value, np.float32), f"head.{key}") for key, value in constants.items()
        )
        steps = (
            ("Sub", ["features", "head.mean"], "head.centred"),
            ("Div", ["head.centred", "head.scale"], "head.scaled"),
            ("Clip", ["head.scaled", "head.low", "head.high"], "head.cut"),
            ("MatMul", ["head.cut", "head.slopes"], "head.sum"),
            ("Add", ["head.sum", "head.intercept"], "log_odds"),
        )
        model.graph.node.extend(helper.make_node(kind, inputs, [output]) for kind, inputs, output in steps)
        del model.graph.output[:]
        model.graph.output.append(helper.make_tensor_value_info("log_odds", TensorProto.FLOAT, ["n", 1]))
        onnx.checker.check_model(model)
        onnx.save(model, PACKAGE / name)
    found = sum(session(PACKAGE / name).run(None, {"pixels": probe})[0].ravel() for name in MODELS)
    if not np.allclose(found, head.log_odds(np.concatenate(features, axis=1)), atol=1e-2):
        raise SystemExit("the models in ONNX do not score as the head that was trained")


@click.command()
@click.argument("features", type=click.Path(exists=True, path_type=Path))
def main(features: Path) -> None:
    """Train, measure, and write the models, `card.toml` and the scores of the test split."""
    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA", save_to_file=False, log_level="error", measure_power_secs=15, tracking_mode="process"
    )
    tracker.start()
    data = Data(features)
    unseen = by_unseen_source(data)
    head = Head(data, data.split == "train")
    tracker.stop()
    energy = float(tracker.final_emissions_data.energy_consumed)
    write_models(head, features.parent)

    calibrating = (data.split == "calibration") & data.judged & (data.real | data.ai)
    slope, intercept = calibrated(data.ai[calibrating], head.scores(data, calibrating)[:, 0])
    test = (data.split == "test") & data.judged & (data.real | data.ai)
    final = head.scores(data, test)
    seen = Scored(data.ai[test], final[:, 0])
    by_fold = (data.split != "test") & data.judged & (data.real | data.ai) & ~np.isnan(unseen[:, 0])
    metrics = [
        *_both_figures(seen, "seen generators and sources: test split"),
        *_both_figures(Scored(data.ai[by_fold], unseen[by_fold][:, 0]), "unseen generator families and sources"),
        *leave_one_generator_out(data),
    ]
    chances = 1 / (1 + np.exp(-(slope * final[:, 0] + intercept)))
    error, bins = expected_error(data.ai[test], chances), calibration_bins(data.ai[test], chances)
    card = ModelCard.model_validate(
        {
            **WORDS,
            "preparation": PREPARATION,
            "views": VIEWS[:DECIDING],
            "clear_margin": clear_margin(head.scores(data, calibrating)),
            "calibration": Calibration(
                set="calibration split of images-v1", slope=slope, intercept=intercept, expected_error=error, bins=bins
            ),
            "operating_points": operating_points(data, unseen, final, test),
            "training": Training(
                data=f"{(data.split == 'train').sum()} pictures of {len(set(data.source))} public repositories, named "
                "one by one in detectors/training/data/images.csv",
                splits="65 % training, 15 % calibration, 20 % test, by groups of near duplicates, prompts, sequences",
                recipe="python detectors/training/images.py features.npz (see detectors/training/README.md)",
                energy_kwh=energy, energy_source="codecarbon 3, estimated from the processor's nominal power",
            ),
            "metrics": metrics,
            "files": {name: sha256_of(PACKAGE / name) for name in MODELS},
        }
    )  # fmt: skip
    (PACKAGE / "card.toml").write_text(tomli_w.dumps(card.model_dump(mode="json", exclude_none=True)), "utf-8")
    _write_scores(data, test, final)
    for metric in metrics:
        print(
            f"{metric.group}: {metric.name} {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]", file=sys.stderr
        )
    for point in card.operating_points:
        print(f"at {point.max_fpr}: fpr {point.fpr}, tpr {point.tpr}, abstained {point.abstained:.3f}", file=sys.stderr)
    print(f"calibration error {error}", file=sys.stderr)


def _write_scores(data: Data, test: NDArray[np.bool_], final: NDArray[np.float64]) -> None:
    with (RESULTS / "image-detector-test-scores.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sha256", "label", "generator", *VIEWS[:DECIDING]])
        for index, row in zip(np.flatnonzero(test), final, strict=True):
            each = data.rows[index]
            writer.writerow([each["sha256"], each["label"], each["generator"], *(f"{value:.4f}" for value in row)])


WORDS: Final[dict[str, Any]] = {
    "name": "image",
    "version": "1.2",
    "question": Question.AI,
    "modality": "image",
    "summary": "Logistic regression on what the layers of two small networks see in the picture at 320 pixels.",
    "licence": "Apache-2.0; EfficientNet-Lite0 and Lite1 by Google, brought to PyTorch by ML Illustrated (Apache-2.0), "
    "cut before their classifier and quantised; trained on pictures under the licences that the manifest names",
    "default": True,
    "never_shown": (
        "drawings and paintings by people", "press photographs in colour profiles other than sRGB",
        "pictures under 256 pixels", "JPEG under quality 30",
        "SDXL, FLUX, DALL-E 3, Firefly, Imagen, Ideogram, Qwen-Image, Seedream and later models",
        "photographs in which only a part was made by AI",
    ),
    "worse_for": (
        "generators that are unlike all that it has seen: see the figures for unseen families",
        "small, blurred or often re-encoded pictures: it abstains more often",
        "Whether it is worse for some cameras or skin tones is not known: the data do not say enough.",
    ),
    "known_failures": (
        "Heavily retouched, smoothed or upscaled photographs can look generated.",
        "It goes by how a picture looks as much as by its noise: a subject that is often generated can count against a "
        "photograph.",
        "A photograph of a screen or of a print is a photograph to it, whatever it shows.",
    ),
    "energy_per_1000_kwh": 0.000334,
    "energy_source": "codecarbon 3 on images-v1, an estimate from the processor's nominal power",
    "sources": (
        "Tan and Le 2019, EfficientNet: Rethinking model scaling for convolutional neural networks",
        "Ojha et al. 2023, Towards universal fake image detectors that generalize across generative models",
    ),
}  # fmt: skip

if __name__ == "__main__":
    main()
