"""What another package needs to add to the toolkit: sources of evidence, sentences, formats of text, policies.

The toolkit's own sources are made of the same parts. `docs/extending.md` shows each with an example; detectors have
their own parts in `provenance_detectors`. Names that are not here, or in a package's `__all__`, may change without
notice.
"""

from .asset import OpenAsset
from .conclusion import Condition, Policy, Rule, conclude
from .credentials import Credentials
from .evidence import CEILING, Assurance, Evidence, Kind, Origin, Status
from .format_table import Family, Format
from .sentences import Catalogue, Message, clean, register_catalogue, say
from .sources import Context, EvidenceSource, Findings

__all__ = [
    "CEILING",
    "Assurance",
    "Catalogue",
    "Condition",
    "Context",
    "Credentials",
    "Evidence",
    "EvidenceSource",
    "Family",
    "Findings",
    "Format",
    "Kind",
    "Message",
    "OpenAsset",
    "Origin",
    "Policy",
    "Rule",
    "Status",
    "clean",
    "conclude",
    "register_catalogue",
    "say",
]
