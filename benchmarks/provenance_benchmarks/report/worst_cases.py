"""The items on which a detector is most wrong, with a thumbnail where the licence allows one."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import SuiteError
from ..matching import UnmatchableError, matched_picture, matched_text
from ..rows import Row
from ..store import Store
from ..suite import AI, Suite, SuiteItem

MOST: Final = 8
_SIDE: Final = 128
_LETTERS: Final = 240

# Licences under which a small copy may be shown with its source; of any other only the address is given.
_FREE: Final = (
    "cc0", "cc by", "cc-by", "mit", "apache-2.0", "bsd", "license mit", "license apache-2.0", "license cc0", "unsplash",
    "released by kodak for unrestricted use", "released for unrestricted use",
)  # fmt: skip


@dataclass(frozen=True)
class WorstCase:
    """One item that was judged wrong, and how it can be shown."""

    item: SuiteItem
    score: float
    picture: str = ""
    excerpt: str = ""


def worst_cases(suite: Suite, rows: Sequence[Row], store: Store) -> tuple[list[WorstCase], list[WorstCase]]:
    """Real items with the highest scores, and AI items with the lowest."""
    items = {item.id: item for item in suite.items if item.split == "test" and item.label}
    scored = [
        (row.outcome.score, items[row.unit.item])
        for row in rows
        if row.unit.variant == "as-is" and row.unit.item in items and row.outcome.score is not None
    ]
    real = sorted((pair for pair in scored if pair[1].label != AI), key=lambda pair: -pair[0])[:MOST]
    made = sorted((pair for pair in scored if pair[1].label == AI), key=lambda pair: pair[0])[:MOST]
    return [[_case(suite, store, score, item) for score, item in part] for part in (real, made)]  # type: ignore[return-value]


def may_be_shown(item: SuiteItem) -> bool:
    """Whether its licence is one of those that allow a small copy."""
    return item.licence.lower().startswith(_FREE)


def _case(suite: Suite, store: Store, score: float, item: SuiteItem) -> WorstCase:
    if not may_be_shown(item):
        return WorstCase(item, score)
    try:
        content = store.read(suite, item)
        if item.modality == "text":
            return WorstCase(item, score, excerpt=matched_text(content.decode("utf-8", "replace"))[:_LETTERS])
        picture = matched_picture(content, suite.card.side)
    except (SuiteError, UnmatchableError):
        return WorstCase(item, score)
    picture.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=70)
    return WorstCase(item, score, picture="data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode())
