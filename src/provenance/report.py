"""The report: the one answer, as data. Its JSON is what clients build on; its schema is versioned."""

from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from .asset import Asset
from .conclusion import Conclusion
from .credentials import Credentials
from .evidence import Evidence
from .sentences import Message, translated

# From the first release on, raised with every change of the report's shape: the second number for an addition, the
# first for anything else.
SCHEMA_VERSION: Final = "1.0"

SCHEMA_FILE: Final = Path(__file__).parent / "schema" / f"report-{SCHEMA_VERSION}.json"


class TrustListVersion(BaseModel):
    """One trust list that was in use, and how old it is."""

    model_config = ConfigDict(frozen=True)

    name: str
    date: str = Field(description="Issued, ISO 8601.")
    next_update: str | None = Field(default=None, description="When its issuer expects to replace it.")
    entries: int


class Versions(BaseModel):
    """What produced the report, so that it can be repeated."""

    model_config = ConfigDict(frozen=True)

    toolkit: str
    engines: dict[str, str]
    trust_lists: tuple[TrustListVersion, ...]
    detectors: dict[str, str] = Field(default_factory=dict)
    policy: str


class Report(BaseModel):
    """What is known about where an asset comes from, how it is known, what contradicts it, what was not looked at."""

    model_config = ConfigDict(frozen=True)

    schema_version: str = SCHEMA_VERSION
    language: str = Field(description="Of the sentences: en, fr or ja.")
    examined_at: str = Field(description="ISO 8601, UTC.")
    judged_at: str | None = Field(
        default=None, description="The time as of which certificates were judged, where that was asked for; ISO 8601."
    )
    asset: Asset
    credentials: Credentials
    evidence: tuple[Evidence, ...]
    conclusion: Conclusion
    remarks: tuple[Message, ...] = Field(description="What a careful reader should also know.")
    versions: Versions

    def in_language(self, language: str) -> Self:
        """The same report with its sentences in another language. Raises `SettingError` for one that is not there."""
        return self if language == self.language else translated(self, language)


def report_schema() -> dict[str, Any]:  # Any: a JSON Schema
    """The JSON Schema of the report."""
    schema = Report.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:provenance:report:{SCHEMA_VERSION}",
        **schema,
    }
