"""Evidence: what one source found, in one shape, and how much it can prove.

A kind of evidence has a ceiling: a classifier can never say more than `estimated`, metadata that anyone can write
never more than `declared`, and a registered picture that looks alike never `verified`: the signature is not about this
very file. The ceiling is checked here and again where the conclusion is drawn, so that no source can go over it.
"""

from enum import StrEnum
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .sentences import Message


class Origin(StrEnum):
    """Where content comes from: the groups of the IPTC digital source types."""

    AI_GENERATED = "ai-generated"
    AI_EDITED = "ai-edited"
    CAPTURED = "captured"
    DIGITAL_CREATION = "digital-creation"
    UNKNOWN = "unknown"


class Assurance(StrEnum):
    """How well a claim is supported, from strong to weak."""

    VERIFIED = "verified"  # intact, and the signer is on a trust list
    ATTESTED = "attested"  # intact, and the signer is on no list
    DECLARED = "declared"  # said by somebody: written in the file, or of a registered picture that it is a near copy of
    ESTIMATED = "estimated"  # a statistical estimate
    NONE = "none"

    @property
    def rank(self) -> int:
        """0 for `none`, 4 for `verified`."""
        return _RANKS[self]


_RANKS: Final = {assurance: rank for rank, assurance in enumerate(reversed(Assurance))}


class Kind(StrEnum):
    """The kinds of evidence, which differ in what they can prove."""

    SIGNED_MANIFEST = "signed-manifest"
    REGISTRY_MATCH = "registry-match"
    WATERMARK = "watermark"
    DECLARED_METADATA = "declared-metadata"
    DETECTOR = "statistical-detector"


class Status(StrEnum):
    """What became of the evidence when it was checked."""

    VALID = "valid"
    ALTERED = "altered"  # the content changed after signing
    MISMATCHED = "mismatched"  # an external manifest is not about this content, or the content changed since
    BROKEN = "broken"  # the manifest or its signature does not hold
    HISTORY_BROKEN = "history-broken"  # the asset is unchanged, a step of its history does not hold
    PARTIAL = "partial"  # the signature leaves out parts of the content
    DISPUTED = "disputed"  # what was checked here and an engine do not agree on whether the content is what was signed
    REVOKED = "revoked"  # the signer's certificate was revoked
    REMOTE = "remote"  # there is a manifest elsewhere, which was not fetched
    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"  # there is a record, and readers could understand it differently
    EMPTY = "empty"
    PROGRAM = "program"
    PART_REMOVED = "part-removed"  # somebody removed a part of an earlier record that may have said how it was made
    ABSENT = "absent"
    SUSPICIOUS = "suspicious"  # a mark in a place where no mark belongs


CEILING: Final = {
    Kind.SIGNED_MANIFEST: Assurance.VERIFIED,
    Kind.REGISTRY_MATCH: Assurance.ATTESTED,
    Kind.WATERMARK: Assurance.ATTESTED,
    Kind.DECLARED_METADATA: Assurance.DECLARED,
    Kind.DETECTOR: Assurance.ESTIMATED,
}


class Evidence(BaseModel):
    """One finding of one source.

    Raises a validation error where `assurance` is above the ceiling of its `kind`, or where anything but valid
    evidence claims assurance.
    """

    model_config = ConfigDict(frozen=True)

    source: str = Field(description="The name of the source that found it.")
    kind: Kind
    status: Status = Status.VALID
    origin: Origin = Origin.UNKNOWN
    assurance: Assurance = Assurance.NONE
    digital_source_type: str | None = Field(default=None, description="The IPTC or C2PA term, as a URI.")
    agent: str | None = Field(default=None, description="Who or what made the content, as the evidence names it.")
    time: str | None = Field(default=None, description="ISO 8601, as the evidence gives it.")
    edited: bool = Field(default=False, description="The content was edited after the origin that is named.")
    codes: tuple[str, ...] = Field(default=(), description="Machine-readable codes of the source.")
    explanation: Message
    # Any: as the source found it, in JSON.
    details: dict[str, Any] = Field(default_factory=dict, description="What the source read, unprocessed.")

    @property
    def overclaim(self) -> str | None:
        """What this evidence claims beyond what it can; None where it does not. A copy is not validated anew."""
        if self.assurance.rank > CEILING[self.kind].rank:
            return f"{self.kind} evidence cannot be {self.assurance}"
        if self.status is not Status.VALID and self.assurance is not Assurance.NONE:
            return f"evidence that is {self.status} proves nothing"
        return None

    @model_validator(mode="after")
    def _claims_no_more_than_it_can(self) -> Self:
        if self.overclaim is not None:
            raise ValueError(self.overclaim)
        return self
