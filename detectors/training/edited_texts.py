"""How many texts that were edited the finished detector finds, beside texts by people of the same sources."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from sklearn.feature_extraction.text import TfidfVectorizer

from measures import Scored, figure, interval
from provenance_detectors.answer import Answer, Decision
from provenance_detectors.card import Metric
from provenance_detectors.detector import Detector
from provenance_detectors.judgement import judge_text
from text_data import EDITED, Item

# Cosine of the weighted words of two texts, above which one repeats the other.
_SAME: Final = 0.5


def edited_figures(detector: Detector, texts: list[Item]) -> list[Metric]:
    """What the finished detector says of polished and paraphrased texts, against people's texts of the same sources.

    A text that the model or its thresholds come from measures nothing, nor does one of its group, nor one that says
    about the same.
    """
    unknown = _unknown(texts)
    answers = {item: judge_text(detector, item.text) for item in track(unknown, "edited texts")}

    metrics: list[Metric] = []
    for (source, how), group in EDITED.items():
        edited = [item for item in unknown if item.ai and (item.source, item.edited) == (source, how)]
        domains = {item.domain for item in edited}
        people = [item for item in unknown if not item.ai and item.source == source and item.domain in domains]
        metrics += _figures_of(group, edited, people, answers)
    return metrics


def _unknown(texts: list[Item]) -> list[Item]:
    """The edited texts, and those by people beside them, that nothing of the model comes from."""
    sources = {source for source, _ in EDITED}
    known = [item for item in texts if item.use != "edited" and not (item.use == "train" and item.split == "test")]
    groups = {item.group for item in known}
    unknown = [
        item
        for item in texts
        if item.source in sources
        and item.group not in groups
        and (item.use == "edited" or (item.split == "test" and not item.ai))
    ]
    return [item for item, same in zip(unknown, repeated(unknown, known), strict=True) if not same]


def _figures_of(group: str, edited: list[Item], people: list[Item], answers: dict[Item, Answer]) -> list[Metric]:
    """Of texts that were edited in one way, and texts by people of the same source; nothing where none is judged."""

    def judged_of(items: list[Item]) -> list[Item]:
        return [item for item in items if answers[item].decision is not Decision.ABSTAIN]

    def called(items: list[Item]) -> list[bool]:
        return [answers[item].decision is Decision.AI for item in items]

    judged, judged_people = judged_of(edited), judged_of(people)
    if not judged or not judged_people:
        return []
    both = [*judged, *judged_people]
    scored = Scored(np.array([item.ai for item in both]), np.array([answers[item].log_odds for item in both]))
    return [
        share("called ai, of those judged", group, called(judged)),
        share("no decision", group, [answers[item].decision is Decision.ABSTAIN for item in edited]),
        share("people's texts of the source called ai", group, called(judged_people)),
        figure("AUC against people's texts of the source", group, scored, lambda scored: scored.auc),
    ]


def share(name: str, group: str, hits: list[bool]) -> Metric:
    """A share of texts as a figure."""
    return Metric(name=name, group=group, items=len(hits), **interval(np.array(hits)).model_dump())


def repeated(items: list[Item], known: list[Item]) -> NDArray[np.bool_]:
    """Whether an item says about the same as one that is known: most of the words that matter are shared."""
    words = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    among = words.fit_transform([item.text for item in known]).T.tocsr()
    return np.concatenate(
        [
            (words.transform([item.text for item in items[at : at + 100]]) @ among).max(axis=1).toarray().ravel()
            > _SAME
            for at in range(0, len(items), 100)
        ]
    )
