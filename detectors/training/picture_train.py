"""Trains the bundled picture detector on the selection sources, and measures it once on the final ones.

    python detectors/training/picture_features.py FOLDER --out features.npz
    python detectors/training/picture_train.py features.npz FOLDER

Thresholds and calibration come from scores of models that had seen neither source nor family (`picture_ruler.py`).
The final sources are then judged by the finished detector itself, file by file.
"""

import csv
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "2")

import click
import numpy as np
import onnx
import onnxruntime
import tomli_w
from codecarbon import OfflineEmissionsTracker
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression

from image_data import PREPARATION
from measures import calibration_bins, expected_error, interval
from picture_card import WORDS
from picture_data import MANIFEST
from picture_features import CHANGES, PACKAGE, in_turn, without_head
from picture_ruler import (
    DRAWN,
    MOST_FALSE_ALARMS,
    SEED,
    Mask,
    Pictures,
    Scores,
    SourceFigure,
    by_source,
    out_of_fold,
    summary,
    threshold,
)
from provenance_detectors.answer import Answer, Decision
from provenance_detectors.card import Calibration, Interval, Metric, ModelCard, OperatingPoint, Training
from provenance_detectors.detector import Detector
from provenance_detectors.files import sha256_of
from provenance_detectors.image import MODELS, ImageDetector
from provenance_detectors.judgement import judge_picture
from provenance_detectors.scope import FLAT_SHARE

RESULTS: Final = Path(__file__).parents[2] / "benchmarks" / "results"

# The share of the real pictures of any one source that may be called; the first is the default.
RATES: Final = (MOST_FALSE_ALARMS, 0.05)

SELECTED: Final = "selection sources, unseen by the model asked"
VIEWS: Final = ("as-is", "jpeg-70", "scale-0.8")

# How far the weights are held back: the inverse of scikit-learn's C, where the weights of the pictures sum to one.
_RESTRAINT: Final = 0.06

# A feature further from its mean than this many standard deviations counts as so many.
_CUT: Final = 4.0


class Data(NamedTuple):
    """The manifest's rows that were described and would be judged, and their features of shape (n, views, m)."""

    rows: list[dict[str, str]]
    pictures: Pictures
    features: NDArray[np.float32]


def manifest() -> list[dict[str, str]]:
    """The rows of the manifest."""
    with MANIFEST.open(newline="") as file:
        return list(csv.DictReader(file))


def pictures_of(rows: list[dict[str, str]]) -> Pictures:
    """What the ruler needs of these rows."""
    column = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Pictures(
        column["label"] == "ai", column["source"], column["group"], column["family"], column["kind"],
        column["split"] == "final",
    )  # fmt: skip


def load(path: Path) -> Data:
    """The features that `picture_features.py` wrote."""
    saved, rows = np.load(path), {row["sha256"]: row for row in manifest()}
    kept = (saved["flat"] <= FLAT_SHARE) & (saved["quality"] >= PREPARATION.min_jpeg_quality)
    kept &= np.array([digest in rows for digest in saved["sha256"]])
    chosen = [rows[digest] for digest in saved["sha256"][kept]]
    return Data(chosen, pictures_of(chosen), saved["features"][kept])


class Head:
    """Logistic regression on the standardised features of both networks, of each picture as it is and changed."""

    def __init__(self, data: Data, chosen: Mask) -> None:
        features = data.features[chosen].reshape(-1, data.features.shape[2])
        labels, weights = (np.repeat(each, 2) for each in (data.pictures.ai[chosen], data.pictures.weights(chosen)))
        self.mean, self.scale = features.mean(axis=0), features.std(axis=0) + np.float32(1e-3)
        line = LogisticRegression(C=1 / _RESTRAINT, max_iter=100, tol=1e-4)
        line.fit(self._standardised(features), labels, sample_weight=weights / weights.sum())
        self.slopes, self.intercept = line.coef_[0].astype(np.float32), float(line.intercept_[0])

    def _standardised(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.clip((features - self.mean) / self.scale, -_CUT, _CUT)

    def log_odds(self, features: NDArray[np.float32]) -> Scores:
        """Log-odds for features in the last dimension."""
        return np.asarray(self._standardised(features) @ self.slopes + self.intercept, np.float64)

    def onto(self, model: onnx.ModelProto, part: slice) -> None:
        """Adds the share of this head that one network's features have to that network."""
        constants = {
            "mean": self.mean[part], "scale": self.scale[part], "slopes": self.slopes[part][:, None],
            "low": np.float32(-_CUT), "high": np.float32(_CUT), "intercept": np.float32(self.intercept / len(MODELS)),
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
        model.graph.output.append(helper.make_tensor_value_info("log_odds", TensorProto.FLOAT, ["n", 1]))


def write_models(head: Head) -> None:
    """The shipped networks with their share of the new head, if they score as the head does."""
    side = (2, PREPARATION.crop, PREPARATION.crop, 3)
    probe = np.random.default_rng(SEED).integers(0, 256, side).astype(np.uint8)
    models, features, start = {}, [], 0
    for name in MODELS:
        model = without_head(PACKAGE / name)
        bare = onnxruntime.InferenceSession(model.SerializeToString())
        features.append(bare.run(None, {"pixels": probe})[0])
        part = slice(start, start + features[-1].shape[1])
        start = part.stop
        del model.graph.output[:]
        head.onto(model, part)
        onnx.checker.check_model(model)
        models[name] = model.SerializeToString()
    found = sum(onnxruntime.InferenceSession(each).run(None, {"pixels": probe})[0].ravel() for each in models.values())
    if not np.allclose(found, head.log_odds(np.concatenate(features, axis=1)), atol=1e-2):
        raise SystemExit("the models in ONNX do not score as the head that was trained")
    for name, content in models.items():
        (PACKAGE / name).write_bytes(content)


def learned(data: Data) -> tuple[Head, Scores, Scores]:
    """The head, trained on all selection sources, and scores by heads that had not seen the source.

    Those have the shape (repeats, n): of each picture as it is, and after the change that training saw.
    """
    changed: list[Scores] = []

    def asked(train: Mask, test: Mask) -> Scores:
        head = Head(data, train)
        changed.append(np.zeros(len(data.rows)))
        changed[-1][test] = head.log_odds(data.features[test, 1])
        return head.log_odds(data.features[test, 0])

    first = out_of_fold(data.pictures, asked)
    folds = len(changed) // len(first)
    after = np.stack([np.sum(changed[at : at + folds], axis=0) for at in range(0, len(changed), folds)])
    return Head(data, ~data.pictures.final), first, after


def clear_margin(data: Data, first: Scores, after: Scores) -> float:
    """How far under the threshold the first view decides alone: half as much again as another ever lay above it."""
    in_use = [CHANGES[int(row["sha256"][:4], 16) % len(CHANGES)] in VIEWS for row in data.rows]
    kept = ~data.pictures.final & np.array(in_use)
    return round(1.5 * float((after - first)[:, kept].max()), 1)


def calibrated(pictures: Pictures, scores: Scores, chosen: Mask) -> tuple[float, float]:
    """Slope and intercept (Platt 1999), both classes and within them all sources counting the same."""
    line = LogisticRegression(C=1e6)
    line.fit(scores[chosen][:, None], pictures.ai[chosen], sample_weight=pictures.weights(chosen) * chosen.sum())
    return float(line.coef_[0, 0]), float(line.intercept_[0])


@cache
def _made(kind: type[Detector]) -> Detector:
    return kind()


def _judged(kind: type[Detector], path: Path) -> Answer:
    return judge_picture(_made(kind), path.read_bytes())


def judged(kind: type[Detector], paths: list[Path]) -> Iterator[Answer]:
    """What the finished detector of this class says of each file."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(partial(_judged, kind), paths, chunksize=8)


def figures(name: str, found: list[SourceFigure]) -> list[Metric]:
    """Mean with its interval, lower quartile and worst of the AUC and of the share found; and of false alarms."""
    made, real = [each for each in found if each.ai], [each for each in found if not each.ai]
    metrics = []
    for title, part, measure, worst in (
        ("AUC", made, lambda each: each.auc, np.argmin),
        ("found at the default threshold", made, lambda each: each.called, np.argmin),
        ("false alarms at the default threshold", real, lambda each: each.called, np.argmax),
    ):
        whole = summary(part, measure, worst)
        metrics += [
            Metric(name=title, group=f"{name}: mean of sources", value=whole.mean, low=whole.low, high=whole.high,
                   items=len(part)),
            Metric(name=title, group=f"{name}: worse quartile", value=whole.quartile, low=whole.quartile,
                   high=whole.quartile, items=len(part)),
            Metric(name=title, group=f"{name}: worst, {whole.worst_source}", value=whole.worst, low=whole.worst,
                   high=whole.worst, items=len(part)),
        ]  # fmt: skip
    return metrics


@click.command()
@click.argument("features", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--most", default=60, show_default=True, help="Pictures of one final source.")
def main(features: Path, folder: Path, most: int) -> None:
    """Train, choose the threshold, write the models and the card; measure the final sources in FOLDER."""
    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA", save_to_file=False, log_level="error", measure_power_secs=15, tracking_mode="process"
    )
    tracker.start()
    data = load(features)
    pictures, open_ = data.pictures, ~data.pictures.final
    head, first, after = learned(data)
    tracker.stop()
    slope, intercept = calibrated(pictures, first.mean(axis=0), open_)
    write_models(head)
    card = ModelCard.model_validate(
        {
            **WORDS,
            "preparation": PREPARATION,
            "views": VIEWS,
            "clear_margin": clear_margin(data, first, after),
            "calibration": Calibration(set=SELECTED, slope=slope, intercept=intercept),
            "operating_points": to_be_measured(pictures, first),
            "training": Training(
                data=f"{open_.sum()} pictures of {len(set(pictures.source[open_]))} public sources, named one by one "
                "in detectors/training/data/pictures.csv",
                splits="whole owners and whole families of generators, five folds three times; the final sources apart",
                recipe="make train-pictures MIRROR=FOLDER (see docs/picture-ruler.md)",
                energy_kwh=float(tracker.final_emissions_data.energy_consumed),
                energy_source="codecarbon 3, estimated from the processor's nominal power; without the features",
            ),
            "files": {name: sha256_of(PACKAGE / name) for name in MODELS},
        }
    )  # fmt: skip
    write_card(card, PACKAGE)
    write_card(measured(card, ImageDetector, folder, most), PACKAGE)


def to_be_measured(pictures: Pictures, unseen: Scores) -> tuple[OperatingPoint, ...]:
    """Thresholds that are chosen and not measured yet, from scores of shape (repeats, n) by heads that saw no source.

    Each repeat has its own split, and the least kind of them decides. Further views can only take a call back.
    """
    real, none = ~pictures.final & ~pictures.ai, Interval(value=0, low=0, high=0)
    return tuple(
        OperatingPoint(
            max_fpr=rate, threshold=max(threshold(repeat, pictures, real, rate) for repeat in unseen),
            measured_on="not yet", fpr=none, tpr=none,
            chosen_on=f"the worst of {len(set(pictures.source[real]))} sources of real pictures, by models that had "
            "not seen the source",
        )
        for rate in RATES
    )  # fmt: skip


def write_card(card: ModelCard, package: Path) -> None:
    """The card as the TOML file beside its model."""
    (package / "card.toml").write_text(tomli_w.dumps(card.model_dump(mode="json", exclude_none=True)), "utf-8")


def measured(card: ModelCard, kind: type[Detector], folder: Path, most: int) -> ModelCard:
    """The card with what its detector does with the final sources, whose answers are written beside the results."""
    rows = {row["sha256"]: row for row in manifest() if row["split"] == "final" and (folder / row["sha256"]).is_file()}
    names = in_turn(list(rows.values()), most)
    answers = list(judged(kind, [folder / name for name in names]))
    with (RESULTS / f"{card.name}-detector-final-scores.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sha256", "label", "source", "log_odds", "decision"])
        for name, answer in zip(names, answers, strict=True):
            score = "" if answer.log_odds is None else f"{answer.log_odds:.4f}"
            writer.writerow([name, rows[name]["label"], rows[name]["source"], score, answer.decision])
    return measured_from(card, [rows[name] for name in names], answers)


def measured_from(card: ModelCard, rows: list[dict[str, str]], answers: list[Answer]) -> ModelCard:
    """The card with the figures that these answers give."""
    pictures = pictures_of(rows)
    scored = np.array([answer.log_odds is not None for answer in answers])
    scores = np.array([answer.log_odds if answer.log_odds is not None else np.nan for answer in answers])
    called = np.array([answer.decision is Decision.AI for answer in answers])
    undecided = np.array([answer.decision is Decision.ABSTAIN for answer in answers])
    # A share of called pictures counts all that were given to it: an abstention finds nothing.
    found = by_source(scores, pictures, scored, np.inf)
    found = [
        SourceFigure(each.source, each.ai, each.items, each.auc, float(called[pictures.source == each.source].mean()))
        for each in found
    ]
    calibration = card.calibration
    assert calibration is not None
    chances = 1 / (1 + np.exp(-(calibration.slope * scores[scored] + calibration.intercept)))
    labels = pictures.ai[scored]
    drawn = ~pictures.ai & np.isin(pictures.kind, list(DRAWN))
    about = (
        f"final sources: {(~pictures.ai).sum()} real pictures of {len(set(pictures.source[~pictures.ai]))} sources, "
        f"{pictures.ai.sum()} AI pictures of {len(set(pictures.source[pictures.ai]))}"
    )
    points = []
    for place, point in enumerate(card.operating_points):
        # Beyond the default only the first view was asked for in every case: the further ones would call fewer.
        by_point = called if place == 0 else np.nan_to_num(scores, nan=-np.inf) >= point.threshold
        points.append(
            point.model_copy(
                update={
                    "measured_on": about,
                    "fpr": interval(by_point[~pictures.ai]),
                    "tpr": interval(by_point[pictures.ai]),
                    "abstained": float(undecided.mean()) if place == 0 else None,
                }
            )
        )  # fmt: skip
    metrics = figures("sources never seen", found)
    if drawn.any():
        rate = interval(called[drawn])
        metrics.append(
            Metric(name="false alarms at the default threshold", group="drawings and paintings by people",
                   value=rate.value, low=rate.low, high=rate.high, items=int(drawn.sum()))
        )  # fmt: skip
    for each in found:
        measure = ("AUC", each.auc) if each.ai else ("false alarms at the default threshold", each.called)
        metrics.append(_of_source(measure, each))
        if each.ai:
            metrics.append(_of_source(("found at the default threshold", each.called), each))
    for metric in metrics:
        print(f"{metric.group}: {metric.name} {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] {metric.items}",
              file=sys.stderr)  # fmt: skip
    return card.model_copy(
        update={
            "operating_points": tuple(points), "metrics": tuple(metrics),
            "calibration": calibration.model_copy(
                update={"expected_error": expected_error(labels, chances), "bins": calibration_bins(labels, chances)}
            ),
        }
    )  # fmt: skip


def _of_source(measure: tuple[str, float], figure: SourceFigure) -> Metric:
    """One source's figure, with the interval of Wilson (1927) for as many pictures; of an AUC it is an upper bound."""
    name, value = measure
    items, square = figure.items, 1.96**2
    middle = (value + square / 2 / items) / (1 + square / items)
    spread = 1.96 / (1 + square / items) * np.sqrt(value * (1 - value) / items + square / 4 / items**2)
    low, high = max(0.0, middle - spread), min(1.0, middle + spread)
    return Metric(name=name, group=f"source: {figure.source}", value=value, low=low, high=high, items=figure.items)


if __name__ == "__main__":
    main()
