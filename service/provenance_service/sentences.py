"""The sentences of the page and of refusals, in the reader's language."""

from pathlib import Path
from typing import Final

from provenance.limits import GIB, KIB, MIB
from provenance.sentences import Catalogue, phrase

from .locale.catalogue import SENTENCES

__all__ = ["phrase", "readable_size"]

CATALOGUE: Final = Catalogue("provenance_service", Path(__file__).parent / "locale", SENTENCES)

_UNITS: Final = ((GIB, "size.gigabytes"), (MIB, "size.megabytes"), (KIB, "size.kilobytes"))


def readable_size(size: int, language: str) -> str:
    """A number of bytes as people write it, with a decimal comma in French."""
    for unit, key in _UNITS:
        if size >= unit:
            number = f"{size / unit:.1f}".removesuffix(".0")
            return phrase(key, language, number=number.replace(".", ",") if language == "fr" else number)
    return phrase("size.bytes", language, number=str(size))
