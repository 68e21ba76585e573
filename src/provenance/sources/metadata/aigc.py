"""The AIGC label of China's GB 45438-2025 (TC260): who produced or spread the content, and whether it is AI-made."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

from ... import limits
from ...evidence import Origin
from ...sentences import clean

_PRODUCERS: Final = Path(__file__).with_name("producers.toml")
_CODE_LENGTH: Final = 22

_LABELS: Final = ("1", "2", "3")
_MAX_LENGTH: Final = 64 * limits.KIB  # of a label, with its signatures a few kilobytes
_MAX_FIELDS: Final = 20  # the standard has seven; what a file adds to them is reported up to here


@dataclass(frozen=True)
class AigcLabel:
    """One label, read or to be written: its fields under their names in the standard.

    GB 45438-2025, annex E: 1 is AI-made; 2 and 3 are what a platform supposes, and so prove no origin.
    """

    fields: Mapping[str, str]

    @classmethod
    def of(
        cls,
        label: str,
        content_producer: str,
        *,
        produce_id: str = "",
        content_propagator: str = "",
        propagate_id: str = "",
    ) -> Self:
        """A label to be written, with all seven fields; those that are not known are empty."""
        return cls(
            {
                "Label": label,
                "ContentProducer": content_producer,
                "ProduceID": produce_id,
                "ReservedCode1": "",
                "ContentPropagator": content_propagator,
                "PropagateID": propagate_id,
                "ReservedCode2": "",
            }
        )

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """The label in a JSON text, with or without its `AIGC` envelope; None where the text is no such label."""
        if not text or len(text) > _MAX_LENGTH:
            return None
        text = text.strip("\0 \t\r\n")
        if '"' not in text:  # as Python prints it
            text = text.replace("'", '"')
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return None
        fields = data.get("AIGC", data) if isinstance(data, dict) else None
        if isinstance(fields, str):
            return cls.read(fields)
        if not isinstance(fields, dict) or str(fields.get("Label")) not in _LABELS:
            return None
        return cls({clean(str(name)): clean(str(value)) for name, value in list(fields.items())[:_MAX_FIELDS]})

    @property
    def producer(self) -> str | None:
        """Who produced the content; None where the label does not say."""
        return self.fields.get("ContentProducer") or None

    @property
    def producer_name(self) -> str | None:
        """The house behind the producer's code, with the code; None where it is not known, or is a name already.

        A code is 001, a digit for the kind of number, the credit code of the company, and five of its own.
        """
        code = self.producer or ""
        company = code[4:22] if code.startswith("001") and len(code) >= _CODE_LENGTH else code
        name = _producers().get(company.lower())
        return f"{name} ({code})" if name else None

    @property
    def origin(self) -> Origin:
        """Only a producer's own statement names an origin."""
        return Origin.AI_GENERATED if self.fields.get("Label") == "1" else Origin.UNKNOWN

    def text(self, *, only_ascii: bool = False) -> str:
        """The label as a JSON text without an envelope."""
        return json.dumps(dict(self.fields), ensure_ascii=only_ascii)


@cache
def _producers() -> dict[str, str]:
    table = tomllib.loads(_PRODUCERS.read_text("utf-8"))
    return {code.lower(): row["name"] for row in table["producer"] for code in row["codes"]}
