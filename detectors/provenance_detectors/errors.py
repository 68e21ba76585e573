"""What goes wrong with detectors themselves. A picture or text that cannot be judged is an answer, not an error.

ProvenanceError (of the core)
└── DetectorError       a detector cannot be used
    ├── CardError       its card does not hold what a card needs
    └── WeightsError    its files are missing, changed, or of a kind that could run code
"""

from provenance.errors import ProvenanceError

__all__ = ["CardError", "DetectorError", "WeightsError"]


class DetectorError(ProvenanceError):
    """A detector that is not there, or that cannot be used as it was asked for."""


class CardError(DetectorError):
    """A model card that does not hold what a card needs."""


class WeightsError(DetectorError):
    """Files of a model that are missing, do not match their hashes, or could run code when they are loaded."""


for _name in __all__:
    globals()[_name].__module__ = "provenance_detectors"  # from where it is imported, so that a traceback says that
