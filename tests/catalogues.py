"""What is wrong with a gettext catalogue."""

import io
import re
import string
from collections.abc import Mapping
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

# What French sets apart: by a no-break space inside guillemets and before a colon, a narrow one before ; ! ?
FRENCH_SPACES = re.compile(r"«(?!\u00a0)|(?<!\u00a0)»|[ \u202f]:|[ \u00a0][;!?]")
DECIMAL_POINT = re.compile(r"\d\.\d+(?!\.?\d)")


def names(text: str) -> set[str]:
    """The values that a sentence names."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class Translations:
    """The catalogue of one domain in one language."""

    def __init__(self, folder: Path, domain: str, language: str) -> None:
        self.language, self._path = language, folder / language / "LC_MESSAGES" / domain
        with self._path.with_suffix(".po").open("rb") as stream:
            self._messages = read_po(stream, locale=language)

    def faults(self, sentences: Mapping[str, str]) -> list[str]:
        """What is missing, fuzzy or too much, and which translation names other values."""
        entries = {entry.id: entry for entry in self._messages if entry.id}
        missing = [key for key, english in sentences.items() if english not in entries or not entries[english].string]
        superfluous = sorted(set(entries) - set(sentences.values()))
        wrong = [entry.id for entry in entries.values() if entry.fuzzy or names(entry.id) != names(entry.string)]
        return [*missing, *superfluous, *wrong]

    @property
    def badly_set(self) -> list[str]:
        """The French sentences with a space that can break, or a decimal point."""
        faults = (FRENCH_SPACES, DECIMAL_POINT) if self.language == "fr" else ()
        texts = [entry.string for entry in self._messages if entry.id]
        return [text for text in texts if any(fault.search(text) for fault in faults)]

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled catalogue is that of the text."""
        compiled = io.BytesIO()
        write_mo(compiled, self._messages)
        return self._path.with_suffix(".mo").read_bytes() == compiled.getvalue()
