"""No word of the page is missing in a language."""

import re
from pathlib import Path

import pytest

import provenance_service
from provenance.sentences import LANGUAGES
from provenance_service.problems import STATUS
from provenance_service.words import WORDS, readable_size, word

PACKAGE = Path(provenance_service.__file__).parent


@pytest.mark.parametrize("key", WORDS)
def test_every_word_is_there_in_every_language(key):
    assert tuple(WORDS[key]) == LANGUAGES
    assert all(text.strip() for text in WORDS[key].values())
    places = {language: sorted(re.findall(r"\{\w+\}", text)) for language, text in WORDS[key].items()}
    assert places["fr"] == places["en"]
    assert places["ja"] == places["en"]


@pytest.mark.parametrize("key", WORDS)
def test_translations_are_translations(key):
    assert len(set(WORDS[key].values())) == len(LANGUAGES)
    assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", WORDS[key]["ja"])


def test_every_word_is_used_and_every_used_word_is_there():
    used = set(re.findall(r'word\("(page\.\w+)"', (PACKAGE / "templates" / "page.html").read_text("utf-8")))
    problems = {f"problem.{name}.{part}" for name in STATUS for part in ("title", "detail")}
    assert used | problems == set(WORDS)


@pytest.mark.parametrize(
    ("size", "language", "text"),
    [
        (2**28, "en", "256\u00a0MB"),
        (2**28, "fr", "256\u00a0Mo"),
        (1536, "fr", "1,5\u00a0Ko"),
        (2**30, "ja", "1\u00a0GB"),
        (9, "en", "9 bytes"),
    ],
)
def test_sizes_are_written_for_people(size, language, text):
    assert readable_size(size, language) == text


def test_a_value_is_put_in_and_never_interpreted():
    assert word("problem.not-found.detail", "en", path="/{path}{0}") == "There is nothing at /{path}{0}."
