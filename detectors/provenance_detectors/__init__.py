"""Detectors: statistical estimates, with the error rates that were measured for them, that abstain where they should.

from provenance_detectors import judge_picture, load_detector

answer = judge_picture(load_detector("image"), Path("photo.jpg").read_bytes())
print(answer.decision, answer.probability, answer.rates)
"""

from .answer import Answer, Decision, ViewScore
from .card import ModelCard, OperatingPoint, Question
from .detector import CardBased, Detector, detector_names, load_detector, load_detectors
from .errors import CardError, DetectorError, WeightsError
from .judging import judge_picture, judge_text
from .pictures import Picture
from .source import DetectorSource

__all__ = [
    "Answer",
    "CardBased",
    "CardError",
    "Decision",
    "Detector",
    "DetectorError",
    "DetectorSource",
    "ModelCard",
    "OperatingPoint",
    "Picture",
    "Question",
    "ViewScore",
    "WeightsError",
    "detector_names",
    "judge_picture",
    "judge_text",
    "load_detector",
    "load_detectors",
]
