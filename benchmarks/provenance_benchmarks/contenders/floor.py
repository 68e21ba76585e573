"""The floor: the simplest learners that are worth beating, trained on the training split within the run.

Pictures: residual co-occurrences and spectra with logistic regression. Texts: words and letters by TF-IDF with
logistic regression.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from provenance.sentences import Message
from provenance_detectors.pictures import decode

from ..errors import ContenderError
from ..samples import Sample
from . import Outcome
from .picture_features import features_of


class Floor:
    """Two pipelines of scikit-learn, one for pictures and one for texts."""

    name = "baseline-floor"
    version = "1"
    modalities = frozenset({"image", "text"})
    batch = 16

    def __init__(self) -> None:
        self._model: Pipeline | None = None
        self._features: dict[str, np.ndarray[Any, Any]] = {}

    def card(self) -> Mapping[str, Any]:
        """What it is."""
        return {
            "name": self.name, "version": self.version,
            "summary": "Logistic regression on residual co-occurrences and spectra, or on words and letters; trained "
            "on the training split of the suite within the run.",
        }  # fmt: skip

    def fit(self, samples: Sequence[Sample], labels: Sequence[bool]) -> None:
        """Learns anew. Raises `ContenderError` where a class is missing."""
        if len(set(labels)) < 2:
            raise ContenderError(f"{self.name}: the training split holds one class only")
        if samples[0].modality == "text":
            terms = FeatureUnion(
                [
                    ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)),
                    ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), min_df=3, sublinear_tf=True)),
                ]
            )
            self._model = Pipeline([("terms", terms), ("line", LogisticRegression(C=10, class_weight="balanced"))])
        else:
            self._model = make_pipeline(
                StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=2000)
            )
        self._model.fit(self._described(samples), labels)

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        """The distance of each from the line."""
        if self._model is None:
            raise ContenderError(f"{self.name}: not trained; the suite has no training split")
        scores = self._model.decision_function(self._described(samples))
        return [
            Outcome(score, 1 / (1 + np.exp(-score)), "ai" if score > 0 else "not-ai") for score in map(float, scores)
        ]

    def _described(self, samples: Sequence[Sample]) -> Any:
        if samples[0].modality == "text":
            return [sample.text for sample in samples]
        return np.stack([self._of_picture(sample) for sample in samples])

    def _of_picture(self, sample: Sample) -> np.ndarray[Any, Any]:
        if sample.name not in self._features:
            picture = decode(sample.data)
            if isinstance(picture, Message):
                raise ContenderError("unreadable picture")
            self._features[sample.name] = features_of(picture.pixels)
        return self._features[sample.name]
