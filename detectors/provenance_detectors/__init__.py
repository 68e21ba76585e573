"""Detectors: statistical estimates, with the error rates that were measured for them, that abstain where they should.

```python
from provenance_detectors import judge_picture, load_detector

answer = judge_picture(load_detector("image"), Path("photo.jpg").read_bytes())
print(answer.decision, answer.probability, answer.rates)
```
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answer import Answer, Decision, ViewScore
    from .card import ModelCard, OperatingPoint, Question
    from .detector import CardBased, Detector, detector_names, load_detector, load_detectors
    from .errors import CardError, DetectorError, WeightsError
    from .judgement import judge_picture, judge_text
    from .pictures import Picture
    from .source import DetectorSource

# Loaded when first used: a file that nobody estimates anything about should not cost the import of NumPy.
_HOME = {
    "Answer": "answer",
    "CardBased": "detector",
    "CardError": "errors",
    "Decision": "answer",
    "Detector": "detector",
    "DetectorError": "errors",
    "DetectorSource": "source",
    "ModelCard": "card",
    "OperatingPoint": "card",
    "Picture": "pictures",
    "Question": "card",
    "ViewScore": "answer",
    "WeightsError": "errors",
    "detector_names": "detector",
    "judge_picture": "judgement",
    "judge_text": "judgement",
    "load_detector": "detector",
    "load_detectors": "detector",
}

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


if not TYPE_CHECKING:  # a type checker knows the names by their imports above, and refuses all others

    def __getattr__(name: str) -> object:
        if name in _HOME:
            return getattr(_import_module(f".{_HOME[name]}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
