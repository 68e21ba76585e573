"""The index: which registered pictures have a view that looks like one of a picture that is asked about.

It is held in memory and searched whole, with nothing approximate: a hundred thousand pictures are some two million
codes of 32 bytes, which one core compares in a tenth of a second. It is built anew from the registry at the start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray
from usearch.compiled import MetricKind
from usearch.index import search

from .fingerprint import BITS, View

# Bits of 256 in which the codes of two views may differ. Chosen on one half of the pictures and measured on the other
# (benchmarks/results): copies stay below, and no two unrelated pictures came as near.
THRESHOLD: Final = 32

# Codes that are compared at a time: the search holds 16 bytes for each, and for each view that is asked about.
_BLOCK: Final = 262_144


@dataclass(frozen=True)
class Match:
    """A registered picture that looks alike: its key, and how many of how many bits differ between which two views."""

    key: int
    distance: int
    bits: int
    asked: str
    registered: str


class FingerprintIndex:
    """The views of all registered pictures, by the keys of these pictures. Thread-safe."""

    def __init__(self, threshold: int = THRESHOLD) -> None:
        self._threshold = threshold
        self._lock = Lock()
        self._codes: NDArray[np.uint8] = np.empty((0, BITS // 8), np.uint8)
        self._keys: NDArray[np.int64] = np.empty(0, np.int64)
        self._names: NDArray[np.uint8] = np.empty(0, np.uint8)
        self._name_list: list[str] = []
        self._rows = 0
        self._most_views = 0

    def __len__(self) -> int:
        """How many views there are of all pictures."""
        return self._rows

    @property
    def size(self) -> int:
        """What the index holds in memory, in bytes."""
        return self._codes.nbytes + self._keys.nbytes + self._names.nbytes

    def add(self, key: int, views: Sequence[View]) -> None:
        """Adds the views of one picture."""
        self.add_all([(key, views)])

    def add_all(self, pictures: Iterable[tuple[int, Sequence[View]]]) -> None:
        """Adds the views of many pictures at once, which is much faster than one after another."""
        codes = bytearray()
        keys: list[int] = []
        names: list[int] = []
        with self._lock:
            numbers = {name: number for number, name in enumerate(self._name_list)}
            for key, views in pictures:
                codes += b"".join(view.code for view in views)
                keys += repeat(key, len(views))
                names += [numbers.setdefault(view.name, len(numbers)) for view in views]
                self._most_views = max(self._most_views, len(views))
            self._name_list = list(numbers)
            self._append(np.frombuffer(codes, np.uint8).reshape(-1, BITS // 8), keys, names)

    def remove(self, key: int) -> None:
        """Removes a picture; one that is not there is none the less gone."""
        with self._lock:
            kept = self._keys[: self._rows] != key
            self._codes = self._codes[: self._rows][kept]
            self._keys = self._keys[: self._rows][kept]
            self._names = self._names[: self._rows][kept]
            self._rows = len(self._keys)

    def nearest(self, asked: Sequence[View], limit: int = 10) -> list[Match]:
        """The registered pictures that look like the one that is asked about, at most `limit`, the nearest first."""
        if not asked:
            return []
        codes = np.frombuffer(b"".join(view.code for view in asked), np.uint8).reshape(len(asked), -1)
        nearest: dict[int, Match] = {}
        with self._lock:
            for row, view, distance in self._near(codes, limit * max(1, self._most_views)):
                key = int(self._keys[row])
                if key not in nearest or distance < nearest[key].distance:
                    name = self._name_list[self._names[row]]
                    nearest[key] = Match(key, distance, BITS, asked[view].name, name)
        return sorted(nearest.values(), key=lambda match: (match.distance, match.key))[:limit]

    def _near(self, codes: NDArray[np.uint8], count: int) -> Iterable[tuple[int, int, int]]:
        """The row, the number of the view that was asked, and the distance of what is within the threshold."""
        for start in range(0, self._rows, _BLOCK):
            block = self._codes[start : min(start + _BLOCK, self._rows)]
            found = search(block, codes, min(count, len(block)), MetricKind.Hamming, exact=True)
            rows, distances = (np.atleast_2d(each) for each in (found.keys, found.distances))
            for view, place in zip(*np.nonzero(distances <= self._threshold), strict=True):
                yield start + int(rows[view, place]), int(view), int(distances[view, place])

    def _append(self, codes: NDArray[np.uint8], keys: list[int], names: list[int]) -> None:
        rows = self._rows + len(codes)
        if rows > len(self._codes):
            capacity = max(rows, 2 * self._rows)  # so that adding one by one costs the same for each
            self._codes = np.resize(self._codes, (capacity, BITS // 8))
            self._keys = np.resize(self._keys, capacity)
            self._names = np.resize(self._names, capacity)
        self._codes[self._rows : rows] = codes
        self._keys[self._rows : rows] = keys
        self._names[self._rows : rows] = names
        self._rows = rows
