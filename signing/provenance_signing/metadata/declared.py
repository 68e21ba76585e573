"""What is declared in an asset's metadata: the words that the signed manifest uses too."""

import json
import re
from dataclasses import dataclass
from typing import Final

from provenance.sources.metadata.xmp import PROPERTIES

IPTC_EXTENSION: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TC260: Final = "http://www.tc260.org.cn/ns/AIGC/1.0/"

# What XML 1.0 cannot hold, and the carriage return, which it turns into something else.
_NOT_IN_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class AigcLabel:
    """The label of China's GB 45438-2025, annex E: 1 is AI-made, 2 perhaps, 3 suspected by a platform."""

    label: str
    content_producer: str
    produce_id: str = ""
    reserved_code1: str = ""
    content_propagator: str = ""
    propagate_id: str = ""
    reserved_code2: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """All seven fields under their names in the standard; those that are not known are empty."""
        return {
            "Label": self.label,
            "ContentProducer": self.content_producer,
            "ProduceID": self.produce_id,
            "ReservedCode1": self.reserved_code1,
            "ContentPropagator": self.content_propagator,
            "PropagateID": self.propagate_id,
            "ReservedCode2": self.reserved_code2,
        }


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
        found = {"Iptc4xmpExt:DigitalSourceType": self.digital_source_type} if self.digital_source_type else {}
        if self.ai_system:
            found["Iptc4xmpExt:AISystemUsed"] = self.ai_system
            found["Iptc4xmpExt:AISystemVersionUsed"] = self.ai_system_version or ""
        if self.aigc:
            found["TC260:AIGC"] = json.dumps(self.aigc.fields, ensure_ascii=False)
        return {name: _NOT_IN_XML.sub(" ", value).strip() for name, value in found.items()}

    @property
    def replaced(self) -> frozenset[str]:
        """The full names of the older properties whose place these take, `{namespace}name`."""
        return frozenset(name for name, reported in PROPERTIES.items() if reported in self.properties)
