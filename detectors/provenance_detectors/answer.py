"""A detector's answer: a decision with the error rate that was measured for it, or an abstention with its reason."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from provenance.sentences import Message

from .card import OperatingPoint, Question


class Decision(StrEnum):
    """What a detector says to its question."""

    AI = "ai"
    NO_INDICATION = "no-indication"  # not that it is no AI: most AI pictures of unseen generators look so
    EDITED = "edited"
    NOT_EDITED = "not-edited"
    MARKED = "marked"
    NOT_MARKED = "not-marked"
    ABSTAIN = "abstain"


POSITIVE = {Question.AI: Decision.AI, Question.EDITING: Decision.EDITED, Question.WATERMARK: Decision.MARKED}
NEGATIVE = {
    Question.AI: Decision.NO_INDICATION,
    Question.EDITING: Decision.NOT_EDITED,
    Question.WATERMARK: Decision.NOT_MARKED,
}


class ViewScore(BaseModel):
    """The score of one re-encoding or scale of the same content."""

    model_config = ConfigDict(frozen=True)

    view: str
    log_odds: float


class Answer(BaseModel):
    """What one detector says of one file, and how far that can be relied on."""

    model_config = ConfigDict(frozen=True)

    detector: str
    version: str
    question: Question
    decision: Decision
    probability: float | None = Field(default=None, description="Calibrated; none where the card has no calibration.")
    calibration_set: str | None = Field(default=None, description="The data that the probability was calibrated on.")
    log_odds: float | None = Field(default=None, description="Of the content as it is, before calibration.")
    rates: OperatingPoint | None = Field(default=None, description="The threshold and its measured error rates.")
    reasons: tuple[Message, ...] = Field(default=(), description="Why it abstains, or what it found.")
    never_shown: tuple[str, ...] = Field(default=(), description="What the model has not seen in training.")
    views: tuple[ViewScore, ...] = ()
    seconds: float = Field(default=0.0, description="Time taken, from the open file to the answer.")
    details: dict[str, Any] = Field(default_factory=dict)  # Any: as the detector has it, in JSON
