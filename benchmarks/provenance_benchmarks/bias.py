"""What is wrong with a suite: what the files give away without their content, and what lies on both sides of a split.

A suite passes where a classifier that sees only format, size and JPEG tables, or only the length and the typography of
a text, gets an AUC under 0.55 after format matching, and where no item of one split has a near duplicate in another.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from provenance.sentences import Message
from provenance_detectors.pictures import decode

from .matching import UnmatchableError
from .metrics import SEED
from .samples import Sample, Unit, sample_of
from .store import Store
from .suite import AI, Suite, SuiteItem

MOST_AUC: Final = 0.55

# Bits of 64 in which the perceptual hashes of two copies of one picture may differ; of unrelated ones half differ.
NEAR_BITS: Final = 4

# Cosine of the five-letter sequences of two texts: a copy with a few changed words is above, a paraphrase below.
NEAR_TEXT: Final = 0.9

# Pairs that are named in the outcome; a suite with more has another problem.
MOST_NAMED: Final = 50

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "MPO")
_TYPOGRAPHY: Final = "\n“”‘’–—…\t "


class Bias(BaseModel):
    """The outcome of the checks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    sha256: str
    items: int
    unreadable: int
    auc_before_matching: float | None
    """Of a classifier that sees the files only, as they were collected; none without two classes."""
    auc_after_matching: float | None
    near_duplicates: tuple[tuple[str, str], ...]
    """Pairs of items in different splits."""

    @property
    def passed(self) -> bool:
        """Whether the suite may be used."""
        return (self.auc_after_matching or 0.0) < MOST_AUC and not self.near_duplicates

    def lines(self) -> list[str]:
        """The outcome in words."""
        lines = [f"{self.suite}: {self.items} items, {self.unreadable} of them not readable"]
        if self.auc_after_matching is not None:
            lines.append(
                f"what the file alone gives away: AUC {self.auc_before_matching:.3f} as collected, "
                f"{self.auc_after_matching:.3f} after format matching (limit {MOST_AUC})"
            )
        lines.append(f"near duplicates across splits: {len(self.near_duplicates)}")
        lines += [f"  {first} and {second}" for first, second in self.near_duplicates]
        return [*lines, "passed" if self.passed else "NOT passed"]


@dataclass(frozen=True)
class _Look:
    item: SuiteItem
    before: list[float]
    after: list[float]
    mark: Any
    """The perceptual hash of a picture as bits, or the text itself."""


def checked(suite: Suite, store: Store, tick: Callable[[], object] | None = None) -> Bias:
    """Checks the items of a suite that have a label. Raises `SuiteError` where files are missing."""
    looks, unreadable, items = [], 0, [item for item in suite.items if item.label]
    for item in items:
        look = _look(suite, store, item)
        if look is None:
            unreadable += 1
        else:
            looks.append(look)
        if tick is not None:
            tick()
    before = [auc for part in _by_modality(looks) if (auc := _auc(part, [look.before for look in part])) is not None]
    after = [auc for part in _by_modality(looks) if (auc := _auc(part, [look.after for look in part])) is not None]
    return Bias(
        suite=suite.name, sha256=suite.digest, items=len(items), unreadable=unreadable,
        auc_before_matching=max(before, default=None), auc_after_matching=max(after, default=None),
        near_duplicates=tuple(_duplicates(looks)[:MOST_NAMED]),
    )  # fmt: skip


def _look(suite: Suite, store: Store, item: SuiteItem) -> _Look | None:
    content = store.read(suite, item)
    try:
        sample = sample_of(suite, store, item, Unit(item.id))
    except UnmatchableError:
        return None
    if item.modality == "text":
        return _Look(item, _of_text(content.decode("utf-8", "replace")), _of_text(sample.text), sample.text)
    if item.modality == "image":
        before, after = _of_picture(content), _of_picture(sample.data)
        return None if before is None or after is None else _Look(item, before, after, _perceptual(sample))
    return None


def _of_picture(data: bytes) -> list[float] | None:
    """What a file says without its content: format, size in pixels and bytes, and its JPEG tables."""
    picture = decode(data)
    if isinstance(picture, Message):
        return None
    tables = [float(sum(table)) for table in picture.tables[:2]]
    return [
        *(float(picture.format == name) for name in _FORMATS), float(picture.width), float(picture.height),
        float(len(data)), len(data) / (picture.width * picture.height), *tables, *[0.0] * (2 - len(tables)),
        float(picture.jpeg_quality or 0),
    ]  # fmt: skip


def _of_text(text: str) -> list[float]:
    """What a text says without its words: its length, and how often it has typographic characters."""
    return [float(len(text)), float(len(text.encode())), *(float(text.count(char)) for char in _TYPOGRAPHY[:-1])]


def _perceptual(sample: Sample) -> NDArray[np.bool_]:
    return np.asarray(imagehash.phash(Image.open(io.BytesIO(sample.data))).hash).ravel()


def _by_modality(looks: Sequence[_Look]) -> list[list[_Look]]:
    return [part for name in ("image", "text") if (part := [look for look in looks if look.item.modality == name])]


def _auc(looks: Sequence[_Look], features: list[list[float]]) -> float | None:
    """Of a forest that is always asked about pairs that it did not see."""
    labels = np.array([look.item.label == AI for look in looks])
    groups = np.array([look.item.pair or look.item.id for look in looks])
    folds = min(5, *(len(set(groups[labels == value])) for value in (True, False)))
    if folds < 2:
        return None
    values = np.array(features)
    forest = RandomForestClassifier(200, min_samples_leaf=5, class_weight="balanced", random_state=SEED)
    chances = cross_val_predict(
        forest, values, labels, groups=groups, cv=StratifiedGroupKFold(folds, shuffle=True, random_state=SEED),
        method="predict_proba",
    )  # fmt: skip
    return float(roc_auc_score(labels, chances[:, 1]))


def _duplicates(looks: Sequence[_Look]) -> list[tuple[str, str]]:
    return [
        (first.item.id, second.item.id)
        for part in _by_modality(looks)
        for first, second in (_near_texts(part) if part[0].item.modality == "text" else _near_pictures(part))
        if first.item.split != second.item.split
    ]


def _near_pictures(looks: Sequence[_Look]) -> list[tuple[_Look, _Look]]:
    bits = np.stack([look.mark for look in looks]).astype(np.float32) * 2 - 1
    pairs = []
    for at in range(0, len(looks), 1000):
        distances = (64 - bits[at : at + 1000] @ bits.T) / 2
        pairs += [(int(i) + at, int(j)) for i, j in np.argwhere(distances <= NEAR_BITS) if i + at < j]
    return [(looks[i], looks[j]) for i, j in pairs]


def _near_texts(looks: Sequence[_Look]) -> list[tuple[_Look, _Look]]:
    seen = HashingVectorizer(analyzer="char", ngram_range=(5, 5), n_features=2**18, norm="l2").fit_transform(
        [look.mark for look in looks]
    )
    close = (seen @ seen.T).tocoo()
    chosen = (close.data > NEAR_TEXT) & (close.row < close.col)
    return [(looks[i], looks[j]) for i, j in zip(close.row[chosen], close.col[chosen], strict=True)]
