"""Detectors that are registered with the toolkit: bundled, of a third party, or added from the Hugging Face hub."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from provenance.errors import ProvenanceError
from provenance_detectors import Answer, judge_picture, judge_text, load_detector

from ..errors import ContenderError
from ..samples import Sample
from . import NOT_FINITE, Outcome


class Registered:
    """A detector, asked through the layer that every user of it goes through: views, thresholds, abstaining."""

    batch = 8

    def __init__(self, name: str) -> None:
        try:
            self._detector = load_detector(name)
        except ProvenanceError as error:
            raise ContenderError(str(error)) from None
        card = self._detector.card
        self.name, self.version = card.name, card.version
        self.modalities: frozenset[str] = frozenset({card.modality})

    def card(self) -> Mapping[str, Any]:
        """The model card."""
        return self._detector.card.model_dump(mode="json", exclude_none=True)

    def examine(self, samples: Sequence[Sample]) -> list[Outcome]:
        """Its answer to each."""
        return [self._outcome(sample) for sample in samples]

    def _outcome(self, sample: Sample) -> Outcome:
        if sample.modality == "text":
            answer = judge_text(self._detector, sample.text)
        else:
            answer = judge_picture(self._detector, sample.data)
        return _outcome_of(answer)


def _outcome_of(answer: Answer) -> Outcome:
    if any(reason.key == "detector.refused.no_score" for reason in answer.reasons):
        return Outcome(failure=NOT_FINITE)
    if answer.log_odds is not None and not math.isfinite(answer.log_odds):
        return Outcome(failure=NOT_FINITE)
    # No indication counts as the other class here; so do yes and no of editing or a watermark.
    decision = {"ai": "ai", "edited": "ai", "marked": "ai", "abstain": "abstain"}.get(answer.decision, "not-ai")
    return Outcome(answer.log_odds, answer.probability, decision)


def of_the_hub(spec: str, *, modality: str = "image", labels: Mapping[str, str] | None = None) -> Registered:
    """A model of the hub, added with its label map where it is not there yet. Raises `ContenderError`."""
    from provenance_detectors import detector_names
    from provenance_detectors.hub.adding import Origin, add

    name = "bench-" + spec.removeprefix("hf:").lower().replace("/", "-").replace("@", "-")[:56]
    if name not in detector_names():
        task = "text-classification" if modality == "text" else "image-classification"
        try:
            add(Origin.parse(spec), task=cast(Any, task), labels=dict(labels or {}), name=name)
        except ProvenanceError as error:
            raise ContenderError(str(error)) from None
    return Registered(name)
