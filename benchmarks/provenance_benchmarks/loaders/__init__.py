"""Public sets that a user already has on disk, read as suites. One set, one module.

Nothing is downloaded and nothing is hashed here: a set may hold a million files. What is measured of it is chosen and
hashed when a run is planned.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from provenance.limits import GIB

from ..errors import SuiteError
from ..suite import Suite, SuiteCard, SuiteItem
from . import (
    aigibench,
    chameleon,
    community_forensics,
    folders,
    genimage,
    hc3,
    listed,
    m4,
    mage,
    mnw,
    raid,
    saved,
    synthbuster,
)

Loader = Callable[[Path], Iterable[SuiteItem]]

LOADERS: Final[dict[str, tuple[SuiteCard, Loader]]] = {
    aigibench.CARD.name: (aigibench.CARD, aigibench.load),
    chameleon.CARD.name: (chameleon.CARD, chameleon.load),
    community_forensics.CARD.name: (community_forensics.CARD, community_forensics.load),
    folders.CARD.name: (folders.CARD, folders.load),
    genimage.CARD.name: (genimage.CARD, genimage.load),
    hc3.CARD.name: (hc3.CARD, hc3.load),
    listed.CARD.name: (listed.CARD, listed.load),
    m4.CARD.name: (m4.CARD, m4.load),
    mage.CARD.name: (mage.CARD, mage.load),
    mnw.CARD.name: (mnw.CARD, mnw.load),
    raid.CARD.name: (raid.CARD, raid.load),
    saved.CARD.name: (saved.CARD, saved.load),
    synthbuster.CARD.name: (synthbuster.CARD, synthbuster.load),
}

# The largest sets have some three million pictures, or eight million texts with all attacks.
MAX_ITEMS: Final = 10_000_000

# All texts of a set are held in memory, so that a run can choose among them.
MAX_TEXTS: Final = 8 * GIB


def load_set(name: str, folder: Path) -> Suite:
    """The set in this folder as a suite. Raises `SuiteError` where the folder does not hold such a set."""
    card, loader = LOADERS[name]
    if not folder.exists():
        raise SuiteError(f"{folder}: there is no such folder")
    try:
        items = tuple(_checked(loader(folder.resolve()), folder))
    except OSError as error:
        raise SuiteError(f"{folder}: cannot be read ({error.strerror or error})") from None
    if not items:
        raise SuiteError(f"{folder}: holds nothing of the structure of {name}; see the guide in benchmarks/README.md")
    return Suite(card, items)


def _checked(items: Iterable[SuiteItem], folder: Path) -> Iterator[SuiteItem]:
    """The items while there are not too many, and none has the id of another."""
    ids: set[str] = set()
    length = 0
    for item in items:
        length += len(item.text or "")
        if item.id in ids:
            raise SuiteError(f"{folder}: two items with the id {item.id!r}")
        if len(ids) == MAX_ITEMS or length > MAX_TEXTS:
            raise SuiteError(f"{folder}: more than fits in memory; give a part of the set")
        ids.add(item.id)
        yield item
