"""The index: it finds the registered pictures with a view that looks like a view of the queried one.

It is held in memory and searched whole, with nothing approximate: a hundred thousand pictures are some 2.8 million
codes, which one core compares in a hundredth of a second with each view of a query. It is built anew from the
registry at the start.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .fingerprint import BITS, View

# Bits of 256 in which the codes of two views may differ. Chosen on one half of some 4,800 pictures and measured on the
# other (benchmarks/results): copies stay within, and strangers are typically 88 bits away.
THRESHOLD: Final = 32

# Codes that are compared at a time: what is computed for them stays in the processor's cache.
_BLOCK: Final = 65_536

_WORDS: Final = BITS // 64


@dataclass(frozen=True)
class Match:
    """A registered picture that looks alike: its key, and how many of how many bits differ.

    `queried` and `registered`: between which two views.
    """

    key: int
    distance: int
    bits: int
    queried: str
    registered: str


class FingerprintIndex:
    """The views of all registered pictures, by the keys of these pictures. Thread-safe."""

    def __init__(self, threshold: int = THRESHOLD) -> None:
        self._threshold = threshold
        self._lock = Lock()
        # One column a view; there is room for more of them than there are.
        self._codes: NDArray[np.uint64] = np.empty((_WORDS, 0), np.uint64)
        self._keys: NDArray[np.int64] = np.empty(0, np.int64)
        self._names: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._views = 0
        self._numbers: dict[str, int] = {}
        """Of the names of views."""

    def __len__(self) -> int:
        """How many views there are of all pictures."""
        return self._views

    @property
    def size(self) -> int:
        """What the index holds in memory, in bytes."""
        return self._codes.nbytes + self._keys.nbytes + self._names.nbytes

    def add(self, key: int, views: Sequence[View]) -> None:
        """Adds the views of one picture."""
        self.add_all([(key, views)])

    def add_all(self, pictures: Iterable[tuple[int, Sequence[View]]]) -> None:
        """Adds the views of many pictures at once, which is much faster than one after another."""
        codes: list[bytes] = []
        keys: list[int] = []
        names: list[int] = []
        with self._lock:
            for key, views in pictures:
                codes += [view.code for view in views]
                keys += repeat(key, len(views))
                names += [self._numbers.setdefault(view.name, len(self._numbers)) for view in views]
            self._append(_columns(codes), keys, names)

    def remove(self, key: int) -> None:
        """Removes a picture; one that is not there is none the less gone."""
        with self._lock:
            kept = np.flatnonzero(self._keys[: self._views] != key)
            self._codes = self._codes[:, kept]
            self._keys = self._keys[kept]
            self._names = self._names[kept]
            self._views = len(kept)

    def nearest(self, queried: Sequence[View], limit: int = 10) -> list[Match]:
        """The registered pictures that look like the queried one, at most `limit`, the nearest first."""
        nearest: dict[int, Match] = {}
        with self._lock:
            names = list(self._numbers)
            for view in queried:
                for column, distance in self._near(_columns([view.code])):
                    key = int(self._keys[column])
                    if key not in nearest or distance < nearest[key].distance:
                        nearest[key] = Match(key, distance, BITS, view.name, names[self._names[column]])
        return sorted(nearest.values(), key=lambda match: (match.distance, match.key))[:limit]

    def _near(self, code: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
        """The column and the distance of each view within the threshold of this code."""
        for start in range(0, self._views, _BLOCK):
            block = self._codes[:, start : min(start + _BLOCK, self._views)]
            distances = np.bitwise_count(block ^ code).sum(axis=0, dtype=np.uint16)
            for at in np.flatnonzero(distances <= self._threshold):
                yield start + int(at), int(distances[at])

    def _append(self, codes: NDArray[np.uint64], keys: list[int], names: list[int]) -> None:
        end = self._views + len(keys)
        if end > len(self._keys):
            room = max(end, 2 * self._views) - len(self._keys)  # so that adding one by one costs the same for each
            self._codes = np.pad(self._codes, ((0, 0), (0, room)))
            self._keys = np.pad(self._keys, (0, room))
            self._names = np.pad(self._names, (0, room))
        self._codes[:, self._views : end] = codes
        self._keys[self._views : end] = keys
        self._names[self._views : end] = names
        self._views = end


def _columns(codes: Sequence[bytes]) -> NDArray[np.uint64]:
    """Codes of 32 bytes as columns of four words."""
    return np.frombuffer(b"".join(codes), np.uint64).reshape(-1, _WORDS).T
