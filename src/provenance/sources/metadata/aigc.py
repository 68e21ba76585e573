"""The AIGC label of China's GB 45438-2025 (TC260): who produced or spread the content, and whether it is AI-made."""

import json
from dataclasses import dataclass
from typing import Any

from ...evidence import Origin
from ...sentences import clean


@dataclass(frozen=True)
class AigcLabel:
    """One label. GB 45438-2025, annex E: 1 is AI-made; 2 and 3 are what a platform supposes, and so prove no origin."""

    label: str
    producer: str | None
    fields: dict[str, Any]

    @property
    def origin(self) -> Origin:
        """Only a producer's own statement names an origin."""
        return Origin.AI_GENERATED if self.label == "1" else Origin.UNKNOWN


def read_aigc(text: str | None) -> AigcLabel | None:
    """The label in a JSON text, with or without its `AIGC` envelope; None where the text is no such label."""
    if not text:
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    fields = data.get("AIGC", data) if isinstance(data, dict) else None
    if isinstance(fields, str):
        return read_aigc(fields)
    if not isinstance(fields, dict) or str(fields.get("Label")) not in ("1", "2", "3"):
        return None
    kept = {clean(str(key)): clean(str(value)) for key, value in list(fields.items())[:20]}
    return AigcLabel(str(fields["Label"]), kept.get("ContentProducer") or None, kept)
