"""Added models as detectors: image, text and audio classifiers of transformers, and zero-shot methods for text."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from provenance.errors import MissingExtraError

from .. import limits
from ..card import Interval, ModelCard, OperatingPoint
from ..detector import CardBased, Detector, Scores
from ..files import check_files
from ..pictures import Picture
from .folder import CARD, detectors_folder

# What a classifier is given at most, in tokens; longer texts are judged by their beginning.
_MAX_TOKENS: Final = 512

# What audio classifiers listen to at most, in seconds.
MAX_AUDIO_SECONDS: Final = 30


def load_added(name: str) -> Detector:
    """An added model, with its files checked against its card.

    Raises `CardError`, `WeightsError`, or `MissingExtraError` where transformers is not installed.
    """
    folder = detectors_folder() / name
    card = _with_threshold(ModelCard.load(folder / CARD))
    check_files(folder, card)
    if card.options["task"] == "zero-shot-text":
        from .zero_shot import ZeroShot

        return ZeroShot(card, folder)
    return Classifier(card, folder)


class Classifier(CardBased):
    """A classifier of transformers. The log-odds are those of all labels that mean AI against those that do not."""

    def __init__(self, card: ModelCard, folder: Path) -> None:
        self.card = card
        transformers, self._torch = libraries()
        task = str(card.options["task"])
        kind = {
            "image-classification": "AutoModelForImageClassification",
            "text-classification": "AutoModelForSequenceClassification",
            "audio-classification": "AutoModelForAudioClassification",
        }[task]
        reader = {
            "image-classification": "AutoImageProcessor",
            "text-classification": "AutoTokenizer",
            "audio-classification": "AutoFeatureExtractor",
        }[task]
        how = {"local_files_only": True, "trust_remote_code": False}
        self._device = "cuda" if self._torch.cuda.is_available() else "cpu"
        self._model = getattr(transformers, kind).from_pretrained(folder, use_safetensors=True, **how)
        self._model.to(self._device).eval()
        self._reader = getattr(transformers, reader).from_pretrained(folder, **how)
        names = {int(index): str(label) for index, label in self._model.config.id2label.items()}
        meaning = card.options["labels"]
        self._ai = [index for index, label in names.items() if meaning.get(label) == "ai"]
        self._not_ai = [index for index, label in names.items() if meaning.get(label) == "not-ai"]

    def score(self, batch: Sequence[Any]) -> Scores:
        """Log-odds of shape (n,) for n pictures, texts, or recordings of shape (samples,) at the model's rate."""
        parts = [self._logits(batch[i : i + limits.MAX_BATCH]) for i in range(0, len(batch), limits.MAX_BATCH)]
        logits = np.concatenate(parts)
        ai, other = (np.logaddexp.reduce(logits[:, which], axis=1) for which in (self._ai, self._not_ai))
        return np.asarray(ai - other, np.float64)

    def _logits(self, batch: Sequence[Any]) -> Scores:
        with self._torch.inference_mode():
            output = self._model(**self._inputs(batch).to(self._device))
        return np.asarray(output.logits.float().cpu(), np.float64)

    def _inputs(self, batch: Sequence[Any]) -> Any:
        if self.card.modality == "image":
            pictures = [Image.fromarray(each.pixels) if isinstance(each, Picture) else each for each in batch]
            return self._reader(images=pictures, return_tensors="pt")
        if self.card.modality == "text":
            longest = min(_MAX_TOKENS, int(getattr(self._model.config, "max_position_embeddings", _MAX_TOKENS)))
            return self._reader(list(batch), return_tensors="pt", padding=True, truncation=True, max_length=longest)
        rate = self._reader.sampling_rate
        parts = [np.asarray(each, np.float32)[: MAX_AUDIO_SECONDS * rate] for each in batch]
        return self._reader(parts, sampling_rate=rate, return_tensors="pt", padding=True)


def libraries() -> tuple[Any, Any]:
    """Transformers and torch, offline and quiet. Raises `MissingExtraError`."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import torch
        import transformers
    except ImportError:
        raise MissingExtraError("this detector", "hf") from None
    quiet: Any = transformers.logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    return transformers, torch


def _with_threshold(card: ModelCard) -> ModelCard:
    """A card with the threshold that the user gave; its rates are not known, and said to be."""
    if card.operating_points or "threshold" not in card.options:
        return card
    unknown = Interval(value=0, low=0, high=1)
    point = OperatingPoint(
        max_fpr=0.0,
        threshold=float(card.options["threshold"]),
        chosen_on="given by the user",
        measured_on="not measured",
        fpr=unknown,
        tpr=unknown,
    )
    return card.model_copy(update={"operating_points": (point,)})
