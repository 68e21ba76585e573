"""Cards of detectors and texts for them."""

from provenance_detectors import ModelCard, OperatingPoint, Question
from provenance_detectors.card import Calibration, Interval, Preparation

RATE = Interval(value=0.01, low=0.0, high=0.02)


def point(max_fpr: float, threshold: float) -> OperatingPoint:
    return OperatingPoint(max_fpr=max_fpr, threshold=threshold, chosen_on="a", measured_on="b", fpr=RATE, tpr=RATE)


def card(**changes: object) -> ModelCard:
    return ModelCard.model_validate(
        {
            "name": "brightness", "version": "1", "question": Question.AI, "modality": "image", "summary": "s",
            "licence": "l", "preparation": Preparation(short_side=384, crop=320, jpeg_quality=88),
            "views": ("as-is", "mirror", "scale-0.5"),
            "calibration": Calibration(set="c", slope=2.0, intercept=0.5),
            "operating_points": (point(0.005, 3.0), point(0.05, 1.0)), **changes,
        }
    )  # fmt: skip


TEXT = "The harbour was quiet that morning. Two boats came in before the rain, and nobody on the quay spoke. " * 8


def words(**changes: object) -> ModelCard:
    return card(modality="text", preparation=Preparation(), views=(), languages=("en", "fr"), min_words=50, **changes)
