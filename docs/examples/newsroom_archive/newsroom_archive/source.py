"""A source of evidence: the archive, a CSV file with SHA-256, date and author, one line for each picture."""

import csv
import os
from pathlib import Path

from provenance.extend import Assurance, Context, Evidence, Findings, Kind, OpenAsset, say


class ArchiveSource:
    """Says when a file came into the archive, and from whom."""

    name = "newsroom-archive"

    def __init__(self, archive: str | None = None) -> None:
        self.engines: dict[str, str] = {}
        path = Path(archive or os.environ.get("NEWSROOM_ARCHIVE", "archive.csv"))
        with path.open(newline="", encoding="utf-8") as lines:
            self._entries = {row["sha256"]: row for row in csv.DictReader(lines)}

    def examine(self, asset: OpenAsset, context: Context) -> Findings:  # noqa: ARG002
        """What the archive knows of the asset."""
        entry = self._entries.get(asset.sha256())
        if entry is None:
            return Findings()
        archived = Evidence(
            source=self.name,
            kind=Kind.REGISTRY_MATCH,
            assurance=Assurance.DECLARED,
            time=entry["date"],
            explanation=say("newsroom.archived", date=entry["date"], author=entry["author"]),
            details={"archive": dict(entry)},
        )
        return Findings(evidence=[archived])
