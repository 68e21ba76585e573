"""A detector: how flat a picture is. It stands for a model; no threshold was measured, so that it decides nothing."""

from collections.abc import Sequence

import numpy as np

from provenance_detectors import CardBased, ModelCard, Picture, Question


class Flatness(CardBased):
    """Gives pictures with large even areas a higher score."""

    card = ModelCard(
        name="newsroom-flatness",
        version="1.0",
        question=Question.AI,
        modality="image",
        summary="How flat a picture is.",
        licence="MIT",
        default=True,
    )

    def score(self, batch: Sequence[Picture]) -> np.ndarray:
        """Log-odds of shape (n,)."""
        return np.array([-float(np.asarray(picture.pixels, np.float64).std()) for picture in batch])
