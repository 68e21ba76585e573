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
from pathlib import Path
from typing import Any, Final, NamedTuple

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
from picture_data import MANIFEST
from picture_features import PACKAGE, in_turn, without_head
from picture_ruler import DRAWN, SEED, Mask, Pictures, Scores, SourceFigure, by_source, out_of_fold, summary, threshold
from provenance_detectors import load_detector
from provenance_detectors.answer import Answer, Decision
from provenance_detectors.card import Calibration, Metric, ModelCard, OperatingPoint, Question, Training
from provenance_detectors.files import sha256_of
from provenance_detectors.image import MODELS
from provenance_detectors.judgement import judge_picture
from provenance_detectors.onnx import session
from provenance_detectors.scope import FLAT_SHARE

RESULTS: Final = Path(__file__).parents[2] / "benchmarks" / "results" / "image-detector-final-scores.csv"
VIEWS: Final = ("as-is", "jpeg-70", "scale-0.8")

# How far the weights are held back: the inverse of scikit-learn's C, where the weights of the pictures sum to one.
_RESTRAINT: Final = 0.06

# A feature further from its mean than this many standard deviations counts as so many.
_CUT: Final = 4.0


class Data(NamedTuple):
    """The manifest's rows that were described and would be judged, and their features of shape (n, 2, m)."""

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

    def __init__(self, data: Data, chosen: Mask, labels: Mask) -> None:
        features = data.features[chosen].reshape(-1, data.features.shape[2])
        weights = np.repeat(data.pictures.weights(chosen, labels), 2)
        self.mean, self.scale = features.mean(axis=0), features.std(axis=0) + np.float32(1e-3)
        line = LogisticRegression(C=1 / _RESTRAINT, max_iter=200, tol=1e-4)
        line.fit(self._standardised(features), np.repeat(labels[chosen], 2), sample_weight=weights / weights.sum())
        self.slopes, self.intercept = line.coef_[0].astype(np.float32), float(line.intercept_[0])

    def _standardised(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.clip((features - self.mean) / self.scale, -_CUT, _CUT)

    def log_odds(self, features: NDArray[np.float32]) -> Scores:
        """Log-odds for features in the last dimension."""
        return np.asarray(self._standardised(features) @ self.slopes + self.intercept, np.float64)

    def onto(self, model: onnx.ModelProto, output: str, part: slice) -> None:
        """Adds the share of this head that one network's features have, as an output of that network."""
        constants = {
            "mean": self.mean[part], "scale": self.scale[part], "slopes": self.slopes[part][:, None],
            "low": np.float32(-_CUT), "high": np.float32(_CUT), "intercept": np.float32(self.intercept / len(MODELS)),
        }  # fmt: skip
        name = f"head.{output}."
        model.graph.initializer.extend(
            numpy_helper.from_array(np.asarray(value, np.float32), name + key) for key, value in constants.items()
        )
        steps = (
            ("Sub", ["features", name + "mean"], name + "centred"),
            ("Div", [name + "centred", name + "scale"], name + "scaled"),
            ("Clip", [name + "scaled", name + "low", name + "high"], name + "cut"),
            ("MatMul", [name + "cut", name + "slopes"], name + "sum"),
            ("Add", [name + "sum", name + "intercept"], output),
        )
        model.graph.node.extend(helper.make_node(kind, inputs, [out]) for kind, inputs, out in steps)
        model.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 1]))


def write_models(heads: dict[str, Head]) -> None:
    """The shipped networks with their share of the new heads, and whether they score as the heads do."""
    side = (2, PREPARATION.crop, PREPARATION.crop, 3)
    probe = np.random.default_rng(SEED).integers(0, 256, side).astype(np.uint8)
    bare = {name: without_head(PACKAGE / name) for name in MODELS}
    features = [
        onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"pixels": probe})[0]
        for model in bare.values()
    ]
    start = 0
    for (name, model), values in zip(bare.items(), features, strict=True):
        part = slice(start, start + values.shape[1])
        start = part.stop
        del model.graph.output[:]
        for output, head in heads.items():
            head.onto(model, output, part)
        onnx.checker.check_model(model)
        onnx.save(model, PACKAGE / name)
    for place, head in enumerate(heads.values()):
        found = sum(session(PACKAGE / name).run(None, {"pixels": probe})[place].ravel() for name in MODELS)
        if not np.allclose(found, head.log_odds(np.concatenate(features, axis=1)), atol=1e-2):
            raise SystemExit("the models in ONNX do not score as the head that was trained")


def calibrated(pictures: Pictures, scores: Scores, chosen: Mask) -> tuple[float, float]:
    """Slope and intercept (Platt 1999), both classes and within them all sources counting the same."""
    line = LogisticRegression(C=1e6)
    line.fit(scores[chosen][:, None], pictures.ai[chosen], sample_weight=pictures.weights(chosen) * chosen.sum())
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def _judged(path: Path) -> Answer:
    return judge_picture(load_detector("image"), path.read_bytes())


def judged(paths: list[Path]) -> Iterator[Answer]:
    """What the finished detector says of each file."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(_judged, paths, chunksize=8)


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
    first = out_of_fold(pictures, lambda train, test: Head(data, train).log_odds(data.features[test, 0]))
    head = Head(data, open_)
    tracker.stop()
    # Each repeat has its own split, and the least kind of them decides. The other views can only take a call back.
    at = max(threshold(repeat, pictures, open_ & ~pictures.ai) for repeat in first)
    slope, intercept = calibrated(pictures, first.mean(axis=0), open_)
    write_models(head, data.features[0, 0])
    point = OperatingPoint(
        max_fpr=0.005, threshold=at, measured_on="not yet", fpr={"value": 0, "low": 0, "high": 0},
        tpr={"value": 0, "low": 0, "high": 0},
        chosen_on=f"the worst of {len(set(pictures.source[open_ & ~pictures.ai]))} sources of real pictures, by models "
        "that had not seen the source",
    )  # fmt: skip
    card = ModelCard.model_validate(
        {
            **WORDS,
            "preparation": PREPARATION,
            "views": VIEWS,
            "clear_margin": ModelCard.load(PACKAGE / "card.toml").clear_margin,
            "calibration": Calibration(
                set="selection sources, unseen by the model asked", slope=slope, intercept=intercept
            ),
            "operating_points": (point,),
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
    _write(card)
    _write(measured(card, folder, most))


def _write(card: ModelCard) -> None:
    (PACKAGE / "card.toml").write_text(tomli_w.dumps(card.model_dump(mode="json", exclude_none=True)), "utf-8")


def measured(card: ModelCard, folder: Path, most: int) -> ModelCard:
    """The card with what its detector does with the final sources, whose answers are written beside the results."""
    rows = {row["sha256"]: row for row in manifest() if row["split"] == "final" and (folder / row["sha256"]).is_file()}
    names = in_turn(list(rows.values()), most)
    answers = list(judged([folder / name for name in names]))
    with RESULTS.open("w", newline="") as file:
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
    point = card.operating_points[0].model_copy(
        update={
            "measured_on": f"final sources: {(~pictures.ai).sum()} real pictures of "
            f"{len(set(pictures.source[~pictures.ai]))} sources, {pictures.ai.sum()} AI pictures of "
            f"{len(set(pictures.source[pictures.ai]))}",
            "fpr": interval(called[~pictures.ai]), "tpr": interval(called[pictures.ai]),
            "abstained": float(undecided.mean()),
        }
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
            "operating_points": (point,), "metrics": tuple(metrics),
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


WORDS: Final[dict[str, Any]] = {
    "name": "image",
    "version": "2.0",
    "question": Question.AI,
    "modality": "image",
    "summary": "Logistic regression on what the layers of two small networks see in the picture at 320 pixels.",
    "licence": "Apache-2.0; EfficientNet-Lite0 and Lite1 by Google, brought to PyTorch by ML Illustrated (Apache-2.0), "
    "cut before their classifier and quantised; trained on pictures under the licences that the manifest names",
    "default": True,
    "never_shown": (
        "comics and most kinds of drawings by people: the manifest has few",
        "satellite pictures", "press photographs in colour profiles other than sRGB",
        "pictures under 256 pixels", "JPEG under quality 30",
        "Imagen, Grok, Firefly, Ideogram, Recraft, SDXL Turbo and Lightning, Stable Cascade",
        "photographs in which only a part was made by AI",
    ),
    "worse_for": (
        "generators that are unlike all that it has seen: the worst source stands beside the mean",
        "photorealistic pictures of the newest models, of which it misses most",
        "small, blurred or often re-encoded pictures: it abstains more often",
        "Whether it is worse for some cameras or skin tones is not known: the data do not say enough.",
    ),
    "known_failures": (
        "No indication is no evidence of a photograph: most AI pictures of unseen sources give none.",
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
        "Park and Owens 2025, Community Forensics: using thousands of generators to train fake image detectors",
    ),
}  # fmt: skip

if __name__ == "__main__":
    main()
