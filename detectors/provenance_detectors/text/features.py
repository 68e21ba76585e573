"""What the bundled text detector goes by: words, pairs of words, runs of letters, and the shape of the text.

The same functions serve training and use, so that there is one definition of a feature.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .sentences import sentences_of

# A line break is a token: where paragraphs end is part of a style. Case is kept for the same reason.
_TOKEN: Final = re.compile(r"\w+|[^\w\s]|\n")
_WORD: Final = re.compile(r"[\w'’]+")
_SPACE: Final = re.compile(r"[ \t]+")

_LETTERS: Final = (2, 4)

# Punctuation whose rate is a part of the shape.
_MARKS: Final = ",.;:!?-—–()'’\"“”*#/%$&«»"


def word_terms(text: str) -> Iterator[str]:
    """Each token, and each pair of neighbours."""
    tokens = _TOKEN.findall(text)
    yield from tokens
    for first, second in pairwise(tokens):
        yield f"{first} {second}"


def letter_terms(text: str) -> Iterator[str]:
    """Runs of two to four characters, over the borders of words."""
    collapsed = _SPACE.sub(" ", text)
    for length in range(_LETTERS[0], _LETTERS[1] + 1):
        for start in range(len(collapsed) - length + 1):
            yield collapsed[start : start + length]


def shape(text: str) -> NDArray[np.float32]:
    """The shape of a text, a vector of fixed length: lengths, their spread, punctuation, capitals, repetition."""
    words = _WORD.findall(text)
    sentences = sentences_of(text)
    paragraphs = [part for part in text.split("\n") if part.strip()]
    count = max(len(words), 1)
    lengths = np.array([len(word) for word in words] or [0])
    in_sentence = np.array([len(_WORD.findall(sentence)) for sentence in sentences] or [0])
    in_paragraph = np.array([len(part.split()) for part in paragraphs] or [0])
    frequencies = Counter(word.lower() for word in words)
    openings = {sentence.split()[0].lower() for sentence in sentences if sentence.split()}
    values = [
        lengths.mean(), lengths.std(), len(frequencies) / count**0.8,
        sum(number == 1 for number in frequencies.values()) / count,
        in_sentence.mean(), in_sentence.std() / (in_sentence.mean() + 1), np.log1p(in_sentence.min()),
        np.log1p(in_paragraph.mean()), in_paragraph.std() / (in_paragraph.mean() + 1),
        text.count("\n") / count * 10, len(openings) / max(len(sentences), 1),
        sum(word[0].isupper() for word in words) / count, sum(word.isdigit() for word in words) / count,
        (lengths > 8).sum() / count, (lengths < 4).sum() / count,
        *(np.sqrt(text.count(mark) / count * 10) for mark in _MARKS),
    ]  # fmt: skip
    return np.array(values, np.float32)
