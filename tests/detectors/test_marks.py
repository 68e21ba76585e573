"""Invisible and confusable characters are found and named, and those that a script or an emoji needs are left alone."""

import pytest

from provenance_detectors.text.marks import find_marks
from provenance_detectors.text.sentences import sentences_of


@pytest.mark.parametrize(
    ("text", "kind", "code", "name"),
    [
        ("a\u200bb", "zero-width", "U+200B", "ZERO WIDTH SPACE"),
        ("a\u200db", "zero-width", "U+200D", "ZERO WIDTH JOINER"),
        ("a\ufeffb", "zero-width", "U+FEFF", "ZERO WIDTH NO-BREAK SPACE"),
        ("soft\u00adhyphen", "zero-width", "U+00AD", "SOFT HYPHEN"),
        ("a\u202eb", "direction", "U+202E", "RIGHT-TO-LEFT OVERRIDE"),
        ("a\U000e0041b", "tag", "U+E0041", "TAG LATIN CAPITAL LETTER A"),
        ("a\ufe01b", "variation", "U+FE01", "VARIATION SELECTOR-2"),
        ("a\u2005b", "space", "U+2005", "FOUR-PER-EM SPACE"),
        ("p\u0430per", "lookalike", "U+0430", "CYRILLIC SMALL LETTER A"),
    ],
)
def test_a_character_that_is_not_what_it_seems_is_named(text: str, kind: str, code: str, name: str) -> None:
    marks = find_marks(text)
    (place,) = marks.places
    assert (place.kind, place.code, place.name) == (kind, code, name)
    assert marks.counts == {kind: 1}
    assert marks.sentences[0].key == f"marks.{kind}"


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffA byte order mark at the beginning.",
        "A family: \U0001f468\u200d\U0001f469\u200d\U0001f467, and a heart \u2764\ufe0f.",
        "می\u200cخواهم",  # Persian needs the non-joiner
        "Россия и Москва",  # Cyrillic among itself
        "東京\U000e0100は",  # an ideograph's variant
        "« Bonjour », dit-elle. 10\u202f%",
        "Plain English, with “quotes” – and dashes.",
    ],
)
def test_what_a_script_or_an_emoji_needs_is_left_alone(text: str) -> None:
    assert find_marks(text).counts == {}


def test_only_the_first_places_are_listed_and_all_are_counted() -> None:
    marks = find_marks("a\u200b" * 500)
    assert marks.counts == {"zero-width": 500} and len(marks.places) == 100


def test_sentences_lose_no_word() -> None:
    text = "One sentence here. Another one there! Is this a third?\nA line without an end\nDr. Smith said “yes.” Then left."
    sentences = sentences_of(text)
    assert " ".join(sentences).split() == text.split()
    assert sentences[0] == "One sentence here."
    assert sentences_of("私は猫がとても好きです、本当に。犬も好きですが猫の方がもっと好きです。") == [
        "私は猫がとても好きです、本当に。",
        "犬も好きですが猫の方がもっと好きです。",
    ]
