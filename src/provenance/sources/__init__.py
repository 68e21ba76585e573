"""Sources of evidence. Each looks at an asset in one way and says what it found; none of them decides.

A third party adds one by the entry point group `provenance.sources`, the same way as the toolkit's own.
"""

from .examination import examined, failed, is_own
from .installed import load_sources
from .source import Context, EvidenceSource, Findings, ManifestLink, is_estimating

__all__ = [
    "Context",
    "EvidenceSource",
    "Findings",
    "ManifestLink",
    "examined",
    "failed",
    "is_estimating",
    "is_own",
    "load_sources",
]
