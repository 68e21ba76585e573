"""What is declared in an asset's metadata: the words that the signed manifest uses too."""

import re
from dataclasses import dataclass
from typing import Final

from provenance.sources.metadata.aigc import AigcLabel
from provenance.sources.metadata.xmp import PROPERTIES

IPTC_EXTENSION: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TC260: Final = "http://www.tc260.org.cn/ns/AIGC/1.0/"

# What XML 1.0 cannot hold, and the carriage return, which it turns into something else.
_NOT_IN_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Declared:
    """An asset's origin as anyone may read it. IPTC Photo Metadata Standard 2025.1.

    `digital_source_type` is the full URI. `ai_system` and its version name the AI that took part.
    """

    digital_source_type: str | None
    aigc: AigcLabel | None = None
    ai_system: str | None = None
    ai_system_version: str | None = None

    @property
    def properties(self) -> dict[str, str]:
        """The properties to be written, by the names under which the reader reports them; the values as XML has them.

        An empty value stands for a property that must not be there: the version of another AI system.
        """
        properties = {"Iptc4xmpExt:DigitalSourceType": self.digital_source_type} if self.digital_source_type else {}
        if self.ai_system:
            properties["Iptc4xmpExt:AISystemUsed"] = self.ai_system
            properties["Iptc4xmpExt:AISystemVersionUsed"] = self.ai_system_version or ""
        if self.aigc:
            properties["TC260:AIGC"] = self.aigc.text()
        return {name: _NOT_IN_XML.sub(" ", value).strip() for name, value in properties.items()}

    @property
    def replaced(self) -> frozenset[str]:
        """The full names of the older properties whose place these take, `{namespace}name`."""
        return frozenset(name for name, reported in PROPERTIES.items() if reported in self.properties)
