"""Sentences of a text, by their marks."""

import re
from typing import Final

# After a mark and a space, or after the marks of Chinese and Japanese, or at a line's end.
_END: Final = re.compile(r"(?<=[.!?…][\s\"'»”)])\s*|(?<=[。！？])|\n+")

# A shorter piece is an abbreviation or a heading: it goes with what follows.
_SHORTEST: Final = 12


def sentences_of(text: str) -> list[str]:
    """The sentences in order; no character but white space is lost."""
    sentences: list[str] = []
    held = ""
    for piece in _END.split(text):
        held = f"{held} {piece.strip()}".strip()
        if len(held) >= _SHORTEST:
            sentences.append(held)
            held = ""
    if held:
        sentences.append(held)
    return sentences
