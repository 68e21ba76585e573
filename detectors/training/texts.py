"""Trains the bundled text detector, measures it, and writes its model and card.

    python detectors/training/texts.py FOLDER...

The test split is measured once, by the finished model. What is said of unseen kinds of text comes from models that
were trained without them.
"""

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import click
import numpy as np
import tomli_w
from codecarbon import OfflineEmissionsTracker
from numpy.typing import NDArray
from rich.progress import track
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from edited_texts import edited_figures
from measures import Scored, calibration_bins, expected_error, figure, interval
from provenance_detectors.card import Calibration, Metric, ModelCard, OperatingPoint, Question, Training
from provenance_detectors.files import sha256_of
from provenance_detectors.text.detector import KINDS, TextDetector, packed
from provenance_detectors.text.features import shape
from provenance_detectors.text.reading import count_words
from text_data import CORE, Item, load, weights

PACKAGE: Final = Path(__file__).parents[1] / "provenance_detectors" / "text"
RESULTS: Final = Path(__file__).parents[2] / "benchmarks" / "results"

LANGUAGES: Final = ("en", "fr", "de", "es")
MIN_WORDS: Final = 80
FALSE_ALARMS: Final = (0.001, 0.005, 0.01, 0.05)
SEED: Final = 20261124

# Terms that are kept of each kind: those in most texts.
_MOST: Final = {"words": 60_000, "letters": 60_000}
_FEWEST_TEXTS: Final = {"words": 3, "letters": 6}

# How much the shape counts beside the terms: larger values follow the length of the training texts.
_SHAPE: Final = 0.01
_STRENGTH: Final = 10.0

Folds = dict[str, list[int]]


class Counts:
    """How often each term occurs in each text; counted once. Which terms a model uses follows from its own texts."""

    def __init__(self, items: list[Item]) -> None:
        texts = [item.text for item in items]
        self.items = items
        self.terms: dict[str, NDArray[Any]] = {}
        self.matrices: dict[str, csr_matrix] = {}
        for kind, terms_of in KINDS.items():
            counter = CountVectorizer(analyzer=_listed(terms_of), min_df=_FEWEST_TEXTS[kind], dtype=np.float32)
            matrix = counter.fit_transform(texts)
            matrix.data = 1 + np.log(matrix.data)
            self.matrices[kind], self.terms[kind] = matrix.tocsr(), counter.get_feature_names_out()
        self.shapes = np.stack([shape(text) for text in texts])


class Model:
    """The line through the terms and the shape, fitted on some of the texts."""

    def __init__(self, counts: Counts, places: list[int]) -> None:
        self.counts = counts
        items = [counts.items[at] for at in places]
        self.columns, self.idf = {}, {}
        for kind, matrix in counts.matrices.items():
            texts_with = np.bincount(matrix[places].indices, minlength=matrix.shape[1])
            most = np.argsort(-texts_with, kind="stable")[: _MOST[kind]]
            self.columns[kind] = np.sort(most[texts_with[most] >= _FEWEST_TEXTS[kind]])
            self.idf[kind] = np.log((1 + len(places)) / (1 + texts_with[self.columns[kind]])) + 1
        shapes = counts.shapes[places]
        self.mean, self.scale = shapes.mean(axis=0), shapes.std(axis=0) + 1e-6
        self.line = LogisticRegression(C=_STRENGTH, solver="liblinear", tol=1e-3, random_state=SEED)
        self.line.fit(self._matrix(places), [item.ai for item in items], weights(items))

    def scores(self, places: list[int]) -> NDArray[np.float64]:
        """Log-odds of shape (n,)."""
        return np.asarray(self.line.decision_function(self._matrix(places))) if places else np.zeros(0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays that `TextDetector` reads, for one language."""
        arrays: dict[str, NDArray[Any]] = {"intercept": np.asarray(self.line.intercept_[0], np.float32)}
        at = 0
        for kind, columns in self.columns.items():
            arrays[kind] = packed(list(self.counts.terms[kind][columns]))
            arrays[f"{kind}_idf"] = self.idf[kind].astype(np.float32)
            arrays[f"{kind}_weights"] = self.line.coef_[0, at : at + len(columns)].astype(np.float32)
            at += len(columns)
        arrays["shape_mean"], arrays["shape_scale"] = self.mean, self.scale
        arrays["shape_weights"] = (self.line.coef_[0, at:] * _SHAPE).astype(np.float32)
        return arrays

    def _matrix(self, places: list[int]) -> csr_matrix:
        parts = [
            normalize(matrix[places][:, self.columns[kind]].multiply(self.idf[kind]).tocsr())
            for kind, matrix in self.counts.matrices.items()
        ]
        standard = np.clip((self.counts.shapes[places] - self.mean) / self.scale, -4, 4) * np.float32(_SHAPE)
        return hstack([*parts, csr_matrix(standard)]).tocsr()


def _listed(terms: Any) -> Any:
    return lambda text: list(terms(text))


def is_long(item: Item) -> bool:
    """Whether the detector would judge it by its length."""
    return count_words(item.text, item.language) >= MIN_WORDS


class Language:
    """The texts of one language, and what models make of those that they did not see."""

    def __init__(self, items: list[Item], language: str) -> None:
        self.places = [at for at, item in enumerate(items) if item.language == language]
        self.items = [items[at] for at in self.places]
        self.counts = Counts(self.items)
        self.name = language

    def final(self) -> Model:
        """The model that is shipped: of the training split alone."""
        chosen = [at for at, item in enumerate(self.items) if item.use == "train" and item.split == "train"]
        return Model(self.counts, chosen)

    def unseen(self, folds: Folds, outcome: NDArray[np.float64]) -> None:
        """Fills in the scores of each fold's items, by a model that was trained on all others."""
        for held in track(list(folds.values()), f"{self.name}, unseen"):
            groups = {self.items[at].group for at in held}
            others = [
                at
                for at, item in enumerate(self.items)
                if item.use == "train" and item.split != "test" and item.group not in groups and at not in set(held)
            ]
            if held and len({self.items[at].ai for at in others}) == 2:
                outcome[[self.places[at] for at in held]] = Model(self.counts, others).scores(held)


def by(items: list[Item], source: str, key: Any, folds: int) -> Folds:
    """Folds over one source, each holding whole values of `key`."""
    values = sorted({key(item) for item in items if item.source == source})
    order = np.random.default_rng(SEED).permutation(len(values))
    place = {value: int(number) % folds for value, number in zip(values, order, strict=True)}
    return {
        f"{source}-{fold}": [at for at, item in enumerate(items) if item.source == source and place[key(item)] == fold]
        for fold in range(folds)
    }


def figures(items: list[Item], scores: NDArray[np.float64], group: str) -> list[Metric]:
    """AUC and TPR, over all texts and over those that are long enough to be judged."""
    known = ~np.isnan(scores)
    labels, long = np.array([item.ai for item in items]), np.array([is_long(item) for item in items])
    metrics = []
    for name, chosen in ((group, known), (f"{group}, {MIN_WORDS} words or more", known & long)):
        if len(set(labels[chosen])) == 2:
            scored = Scored(labels[chosen], scores[chosen])
            metrics.append(figure("AUC", name, scored, lambda scored: scored.auc))
            metrics.append(figure("TPR at 5 % FPR", name, scored, lambda scored: scored.tpr(0.05)))
    return metrics


@dataclass(frozen=True)
class Measured:
    """Scores of shape (n,) of all items, by models that had not seen them; not a number where none was asked.

    `domains`, `pairs` and `kinds`: by folds of English domains, of pairs of one collection, of whole sources.
    """

    items: list[Item]
    domains: NDArray[np.float64]
    pairs: NDArray[np.float64]
    kinds: NDArray[np.float64]

    @classmethod
    def of(cls, items: list[Item], languages: list[Language]) -> Self:
        """Trains the models of every fold, and asks each about the texts that it had not seen."""
        measured = cls(items, *(np.full(len(items), np.nan) for _ in range(3)))
        for language in languages:
            if language.name == "en":
                language.unseen(by(language.items, "l2r-en", lambda item: item.domain, 4), measured.domains)
            language.unseen(by(language.items, "iu-en-fr-de-es", lambda item: item.group, 4), measured.pairs)
            places = {
                name: [at for at, item in enumerate(language.items) if item.source == name]
                for name in sources_of(items)
            }
            language.unseen(places, measured.kinds)
        return measured

    @property
    def held(self) -> NDArray[np.float64]:
        """The highest of the scores of each item."""
        return np.fmax(np.fmax(self.domains, self.pairs), self.kinds)

    def figures(self) -> list[Metric]:
        """What was measured on texts of unseen domains, pairs, sources and kinds."""
        metrics = figures(self.items, self.domains, "English, unseen domains (l2r)")
        for language in LANGUAGES:
            chosen = np.array([item.language == language for item in self.items])
            metrics += figures(self.items, np.where(chosen, self.pairs, np.nan), f"{language}, unseen pairs (iu)")
        metrics += figures(self.items, self.kinds, "unseen sources and kinds of text, all")
        abstracts = np.array([item.domain == "abstract" for item in self.items])
        metrics += figures(self.items, np.where(abstracts, self.kinds, np.nan), "short abstracts, unseen")
        for source in sources_of(self.items):
            chosen = np.array([item.source == source for item in self.items])
            metrics += figures(self.items, np.where(chosen, self.kinds, np.nan), f"unseen: {source}")
        return metrics


def sources_of(items: list[Item]) -> list[str]:
    """The collections beside the two that hold most texts."""
    return sorted({item.source for item in items} - set(CORE))


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folders: tuple[Path, ...]) -> None:
    """Train, measure, and write `model.npz`, `card.toml` and the scores of the test split."""
    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA", save_to_file=False, log_level="error", measure_power_secs=15, tracking_mode="process"
    )
    tracker.start()
    texts = load(list(folders))
    items = [item for item in texts if item.use != "edited"]
    languages = [Language(items, name) for name in LANGUAGES]
    finals = {language.name: language.final() for language in languages}
    tracker.stop()
    arrays = {f"{name}/{key}": value for name, model in finals.items() for key, value in model.arrays().items()}
    np.savez_compressed(PACKAGE / "model.npz", **arrays)

    measured = Measured.of(items, languages)
    shipped = np.full(len(items), np.nan)
    for language in languages:
        shipped[language.places] = finals[language.name].scores(list(range(len(language.items))))
    card = card_of(measured, shipped, float(tracker.final_emissions_data.energy_consumed))
    write(card)
    metrics = (*card.metrics, *edited_figures(TextDetector(), texts))
    write(card.model_copy(update={"metrics": metrics}))
    test = [item for item, chosen in zip(items, of_split(items, "test"), strict=True) if chosen]
    write_scores(test, shipped[of_split(items, "test")])
    report(metrics, card)


def of_split(items: list[Item], split: str) -> NDArray[np.bool_]:
    """The items of a split that the detector would judge."""
    return np.array(
        [
            is_long(item) and item.language in LANGUAGES and (item.split if item.use == "train" else "measure") == split
            for item in items
        ]
    )


def card_of(measured: Measured, shipped: NDArray[np.float64], energy_kwh: float) -> ModelCard:
    """The card of the finished model, whose scores of all items are `shipped`."""
    items, held = measured.items, measured.held
    ai = np.array([item.ai for item in items])
    test, calibrating = of_split(items, "test"), of_split(items, "calibration")
    judged = np.array([is_long(item) and item.language in LANGUAGES for item in items])
    on_test, on_calibration = shipped[test], shipped[calibrating]
    line = LogisticRegression(C=1e6, class_weight="balanced").fit(on_calibration[:, None], ai[calibrating])
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    chances = 1 / (1 + np.exp(-(slope * on_test + intercept)))
    of_test = [item for item, chosen in zip(items, test, strict=True) if chosen]
    trained = sum(item.use == "train" and item.split == "train" for item in items)
    return ModelCard.model_validate(
        {
            **WORDS,
            "languages": LANGUAGES,
            "min_words": MIN_WORDS,
            "calibration": Calibration(
                set="calibration split of texts-v1", slope=slope, intercept=intercept,
                expected_error=expected_error(ai[test], chances), bins=calibration_bins(ai[test], chances),
            ),
            "operating_points": points(held[judged & ~ai & ~test & ~np.isnan(held)], on_test, ai[test]),
            "training": Training(
                data=f"{trained} texts of {len(sources_of(items)) + 2} public collections, named in "
                "detectors/training/data/texts.csv", splits="65 % training, 15 % calibration, 20 % test, by pairs",
                recipe="python detectors/training/texts.py FOLDER... (see detectors/training/README.md)",
                energy_kwh=energy_kwh, energy_source="codecarbon 3, estimated from the processor's nominal power",
            ),
            "metrics": [*measured.figures(), *figures(of_test, on_test, "seen sources: test split")],
            "files": {"model.npz": sha256_of(PACKAGE / "model.npz")},
        }
    )  # fmt: skip


def write_scores(items: list[Item], scores: NDArray[np.float64]) -> None:
    """The scores of the test split, beside the other results."""
    with (RESULTS / "text-detector-test-scores.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["group", "label", "language", "domain", "generator", "log_odds"])
        for item, score in zip(items, scores, strict=True):
            kind = "ai" if item.ai else "human"
            writer.writerow([item.group, kind, item.language, item.domain, item.generator, f"{score:.4f}"])


def report(metrics: Iterable[Metric], card: ModelCard) -> None:
    """The figures, for whoever trains."""
    for metric in metrics:
        print(
            f"{metric.group}: {metric.name} {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] n={metric.items}",
            file=sys.stderr,
        )
    for point in card.operating_points:
        print(f"at {point.max_fpr}: fpr {point.fpr}, tpr {point.tpr}", file=sys.stderr)


def write(card: ModelCard) -> None:
    """The card beside its model."""
    (PACKAGE / "card.toml").write_text(tomli_w.dumps(card.model_dump(mode="json", exclude_none=True)), "utf-8")


def points(
    people: NDArray[np.float64], on_test: NDArray[np.float64], ai: NDArray[np.bool_]
) -> tuple[OperatingPoint, ...]:
    """Thresholds from texts by people of unseen kinds, and what the finished model does with them on the test split."""
    chosen = []
    for rate in FALSE_ALARMS:
        threshold = float(np.quantile(people, 1 - rate, method="higher")) + 1e-6
        called = on_test >= threshold
        chosen.append(
            OperatingPoint(
                max_fpr=rate, threshold=threshold,
                chosen_on=f"{len(people)} texts by people, of kinds that the model asked had not seen",
                measured_on=f"test split of texts-v1 ({(~ai).sum()} by people, {ai.sum()} AI)",
                fpr=interval(called[~ai]), tpr=interval(called[ai]),
            )
        )  # fmt: skip
    return tuple(chosen)


WORDS: Final[dict[str, Any]] = {
    "name": "text",
    "version": "1.0",
    "question": Question.AI,
    "modality": "text",
    "summary": "A linear model over words, runs of letters and the shape of a text, for en, fr, de and es.",
    "licence": "Apache-2.0; trained on texts under the licences that the manifest names",
    "default": True,
    "never_shown": (
        "Japanese, and every language but English, French, German and Spanish: it abstains",
        "texts by people that AI polished, and texts of AI that people edited",
        "poems, lyrics, speeches, chats, legal and medical records",
    ),
    "worse_for": (
        "short texts, and abstracts that were rewritten rather than written",
        "people who write in a second language: their texts are a part of the training data, but of few languages",
        "French, German and Spanish: the data are on few topics and of one older model",
    ),
    "known_failures": (
        "Encyclopaedic and formal texts by people look generated more often than letters do.",
        "Scientific abstracts by people are called AI more often than the threshold was chosen for: see those of HPPT.",
        "AI text that was paraphrased since is mostly missed, and so are most abstracts by people that AI polished: "
        "the figures say how many, by source.",
        "Texts cut to 700 characters, with plain quotation marks and single spaces, are harder: AUC 0.873 on texts-v1, "
        "and probabilities that are 0.18 off. A part of what it goes by is length and typography.",
    ),
    "energy_per_1000_kwh": 0.0000143,
    "energy_source": "codecarbon 3 on texts-v1, an estimate from the processor's nominal power",
    "sources": ("Mindner, Schlippe and Schaaff 2023, Classification of human- and AI-generated texts",),
}  # fmt: skip

if __name__ == "__main__":
    main()
