"""The one protocol of detectors, and where they are found.

A detector turns a batch of pictures or texts into log-odds. All else (preparing, views, calibration, thresholds,
abstaining, heat maps) is done around it by `judgement`, so that every detector behaves alike. A third party adds one by
the entry point group `provenance.detectors`; a user adds models by `provenance detectors add`.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from provenance.errors import MissingExtraError
from provenance.sentences import Message

from .card import ModelCard
from .errors import DetectorError
from .installed import entry_points_by_name, names_of_others
from .pictures import Picture

Scores = NDArray[np.float64]

_log: Final = logging.getLogger("provenance")


@runtime_checkable
class Detector(Protocol):
    """A classifier. `name`, `version` and `media_types` are those of its card."""

    card: ModelCard

    @property
    def name(self) -> str:
        """Unique among the detectors of an installation."""
        ...

    @property
    def version(self) -> str:
        """Raised with every change that can change a score."""
        ...

    @property
    def media_types(self) -> frozenset[str]:
        """What it can be asked about; `image/*` stands for every image."""
        ...

    def score(self, batch: Sequence[Any]) -> Scores:  # Any: pictures or texts, as its card says
        """Log-odds of shape (n,) for n pictures (`Picture`) or texts (`str`); not a number where it cannot say."""
        ...


class CardBased:
    """What every detector with a card shares."""

    card: ModelCard

    @property
    def name(self) -> str:
        """The card's."""
        return self.card.name

    @property
    def version(self) -> str:
        """The card's."""
        return self.card.version

    @property
    def media_types(self) -> frozenset[str]:
        """From the card's modality."""
        return frozenset({f"{self.card.modality}/*"})


@runtime_checkable
class Explaining(Protocol):
    """A detector that can also say what it found, in sentences, and where."""

    def claim(self) -> tuple[Message, ...]:
        """What a positive decision says was found."""
        ...

    def findings(self, picture: Picture) -> tuple[Message, ...]:
        """Facts about this picture that hold whatever the decision is."""
        ...

    def heat_map(self, picture: Picture) -> NDArray[np.float64] | None:
        """Where, as values from 0 to 1 of any shape, or nothing where it does not know."""
        ...


def detector_names() -> tuple[str, ...]:
    """The names of all detectors that are installed or were added."""
    return tuple(sorted({*entry_points_by_name(), *_added_names()}))


def load_detector(name: str) -> Detector:
    """The detector of this name. Raises `DetectorError` for none, `MissingExtraError` where a part is missing."""
    entries = entry_points_by_name()
    if name in entries:
        try:
            detector: Detector = entries[name].load()()
        except ModuleNotFoundError as error:
            extra = "hf" if error.name in ("torch", "transformers") else "detectors"
            raise MissingExtraError(f"the detector {name}", extra) from None
        return detector
    if name in _added_names():
        from .hub.added import load_added

        return load_added(name)
    raise DetectorError(f"no detector called {name}; there are: {', '.join(detector_names()) or 'none'}")


def load_detectors(names: Iterable[str] | None = None) -> list[Detector]:
    """The detectors of these names; without names those whose cards say that they are asked by default."""
    if names is not None:
        return [load_detector(name) for name in names]
    # Of the bundled ones the cards tell, so that the others need not be loaded to be left out.
    return [*(load_detector(card.name) for card in ModelCard.bundled()), *other_defaults()]


@cache
def other_defaults() -> tuple[Detector, ...]:
    """The detectors of other packages whose cards say that they are asked by default.

    One that cannot be loaded is left out of `versions` and of every answer, and logged.
    """
    found: list[Detector] = []
    for name in names_of_others():
        try:
            detector = load_detector(name)
            if detector.card.default:
                found.append(detector)
        except Exception as error:
            _log.error("the detector %s cannot be loaded (%s)", name, type(error).__name__)
    return tuple(found)


def _added_names() -> tuple[str, ...]:
    from .hub.folder import added_names

    return added_names()
