"""The model card: what a detector is, what it was measured on, and where it fails, as data.

A card is a TOML file beside its model. What the shared layer does with a detector (how pictures are prepared, when it
abstains, which threshold holds) stands in the card too, so that no figure stands in code.
"""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from provenance.errors import AssetError
from provenance.files import read_small_file
from provenance.validation_errors import problems_of

from . import limits
from .errors import CardError

# One false alarm in two hundred photographs.
DEFAULT_MAX_FPR: Final = 0.005


class Question(StrEnum):
    """What a detector is asked. The answers to one are never read as answers to another."""

    AI = "ai"
    EDITING = "editing"
    WATERMARK = "watermark"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(_Part):
    """A measured figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


class Preparation(_Part):
    """How a picture is brought to the shape that the detector was trained on, whatever its format and size.

    The short side is scaled to `short_side`, the middle `crop` by `crop` pixels are kept, and written and read once as
    a JPEG, so that neither the format nor the size of a file says anything. Without `crop` the detector sees the
    picture as it was decoded.
    """

    short_side: int | None = None
    crop: int | None = None
    jpeg_quality: int | None = None
    min_side: int = Field(default=256, description="Pixels; a smaller picture is not judged.")
    min_jpeg_quality: int = Field(default=0, description="A picture that was compressed harder is not judged.")
    photographs_only: bool = Field(default=False, description="Drawings, screenshots and scans are not judged.")


class CalibrationBin(_Part):
    """Items that were given about the same probability: its mean, and the share of them that was of the class."""

    predicted: float = Field(ge=0, le=1)
    observed: float = Field(ge=0, le=1)
    items: int = Field(gt=0)


class Calibration(_Part):
    """From log-odds to a probability: `1 / (1 + exp(-(slope * x + intercept)))`, fitted on `set` (Platt 1999)."""

    set: str
    slope: float
    intercept: float
    expected_error: Interval | None = Field(default=None, description="Expected calibration error on the test split.")
    bins: tuple[CalibrationBin, ...] = Field(
        default=(), description="The test split in bins of equal count, both classes counting the same."
    )


class OperatingPoint(_Part):
    """A threshold that was chosen for a false positive rate, and what was measured with it on other data."""

    max_fpr: float = Field(description="The false positive rate that the threshold was chosen for.")
    threshold: float = Field(description="Log-odds.")
    chosen_on: str
    measured_on: str
    fpr: Interval
    tpr: Interval
    abstained: float | None = Field(default=None, description="Share of the measured items without a decision.")


class Metric(_Part):
    """One measured figure: of what, on which group, from how many items."""

    name: str
    group: str
    value: float
    low: float
    high: float
    items: int


class Training(_Part):
    """How the model came to be."""

    data: str
    splits: str
    recipe: str = Field(description="The command that repeats it.")
    energy_kwh: float | None = None
    energy_source: str = Field(default="", description="Measured, or estimated and from what.")


class ModelCard(_Part):
    """Everything that a user of a detector should know, and that the shared layer needs."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    version: str
    question: Question
    modality: Literal["image", "text", "audio"]
    summary: str
    licence: str
    default: bool = Field(default=False, description="Asked whenever a file is verified.")
    languages: tuple[str, ...] = Field(default=(), description="ISO 639-1; of text.")
    min_words: int = Field(default=0, description="A shorter text is not judged.")
    preparation: Preparation = Preparation()
    views: tuple[str, ...] = Field(default=(), description="Re-encodings and scales that must agree.")
    clear_margin: float | None = Field(
        default=None,
        description="Log-odds. So far under the threshold the picture as it is decides alone: more than any other view "
        "of the calibration split lay above it.",
    )
    calibration: Calibration | None = None
    operating_points: tuple[OperatingPoint, ...] = ()
    never_shown: tuple[str, ...] = Field(default=(), description="What the model has not seen in training.")
    worse_for: tuple[str, ...] = ()
    known_failures: tuple[str, ...] = ()
    training: Training | None = None
    metrics: tuple[Metric, ...] = ()
    energy_per_1000_kwh: float | None = None
    energy_source: str = ""
    sources: tuple[str, ...] = Field(default=(), description="Papers and standards.")
    files: dict[str, str] = Field(default_factory=dict, description="SHA-256 of each file of the model.")
    # Any: TOML that the detector itself checks.
    options: dict[str, Any] = Field(default_factory=dict, description="What only this kind of detector reads.")

    @model_validator(mode="after")
    def _points_are_in_order(self) -> Self:
        rates = [point.max_fpr for point in self.operating_points]
        if rates != sorted(set(rates)):
            raise ValueError("operating points are listed once each, the strictest first")
        return self

    @classmethod
    def load(cls, path: Path) -> Self:
        """A card from a TOML file. Raises `CardError`."""
        try:
            return cls.model_validate(tomllib.loads(read_small_file(path, limits.MAX_CARD).decode("utf-8")))
        except ValidationError as error:
            raise CardError(f"{path}: this is not a model card: {problems_of(error)}") from None
        except (AssetError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise CardError(f"{path}: this is not a model card: {error}") from None

    @classmethod
    def bundled(cls) -> "list[ModelCard]":
        """The cards of the detectors that are asked by default, read without loading a detector."""
        folder = Path(__file__).parent
        return [cls.load(folder / name / "card.toml") for name in ("image", "text")]

    def operating_point(self, max_fpr: float = DEFAULT_MAX_FPR) -> OperatingPoint | None:
        """The most permissive threshold that keeps to this false positive rate; none where none was measured."""
        fitting = [point for point in self.operating_points if point.max_fpr <= max_fpr + 1e-12]
        return fitting[-1] if fitting else None
