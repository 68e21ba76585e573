"""What the recipe measures of polished and paraphrased texts, and what it leaves out."""

import pytest

from edited_texts import edited_figures, repeated
from provenance_detectors.answer import Answer, Decision
from provenance_detectors.card import Question
from text_data import Item

AUTHORS = ["gulls", "boats", "ropes", "tides", "nets", "piers", "sails", "winds", "waves", "rocks", "sands", "crabs"]


def text(number: int, of: str) -> str:
    """A text that shares no word that matters with that of another number."""
    return f"{of} " + " ".join(f"{each}{number}" for each in AUTHORS)


def item(number: int, *, ai: bool, use: str = "edited", edited: str = "", group: str = "", split: str = "") -> Item:
    group = group or next(
        name for name in (f"outfox/{number}-{at}" for at in range(1000))
        if not split or Item("", ai, "en", "essay", "", "outfox", name, use).split == split
    )  # fmt: skip
    return Item(text(number, "made" if ai else "own"), ai, "en", "essay", "", "outfox", group, use, edited)


class Reader:
    """Calls texts AI that begin with a word, and abstains from those that begin with another."""


def judged(detector: Reader, content: str) -> Answer:
    decision = {"made": Decision.AI, "own": Decision.NO_INDICATION, "brief": Decision.ABSTAIN}[content.split()[0]]
    return Answer(
        detector="reader", version="1", question=Question.AI, decision=decision, log_odds=float(decision is Decision.AI)
    )


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edited_texts.judge_text", judged)


def figures(items: list[Item]) -> dict[str, tuple[float, int]]:
    return {
        metric.name: (metric.value, metric.items)
        for metric in edited_figures(Reader(), items)
        if metric.group == "paraphrased AI text: OUTFOX, DIPPER"
    }


TRAINED = [item(100, ai=False, use="train", split="train"), item(101, ai=True, use="train", split="train")]
PEOPLE = [item(number, ai=False, use="train", split="test") for number in range(10, 14)]
EDITED = [item(number, ai=True, edited="dipper-paraphrased") for number in range(5)]


def test_edited_texts_are_counted_against_people_s_texts_of_the_test_split() -> None:
    found = figures([*TRAINED, *PEOPLE, *EDITED])
    assert found["called ai, of those judged"] == (1.0, 5)
    assert found["no decision"] == (0.0, 5)
    assert found["people's texts of the source called ai"] == (0.0, 4)
    assert found["AUC against people's texts of the source"] == (1.0, 9)


def test_an_edited_text_of_a_group_that_was_trained_on_measures_nothing() -> None:
    known = item(6, ai=True, edited="dipper-paraphrased", group=TRAINED[0].group)
    assert figures([*TRAINED, *PEOPLE, *EDITED, known])["no decision"] == (0.0, 5)


def test_people_s_texts_that_were_trained_on_measure_nothing() -> None:
    more = [item(number, ai=False, use="train", split=split) for number, split in ((20, "train"), (21, "calibration"))]
    assert figures([*TRAINED, *more, *PEOPLE, *EDITED])["people's texts of the source called ai"] == (0.0, 4)


def test_a_text_that_repeats_one_that_was_trained_on_measures_nothing() -> None:
    again = Item(
        TRAINED[1].text + " once more",
        True,
        "en",
        "essay",
        "",
        "outfox",
        "outfox/again",
        "edited",
        "dipper-paraphrased",
    )
    assert list(repeated([again, EDITED[0]], TRAINED)) == [True, False]
    assert figures([*TRAINED, *PEOPLE, *EDITED, again])["no decision"] == (0.0, 5)


def test_texts_without_a_decision_are_counted_apart() -> None:
    brief = Item("brief note about", True, "en", "essay", "", "outfox", "outfox/brief", "edited", "dipper-paraphrased")
    found = figures([*TRAINED, *PEOPLE, *EDITED, brief])
    assert found["called ai, of those judged"] == (1.0, 5)
    assert found["no decision"] == (pytest.approx(1 / 6), 6)


def test_without_the_files_of_edited_texts_there_are_no_figures() -> None:
    assert edited_figures(Reader(), [*TRAINED, *PEOPLE]) == []
