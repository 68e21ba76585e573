"""The layer around every detector: it prepares, asks, calibrates, and decides or abstains.

A decision is taken over several views of the same picture. Where they fall on both sides of the threshold, the answer
would change with the next re-encoding, and there is none: the detector abstains.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from provenance.sentences import Message, say

from . import limits
from .answer import NEGATIVE, POSITIVE, Answer, Decision, ViewScore
from .card import DEFAULT_MAX_FPR, ModelCard, OperatingPoint
from .detector import Detector, Explaining
from .pictures import Picture, decode
from .scope import reasons_not_to_decide, reasons_not_to_score
from .text.reading import Text, read_text, reasons_not_to_judge_text
from .views import AS_IS, views_of


def judge_picture(detector: Detector, data: bytes | Picture, *, max_fpr: float = DEFAULT_MAX_FPR) -> Answer:
    """What a detector says of a picture, given as a file's bytes or decoded.

    `max_fpr`: the false positive rate to keep to, from those that the card was measured for.
    """
    started = time.perf_counter()
    picture = decode(data) if isinstance(data, bytes) else data
    if isinstance(picture, Message):
        return abstention(detector.card, (picture,), started)
    card = detector.card
    if reasons := reasons_not_to_score(picture, card.preparation):
        return abstention(card, reasons, started)
    names, scores = _scored(detector, picture, card.operating_point(max_fpr))
    answer = decided(card, names, scores, max_fpr=max_fpr, started=started)
    if isinstance(detector, Explaining):
        claim = detector.claim() if answer.decision is POSITIVE[card.question] else ()
        answer = answer.model_copy(update={"reasons": (*answer.reasons, *claim, *detector.findings(picture))})
    if reasons := reasons_not_to_decide(picture, card.preparation):
        return answer.model_copy(update={"decision": Decision.ABSTAIN, "reasons": (*reasons, *answer.reasons)})
    return answer


def _scored(
    detector: Detector, picture: Picture, point: OperatingPoint | None
) -> tuple[tuple[str, ...], np.ndarray[Any, Any]]:
    """The views that were asked about, and their scores."""
    card = detector.card
    if card.preparation.crop is None:  # forensics look at the file as it is
        return (AS_IS,), detector.score([picture])
    names = card.views or (AS_IS,)
    views = (
        Picture(pixels, picture.width, picture.height, picture.format)
        for pixels in views_of(picture.pixels, names, card.preparation)
    )
    scores = detector.score([next(views)])
    # Nearly all photographs lie so far under the threshold that no other view could decide otherwise.
    clear = point is not None and card.clear_margin is not None and scores.shape == (1,)
    if clear and scores[0] < point.threshold - card.clear_margin:  # type: ignore[union-attr, operator]
        return names[:1], scores
    rest = list(views)
    batches = [detector.score(rest[i : i + limits.MAX_BATCH]) for i in range(0, len(rest), limits.MAX_BATCH)]
    return names, np.concatenate([scores, *batches])


def judge_text(
    detector: Detector,
    content: bytes | str | Text | Message,
    *,
    max_fpr: float = DEFAULT_MAX_FPR,
    media_type: str = "text/plain",
) -> Answer:
    """What a detector says of a text, given as a file's bytes, as characters, or as `read_text` gives it."""
    started = time.perf_counter()
    text = read_text(content, media_type) if isinstance(content, bytes | str) else content
    if isinstance(text, Message):
        return abstention(detector.card, (text,), started)
    if reasons := reasons_not_to_judge_text(text, detector.card):
        return abstention(detector.card, reasons, started, language=text.language)
    scores = detector.score([text.plain])
    answer = decided(detector.card, (AS_IS,), scores, max_fpr=max_fpr, started=started)
    return answer.model_copy(update={"details": {**answer.details, **_facts_of(text)}})


def decided(
    card: ModelCard,
    names: Sequence[str],
    scores: np.ndarray[Any, Any],
    *,
    max_fpr: float = DEFAULT_MAX_FPR,
    started: float | None = None,
) -> Answer:
    """The answer that the scores of a content's views give, by the card's thresholds."""
    started = time.perf_counter() if started is None else started
    if scores.shape != (len(names),) or not np.isfinite(scores).all():
        return abstention(card, (say("detector.refused.no_score"),), started)
    point = card.operating_point(max_fpr)
    decision, reasons = _decision(card, scores, point)
    own = float(scores[0])  # the other views only show whether it holds
    return Answer(
        detector=card.name,
        version=card.version,
        question=card.question,
        decision=decision,
        probability=probability(card, own),
        calibration_set=card.calibration.set if card.calibration else None,
        log_odds=own,
        rates=point,
        reasons=reasons,
        never_shown=card.never_shown,
        views=tuple(ViewScore(view=name, log_odds=float(score)) for name, score in zip(names, scores, strict=True)),
        seconds=time.perf_counter() - started,
    )


def probability(card: ModelCard, log_odds: float) -> float | None:
    """The calibrated probability, where the card has a calibration."""
    if card.calibration is None:
        return None
    value = np.clip(card.calibration.slope * log_odds + card.calibration.intercept, -30, 30)
    return float(1 / (1 + np.exp(-value)))


def _decision(
    card: ModelCard, scores: np.ndarray[Any, Any], point: OperatingPoint | None
) -> tuple[Decision, tuple[Message, ...]]:
    if point is None:
        return Decision.ABSTAIN, (say("detector.abstain.no_threshold"),)
    above = scores >= point.threshold
    if above.all():
        return POSITIVE[card.question], ()
    if not above.any():
        return NEGATIVE[card.question], ()
    return Decision.ABSTAIN, (say("detector.abstain.views", above=int(above.sum()), views=len(above)),)


def abstention(card: ModelCard, reasons: tuple[Message, ...], started: float, language: str | None = None) -> Answer:
    """No decision, and why."""
    return Answer(
        detector=card.name,
        version=card.version,
        question=card.question,
        decision=Decision.ABSTAIN,
        reasons=reasons,
        never_shown=card.never_shown,
        seconds=time.perf_counter() - started,
        details={"language": language} if language else {},
    )


def _facts_of(text: Text) -> dict[str, Any]:
    return {"language": text.language, "words": text.words}
